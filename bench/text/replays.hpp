// SPDX-License-Identifier: MIT
//! Replays editing traces: local edits, deltas as bytes at another replica, load, encode, size,
//! memory.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <crdt/codec/binary.hpp>
#include <crdt/text.hpp>

#include "../../tests/support/run_trace.hpp"
#include "../../tests/support/traces.hpp"
#include "edits.hpp"
#include "measure.hpp"

namespace bench {

/// A trace of one user.
inline void sequential(const std::string& name, const support::Trace& trace) {
    const Script script = script_of(trace);
    const auto title = [&](const char* what) { return name + ": " + what; };
    race_edits(name, script);

    Text<> text;
    std::vector<std::string> deltas;
    type(text, script, [&](const Text<>& d) { deltas.push_back(crdt::binary::encode_value(d)); });
    check(text.str() == trace.end, "end content");
    std::size_t bytes = 0;
    for (const std::string& delta : deltas) bytes += delta.size();
    const std::string document = crdt::binary::encode(text);
    const auto encoded = race({[&] {
        Text<> writer;
        std::size_t written = 0;
        type(writer, script,
             [&](const Text<>& delta) { written += crdt::binary::encode_value(delta).size(); });
        check(written == bytes, "bytes of the deltas");
    }});
    row(title("local edits, each delta as bytes"), encoded[0], "ms",
        per(encoded[0], script.size()));
    std::string written;
    Text<> received, shown;
    std::size_t sizes = 0;
    const auto others =
        race({[&] {
                  received = {};
                  for (const std::string& delta : deltas)
                      received.merge(*crdt::binary::try_decode_value<Text<>>(delta));
              },
              [&] {
                  shown = {};
                  for (const std::string& delta : deltas) {
                      shown.merge(*crdt::binary::try_decode_value<Text<>>(delta));
                      sizes += shown.size();
                  }
              },
              [&] {
                  auto read = crdt::binary::try_decode<Text<>>(document);
                  read->insert("bob", read->size() / 2, "x");
              },
              [&] { written = crdt::binary::encode(text); }});
    check(received.str() == trace.end && shown.str() == trace.end && sizes > 0, "remote");
    check(written == document, "encode");
    row(title("remote, deltas as bytes one by one"), others[0], "ms",
        per(others[0], deltas.size()));
    row(title("the same, with the order kept up to date"), others[1], "ms",
        per(others[1], deltas.size()));
    row(title("load to editable"), others[2], "ms");
    row(title("encode"), others[3], "ms");
    row(title("size"), static_cast<double>(document.size()), "B");
    row(title("size / text"),
        static_cast<double>(document.size()) / static_cast<double>(trace.end.size()), "x");
    row(title("bytes of a delta, as a value"),
        static_cast<double>(bytes) / static_cast<double>(deltas.size()), "B");
    MemoryUse use;
    use.begin();
    const auto loaded = crdt::binary::try_decode<Text<>>(document);
    const std::size_t characters = loaded->size();
    use.end();
    use.print(title("memory after load"), characters);
}

/// A trace of several users, with updates that a new replica receives.
inline void concurrent(const std::string& name, const support::Trace& trace) {
    std::vector<std::string> deltas;
    for (const Text<>& delta : support::run_graph<Text<>>(trace, [](const Text<>&) {}))
        deltas.push_back(crdt::binary::encode_value(delta));
    std::string end;
    const auto times = race({[&] {
        Text<> reader;
        for (const std::string& delta : deltas)
            reader.merge(*crdt::binary::try_decode_value<Text<>>(delta));
        end = reader.str();
    }});
    check(end == trace.end, "end of a concurrent trace");
    row(name + ": every update into a new replica", times[0], "ms", per(times[0], deltas.size()));
}

}  // namespace bench

// SPDX-License-Identifier: MIT
//! Replays editing traces in a Text: local edits with their deltas, deltas as bytes at another
//! replica, load, encode, size, memory, concurrent traces, random and backward inserts, and the
//! trace a hundred times over. Beside it run a gap buffer and a rope, which keep no history.
//!
//! text [--quick] [--tsv] [--rounds=N]  prints a table in Markdown, or tab-separated
//! text --removed-key                    prints what is left of a removed key
//!
//! Times are CPU milliseconds, the median of five rounds in which the contenders take turns. Needs
//! CRDT_TRACES, the folder of the traces.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <crdt/codec/binary.hpp>
#include <crdt/ormap.hpp>
#include <crdt/random.hpp>
#include <crdt/text.hpp>

#include "../../tests/support/run_trace.hpp"
#include "../../tests/support/traces.hpp"
#include "gap_buffer.hpp"
#include "live_memory.hpp"
#include "rope.hpp"

namespace {

using crdt::Text;
using support::Edit;

int rounds = 5;
bool is_tsv = false;

double cpu_ms() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}
double time_of(const std::function<void()>& run) {
    const double before = cpu_ms();
    run();
    return cpu_ms() - before;
}
/// The medians of the times of several contenders, which take turns.
std::vector<double> race(const std::vector<std::function<void()>>& contenders) {
    std::vector<std::vector<double>> times(contenders.size());
    for (int i = 0; i < rounds; ++i)
        for (std::size_t j = 0; j < contenders.size(); ++j)
            times[j].push_back(time_of(contenders[j]));
    std::vector<double> medians;
    for (auto& each : times) {
        std::sort(each.begin(), each.end());
        medians.push_back(each[each.size() / 2]);
    }
    return medians;
}
void row(const std::string& name, double value, const char* unit, const std::string& note = "") {
    std::printf(is_tsv ? "%s\t%.6g\t%s\t%s\n" : "| %s | %.4g %s | %s |\n", name.c_str(), value,
                unit, note.c_str());
}
void check(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "wrong result: %s\n", what);
    std::exit(1);
}

std::vector<Edit> edits_of(const support::Trace& trace) {
    std::vector<Edit> edits;
    for (const auto& transaction : trace.transactions)
        edits.insert(edits.end(), transaction.edits.begin(), transaction.edits.end());
    return edits;
}
template <class Limit>
void replay(Limit& limit, const std::vector<Edit>& edits) {
    for (const Edit& edit : edits) {
        if (edit.erased > 0) limit.erase(edit.position, edit.erased);
        if (!edit.inserted.empty()) limit.insert(edit.position, edit.inserted);
    }
}
/// Makes the edits and calls each(delta).
template <class Each>
void type(Text<>& text, const std::vector<Edit>& edits, const Each& each) {
    for (const Edit& edit : edits) {
        if (edit.erased > 0) each(text.erase(edit.position, edit.erased));
        if (!edit.inserted.empty()) each(text.insert("ann", edit.position, edit.inserted));
    }
}
std::string per(double ms, std::size_t count) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g ns each", ms * 1e6 / static_cast<double>(count));
    return text;
}

void sequential(const std::string& name, const support::Trace& trace) {
    const std::vector<Edit> edits = edits_of(trace);
    // The limits count bytes.
    const bool is_ascii = std::all_of(edits.begin(), edits.end(), [](const Edit& edit) {
        return support::code_points(edit.inserted) == edit.inserted.size();
    });
    const auto title = [&](const char* what) { return name + ": " + what; };
    std::size_t bottoms = 0;
    const auto drop = [&](const Text<>& delta) { bottoms += delta.is_bottom(); };
    std::vector<std::function<void()>> contenders{[&] {
        Text<> text;
        type(text, edits, drop);
        check(text.size() == support::code_points(trace.end), "local");
    }};
    if (is_ascii) {
        contenders.push_back([&] {
            bench::Rope rope;
            replay(rope, edits);
            check(rope.size() == trace.end.size(), "rope");
        });
        contenders.push_back([&] {
            bench::GapBuffer buffer;
            replay(buffer, edits);
            check(buffer.size() == trace.end.size(), "gap buffer");
        });
    }
    const auto local = race(contenders);
    row(title("local edits with their deltas"), local[0], "ms", per(local[0], edits.size()));
    if (is_ascii) {
        row(title("rope"), local[1], "ms", "limit, no history");
        row(title("gap buffer"), local[2], "ms", "limit, no history");
    }

    Text<> text;
    std::vector<std::string> deltas;
    type(text, edits, [&](const Text<>& d) { deltas.push_back(crdt::binary::encode_value(d)); });
    check(text.str() == trace.end, "end content");
    std::size_t bytes = 0;
    for (const std::string& delta : deltas) bytes += delta.size();
    const std::string document = crdt::binary::encode(text);
    const auto encoded = race({[&] {
        Text<> writer;
        type(writer, edits,
             [&](const Text<>& delta) { bottoms += crdt::binary::encode_value(delta).size(); });
    }});
    row(title("local edits, each delta as bytes"), encoded[0], "ms", per(encoded[0], edits.size()));
    std::string written;
    Text<> received, shown;
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
                      bottoms += shown.size();
                  }
              },
              [&] {
                  auto read = crdt::binary::try_decode<Text<>>(document);
                  read->insert("bob", read->size() / 2, "x");
              },
              [&] { written = crdt::binary::encode(text); }});
    check(received.str() == trace.end && shown.str() == trace.end, "remote");
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
    const auto memory = [&](const char* what, const std::function<Text<>()>& make) {
        const std::size_t before = bench::memory.peak = bench::memory.live;
        const Text<> made = make();
        const auto characters = static_cast<double>(made.size());
        row(title(what), static_cast<double>(bench::memory.live - before) / characters,
            "B a character",
            "peak " + std::to_string((bench::memory.peak - before) / 1024) + " KiB");
    };
    memory("memory after typing", [&] {
        Text<> typed;
        type(typed, edits, drop);
        return typed;
    });
    memory("memory after load", [&] { return *crdt::binary::try_decode<Text<>>(document); });
}

void concurrent(const std::string& name, const support::Trace& trace) {
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

void generated() {
    constexpr std::size_t count = 100'000;
    std::vector<std::size_t> places;
    crdt::Random random(1);
    for (std::size_t i = 0; i < count; ++i) places.push_back(random.below(i + 1));
    std::size_t sum = 0;
    Text<> text;
    const auto times = race({[&] {
                                 text = {};
                                 for (const std::size_t place : places)
                                     text.insert("ann", place, "x");
                             },
                             [&] {
                                 Text<> other;
                                 for (std::size_t i = 0; i < count; ++i)
                                     other.insert("ann", 0, "x");
                                 sum += other.size();
                             }});
    row("random inserts, 100,000", times[0], "ms", per(times[0], count));
    row("backward inserts, 100,000", times[1], "ms", per(times[1], count));
    std::vector<crdt::Cursor<>> cursors;
    for (const std::size_t place : places) cursors.push_back(text.cursor(place, crdt::Side::right));
    sum += text.index_of(cursors[0]);
    const auto reads = race({[&] {
                                 for (const std::size_t place : places)
                                     sum += text.cursor(place, crdt::Side::right).dot.sequence;
                             },
                             [&] {
                                 for (const auto& cursor : cursors) sum += text.index_of(cursor);
                             },
                             [&] {
                                 for (const std::size_t place : places) sum += text.at(place);
                             }});
    row("cursor, in 100,000 random characters", reads[0] * 1e6 / count, "ns");
    row("index_of, in 100,000 random characters", reads[1] * 1e6 / count, "ns");
    row("at, in 100,000 random characters", reads[2] * 1e6 / count, "ns");
    check(sum != 0, "reads");
}

/// The trace a hundred times, each after the one before.
void large(const support::Trace& trace) {
    const std::vector<Edit> edits = edits_of(trace);
    const std::size_t size = support::code_points(trace.end);
    Text<> text;
    const double ms = time_of([&] {
        for (std::size_t i = 0; i < 100; ++i) {
            for (const Edit& edit : edits) {
                if (edit.erased > 0) text.erase(i * size + edit.position, edit.erased);
                if (!edit.inserted.empty())
                    text.insert("ann", i * size + edit.position, edit.inserted);
            }
        }
    });
    check(text.size() == 100 * size, "x100");
    row("automerge-paper x100: local edits", ms, "ms", per(ms, 100 * edits.size()));
}

/// One replica removes a key while another types into the text under it.
void removed_key() {
    crdt::ORMap<std::string, Text<>> a, b;
    a.update("n", [](auto& text) { return text.insert("ann", 0, "hello"); });
    b.merge(a);
    const auto removal = a.erase("ann", "n");
    const auto typed = b.update("n", [](auto& text) { return text.insert("bob", 5, " world"); });
    a.merge(typed);
    b.merge(removal);
    check(a == b, "replicas that have merged");
    std::printf("%s\n", a.view("n").str().c_str());
}

}  // namespace

int main(int count, char** arguments) {
    const auto folder = support::trace_path();
    bool is_quick = false;
    for (const std::string& option : std::vector<std::string>(arguments + 1, arguments + count)) {
        if (option == "--removed-key") return removed_key(), 0;
        if (option == "--quick") is_quick = true;
        if (option == "--tsv") is_tsv = true;
        if (option.starts_with("--rounds=")) rounds = std::stoi(option.substr(9));
    }
    if (!std::filesystem::exists(folder)) {
        std::printf("no traces in %s: set CRDT_TRACES to their folder\n", folder.string().c_str());
        return 0;
    }
    if (!is_tsv) std::printf("| case | value | |\n|---|--:|---|\n");
    const auto line = [&](const char* name) {
        return support::line_of(
            support::read_gzip(folder / "sequential" / (std::string(name) + ".json.gz")));
    };
    const support::Trace paper = line("automerge-paper");
    sequential("automerge-paper", paper);
    for (const char* const name :
         {"rustcode", "seph-blog1", "sveltecomponent", "json-crdt-patch", "friendsforever_flat"})
        if (!is_quick) sequential(name, line(name));
    const auto graph = [&](const char* name) {
        return support::read_gzip(folder / "concurrent" / (std::string(name) + ".json.gz"));
    };
    concurrent("friendsforever", support::numbered_graph_of(graph("friendsforever")));
    concurrent("git-makefile", support::graph_of(graph("git-makefile-raw")));
    generated();
    if (!is_quick) large(paper);
}

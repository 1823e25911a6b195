// SPDX-License-Identifier: MIT
//! Local edits, in a Text and in the limits.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <crdt/text.hpp>

#include "../../tests/support/traces.hpp"
#include "gap_buffer.hpp"
#include "live_memory.hpp"
#include "measure.hpp"
#include "rope.hpp"

namespace bench {

using crdt::Text;
using support::Edit;

/// Edits of a text that is empty at first. They can be repeated: each time, they are made after the
/// text of the time before.
struct Script {
    std::vector<Edit> edits;
    std::size_t length = 0;  // of the text at the end, in code points
    std::size_t times = 1;

    std::size_t size() const { return times * edits.size(); }
    template <class Each>
    void for_each(const Each& each) const {
        for (std::size_t i = 0; i < times; ++i)
            for (const Edit& edit : edits) each(i * length + edit.position, edit);
    }
};

inline Script script_of(const support::Trace& trace) {
    Script script{{}, support::code_points(trace.end)};
    for (const auto& transaction : trace.transactions)
        script.edits.insert(script.edits.end(), transaction.edits.begin(), transaction.edits.end());
    return script;
}

/// Makes the edits and calls each(delta).
template <class Each>
void type(Text<>& text, const Script& script, const Each& each) {
    script.for_each([&](std::size_t position, const Edit& edit) {
        if (edit.erased > 0) each(text.erase(position, edit.erased));
        if (!edit.inserted.empty()) each(text.insert("ann", position, edit.inserted));
    });
}
/// Makes the edits. Each delta is made and discarded.
inline void type(Text<>& text, const Script& script) {
    std::size_t bottoms = 0;
    type(text, script, [&](const Text<>& delta) { bottoms += delta.is_bottom(); });
    check(bottoms == 0, "a delta is bottom");
}
template <class Limit>
void replay(Limit& limit, const Script& script) {
    script.for_each([&](std::size_t position, const Edit& edit) {
        if (edit.erased > 0) limit.erase(position, edit.erased);
        if (!edit.inserted.empty()) limit.insert(position, edit.inserted);
    });
}

/// The live bytes that a state has allocated per character, and the peak while it was made.
class MemoryUse {
    std::size_t before_ = 0, live_ = 0, peak_ = 0;

  public:
    void begin() { before_ = memory.peak = memory.live; }
    void end() {
        live_ = memory.live - before_;
        peak_ = memory.peak - before_;
    }
    void print(const std::string& name, std::size_t characters) const {
        row(name, static_cast<double>(live_) / static_cast<double>(characters), "B a character",
            "live " + std::to_string(live_ / 1024) + " KiB, peak " + std::to_string(peak_ / 1024) +
                " KiB");
    }
};

/// Races a Text with the limits, and with further contenders. Returns the median times: of the
/// Text, the rope, the gap buffer and the others.
inline std::vector<double> race_edits(const std::string& name, const Script& script,
                                      int count = rounds, const Contenders& others = {}) {
    Text<> text;
    Rope rope;
    GapBuffer buffer;
    MemoryUse use;
    Contenders contenders{[&] {
                              text = {};
                              use.begin();
                              type(text, script);
                              check(text.size() == script.length * script.times, name);
                              use.end();
                          },
                          [&] {
                              rope = {};
                              replay(rope, script);
                          },
                          [&] {
                              buffer = {};
                              replay(buffer, script);
                          }};
    contenders.insert(contenders.end(), others.begin(), others.end());
    const auto times = race(contenders, count);
    check(text.str() == rope.str() && rope.str() == buffer.str(), name);
    char ratio[32];
    std::snprintf(ratio, sizeof ratio, ", %.3g x the rope", times[0] / times[1]);
    row(name + ": local edits with their deltas", times[0], "ms",
        per(times[0], script.size()) + ratio);
    row(name + ": rope", times[1], "ms", "limit, no history");
    row(name + ": gap buffer", times[2], "ms", "limit, no history");
    use.print(name + ": memory after typing", text.size());
    return times;
}

}  // namespace bench

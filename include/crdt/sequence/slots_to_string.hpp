// SPDX-License-Identifier: MIT
//! slots_to_string: the slots of a text, for messages and debugging.
#pragma once

#include <cstdint>
#include <string>

#include <crdt/sequence/columns.hpp>
#include <crdt/sequence/hash.hpp>

namespace crdt::detail {

inline std::string numbers_to_string(std::uint64_t first, std::uint64_t last) {
    return std::to_string(first) + (first == last ? "" : ".." + std::to_string(last));
}

/// Returns the slots as text. For each replica, the text lists the runs, the numbers of the erased
/// slots, and the code points. Consecutive code points are shown with the number of the first one.
/// `id_text(id)` returns the text of an id. An example:
///
///     {"a": [1..5 start, 6..7 left of "b"#3] erased {2} text {1: "h", 3: "llo"}}
template <ReplicaId Id, class IdText>
std::string slots_to_string(const SequenceColumns<Id>& columns, const IdText& id_text) {
    std::string all;
    for (const std::uint32_t number : used_lines(columns)) {
        const SequenceLine& line = columns.line(number);
        std::string runs, erased, text;
        const auto add = [](std::string& list, const std::string& item) {
            list += (list.empty() ? "" : ", ") + item;
        };
        for (const auto& [first, run] : line.runs) {
            const Parent& parent = run.parent;
            std::string item = numbers_to_string(first, run.last) + " ";
            if (parent.sequence == 0)
                item += "start";
            else
                item += (parent.side == Side::left ? "left of " : "right of ") +
                        id_text(columns.replicas()[parent.line]) + "#" +
                        std::to_string(parent.sequence);
            add(runs, item + (run.direction == Side::left ? ", to the left" : ""));
        }
        line.erased.visit([&](const Interval& range, const Unit&) {
            add(erased, numbers_to_string(range.first, range.last));
        });
        visit_stretches(line.letters, [&](std::uint64_t first, std::uint64_t last) {
            std::string letters;
            line.letters.append_to(letters, first, last);
            add(text, std::to_string(first) + ": \"" + letters + "\"");
        });
        add(all, id_text(columns.replicas()[number]) + ": [" + runs + "] erased {" + erased +
                     "} text {" + text + "}");
    }
    return "{" + all + "}";
}

}  // namespace crdt::detail

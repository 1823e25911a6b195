// SPDX-License-Identifier: MIT
//! Fuzzes texts: any edits at three replicas, merges in any order and in parts, and states that no
//! mutator makes. The order that is kept up to date must be the one that is made afresh, and the
//! buffer of an observer must follow it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <crdt/codec/binary.hpp>
#include <crdt/detail/utf8.hpp>
#include <crdt/text.hpp>

#include "input.hpp"

using namespace crdt;

namespace {

using Note = Text<std::uint8_t>;

void expect(bool condition) {
    if (!condition) std::abort();
}

std::u32string points_of(std::string_view utf8) {
    std::u32string points;
    while (!utf8.empty()) points += static_cast<char32_t>(detail::take_code_point(utf8));
    return points;
}

/// Merges, and holds an observer against the text.
void merge(Note& text, const Note& other) {
    if (conflicts(text, other)) return;
    std::u32string buffer = points_of(text.str());
    text.merge(other, [&](const TextChange& change) {
        buffer.replace(change.index, change.erased, points_of(change.inserted));
    });
    expect(buffer == points_of(text.str()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FuzzInput input(data, size);
    std::vector<Note> replicas(3);
    std::vector<Note> deltas;
    while (input.has_more()) {
        const std::uint8_t replica = input.byte() % 3;
        Note& text = replicas[replica];
        const std::size_t length = text.size(), index = input.byte() % (length + 1);
        switch (input.byte() % 8) {
            case 0: merge(text, Note(replicas[input.byte() % 3])); break;
            case 1:
                if (!deltas.empty()) merge(text, deltas[input.byte() % deltas.size()]);
                break;
            case 2:
                if (deltas.empty()) break;
                decompose(Note(deltas[input.byte() % deltas.size()]), [&](const Note& part) {
                    if (input.byte() % 2 == 0) merge(text, part);
                });
                break;
            case 3:
                if (const auto read = binary::try_decode_value<Note>(input.bytes(input.byte()))) {
                    expect(*binary::try_decode_value<Note>(binary::encode_value(*read)) == *read);
                    merge(text, *read);
                }
                break;
            case 4: deltas.push_back(text.compact(text.erased())); break;
            case 5:
                deltas.push_back(
                    text.erase(index, std::min<std::size_t>(input.byte(), length - index)));
                break;
            case 6:
                if (input.byte() % 8 == 0) deltas.push_back(text.reset(replica));
                break;
            default:
                if (text.context().last(replica) > 1U << 30U) break;  // foreign dots
                deltas.push_back(
                    text.insert(replica, index, input.byte() % 4 == 0 ? "\xC3\xA9x" : "ab"));
        }
        const Note fresh = text;
        expect(fresh.str() == text.str());
        expect(fresh.waiting() == text.waiting());
    }
    return 0;
}

// SPDX-License-Identifier: MIT
//! Text: the type of the text that is edited. line_begin and line_end find its lines.
#pragma once

#include <cstddef>
#include <cstdint>

#include <crdt/text.hpp>

using Id = std::uint64_t;
using Text = crdt::Text<Id>;

/// Returns the index at which the line begins that contains `index`.
inline std::size_t line_begin(const Text& text, std::size_t index) {
    while (index > 0 && text.at(index - 1) != U'\n') --index;
    return index;
}
/// Returns the end of the line that contains `index`: the index of its newline, or the size of the
/// text.
inline std::size_t line_end(const Text& text, std::size_t index) {
    while (index < text.size() && text.at(index) != U'\n') ++index;
    return index;
}

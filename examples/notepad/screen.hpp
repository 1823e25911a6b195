// SPDX-License-Identifier: MIT
//! Screen: shows the lines of the text around the cursor on a terminal.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "lines.hpp"

/// The size of a terminal.
struct Size {
    std::size_t rows = 24;
    std::size_t columns = 80;
};

/// Makes the bytes that show the text and a status line on a terminal. While other users edit the
/// text above the first visible line, this line stays the first one.
class Screen {
    static constexpr std::string_view home = "\x1B[H", clear_line = "\x1B[K",
                                      clear_below = "\x1B[J", hide_cursor = "\x1B[?25l",
                                      show_cursor = "\x1B[?25h", save_cursor = "\x1B\x37",
                                      restore_cursor = "\x1B\x38", reverse = "\x1B[7m",
                                      plain = "\x1B[m";

    crdt::Cursor<Id> top_{};  // beside the newline before the first visible line
    std::size_t left_ = 0;    // the first visible column

    /// Scrolls as little as needed to show the cursor. Returns the index at which the first visible
    /// line begins.
    std::size_t scroll(const Text& text, std::size_t cursor, const Size& size) {
        const std::size_t line = line_begin(text, cursor), column = cursor - line;
        std::size_t top = std::min(line_begin(text, text.index_of(top_)), line);
        std::size_t first = line;
        for (std::size_t row = 1; row < size.rows && first > top; ++row)
            first = line_begin(text, first - 1);
        top = std::max(top, first);
        top_ = text.cursor(top, crdt::Side::left);
        left_ = std::clamp(left_, column - std::min(column, size.columns - 1), column);
        return top;
    }
    /// Appends the code point at `index` to `out`. For a control character, appends a substitute.
    static void append(std::string& out, const Text& text, std::size_t index) {
        const char32_t point = text.at(index);
        const bool is_control = point < 0x20 || (point >= 0x7F && point < 0xA0);
        if (point == U'\t')
            out += ' ';
        else
            out += is_control ? "\uFFFD" : text.substr(index, 1);
    }
    /// Appends the visible columns of the line from `begin` to `end`.
    void append_line(std::string& out, const Text& text, std::size_t begin, std::size_t end,
                     std::size_t columns, std::size_t cursor) const {
        const std::size_t first = std::min(begin + left_, end);
        const std::size_t last = std::min(first + columns, end);
        for (std::size_t i = first; i < last; ++i) {
            if (i == cursor) out += save_cursor;
            append(out, text, i);
        }
        if (cursor == last) out += save_cursor;
    }

  public:
    /// Returns the bytes that show the text and `status` on a terminal. Only the terminal can
    /// compute the column of the cursor, because characters differ in width. So the bytes request
    /// that the terminal saves its position at the cursor, and restores this position at the end.
    std::string frame(const Text& text, std::size_t cursor, std::string_view status, Size size) {
        size = {std::max<std::size_t>(size.rows, 2) - 1, std::max<std::size_t>(size.columns, 1)};
        std::string out;
        out.append(hide_cursor).append(home);
        std::size_t begin = scroll(text, cursor, size);
        for (std::size_t row = 0; row < size.rows; ++row) {
            out += clear_line;
            if (begin <= text.size()) {
                const std::size_t end = line_end(text, begin);
                append_line(out, text, begin, end, size.columns, cursor);
                begin = end + 1;
            }
            out += "\r\n";
        }
        std::string bar(status.substr(0, size.columns));
        bar.resize(size.columns, ' ');
        out.append(clear_below).append(reverse).append(bar).append(plain);
        return out.append(restore_cursor).append(show_cursor);
    }
};

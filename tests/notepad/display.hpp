// SPDX-License-Identifier: MIT
//! Display: what a terminal shows after it has received some bytes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "notepad/screen.hpp"

namespace notepad_tests {

/// A terminal of which a character is one cell, with the escape sequences that notepad uses. Throws
/// std::runtime_error for others, and for a character that is not whole.
class Display {
    std::vector<std::vector<std::string>> cells_;
    std::string bytes_;  // of a sequence that is not complete
    std::size_t row_ = 0, column_ = 0;
    std::size_t saved_row_ = 0, saved_column_ = 0;

    std::size_t columns() const { return cells_[0].size(); }
    void clear_from(std::size_t row, std::size_t column) {
        std::fill(cells_[row].begin() + static_cast<std::ptrdiff_t>(column), cells_[row].end(),
                  " ");
    }
    /// Returns the number of bytes that `rest` begins with and that belong together, or 0 if some
    /// are missing.
    static std::size_t unit(std::string_view rest) {
        if (rest.empty()) return 0;
        std::size_t size = 1;
        if (rest[0] == '\x1B') {
            if (rest.size() < 2) return 0;
            if (rest[1] != '[') return 2;
            const auto end = rest.find_first_not_of("?0123456789;", 2);
            return end == rest.npos ? 0 : end + 1;
        }
        const auto first = static_cast<unsigned char>(rest[0]);
        if (first >= 0x80) size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        return rest.size() < size ? 0 : size;
    }
    void print(std::string_view character) {
        const auto first = static_cast<unsigned char>(character[0]);
        if (first < 0x20 || first == 0x7F || (first >= 0x80 && first < 0xC2))
            throw std::runtime_error("not a character: " + std::to_string(first));
        if (first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0)
            throw std::runtime_error("a control character");
        cells_[row_][column_] = character;
        column_ = std::min(column_ + 1, columns() - 1);
    }
    void process(std::string_view unit) {
        if (unit == "\r")
            column_ = 0;
        else if (unit == "\n")
            row_ = std::min(row_ + 1, cells_.size() - 1);
        else if (unit == "\x1B[H")
            row_ = column_ = 0;
        else if (unit == "\x1B[K")
            clear_from(row_, column_);
        else if (unit == "\x1B[J") {
            clear_from(row_, column_);
            for (std::size_t row = row_ + 1; row < cells_.size(); ++row) clear_from(row, 0);
        } else if (unit == "\x1B\x37")
            saved_row_ = row_, saved_column_ = column_;
        else if (unit == "\x1B\x38")
            row_ = saved_row_, column_ = saved_column_;
        else if (unit == "\x1B[?25l" || unit == "\x1B[?25h")
            is_cursor_shown = unit.back() == 'h';
        else if (unit == "\x1B[?7l" || unit == "\x1B[?7h")
            wraps = unit.back() == 'h';
        else if (unit == "\x1B[?1049l" || unit == "\x1B[?1049h")
            is_own_screen = unit.back() == 'h';
        else if (unit[0] != '\x1B')
            print(unit);
        else if (unit.back() != 'm')
            throw std::runtime_error("unknown sequence " + std::string(unit.substr(1)));
    }

  public:
    bool is_cursor_shown = true;
    bool wraps = true;
    bool is_own_screen = false;

    explicit Display(const Size& size)
        : cells_(size.rows, std::vector<std::string>(size.columns, " ")) {}

    void receive(std::string_view bytes) {
        bytes_ += bytes;
        std::string_view rest = bytes_;
        for (std::size_t size = 0; (size = unit(rest)) != 0; rest.remove_prefix(size))
            process(rest.substr(0, size));
        bytes_.erase(0, bytes_.size() - rest.size());
    }
    /// Returns a row, without the spaces at its end.
    std::string row(std::size_t index) const {
        std::string text;
        for (const std::string& cell : cells_[index]) text += cell;
        return text.substr(0, text.find_last_not_of(' ') + 1);
    }
    /// Returns the last row.
    std::string status() const { return row(cells_.size() - 1); }
    std::size_t cursor_row() const { return row_; }
    std::size_t cursor_column() const { return column_; }
    /// Returns the rows above the last one, with a bar before the cursor.
    std::string text() const {
        std::string text;
        for (std::size_t i = 0; i + 1 < cells_.size(); ++i) {
            std::string line;
            for (std::size_t column = 0; column < columns(); ++column) {
                if (i == row_ && column == column_) line += '|';
                line += cells_[i][column];
            }
            text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
        }
        return text.substr(0, text.find_last_not_of('\n') + 1);
    }
};

}  // namespace notepad_tests

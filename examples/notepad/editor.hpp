// SPDX-License-Identifier: MIT
//! Editor: what one user does with the text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include <crdt/undo.hpp>

#include "keys.hpp"
#include "lines.hpp"

/// The cursor of one user, and the edits that this user can undo. The text is an argument of all
/// members, because other users change it too. Members that change the text return the delta, and
/// throw the exceptions of Text.
class Editor {
    crdt::Undo<Text> undo_{};
    crdt::Cursor<Id> cursor_{};  // at the start
    bool is_in_word_ = false;    // the next letter is undone together with the letters before it
    std::optional<std::size_t> column_{};  // the column that up and down keep

    void move_to(const Text& text, std::size_t index) {
        cursor_ = text.cursor(index, crdt::Side::left);
    }
    Text type(Text& text, Id id, std::string_view letters, bool is_in_word) {
        const std::size_t before = text.size(), index = cursor(text);
        Text delta = undo_.insert(text, id, index, letters);
        if (is_in_word) undo_.join_steps();
        is_in_word_ = letters.find_first_of(" \t\n") == letters.npos;
        move_to(text, index + (text.size() - before));
        return delta;
    }
    /// Erases the code point at `index`, if there is one.
    Text erase_one(Text& text, std::size_t index) {
        return index < text.size() ? erase(text, index, 1) : Text();
    }
    /// Moves the cursor to `column` in the line that contains `index`.
    void move_to_line(const Text& text, std::size_t index, std::size_t column) {
        column_ = column;
        const std::size_t begin = line_begin(text, index);
        move_to(text, std::min(begin + column, line_end(text, begin)));
    }
    /// Moves the cursor to the change of an undo or a redo. Returns `delta`.
    Text follow(const Text& text, Text delta) {
        const auto inserted = text.find(delta.context());
        if (!inserted.empty()) move_to(text, inserted.back().first + inserted.back().second);
        delta.erased().visit([&](const crdt::DotRange<Id>& range) {
            if (inserted.empty()) cursor_ = {{range.replica, range.last}, crdt::Side::left};
        });
        return delta;
    }

  public:
    /// Returns the index of the cursor. The cursor stays beside its code point while other users
    /// insert and erase text.
    std::size_t cursor(const Text& text) const { return text.index_of(cursor_); }

    Text insert(Text& text, Id id, std::size_t index, std::string_view letters) {
        return undo_.insert(text, id, index, letters);
    }
    Text erase(Text& text, std::size_t index, std::size_t count) {
        return undo_.erase(text, index, count);
    }
    Text undo(Text& text, Id id) { return follow(text, undo_.undo(text, id)); }
    Text redo(Text& text, Id id) { return follow(text, undo_.redo(text, id)); }

    /// Does what a key press means: moves the cursor or changes the text. Returns the delta.
    Text press(Text& text, Id id, const KeyPress& press) {
        const bool is_in_word = std::exchange(is_in_word_, false);
        const auto column = std::exchange(column_, std::nullopt);
        const std::size_t at = cursor(text), begin = line_begin(text, at), end = line_end(text, at);
        switch (press.key) {
            case Key::text: return type(text, id, press.text, is_in_word);
            case Key::enter: return type(text, id, "\n", is_in_word);
            case Key::backspace: return at > 0 ? erase_one(text, at - 1) : Text();
            case Key::erase: return erase_one(text, at);
            case Key::left: move_to(text, at > 0 ? at - 1 : 0); break;
            case Key::right: move_to(text, std::min(at + 1, text.size())); break;
            case Key::up:
                move_to_line(text, begin > 0 ? begin - 1 : 0, column.value_or(at - begin));
                break;
            case Key::down:
                move_to_line(text, std::min(end + 1, text.size()), column.value_or(at - begin));
                break;
            case Key::home: move_to(text, begin); break;
            case Key::end: move_to(text, end); break;
            case Key::undo: return undo(text, id);
            case Key::redo: return redo(text, id);
            case Key::leave: break;
        }
        return {};
    }
};

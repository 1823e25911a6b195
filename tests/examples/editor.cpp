// SPDX-License-Identifier: MIT
//! The code of docs/how-to/edit-a-text.md: two editors of one text.
#include <cstddef>
#include <iostream>
#include <map>
#include <string>
#include <utility>

#include <crdt/codec/binary.hpp>
#include <crdt/text.hpp>
#include <crdt/undo.hpp>

namespace {

/// An editor: the buffer that the user sees, and the text behind it.
class Editor {
    std::string id_;
    crdt::Text<> text_;
    crdt::Undo<crdt::Text<>> undo_;
    std::string buffer_;  // ASCII in this example
    crdt::Cursor<> cursor_ = text_.cursor(0, crdt::Side::left);
    std::map<std::string, crdt::Cursor<>> others_;

  public:
    explicit Editor(std::string id) : id_(std::move(id)) {}

    /// The user types at the cursor. Returns the bytes to send to the other editors.
    std::string type(const std::string& letters) {
        const std::size_t index = text_.index_of(cursor_);
        const auto delta = undo_.insert(text_, id_, index, letters);
        buffer_.insert(index, letters);
        cursor_ = text_.cursor(index + letters.size(), crdt::Side::left);
        return crdt::binary::encode_value(delta);
    }
    /// The user undoes the last edit.
    std::string undo() {
        const auto delta = undo_.undo(text_, id_);
        buffer_ = text_.str();
        return crdt::binary::encode_value(delta);
    }
    /// Another editor has sent a change. Returns false if the bytes are malformed.
    bool receive(const std::string& bytes) {
        const auto delta = crdt::binary::try_decode_value<crdt::Text<>>(bytes);
        if (!delta) return false;
        text_.merge(*delta, [&](const crdt::TextChange& change) {
            buffer_.replace(change.index, change.erased, change.inserted);
        });
        return true;
    }
    void click(std::size_t index) { cursor_ = text_.cursor(index, crdt::Side::left); }
    /// Returns the bytes that show the cursor of the user to the other editors.
    std::string send_cursor() const { return crdt::binary::encode_value(std::pair(id_, cursor_)); }
    /// Another editor has sent its cursor. Returns false if the bytes are malformed.
    bool receive_cursor(const std::string& bytes) {
        const auto sent =
            crdt::binary::try_decode_value<std::pair<std::string, crdt::Cursor<>>>(bytes);
        if (!sent) return false;
        others_[sent->first] = sent->second;
        return true;
    }
    /// Where to draw the cursor of another user now.
    std::size_t cursor_of(const std::string& id) const { return text_.index_of(others_.at(id)); }

    const std::string& buffer() const { return buffer_; }
    std::size_t cursor() const { return text_.index_of(cursor_); }
    const crdt::Text<>& text() const { return text_; }
};

}  // namespace

int main() {
    Editor ann("ann"), bob("bob");
    bob.receive(ann.type("Dear all"));
    bob.click(0);
    const std::string change = bob.type("> ");
    const std::string other = ann.type(", hello");
    ann.receive_cursor(bob.send_cursor());
    const std::size_t early = ann.cursor_of("bob");  // his text has not arrived yet
    ann.receive(change);
    bob.receive(other);
    std::cout << ann.buffer() << ", ann at " << ann.cursor() << ", bob at " << bob.cursor() << "\n";
    bob.receive(ann.undo());
    std::cout << bob.buffer() << ", bob at " << ann.cursor_of("bob") << "\n";
    const bool is_shown = early == 0 && ann.cursor_of("bob") == 2 && bob.cursor() == 2;
    // A language server counts UTF-16 units from the start of the text.
    const std::size_t index = ann.text().utf16().index_at(2);
    const bool is_same = ann.buffer() == "> Dear all" && bob.buffer() == ann.buffer();
    return is_same && is_shown && index == 2 ? 0 : 1;
}

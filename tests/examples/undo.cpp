// SPDX-License-Identifier: MIT
#include <string>

#include <crdt/undo.hpp>

int main() {
    crdt::Text<> text;
    crdt::Undo<crdt::Text<>> undo;
    undo.insert(text, "ann", 0, "hello");
    undo.erase(text, 1, 4);
    text.insert("bob", 1, "!");
    std::string shown = text.str() + " ";
    undo.undo(text, "ann");  // text.str() == "h!ello"
    shown += text.str() + " ";
    undo.undo(text, "ann");  // text.str() == "!"
    shown += text.str() + " ";
    undo.redo(text, "ann");  // text.str() == "h!ello"
    return shown + text.str() == "h! h!ello ! h!ello" ? 0 : 1;
}

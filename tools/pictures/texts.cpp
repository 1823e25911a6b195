// SPDX-License-Identifier: MIT
//! Pictures of what concurrent edits of a text do.
#include <string>

#include <crdt/ormap.hpp>
#include <crdt/text.hpp>

#include "pictures.hpp"
#include "story.hpp"

namespace pictures {
namespace {

using Note = crdt::Text<>;
using Notes = crdt::ORMap<std::string, Note>;

const auto shown = [](const Note& text) { return '"' + text.str() + '"'; };

/// Both begin with `text`. Each edits once, then both states cross.
std::string concurrent(const std::string& text, const std::string& title, const std::string& at_a,
                       auto by_a, const std::string& at_b, auto by_b) {
    Story<Note> story(shown, text.empty() ? Note() : Note("a", text));
    story.write(0, 150, at_a, by_a);
    story.write(1, 150, at_b, by_b);
    story.exchange(190, 300);
    return story.picture(title);
}

}  // namespace

void draw_texts(const Save& save) {
    save("one-place",
         concurrent(
             "my cat",
             "Both have my cat. a types big, b types old at the same place; both words "
             "stay whole.",
             "type \"big \" at 3", [](Note& text) { text.insert("a", 3, "big "); },
             "type \"old \" at 3", [](Note& text) { text.insert("b", 3, "old "); }));
    save("backwards",
         concurrent(
             "",
             "Both are empty. a and b type backwards, each letter before the last; both words "
             "stay whole.",
             "type c, b, a at 0",
             [](Note& text) {
                 for (const char* letter : {"c", "b", "a"}) text.insert("a", 0, letter);
             },
             "type 3, 2, 1 at 0",
             [](Note& text) {
                 for (const char* letter : {"3", "2", "1"}) text.insert("b", 0, letter);
             }));
    save("erase-around",
         concurrent(
             "red fox",
             "Both have red fox. a erases all of it while b types dark before fox; what "
             "b typed is there.",
             "erase all", [](Note& text) { text.clear(); }, "type \"dark \" at 4",
             [](Note& text) { text.insert("b", 4, "dark "); }));
    save("erased-twice",
         concurrent(
             "oops!!",
             "Both have oops with two exclamation marks. a and b erase the same one; "
             "one is left.",
             "erase 5", [](Note& text) { text.erase(5); }, "erase 5",
             [](Note& text) { text.erase(5); }));
    const auto type = [](const char* id, std::size_t index, const char* letters) {
        return [=](Notes& notes) {
            notes.update("n", [&](Note& text) { return text.insert(id, index, letters); });
        };
    };
    Notes first;
    type("a", 0, "hello")(first);
    Story<Notes> story(
        [](const Notes& notes) { return "n: " + shown(notes.view("n").copy_with_context()); },
        first);
    story.write(0, 150, "erase key n", [](Notes& notes) { notes.erase("a", "n"); });
    story.write(1, 150, "type \" world\" at 5", type("b", 5, " world"));
    story.exchange(190, 300);
    save("removed-key", story.picture("Both have hello under n. a erases the key while b types "
                                      "world into its text; both then have world alone."));
}

}  // namespace pictures

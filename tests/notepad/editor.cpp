// SPDX-License-Identifier: MIT
//! Tests the editor of the example notepad: keys become edits, and the cursor stays in its place.
#include "notepad/editor.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <crdt/random.hpp>

namespace notepad_tests {

namespace {

/// A user with a replica of the text.
struct User {
    Id id;
    Text text{};
    Editor editor{};

    Text press(Key key) { return editor.press(text, id, {key}); }
    Text type(std::string_view letters) {
        return editor.press(text, id, {Key::text, std::string(letters)});
    }
    void type_letters(std::string_view letters) {
        for (const char letter : letters) type({&letter, 1});
    }
    /// Returns the text with a bar before the cursor.
    std::string shown() const {
        const std::size_t at = editor.cursor(text);
        return text.substr(0, at) + "|" + text.substr(at, text.size() - at);
    }
};

void exchange(User& a, User& b) {
    a.text.merge(b.text);
    b.text.merge(a.text);
}

}  // namespace

TEST_CASE("notepad: keys edit the text at the cursor") {
    User ann{1};
    ann.type("hallo");
    ann.press(Key::left), ann.press(Key::left), ann.press(Key::left);
    CHECK(ann.shown() == "ha|llo");
    ann.press(Key::backspace);
    ann.type("e");
    CHECK(ann.shown() == "he|llo");
    ann.press(Key::erase);
    CHECK(ann.shown() == "he|lo");
    ann.press(Key::enter);
    CHECK(ann.shown() == "he\n|lo");
    ann.press(Key::end);
    CHECK(ann.shown() == "he\nlo|");
    ann.press(Key::home);
    CHECK(ann.shown() == "he\n|lo");
    ann.press(Key::right), ann.press(Key::right), ann.press(Key::right);
    CHECK(ann.shown() == "he\nlo|");
}

TEST_CASE("notepad: keys without effect change nothing") {
    User ann{1};
    for (const Key key : {Key::backspace, Key::erase, Key::left, Key::right, Key::up, Key::down,
                          Key::home, Key::end, Key::undo, Key::redo, Key::leave}) {
        CHECK(ann.press(key).is_bottom());
        CHECK(ann.shown() == "|");
    }
    ann.type("x");
    CHECK(ann.press(Key::erase).is_bottom());
    ann.press(Key::home);
    CHECK(ann.press(Key::backspace).is_bottom());
    CHECK(ann.shown() == "|x");
}

TEST_CASE("notepad: up and down keep the column across short lines") {
    User ann{1};
    ann.type("first line\n\nthird line");
    ann.press(Key::up);
    CHECK(ann.shown() == "first line\n|\nthird line");
    ann.press(Key::up);
    CHECK(ann.shown() == "first line|\n\nthird line");
    ann.press(Key::left);
    ann.press(Key::down), ann.press(Key::down);
    CHECK(ann.shown() == "first line\n\nthird lin|e");
    ann.press(Key::down);
    CHECK(ann.shown() == "first line\n\nthird lin|e");
}

TEST_CASE("notepad: a key moves over a whole code point, and erases one") {
    User ann{1};
    ann.type("é€🎉");
    ann.press(Key::left);
    CHECK(ann.shown() == "é€|🎉");
    ann.press(Key::backspace);
    CHECK(ann.shown() == "é|🎉");
    ann.press(Key::erase);
    CHECK(ann.shown() == "é|");
}

TEST_CASE("notepad: the cursor stays beside its letter while others edit") {
    User ann{1}, bob{2};
    ann.type("middle");
    exchange(ann, bob);
    for (int i = 0; i < 3; ++i) ann.press(Key::left);
    CHECK(ann.shown() == "mid|dle");
    bob.type("start ");
    bob.press(Key::end);
    bob.type(" end");
    exchange(ann, bob);
    CHECK(ann.shown() == "start mid|dle end");

    // What others insert at the cursor is behind it; if they erase its letter, it stays there.
    bob.editor.insert(bob.text, bob.id, 9, "-");
    exchange(ann, bob);
    CHECK(ann.shown() == "start mid|-dle end");
    bob.editor.erase(bob.text, 7, 3);
    exchange(ann, bob);
    CHECK(ann.shown() == "start m|dle end");
    ann.type("ix");
    CHECK(ann.shown() == "start mix|dle end");
}

TEST_CASE("notepad: a user undoes words, and only own edits") {
    User ann{1}, bob{2};
    ann.type_letters("one two");
    exchange(ann, bob);
    bob.press(Key::end);
    bob.type(" three");
    exchange(ann, bob);
    CHECK(ann.shown() == "one two| three");
    ann.press(Key::undo);
    CHECK(ann.shown() == "one | three");
    ann.press(Key::undo);
    CHECK(ann.shown() == "| three");
    CHECK(ann.press(Key::undo).is_bottom());
    ann.press(Key::redo), ann.press(Key::redo);
    CHECK(ann.shown() == "one two| three");

    // A key between two letters begins a new step.
    ann.type("1");
    ann.press(Key::left), ann.press(Key::right);
    ann.type("2");
    ann.press(Key::undo);
    CHECK(ann.shown() == "one two1| three");
}

TEST_CASE("notepad: the cursor follows an undo") {
    User ann{1};
    ann.type("abcdef");
    for (int i = 0; i < 4; ++i) ann.press(Key::left);
    ann.press(Key::erase);
    ann.press(Key::end);
    CHECK(ann.shown() == "abdef|");
    ann.press(Key::undo);
    CHECK(ann.shown() == "abc|def");
    ann.press(Key::end);
    ann.press(Key::redo);
    CHECK(ann.shown() == "ab|def");
}

TEST_CASE("notepad: text that is not UTF-8 is refused, and nothing changes") {
    User ann{1};
    ann.type("x");
    CHECK_THROWS_AS(ann.type("\xC0\x80"), std::invalid_argument);
    CHECK(ann.shown() == "x|");
}

TEST_CASE("notepad: random keys make the text that a plain buffer has") {
    crdt::Random random(21);
    const Key keys[] = {Key::text, Key::text,  Key::enter, Key::backspace, Key::erase,
                        Key::left, Key::right, Key::home,  Key::end};
    for (int round = 0; round < 50; ++round) {
        User ann{1};
        std::string buffer;  // ASCII
        std::size_t at = 0;
        for (int i = 0; i < 60; ++i) {
            const Key key = keys[random.below(std::size(keys))];
            const std::string letter(1, static_cast<char>('a' + random.below(26)));
            const std::size_t begin = at == 0 ? 0 : buffer.rfind('\n', at - 1) + 1;
            if (key == Key::text)
                ann.type(letter), buffer.insert(at++, letter);
            else
                ann.press(key);
            if (key == Key::enter) buffer.insert(at++, "\n");
            if (key == Key::backspace && at > 0) buffer.erase(--at, 1);
            if (key == Key::erase && at < buffer.size()) buffer.erase(at, 1);
            if (key == Key::left && at > 0) --at;
            if (key == Key::right && at < buffer.size()) ++at;
            if (key == Key::home) at = begin;
            if (key == Key::end) at = std::min(buffer.find('\n', at), buffer.size());
        }
        CHECK(ann.shown() == buffer.substr(0, at) + "|" + buffer.substr(at));
    }
}

TEST_CASE("notepad: whatever three users press, they get one text") {
    crdt::Random random(22);
    for (int round = 0; round < 30; ++round) {
        User users[] = {{1}, {2}, {3}};
        for (int i = 0; i < 100; ++i) {
            User& user = users[random.below(3)];
            const auto key = static_cast<Key>(random.below(static_cast<int>(Key::leave)));
            const std::string letters = random.below(4) == 0 ? "é " : "ab";
            const Text before = user.text;
            const Text delta = user.editor.press(user.text, user.id, {key, letters});
            CHECK(join(before, delta) == user.text);
            CHECK(user.editor.cursor(user.text) <= user.text.size());
            if (random.below(4) == 0) exchange(user, users[random.below(3)]);
        }
        exchange(users[0], users[1]), exchange(users[1], users[2]), exchange(users[0], users[2]);
        CHECK(users[0].text.str() == users[1].text.str());
        CHECK(users[1].text.str() == users[2].text.str());
        CHECK(users[0].text.waiting() == 0);
    }
}

}  // namespace notepad_tests

// SPDX-License-Identifier: MIT
//! Tests the keys of the example notepad.
#include "notepad/keys.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/random.hpp>

namespace notepad_tests {

namespace {

using Keys = std::vector<KeyPress>;

Keys read(std::string_view bytes) { return KeyReader().read(bytes); }

}  // namespace

TEST_CASE("notepad: letters in a row are one text, between keys") {
    CHECK(read("hi\tyou\r") == Keys{{Key::text, "hi\tyou"}, {Key::enter}});
    CHECK(read("\x1B[D\x1BOC\x1B[3~x") ==
          Keys{{Key::left}, {Key::right}, {Key::erase}, {Key::text, "x"}});
    CHECK(read("\x7F\b\x1A\x19\x11") ==
          Keys{{Key::backspace}, {Key::backspace}, {Key::undo}, {Key::redo}, {Key::leave}});
    CHECK(read("\x1B[1~\x1B[F\x1B[A\x1B[B") ==
          Keys{{Key::home}, {Key::end}, {Key::up}, {Key::down}});
}

TEST_CASE("notepad: unknown keys and bytes that are not UTF-8 are left out") {
    CHECK(read("a\x1B[15~b\x1B[1;5Cc\x1Bxd\x1BOPe") == Keys{{Key::text, "abcde"}});
    CHECK(read("a\x01\x02\x03z") == Keys{{Key::text, "az"}});
    CHECK(read("a\x80\xBF\xC3z\xE2\x82z") == Keys{{Key::text, "azz"}});
}

TEST_CASE("notepad: a key may arrive byte by byte") {
    const std::string bytes = "a\x1B[3~\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8E\x89\x1BOH!\r";
    KeyReader reader;
    Keys keys;
    for (const char byte : bytes)
        for (const KeyPress& key : reader.read({&byte, 1})) keys.push_back(key);
    CHECK(keys == Keys{{Key::text, "a"},
                       {Key::erase},
                       {Key::text, "é"},
                       {Key::text, "€"},
                       {Key::text, "🎉"},
                       {Key::home},
                       {Key::text, "!"},
                       {Key::enter}});
}

TEST_CASE("notepad: whatever arrives, the keys do not depend on how it is cut") {
    crdt::Random random(7);
    const std::string_view pieces[] = {"a",    "\x1B", "[",        "3~", "O",    "H",
                                       "\xC3", "\xA9", "\xF0\x9F", "\r", "\x80", ";"};
    const auto joined = [](const Keys& keys) {
        Keys result;
        for (const KeyPress& press : keys) {
            if (press.key == Key::text && !result.empty() && result.back().key == Key::text)
                result.back().text += press.text;
            else
                result.push_back(press);
        }
        return result;
    };
    for (int i = 0; i < 2000; ++i) {
        std::string bytes;
        for (std::uint64_t count = random.below(20); count > 0; --count)
            bytes += pieces[random.below(std::size(pieces))];
        KeyReader reader;
        Keys keys;
        for (std::string_view rest = bytes; !rest.empty();) {
            const std::size_t size = 1 + random.below(rest.size());
            for (const KeyPress& press : reader.read(rest.substr(0, size))) keys.push_back(press);
            rest.remove_prefix(size);
        }
        CHECK(joined(keys) == read(bytes));
    }
}

}  // namespace notepad_tests

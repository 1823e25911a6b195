// SPDX-License-Identifier: MIT
//! Tests the screen of the example notepad, by what a terminal shows.
#include "notepad/screen.hpp"

#include <cstddef>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <crdt/random.hpp>

#include "display.hpp"

namespace notepad_tests {

namespace {

/// A screen and the terminal that shows it.
struct Shown {
    Size size;
    Screen screen{};
    Display display{size};

    /// Returns the text that is shown, with a bar before the cursor.
    std::string operator()(const Text& text, std::size_t cursor, std::string_view status = "") {
        display.receive(screen.frame(text, cursor, status, size));
        CHECK(display.is_cursor_shown);
        return display.text();
    }
};

std::string numbered_lines(int count) {
    std::string lines;
    for (int i = 0; i < count; ++i) lines += "line " + std::to_string(i) + "\n";
    return lines;
}

}  // namespace

TEST_CASE("notepad: the screen shows lines, the cursor and the status") {
    Shown shown{{4, 20}};
    CHECK(shown(Text(), 0) == "|");
    const Text text(1, "héllo\nworld");
    CHECK(shown(text, 8, "status") == "héllo\nwo|rld");
    CHECK(shown.display.status() == "status");
    CHECK(shown(text, 5) == "héllo|\nworld");
    CHECK(shown(text, 11) == "héllo\nworld|");
    CHECK(shown.display.status() == "");
    CHECK(shown(Text(1, "short"), 0, std::string(50, 's')) == "|short");
    CHECK(shown.display.status() == std::string(20, 's'));
}

TEST_CASE("notepad: the screen scrolls with the cursor, and no further") {
    Shown shown{{4, 20}};
    const Text text(1, numbered_lines(9));  // each has 7 code points
    CHECK(shown(text, 0) == "|line 0\nline 1\nline 2");
    CHECK(shown(text, 7 * 3) == "line 1\nline 2\n|line 3");
    CHECK(shown(text, 7 * 2) == "line 1\n|line 2\nline 3");
    CHECK(shown(text, 7 * 9) == "line 7\nline 8\n|");
    CHECK(shown(text, 7 * 5 + 1) == "l|ine 5\nline 6\nline 7");
}

TEST_CASE("notepad: long lines scroll sideways") {
    Shown shown{{3, 5}};
    const Text text(1, "0123456789\nabc");
    CHECK(shown(text, 0) == "|01234\nabc");
    CHECK(shown(text, 4) == "0123|4\nabc");
    CHECK(shown(text, 6) == "2345|6\nc");
    CHECK(shown(text, 10) == "6789|");
    CHECK(shown(text, 11) == "01234\n|abc");
}

TEST_CASE("notepad: the shown lines stay while others edit the text above") {
    Shown shown{{4, 20}};
    Text text(1, numbered_lines(9));
    CHECK(shown(text, 7 * 6) == "line 4\nline 5\n|line 6");
    const auto cursor = text.cursor(7 * 6, crdt::Side::left);
    text.insert(2, 0, "new\nnew\n");
    CHECK(shown(text, text.index_of(cursor)) == "line 4\nline 5\n|line 6");
    text.erase(0, 8 + 7 * 3);
    CHECK(shown(text, text.index_of(cursor)) == "line 4\nline 5\n|line 6");
    // The first line is joined to the one above.
    text.erase(3, 4);
    CHECK(shown(text, text.index_of(cursor)) == "linline 4\nline 5\n|line 6");
}

TEST_CASE("notepad: no text controls the terminal") {
    Shown shown{{2, 20}};
    const Text text(1, std::string("a\x1B[2J\r\xC2\x9B\tb\0\x7F", 12));
    CHECK(shown(text, 0) == "|a\uFFFD[2J\uFFFD\uFFFD b\uFFFD\uFFFD");
}

TEST_CASE("notepad: in a terminal of any size, the cursor is on its letter") {
    crdt::Random random(23);
    for (int round = 0; round < 200; ++round) {
        Shown shown{{1 + random.below(6), 1 + random.below(9)}};
        std::string letters;
        for (std::uint64_t i = random.below(60); i > 0; --i)
            letters += random.below(5) == 0 ? '\n' : static_cast<char>('a' + random.below(26));
        const Text text(1, letters);
        for (int i = 0; i < 10; ++i) {
            const std::size_t at = random.below(letters.size() + 1);
            const std::string lines = shown(text, at);
            if (shown.size.rows < 2) continue;  // the status covers the line
            const bool is_letter = at < letters.size() && letters[at] != '\n';
            const std::string expected = is_letter ? letters.substr(at, 1) : "";
            CHECK((lines + "\n").find("|" + expected + (is_letter ? "" : "\n")) != lines.npos);
        }
    }
}

}  // namespace notepad_tests

// SPDX-License-Identifier: MIT
//! Tests the arguments of the commands of the example notepad.
#include "notepad/arguments.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace notepad_tests {

TEST_CASE("notepad: a text is on one line") {
    CHECK(escape("a\nb\\n") == "a\\nb\\\\n");
    for (const std::string text : {"", "plain", "\n", "\\", "\\n\n\\", "é\n"})
        CHECK(unescape(escape(text)) == text);
    for (const char* const line : {"\\", "a\\", "\\x", "\\\\\\"})
        CHECK_THROWS_WITH_AS(unescape(line), doctest::Contains("expected \\n or \\\\"),
                             std::invalid_argument);
}

TEST_CASE("notepad: arguments are numbers and a text") {
    const Arguments both = arguments_of("12 3  words\\n", 2, true);
    CHECK(both.numbers == std::vector<std::size_t>{12, 3});
    CHECK(both.text == " words\n");
    CHECK(arguments_of("", 0, true).text == "");
    CHECK(arguments_of("5", 1, true).text == "");
    for (const char* const words :
         {"", "5", "5 x", "5  6", "05 6", "-1 6", "5 99999999999999999999"})
        CHECK_THROWS_WITH_AS(arguments_of(words, 2, false), doctest::Contains("expected a number"),
                             std::invalid_argument);
    CHECK_THROWS_WITH_AS(arguments_of("5 6 7", 2, false), "expected the end, found '7'",
                         std::invalid_argument);
}

}  // namespace notepad_tests

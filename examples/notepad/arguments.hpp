// SPDX-License-Identifier: MIT
//! Arguments: the arguments of a command of the notepad, such as `0 hello` in `insert 0 hello`.
#pragma once

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <crdt/system/decimal.hpp>

struct Arguments {
    std::vector<std::size_t> numbers;
    std::string text;
};

/// Returns `text` as one line: writes each newline as \n, and each backslash as \\.
inline std::string escape(std::string_view text) {
    std::string line;
    for (const char letter : text) {
        if (letter == '\n' || letter == '\\') line += '\\';
        line += letter == '\n' ? 'n' : letter;
    }
    return line;
}
/// Returns the text of which escape() has made `line`. Throws std::invalid_argument for another
/// escape than \n and \\.
inline std::string unescape(std::string_view line) {
    std::string text;
    while (!line.empty()) {
        const std::size_t size = line[0] == '\\' ? 2 : 1;
        const std::string_view one = line.substr(0, size);
        if (size == 2 && one != "\\n" && one != "\\\\")
            throw std::invalid_argument("expected \\n or \\\\, found " + std::string(one));
        text += one == "\\n" ? '\n' : one.back();
        line.remove_prefix(size);
    }
    return text;
}

/// Reads `numbers` decimal numbers and, if `has_text`, an escaped text after them. One space
/// separates two arguments. Throws std::invalid_argument if `words` has another form.
inline Arguments arguments_of(std::string_view words, std::size_t numbers, bool has_text) {
    Arguments arguments;
    while (arguments.numbers.size() < numbers) {
        const std::string_view word = words.substr(0, words.find(' '));
        const auto number = crdt::system::decimal<std::size_t>(word);
        if (!number)
            throw std::invalid_argument("expected a number, found '" + std::string(word) + "'");
        arguments.numbers.push_back(*number);
        words.remove_prefix(std::min(word.size() + 1, words.size()));
    }
    if (has_text)
        arguments.text = unescape(words);
    else if (!words.empty())
        throw std::invalid_argument("expected the end, found '" + std::string(words) + "'");
    return arguments;
}

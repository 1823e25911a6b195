// SPDX-License-Identifier: MIT
//! JSON appended to a text: numbers and plain strings without a document in between.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <type_traits>

#include <nlohmann/json.hpp>

#include <crdt/detail/checked.hpp>

namespace crdt::maelstrom {

/// Does a JSON string have it as it is? Of ASCII alone, and without DEL.
constexpr bool is_plain(char letter) {
    return letter >= ' ' && letter <= '~' && letter != '"' && letter != '\\';
}

/// Appends JSON. What is not UTF-8 in it is replaced.
inline void append_json(std::string& out, const nlohmann::json& value) {
    out += value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// The same for a whole number; allocates nothing but room in `out`.
inline void append_json(std::string& out, crdt::Integer auto number) {
    std::array<char, 20> digits;  // the longest are -2^63 and 2^64 - 1
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

/// Something to iterate over that gives whole numbers.
template <class List>
concept IntegerList = requires(const List& list) {
    requires crdt::Integer<std::decay_t<decltype(*list.begin())>>;
    list.end();
};

/// The same for a list of whole numbers.
inline void append_json(std::string& out, const IntegerList auto& numbers) {
    char separator = '[';
    for (const auto number : numbers) {
        out += separator;
        append_json(out, number);
        separator = ',';
    }
    out += separator == '[' ? "[]" : "]";
}

/// Appends text as a JSON string.
inline void append_quoted(std::string& out, std::string_view text) {
    if (!std::all_of(text.begin(), text.end(), is_plain))
        return append_json(out, nlohmann::json(text));
    out += '"';
    out += text;
    out += '"';
}

/// Appends a member of an object, behind others.
template <class Value>
void append_field(std::string& out, std::string_view name, const Value& value) {
    out += ',';
    append_quoted(out, name);
    out += ':';
    append_json(out, value);
}

}  // namespace crdt::maelstrom

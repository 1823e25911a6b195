// SPDX-License-Identifier: MIT
//! Token: a value in a text of JSON, and where it is.
#pragma once

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <crdt/codec/expected.hpp>

namespace crdt::json {

/// How deep arrays and objects may be nested.
inline constexpr std::size_t max_depth = 64;

/// What a value is.
enum class Kind : char { null, boolean, number, string, array, object };

/// A value in a text, or the name of a member.
struct Token {
    /// Of a string what it means, of all else as it is written.
    std::string_view text{};
    /// Where it begins, in bytes.
    std::size_t offset = 0;
    /// How many elements or members it has.
    std::size_t size = 0;
    /// The number of the first token behind it and all that is in it.
    std::size_t next = 0;
    /// What it is.
    Kind kind = Kind::null;
    /// Was this member read?
    bool is_read = false;
};

/// The number that the text of a token is, if it is a whole one of this type.
template <class Number>
std::optional<Number> parse_whole(std::string_view text) {
    Number number{};
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
    return number;
}

namespace detail {

/// The result of parsing a text.
struct ParsedText {
    /// All of it.
    std::string_view text{};
    /// The values in it, each member's name before its value.
    std::vector<Token> tokens{};
    /// Strings that had escapes.
    std::string decoded{};
    /// Room for the names of an object.
    std::vector<std::size_t> names{};
    /// Why it was rejected.
    std::optional<DecodeError> error{};
};

}  // namespace detail

}  // namespace crdt::json

// SPDX-License-Identifier: MIT
//! Token: a value in a JSON text and its position.
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

/// The maximal nesting of arrays and objects.
inline constexpr std::size_t max_depth = 64;

/// The kind of a value.
enum class Kind : char { null, boolean, number, string, array, object };

/// A value in a text, or the name of a member.
struct Token {
    /// The text of the value. In a string, escapes are decoded.
    std::string_view text{};
    /// The offset in bytes at which the value begins.
    std::size_t offset = 0;
    /// The number of elements of an array, or of members of an object.
    std::size_t size = 0;
    /// The index of the first token after this value and after everything inside it.
    std::size_t next = 0;
    /// The kind of the value.
    Kind kind = Kind::null;
    /// True if this member was read.
    bool is_read = false;
};

/// Returns the number in the text of a token, if it is a whole number that fits `Number`.
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
    /// The whole text.
    std::string_view text{};
    /// The values of the text. The name of a member comes before its value.
    std::vector<Token> tokens{};
    /// The decoded strings that have escapes.
    std::string decoded{};
    /// A buffer for the names of one object.
    std::vector<std::size_t> names{};
    /// The reason why the text was rejected, if it was.
    std::optional<DecodeError> error{};
};

}  // namespace detail

}  // namespace crdt::json

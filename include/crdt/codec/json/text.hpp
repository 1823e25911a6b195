// SPDX-License-Identifier: MIT
//! Strings and numbers as JSON text: UTF-8, quotes, escapes.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <crdt/detail/cpp20.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/detail/inlining.hpp>
#include <crdt/detail/utf8.hpp>

namespace crdt::json {

/// The reaction of a writer to bytes that are not UTF-8. The writer throws std::invalid_argument,
/// or writes U+FFFD for each of these bytes.
enum class IllFormedUtf8 { throws, is_replaced };

namespace detail {

/// Returns whether this byte may be in a JSON string unescaped, whatever bytes are beside it.
constexpr bool is_plain(char letter) {
    return letter >= ' ' && letter <= '~' && letter != '"' && letter != '\\';
}

/// Returns the number of plain bytes at the beginning of `text`.
constexpr std::size_t plain_prefix(std::string_view text) {
    std::size_t size = 0;
    while (size < text.size() && is_plain(text[size])) ++size;
    return size;
}

using crdt::detail::append_utf8;
using crdt::detail::utf8_length;

/// Appends the escape of a quote, a backslash or a control character.
inline void append_escape(std::string& out, char letter) {
    constexpr std::string_view meant = "\"\\\b\f\n\r\t", written = "\"\\bfnrt";
    constexpr std::string_view digits = "0123456789abcdef";
    out += '\\';
    if (const auto place = meant.find(letter); place != meant.npos) {
        out += written[place];
        return;
    }
    const auto byte = static_cast<unsigned char>(letter);
    out += "u00";
    out += digits[byte >> 4U];
    out += digits[byte & 0xFU];
}

/// Appends a whole number. Allocates only when `out` grows.
template <class Number>
void append_number(std::string& out, Number number) {
    std::array<char, 20> digits;  // the longest are -2^63 and 2^64 - 1
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

/// Appends the shortest text that reads as this number, always with a fraction or an exponent. JSON
/// has no numbers for NaN and the infinities, so these values are written as strings.
inline void append_double(std::string& out, double number) {
    if (std::isnan(number)) return void(out += "\"NaN\"");
    if (std::isinf(number)) return void(out += number > 0 ? "\"Infinity\"" : "\"-Infinity\"");
    std::array<char, 32> digits;
    const double size = std::fabs(number);
    const bool is_fixed = size == 0 || (size >= 1e-4 && size < 1e15);
    const auto form = is_fixed ? std::chars_format::fixed : std::chars_format::scientific;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, form).ptr;
    const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
    out += text;
    if (is_fixed && text.find('.') == text.npos) out += ".0";
}

}  // namespace detail

/// Appends text as a JSON string, in canonical form.
CRDT_NOINLINE inline void append_quoted(std::string& out, std::string_view text,
                                        IllFormedUtf8 policy) {
    const std::size_t prefix = detail::plain_prefix(text), begin = out.size();
    out.resize(begin + prefix + 2, '"');
    std::copy_n(text.begin(), prefix, out.begin() + static_cast<std::ptrdiff_t>(begin) + 1);
    text.remove_prefix(prefix);
    if (text.empty()) return;
    out.pop_back();
    while (!text.empty()) {
        const std::size_t plain = detail::plain_prefix(text);
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        const std::size_t length = detail::utf8_length(text);
        if (length == 0 && policy == IllFormedUtf8::throws)
            crdt::detail::throw_or_abort<std::invalid_argument>(
                "json: a string to be written is not UTF-8");
        if (length == 0)
            detail::append_utf8(out, 0xFFFD);
        else if (length > 1 || text.front() == '\x7F')
            out += text.substr(0, length);
        else
            detail::append_escape(out, text.front());
        text.remove_prefix((std::max)(length, std::size_t{1}));
    }
    out += '"';
}

}  // namespace crdt::json

// SPDX-License-Identifier: MIT
//! Decimal numbers: the one form in which programs take numbers as text.
#pragma once

#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

#include <crdt/detail/cpp20.hpp>

namespace crdt::system {

/// The number that `text` is, if it is one in canonical decimal form that `Number` holds: digits
/// without a zero before others, '-' before a number below zero, and for a floating-point `Number`
/// perhaps a point between digits. None for anything else: "", "+1", "010", "0x10", "1e3", "-0",
/// " 1", "nan".
template <class Number>
    requires std::is_arithmetic_v<Number> std::optional<Number> decimal(std::string_view text) {
        const auto is_digit = [](char letter) { return letter >= '0' && letter <= '9'; };
        const bool is_negative = text.starts_with('-');
        const std::string_view digits = text.substr(is_negative ? 1 : 0);
        if (digits.empty() || !is_digit(digits.front()) || !is_digit(digits.back()))
            return std::nullopt;
        if (digits.front() == '0' && digits.size() > 1 && digits[1] != '.') return std::nullopt;

        Number value{};
        const char* const end = text.data() + text.size();
        std::from_chars_result read{};
        if constexpr (std::is_floating_point_v<Number>)
            read = std::from_chars(text.data(), end, value, std::chars_format::fixed);
        else
            read = std::from_chars(text.data(), end, value);
        if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
        if (is_negative && !(value < 0)) return std::nullopt;
        return value;
    }

/// A number as decimal() takes it; a very large or small one with an exponent.
template <class Number>
    requires std::is_arithmetic_v<Number> std::string decimal_text(Number value) {
        char text[64];
        const auto written = std::to_chars(text, text + sizeof text, value);
        return {text, written.ptr};
    }

/// The decimal numbers from `least` to `most`, as a check of words on a command line.
template <class Number>
struct DecimalRange {
    Number least = std::numeric_limits<Number>::lowest();  ///< the first of them
    Number most = (std::numeric_limits<Number>::max)();    ///< the last of them

    /// What they are, in words.
    std::string text() const {
        return (std::is_integral_v<Number> ? "a whole number from " : "a number from ") +
               decimal_text(least) + " to " + decimal_text(most);
    }
    /// Empty if `word` is one of them; otherwise what was expected, and found.
    std::string operator()(const std::string& word) const {
        const auto value = decimal<Number>(word);
        if (value && *value >= least && *value <= most) return {};
        return "expected " + text() + ", in decimal digits; found '" + word + "'";
    }
};

}  // namespace crdt::system

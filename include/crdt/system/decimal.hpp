// SPDX-License-Identifier: MIT
//! decimal: reads a decimal number. All programs read numbers only in this form.
#pragma once

#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

#include <crdt/detail/cpp20.hpp>
#include <crdt/detail/parse_double.hpp>

namespace crdt::system {

/// Returns the number in `text` if the text has canonical decimal form and the number fits into
/// `Number`. The form consists of digits without leading zeros, with '-' before a number below
/// zero. If `Number` is a floating-point type, a point may stand between digits. Returns nothing
/// for any other text, such as "", "+1", "010", "0x10", "1e3", "-0", " 1" and "nan". O(size of the
/// text).
template <class Number>
    requires std::is_arithmetic_v<Number> std::optional<Number> decimal(std::string_view text) {
        const auto is_digit = [](char letter) { return letter >= '0' && letter <= '9'; };
        const bool is_negative = text.starts_with('-');
        const std::string_view digits = text.substr(is_negative ? 1 : 0);
        if (digits.empty() || !is_digit(digits.front()) || !is_digit(digits.back()))
            return std::nullopt;
        if (digits.front() == '0' && digits.size() > 1 && digits[1] != '.') return std::nullopt;

        Number value{};
        if constexpr (std::is_floating_point_v<Number>) {
            const auto read = crdt::detail::parse_double(text);
            if (!read || text.find_first_of("eE") != text.npos) return std::nullopt;
            value = static_cast<Number>(*read);
        } else {
            const char* const end = text.data() + text.size();
            const auto read = std::from_chars(text.data(), end, value);
            if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
        }
        if (is_negative && !(value < 0)) return std::nullopt;
        return value;
    }

/// Returns `value` in the form that decimal() reads. Very large and very small floating-point
/// numbers get an exponent, which decimal() does not read.
template <class Number>
    requires std::is_arithmetic_v<Number> std::string decimal_text(Number value) {
        char text[64];
        const auto written = std::to_chars(text, text + sizeof text, value);
        return {text, written.ptr};
    }

/// A validator for words on a command line. It accepts the decimal numbers from `least` to `most`.
template <class Number>
struct DecimalRange {
    Number least = std::numeric_limits<Number>::lowest();  ///< the smallest accepted number
    Number most = (std::numeric_limits<Number>::max)();    ///< the largest accepted number

    /// Returns a description of the range.
    std::string text() const {
        return (std::is_integral_v<Number> ? "a whole number from " : "a number from ") +
               decimal_text(least) + " to " + decimal_text(most);
    }
    /// Returns an empty string if `word` is a number in the range, otherwise a text that names what
    /// was expected and what was found.
    std::string operator()(const std::string& word) const {
        const auto value = decimal<Number>(word);
        if (value && *value >= least && *value <= most) return {};
        return "expected " + text() + ", in decimal digits; found '" + word + "'";
    }
};

}  // namespace crdt::system

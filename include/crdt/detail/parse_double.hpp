// SPDX-License-Identifier: MIT
//! parse_double: reads a number from text, also if the standard library has no std::from_chars for
//! floating-point numbers.
#pragma once

#include <charconv>
#include <clocale>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <crdt/detail/cpp20.hpp>

namespace crdt::detail {

/// Like parse_double(), but with strtod. strtod expects the decimal point of the locale, so the '.'
/// of `text` is first replaced by this decimal point.
inline std::optional<double> parse_double_by_strtod(std::string_view text) {
    const auto point = text.find('.');
    std::string local(text);
    if (point != text.npos) local.replace(point, 1, std::localeconv()->decimal_point);
    char* end = nullptr;
    const double number = std::strtod(local.c_str(), &end);
    const bool is_zero =
        text.substr(0, text.find_first_of("eE")).find_first_of("123456789") == text.npos;
    const bool fits = number <= (std::numeric_limits<double>::max)() &&
                      number >= std::numeric_limits<double>::lowest() && (number != 0 || is_zero);
    if (end != local.c_str() + local.size() || !fits) return std::nullopt;
    return number;
}

/// Returns the number in `text`. Returns nothing if more text follows, or if the number is too
/// large or too small for a double. Precondition: `text` begins with a digit, or with '-' and a
/// digit.
inline std::optional<double> parse_double(std::string_view text) {
#if defined(__cpp_lib_to_chars)
    double number = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return number;
#else  // libc++ before version 20
    return parse_double_by_strtod(text);
#endif
}

}  // namespace crdt::detail

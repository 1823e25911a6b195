// SPDX-License-Identifier: MIT
//! UTF-8: code points and their lengths in bytes and in UTF-16 units.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <crdt/detail/cpp20.hpp>

namespace crdt::detail {

/// Returns the length of the UTF-8 character at the beginning of `text`, or 0 if no valid character
/// begins there. Precondition: `text` is not empty.
constexpr std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto is_within = [&](std::size_t i, unsigned first, unsigned last) {
        return byte(i) >= first && byte(i) <= last;
    };
    const auto continues = [&](std::size_t i) { return is_within(i, 0x80, 0xBF); };
    const unsigned lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    if (lead < 0xE0) return continues(1) ? 2 : 0;
    // UTF-8 allows only the shortest encoding, no surrogates, and nothing above U+10FFFF.
    if (lead < 0xF0)
        return is_within(1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF) && continues(2)
                   ? 3
                   : 0;
    return is_within(1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF) && continues(2) &&
                   continues(3)
               ? 4
               : 0;
}

/// Appends a code point in UTF-8.
inline void append_utf8(std::string& out, std::uint32_t point) {
    const auto byte = [&](std::uint32_t bits) { out += static_cast<char>(bits); };
    const auto tail = [&](unsigned shift) { byte(0x80U | ((point >> shift) & 0x3FU)); };
    if (point < 0x80) return byte(point);
    if (point < 0x800) return byte(0xC0U | (point >> 6U)), tail(0);
    if (point < 0x10000) return byte(0xE0U | (point >> 12U)), tail(6), tail(0);
    byte(0xF0U | (point >> 18U)), tail(12), tail(6), tail(0);
}

/// Returns the code point at the beginning of well-formed text, and removes it from `text`.
constexpr std::uint32_t take_code_point(std::string_view& text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::uint32_t lead = byte(0);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    std::uint32_t point = length == 1 ? lead : lead & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) point = (point << 6U) | (byte(i) & 0x3FU);
    text.remove_prefix(length);
    return point;
}

/// The sizes of a text.
struct TextSize {
    std::uint64_t points = 0;  ///< code points
    std::uint64_t bytes = 0;   ///< bytes in UTF-8
    std::uint64_t units = 0;   ///< UTF-16 code units

    constexpr TextSize& operator+=(const TextSize& other) {
        points += other.points;
        bytes += other.bytes;
        units += other.units;
        return *this;
    }
    constexpr TextSize& operator-=(const TextSize& other) {
        points -= other.points;
        bytes -= other.bytes;
        units -= other.units;
        return *this;
    }
    friend constexpr bool operator==(const TextSize&, const TextSize&) = default;
};

/// Returns the sizes of one code point.
constexpr TextSize size_of(std::uint32_t point) {
    const std::uint64_t bytes = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    return {1, bytes, point < 0x10000 ? 1U : 2U};
}

/// Sets `size` to the sizes of `text`. Returns false if `text` is not UTF-8.
constexpr bool measure_utf8(std::string_view text, TextSize& size) {
    size = {0, text.size(), 0};
    for (std::size_t at = 0; at < text.size();) {
        std::size_t length = 1;
        if ((static_cast<unsigned char>(text[at]) & 0x80U) != 0) {
            length = utf8_length(text.substr(at));
            if (length == 0) return false;
        }
        ++size.points;
        size.units += length == 4 ? 2 : 1;
        at += length;
    }
    return true;
}

/// Returns the number of bytes of the first `points` code points of well-formed text.
constexpr std::size_t utf8_prefix(std::string_view text, std::uint64_t points) {
    std::size_t at = 0;
    for (; points > 0 && at < text.size(); --points) {
        const auto lead = static_cast<unsigned char>(text[at]);
        at += lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    }
    return at;
}

}  // namespace crdt::detail

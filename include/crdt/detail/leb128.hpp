// SPDX-License-Identifier: MIT
//! Reads and writes LEB128 numbers without a loop over the bytes.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <crdt/detail/cpp20.hpp>
#include <crdt/detail/inlining.hpp>

namespace crdt::detail::leb128 {

/// Is the byte order little-endian, so that a word can be read directly? If not, callers read byte
/// by byte.
inline constexpr bool is_fast = std::endian::native == std::endian::little;
inline constexpr std::uint64_t max_fast = (std::uint64_t{1} << 56U) - 1;
inline constexpr std::uint64_t marks = 0x8080808080808080U;

/// Spreads the bits of `value` into groups of 7 bits, one group in each byte.
constexpr std::uint64_t spread(std::uint64_t value) {
    value = (value & 0x000000000FFFFFFFU) | ((value & 0x00FFFFFFF0000000U) << 4U);
    value = (value & 0x00003FFF00003FFFU) | ((value & 0x0FFFC0000FFFC000U) << 2U);
    return (value & 0x007F007F007F007FU) | ((value & 0x3F803F803F803F80U) << 1U);
}
constexpr std::uint64_t gather(std::uint64_t groups) {
    groups = (groups & 0x007F007F007F007FU) | ((groups & 0x7F007F007F007F00U) >> 1U);
    groups = (groups & 0x00003FFF00003FFFU) | ((groups & 0x3FFF00003FFF0000U) >> 2U);
    return (groups & 0x000000000FFFFFFFU) | ((groups & 0x0FFFFFFF00000000U) >> 4U);
}

/// A number has at most this many bytes.
inline constexpr std::size_t longest = 10;

/// Writes a number. Returns its size in bytes. Precondition: is_fast, and `to` has room for
/// `longest` bytes.
inline std::size_t write(char* to, std::uint64_t value) {
    if (value > max_fast) {
        const std::uint64_t word = spread(value & max_fast) | marks;
        std::memcpy(to, &word, 8);
        const std::uint64_t rest = value >> 56U;
        to[8] = static_cast<char>(rest);
        to[9] = 1;
        return rest < 0x80 ? 9 : 10;
    }
    const auto bits = static_cast<unsigned>(std::bit_width(value | 1U));
    const std::size_t size = (bits + 6) / 7;
    const std::uint64_t word = spread(value) | (marks & ((std::uint64_t{1} << (8 * size - 8)) - 1));
    std::memcpy(to, &word, 8);
    return size;
}

struct Number {
    std::uint64_t value;
    std::size_t size;  ///< in bytes; 0 if the number is too large, or has more bytes than necessary
};
/// Reads a number. Precondition: is_fast, and `from` has at least `longest` bytes.
CRDT_ALWAYS_INLINE Number read(const char* from) {
    std::uint64_t word;
    std::memcpy(&word, from, 8);
    const std::uint64_t ends = ~word & marks;
    if (ends == 0) {
        const auto rest = static_cast<unsigned char>(from[8]);
        const std::uint64_t value = gather(word & ~marks) | std::uint64_t{rest} << 56U;
        if (rest < 0x80) return {value, rest == 0 ? std::size_t{0} : 9};
        return {value, from[9] == 1 ? std::size_t{10} : 0};
    }
    const auto size = static_cast<std::size_t>(std::countr_zero(ends)) / 8 + 1;
    const unsigned unused = static_cast<unsigned>(64 - 8 * size);
    const std::uint64_t groups = (word << unused >> unused) & ~marks;
    // Without a branch, because the processor cannot predict how long a number is.
    const bool is_too_long = (size > 1) & (groups >> (8 * size - 8) == 0);
    return {gather(groups), is_too_long ? 0 : size};
}

/// Like read(), but faster if most numbers have one byte.
CRDT_ALWAYS_INLINE Number read_small(const char* from) {
    const auto first = static_cast<unsigned char>(*from);
    return first < 0x80 ? Number{first, 1} : read(from);
}

}  // namespace crdt::detail::leb128

// SPDX-License-Identifier: MIT
//! PackedRange: a range of numbers, or an address, in eight bytes.
#pragma once

#include <cstdint>

#include <crdt/detail/cpp20.hpp>

namespace crdt::detail {

/// Eight bytes that contain either a range of numbers, the address of a container of ranges, or
/// nothing. The numbers are those of one replica's dots. A range is stored as its first number (40
/// bits), its length minus one (23 bits), and a lowest bit that is 1. A range that does not fit
/// these bits is in a container, like several ranges. The lowest bit of an address is 0. An address
/// is stored unchanged, so that tools that search memory for addresses find it.
class PackedRange {
    static constexpr unsigned length_bits = 23, first_bits = 40;
    static constexpr std::uint64_t greatest_length = (std::uint64_t{1} << length_bits) - 1;

    std::uint64_t bits_ = 0;

  public:
    /// Makes an object that contains nothing.
    PackedRange() = default;
    /// Precondition: fits(first, last).
    PackedRange(std::uint64_t first, std::uint64_t last)
        : bits_(first << (length_bits + 1) | (last - first) << 1U | 1U) {}
    /// Precondition: `address` is even and not null.
    explicit PackedRange(const void* address) : bits_(reinterpret_cast<std::uintptr_t>(address)) {}

    /// Do these numbers fit the bits of a range? Precondition: 1 <= first <= last.
    static bool fits(std::uint64_t first, std::uint64_t last) {
        return (first >> first_bits) == 0 && last - first <= greatest_length;
    }

    bool is_empty() const { return bits_ == 0; }
    bool is_range() const { return (bits_ & 1U) != 0; }
    bool is_many() const { return !is_range() && !is_empty(); }
    /// Precondition: is_range().
    std::uint64_t first() const { return bits_ >> (length_bits + 1); }
    /// Precondition: is_range().
    std::uint64_t last() const { return first() + (bits_ >> 1U & greatest_length); }
    /// Precondition: is_many().
    template <class T>
    T* address() const {
        return reinterpret_cast<T*>(static_cast<std::uintptr_t>(bits_));
    }

    friend bool operator==(const PackedRange&, const PackedRange&) = default;
};

}  // namespace crdt::detail

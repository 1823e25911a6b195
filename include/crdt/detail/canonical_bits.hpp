// SPDX-License-Identifier: MIT
//! canonical_bits: the bits of a floating-point number. All NaNs have the same bits.
#pragma once

#include <bit>
#include <cstdint>

#include <crdt/detail/cpp20.hpp>

namespace crdt::detail {

/// Returns the bits of `value`, or the bits of the quiet NaN for every NaN.
constexpr std::uint64_t canonical_bits(double value) {
    return value == value ? std::bit_cast<std::uint64_t>(value) : 0x7FF8'0000'0000'0000U;
}

}  // namespace crdt::detail

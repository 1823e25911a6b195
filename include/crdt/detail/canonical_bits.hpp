// SPDX-License-Identifier: MIT
//! canonical_bits: a floating-point number as bits, in which all NaNs are one.
#pragma once

#include <bit>
#include <cstdint>

#include <crdt/detail/cpp20.hpp>

namespace crdt::detail {

constexpr std::uint64_t canonical_bits(double value) {
    return value == value ? std::bit_cast<std::uint64_t>(value) : 0x7FF8'0000'0000'0000U;
}

}  // namespace crdt::detail

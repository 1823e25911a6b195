// SPDX-License-Identifier: MIT
//! The 64-bit finaliser that hashes and the random generator share.
#pragma once

#include <cstdint>

#include <crdt/detail/cpp20.hpp>

namespace crdt::detail {

/// Mixes the bits: a bijection in which every input bit affects every output bit (SplitMix64's
/// finaliser).
constexpr std::uint64_t mix64(std::uint64_t bits) {
    bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
    bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
    return bits ^ (bits >> 31U);
}

}  // namespace crdt::detail

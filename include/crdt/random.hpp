// SPDX-License-Identifier: MIT
//! Random: a small seeded generator of numbers, the same on every platform.
#pragma once

#include <cstdint>

#include <crdt/detail/mix64.hpp>

namespace crdt {

/// A generator of pseudorandom numbers: SplitMix64 (Steele, Lea, Flood: Fast splittable
/// pseudorandom number generators, 2014).
class Random {
    std::uint64_t state_;

  public:
    /// The generator of a seed: the same seed, the same numbers.
    constexpr explicit Random(std::uint64_t seed) : state_(seed) {}

    /// The next number, uniform in the 64-bit numbers.
    constexpr std::uint64_t next() { return detail::mix64(state_ += 0x9E3779B97F4A7C15U); }

    /// Uniform in [0, bound); 0 for a bound of 0. The bias is below bound / 2^64.
    constexpr std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
};

}  // namespace crdt

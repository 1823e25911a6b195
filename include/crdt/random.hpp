// SPDX-License-Identifier: MIT
//! Random: a small seeded generator. The same seed gives the same numbers on every platform.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <crdt/detail/mix64.hpp>

namespace crdt {

/// A generator of pseudorandom numbers: SplitMix64 (Steele, Lea, Flood: Fast splittable
/// pseudorandom number generators, 2014).
class Random {
    std::uint64_t state_;

  public:
    /// Makes the generator of a seed. The same seed gives the same numbers.
    constexpr explicit Random(std::uint64_t seed) : state_(seed) {}

    /// Returns the next number, uniform over all 64-bit numbers.
    constexpr std::uint64_t next() { return detail::mix64(state_ += 0x9E3779B97F4A7C15U); }

    /// Returns a number uniform in [0, bound), or 0 for a bound of 0. The bias is below
    /// bound / 2^64.
    constexpr std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
    /// Does the same for a std::size_t, on platforms where std::size_t is not std::uint64_t.
    template <std::same_as<std::size_t> Size>
        requires(!std::same_as<Size, std::uint64_t>)
    constexpr Size below(Size bound) { return static_cast<Size>(below(std::uint64_t{bound})); }
};

}  // namespace crdt

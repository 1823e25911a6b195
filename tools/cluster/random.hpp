// SPDX-License-Identifier: MIT
//! The only source of random numbers of a run. A seed gives the same numbers with every standard
//! library.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <crdt/random.hpp>

namespace cluster {

/// The library's generator, with the distributions that a run needs.
class Random {
    crdt::Random engine_;

  public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}

    /// Returns a new generator. With a generator for each part of the runner, the draws of one part
    /// do not change those of another.
    Random fork() { return Random(engine_.next()); }

    /// Uniform in [0, bound).
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_.below(bound)); }

    /// Uniform in [low, high].
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(below(static_cast<std::size_t>(high - low) + 1));
    }

    /// Uniform in [0, 1).
    double unit() { return static_cast<double>(engine_.next() >> 11) * 0x1.0p-53; }

    double exponential(double mean) { return -mean * std::log1p(-unit()); }

    bool flip() { return (engine_.next() >> 63) != 0; }

    template <class T>
    void shuffle(std::vector<T>& items) {
        for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
    }
};

}  // namespace cluster

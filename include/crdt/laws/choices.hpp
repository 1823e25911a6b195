// SPDX-License-Identifier: MIT
//! Choices: the source of the decisions of a generated test. Decisions can be replayed, shrunk and
//! enumerated.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include <crdt/random.hpp>

namespace crdt::laws {

/// A source of decisions. It first replays the given decisions. Then it returns random decisions,
/// or 0 if it has no generator. It records all decisions that it has returned.
///
/// Source  the Python library Hypothesis, which shrinks the decisions behind a value instead of the
///         value (MacIver, Donaldson: Test-case reduction via test-case generation, ECOOP 2020)
class Choices {
    std::vector<std::uint64_t> taken_;
    std::vector<std::uint64_t> bounds_;
    std::size_t position_ = 0;
    Random* random_ = nullptr;

  public:
    /// A source of decisions that are all 0.
    Choices() = default;
    /// A source that replays these decisions and then returns 0.
    explicit Choices(std::vector<std::uint64_t> replayed) : taken_(std::move(replayed)) {}
    /// A source of random decisions.
    explicit Choices(Random& random) : random_(&random) {}

    /// Returns a number in [0, bound). Shrinking prefers smaller numbers, and enumeration begins
    /// with them.
    std::uint64_t below(std::uint64_t bound) {
        if (position_ == taken_.size()) taken_.push_back(random_ != nullptr ? random_->next() : 0);
        std::uint64_t& choice = taken_[position_++];
        choice = bound == 0 ? 0 : choice % bound;
        bounds_.push_back(bound);
        return choice;
    }

    /// Returns a number of type T. It is often small, and sometimes at a limit of the type. One
    /// number in four is drawn from the whole type, so long histories make large states.
    template <std::integral T>
    T number() {
        using Limits = std::numeric_limits<T>;
        switch (below(8)) {
            case 1:
                return static_cast<T>(std::is_signed_v<T> ? T(0) - T(1) - T(below(4))
                                                          : T(below(4)));
            case 3: return static_cast<T>((Limits::max)() - static_cast<T>(below(2)));
            case 4: return static_cast<T>(Limits::lowest() + static_cast<T>(below(2)));
            case 5:
            case 6: return static_cast<T>(below((std::numeric_limits<std::uint64_t>::max)()));
            default: return static_cast<T>(below(4));
        }
    }

    /// The decisions returned so far.
    std::vector<std::uint64_t> taken() const {
        return {taken_.begin(), taken_.begin() + static_cast<std::ptrdiff_t>(position_)};
    }

    /// Enumerates all runs with at most `width` values per decision. Returns the decisions of the
    /// run after this run, or an empty list after the last run.
    std::vector<std::uint64_t> successor(std::uint64_t width) const {
        std::vector<std::uint64_t> next = taken();
        while (!next.empty()) {
            const std::uint64_t bound = bounds_[next.size() - 1];
            if (++next.back() < (bound < width ? bound : width)) break;
            next.pop_back();
        }
        return next;
    }
};

}  // namespace crdt::laws

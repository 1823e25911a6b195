// SPDX-License-Identifier: MIT
//! Inputs of merges: many states, which the merges use in rotation.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include <benchmark/benchmark.h>

#include <crdt/random.hpp>

#include "race.hpp"

namespace bench {

using U64 = std::uint64_t;
using crdt::Random;

/// Returns an id: a number, or a name of 16 letters.
template <class Id>
Id make_id(U64 number) {
    if constexpr (std::is_integral_v<Id>) {
        return number;
    } else {
        static constexpr char digits[] = "0123456789abcdef";
        std::string name(16, '0');
        for (char& letter : name) {
            letter = digits[number % 16];
            number /= 16;
        }
        return name;
    }
}

/// Returns the number of states of `size` entries in a rotation. Together they have about 32,000
/// entries. With only one pair of states, the branch predictor of the processor would adapt to the
/// merge, and the merge would seem several times too fast.
inline std::size_t rotation(std::size_t size) {
    return std::max<std::size_t>(2, (std::size_t{1} << 15U) / size);
}

struct KeyPair {
    std::vector<U64> left, right;
};

/// Returns pairs of ascending key sets. The sets of a pair have `shared` keys in common.
inline std::vector<KeyPair> make_keys(std::size_t size, std::size_t shared) {
    Random random(size);
    std::vector<KeyPair> pairs(rotation(size));
    for (auto& [left, right] : pairs) {
        for (std::size_t i = 0; i < size; ++i) {
            left.push_back(random.next() | 1U);
            right.push_back(i < shared ? left.back() : random.next() | 1U);
        }
        std::sort(left.begin(), left.end());
        std::sort(right.begin(), right.end());
    }
    return pairs;
}

/// The states of a contender. For each pair, `right` is merged into a copy of `left`.
template <class State>
struct Rotation {
    std::vector<State> left, right, copies;

    void refresh() { copies = left; }
    template <class Merge>
    void run(Merge&& merge) {
        for (std::size_t i = 0; i < copies.size(); ++i) merge(copies[i], right[i]);
    }
};

inline constexpr auto nothing = [] {};
inline constexpr auto merge = [](auto& mine, const auto& theirs) {
    if constexpr (requires { bool(mine.merge(theirs)); })
        benchmark::DoNotOptimize(mine.merge(theirs));
    else
        mine.merge(theirs);
};

inline constexpr auto absorb = [](auto& mine, const auto& theirs) {
    benchmark::DoNotOptimize(mine.absorb(theirs));
};
inline constexpr auto subtract = [](auto& mine, const auto& theirs) {
    benchmark::DoNotOptimize(difference(theirs, mine));
};
inline constexpr auto subtract_by_hand = [](auto& mine, const auto& theirs) {
    benchmark::DoNotOptimize(mine.difference(theirs));
};

/// `fill(state, keys)` fills a state with keys.
template <class State, class Fill>
Rotation<State> rotate(const std::vector<KeyPair>& pairs, const State& empty, Fill&& fill) {
    Rotation<State> result;
    for (const auto& [left, right] : pairs) {
        fill(result.left.emplace_back(empty), left);
        fill(result.right.emplace_back(empty), right);
    }
    return result;
}

/// Does work(mine, theirs) with each pair of states. Each turn has new copies of the left sides.
template <class State, class Work>
auto changes(const char* name, Rotation<State>& states, Work work) {
    return Contender{name, [&states] { states.refresh(); }, [&states, work] { states.run(work); }};
}
/// Does work(mine, theirs), which changes nothing, with each pair of states.
template <class State, class Work>
auto reads(const char* name, Rotation<State>& states, Work work) {
    states.refresh();
    return Contender{name, nothing, [&states, work] { states.run(work); }};
}

}  // namespace bench

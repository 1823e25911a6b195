// SPDX-License-Identifier: MIT
//! GCounter: absorb and difference, beside the merge of the same states.
#include <cstddef>

#include <benchmark/benchmark.h>

#include <crdt/gcounter.hpp>

#include "baselines.hpp"
#include "counter_inputs.hpp"
#include "inputs.hpp"
#include "limits.hpp"
#include "race.hpp"

namespace {

using namespace bench;

/// Races work(mine, theirs) on pairs of states with `shared` common keys.
template <class Work, class LimitWork>
void race_deltas(benchmark::State& state, std::size_t shared, Work work, LimitWork limit_work) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const auto pairs = make_keys(size, shared);
    auto ours = rotate(pairs, crdt::GCounter<U64>(), AddToAll());
    auto hand = rotate(pairs, columns(1), AddToAll());
    auto theirs = rotate(pairs, baseline::GCounter<U64>(), AddToAll());
    race(state, pairs.size(), changes("ours", ours, work), changes("limit", hand, limit_work),
         changes("baseline", theirs, work), changes("merge", ours, merge));
    compare_with_merge(state);
}
void gcounter_absorb_same_keys(benchmark::State& state) {
    race_deltas(state, static_cast<std::size_t>(state.range(0)), absorb, absorb);
}
void gcounter_absorb_half_overlap(benchmark::State& state) {
    race_deltas(state, static_cast<std::size_t>(state.range(0)) / 2, absorb, absorb);
}
void gcounter_difference_same_keys(benchmark::State& state) {
    race_deltas(state, static_cast<std::size_t>(state.range(0)), subtract, subtract_by_hand);
}
void gcounter_difference_half_overlap(benchmark::State& state) {
    race_deltas(state, static_cast<std::size_t>(state.range(0)) / 2, subtract, subtract_by_hand);
}

#define COUNTER_SIZES Arg(3)->Arg(16)->Arg(256)->Arg(4096)->Arg(65536)
BENCHMARK(gcounter_absorb_same_keys)->COUNTER_SIZES;
BENCHMARK(gcounter_absorb_half_overlap)->COUNTER_SIZES;
BENCHMARK(gcounter_difference_same_keys)->COUNTER_SIZES;
BENCHMARK(gcounter_difference_half_overlap)->COUNTER_SIZES;

}  // namespace

// SPDX-License-Identifier: MIT
//! GSet: full states, and small deltas into large states.
#include <cstddef>
#include <vector>

#include <benchmark/benchmark.h>

#include <crdt/gset.hpp>

#include "baselines.hpp"
#include "changes.hpp"
#include "inputs.hpp"
#include "limits.hpp"
#include "race.hpp"

namespace {

using namespace bench;

struct InsertAll {
    void operator()(auto& set, const std::vector<U64>& keys) {
        for (const U64 key : keys) set.insert(key);
    }
    void operator()(limit::Set& set, const std::vector<U64>& keys) { set.elements = keys; }
};

template <bool Equal>
void gset_merge(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const auto pairs = make_keys(size, Equal ? size : 0);
    auto ours = rotate(pairs, crdt::GSet<U64>(), InsertAll());
    auto hand = rotate(pairs, limit::Set(), InsertAll());
    auto theirs = rotate(pairs, baseline::GSet<U64>(), InsertAll());
    const auto limit_merge = [](limit::Set& mine, const limit::Set& other) {
        if (Equal)
            benchmark::DoNotOptimize(mine.has(other));
        else
            mine.merge_union(other);
    };
    race(state, pairs.size(), changes("ours", ours, merge), changes("limit", hand, limit_merge),
         changes("baseline", theirs, merge));
}
void gset_equal(benchmark::State& state) { gset_merge<true>(state); }
void gset_disjoint(benchmark::State& state) { gset_merge<false>(state); }

template <class State>
State filled(const std::vector<U64>& keys) {
    State state;
    InsertAll()(state, keys);
    return state;
}
template <class State>
std::vector<State> deltas_of(const Changes& input) {
    std::vector<State> deltas;
    for (const auto& keys : input.changes) deltas.push_back(filled<State>(keys));
    return deltas;
}

/// Merges ten elements into a large set.
void gset_delta(benchmark::State& state, Changes::Of which) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const Changes input(size, which, 10);
    Large ours{filled<crdt::GSet<U64>>(input.keys)};
    Large theirs{filled<baseline::GSet<U64>>(input.keys)};
    Large hand{limit::Index<U64>(size + 10 * (input.per_copy + 1))};
    for (const U64 key : input.keys) hand.state.slot_of(key);
    const auto deltas = deltas_of<crdt::GSet<U64>>(input);
    const auto their_deltas = deltas_of<baseline::GSet<U64>>(input);
    const auto insert_by_hand = [&](limit::Index<U64>& set, std::size_t i) {
        for (const U64 key : input.changes[i]) benchmark::DoNotOptimize(set.slot_of(key));
    };
    race(state, input.measured(), changes("ours", ours, input, merge_each(deltas)),
         changes("limit", hand, input, insert_by_hand),
         changes("baseline", theirs, input, merge_each(their_deltas)));
}
void gset_delta_of_10_known(benchmark::State& state) { gset_delta(state, Changes::Of::known); }
void gset_delta_of_10_new(benchmark::State& state) { gset_delta(state, Changes::Of::fresh); }

BENCHMARK(gset_equal)->Arg(16)->Arg(1000)->Arg(100000)->Arg(1000000);
BENCHMARK(gset_disjoint)->Arg(16)->Arg(1000)->Arg(100000)->Arg(1000000);
BENCHMARK(gset_delta_of_10_known)->Arg(1000)->Arg(100000)->Arg(1000000);
BENCHMARK(gset_delta_of_10_new)->Arg(1000)->Arg(100000)->Arg(1000000);

}  // namespace

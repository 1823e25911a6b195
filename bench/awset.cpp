// SPDX-License-Identifier: MIT
//! AWSet: full states, small deltas into large states, single changes.
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <crdt/awset.hpp>

#include "baselines.hpp"
#include "changes.hpp"
#include "inputs.hpp"
#include "limits.hpp"
#include "race.hpp"

namespace {

using namespace bench;

template <class Id>
using Set = crdt::AWSet<U64, Id>;
using HandSet = baseline::AWSet<U64, U64>;

/// Adds all keys, with the id of a number.
template <class Id>
void add_all(Set<Id>& set, U64 id, const std::vector<U64>& keys) {
    for (const U64 key : keys) set.insert(make_id<Id>(id), key);
}
void add_all(HandSet& set, U64 id, const std::vector<U64>& keys) {
    for (const U64 key : keys) set.insert(id, key);
}
void add_all(limit::AddWinsSet& set, U64, const std::vector<U64>& keys) {
    for (std::size_t i = 0; i < keys.size(); ++i) set.insert(keys[i], i + 1);
}

template <class State>
Rotation<State> rotate_sets(const std::vector<KeyPair>& pairs, const State& empty, U64 other_id) {
    Rotation<State> result;
    for (const auto& [left, right] : pairs) {
        add_all(result.left.emplace_back(empty), 1, left);
        add_all(result.right.emplace_back(empty), other_id, right);
    }
    return result;
}

/// One replica has added all elements.
void awset_equal(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const auto pairs = make_keys(size, size);
    auto ours = rotate_sets(pairs, Set<U64>(), 1);
    auto hand = rotate_sets(pairs, limit::AddWinsSet(size), 1);
    auto theirs = rotate_sets(pairs, HandSet(), 1);
    const auto compare = [](const auto& mine, const auto& other) {
        benchmark::DoNotOptimize(mine.has(other));
    };
    race(state, pairs.size(), reads("ours", ours, merge), reads("limit", hand, compare),
         reads("baseline", theirs, merge));
}

/// Each of two replicas has added half of the elements.
void awset_disjoint_halves(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0)) / 2;
    const auto pairs = make_keys(size, 0);
    auto ours = rotate_sets(pairs, Set<U64>(), 2);
    auto hand = rotate_sets(pairs, limit::AddWinsSet(2 * size), 2);
    auto theirs = rotate_sets(pairs, HandSet(), 2);
    const auto merge_new = [](auto& mine, const auto& other) { mine.merge_new(other); };
    race(state, pairs.size(), changes("ours", ours, merge), changes("limit", hand, merge_new),
         changes("baseline", theirs, merge));
}

template <class State>
Large<State> large_set(const Changes& input, State set = {}) {
    add_all(set, 1, input.keys);
    return {set};
}

/// The deltas of another replica. Each adds ten elements.
template <class Id>
std::vector<Set<Id>> deltas_of(const Changes& input) {
    Set<Id> writer;
    std::vector<Set<Id>> deltas;
    for (const auto& keys : input.changes) {
        Set<Id> delta;
        for (const U64 key : keys) delta.merge(writer.insert(make_id<Id>(2), key));
        deltas.push_back(std::move(delta));
    }
    return deltas;
}
std::vector<HandSet> deltas_by_hand(const Changes& input) {
    std::vector<HandSet> deltas(input.changes.size());
    for (std::size_t i = 0; i < deltas.size(); ++i) {
        deltas[i].seen[2] = 10 * i;
        add_all(deltas[i], 2, input.changes[i]);
    }
    return deltas;
}

void awset_delta_of_10(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const Changes input(size, Changes::Of::fresh, 10);
    auto ours = large_set<Set<U64>>(input);
    auto hand = large_set(input, limit::AddWinsSet(size + 10 * (input.per_copy + 1)));
    auto theirs = large_set<HandSet>(input);
    const auto deltas = deltas_of<U64>(input);
    const auto their_deltas = deltas_by_hand(input);
    const auto insert_by_hand = [&](limit::AddWinsSet& set, std::size_t i) {
        for (const U64 key : input.changes[i]) set.insert(key, i + 1);
    };
    const auto merge_adds = [&](HandSet& set, std::size_t i) { set.merge_adds(their_deltas[i]); };
    race(state, input.measured(), changes("ours", ours, input, merge_each(deltas)),
         changes("limit", hand, input, insert_by_hand),
         changes("baseline", theirs, input, merge_adds));
}
void ids_awset_delta_of_10(benchmark::State& state) {
    const Changes input(static_cast<std::size_t>(state.range(0)), Changes::Of::fresh, 10);
    auto strings = large_set<Set<std::string>>(input);
    auto numbers = large_set<Set<U64>>(input);
    const auto string_deltas = deltas_of<std::string>(input);
    const auto number_deltas = deltas_of<U64>(input);
    race(state, input.measured(), changes("string ids", strings, input, merge_each(string_deltas)),
         changes("number ids", numbers, input, merge_each(number_deltas)));
}

template <class Id>
auto insert_each(const Changes& input) {
    return [&input, id = make_id<Id>(1)](auto& set, std::size_t i) {
        set.insert(id, input.changes[i][0]);
    };
}
void awset_insert(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const Changes input(size, Changes::Of::fresh, 1);
    auto ours = large_set<Set<U64>>(input);
    auto hand = large_set(input, limit::AddWinsSet(size + input.per_copy + 1));
    auto theirs = large_set<HandSet>(input);
    const auto insert_by_hand = [&](limit::AddWinsSet& set, std::size_t i) {
        set.insert(input.changes[i][0], size + i);
    };
    race(state, input.measured(), changes("ours", ours, input, insert_each<U64>(input)),
         changes("limit", hand, input, insert_by_hand),
         changes("baseline", theirs, input, insert_each<U64>(input)));
}
void ids_awset_insert(benchmark::State& state) {
    const Changes input(static_cast<std::size_t>(state.range(0)), Changes::Of::fresh, 1);
    auto strings = large_set<Set<std::string>>(input);
    auto numbers = large_set<Set<U64>>(input);
    race(state, input.measured(),
         changes("string ids", strings, input, insert_each<std::string>(input)),
         changes("number ids", numbers, input, insert_each<U64>(input)));
}

auto erase_each(const Changes& input) {
    return [&input](auto& set, std::size_t i) { set.erase(input.changes[i][0]); };
}
void awset_erase(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const Changes input(size, Changes::Of::known, 1);
    auto ours = large_set<Set<U64>>(input);
    auto hand = large_set(input, limit::AddWinsSet(size));
    auto theirs = large_set<HandSet>(input);
    race(state, input.measured(), changes("ours", ours, input, erase_each(input)),
         changes("limit", hand, input, erase_each(input)),
         changes("baseline", theirs, input, erase_each(input)));
}
void ids_awset_erase(benchmark::State& state) {
    const Changes input(static_cast<std::size_t>(state.range(0)), Changes::Of::known, 1);
    auto strings = large_set<Set<std::string>>(input);
    auto numbers = large_set<Set<U64>>(input);
    race(state, input.measured(), changes("string ids", strings, input, erase_each(input)),
         changes("number ids", numbers, input, erase_each(input)));
}

BENCHMARK(awset_equal)->Arg(16)->Arg(1000)->Arg(100000);
BENCHMARK(awset_disjoint_halves)->Arg(16)->Arg(1000)->Arg(100000);
BENCHMARK(awset_delta_of_10)->Arg(1000)->Arg(100000)->Arg(1000000);
BENCHMARK(awset_insert)->Arg(16)->Arg(1000)->Arg(100000);
BENCHMARK(awset_erase)->Arg(16)->Arg(1000)->Arg(100000);
BENCHMARK(ids_awset_delta_of_10)->Arg(1000)->Arg(100000)->Arg(1000000);
BENCHMARK(ids_awset_insert)->Arg(16)->Arg(1000)->Arg(100000);
BENCHMARK(ids_awset_erase)->Arg(16)->Arg(1000)->Arg(100000);

}  // namespace

// SPDX-License-Identifier: MIT
//! AWSet, ORMap and nested maps: merges, deltas, digests and decompositions of states that have
//! half of their entries in common.
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "baselines.hpp"
#include "causal_inputs.hpp"
#include "inputs.hpp"
#include "limits.hpp"
#include "race.hpp"

namespace {

using namespace bench;
using Name = std::string;

/// Returns pairs of states with half of their entries in common. The left side has added its own
/// with the id 1, the right side with the id 2. The common entries have the id 3.
template <class Id, class State>
Rotation<State> half_overlap(std::size_t size, const State& empty) {
    Rotation<State> result;
    for (const auto& [left, right] : make_keys(size - size / 2, 0)) {
        Random random(left[0]);
        std::vector<U64> common;
        for (std::size_t i = 0; i < size / 2; ++i) common.push_back(random.next() | 1U);
        State both = empty;
        Adds<Id>{make_id<Id>(3)}(both, common);
        Adds<Id>{make_id<Id>(1)}(result.left.emplace_back(both), left);
        Adds<Id>{make_id<Id>(2)}(result.right.emplace_back(both), right);
    }
    return result;
}

const auto merge_by_hand = [](limit::AddWinsSet& mine, const limit::AddWinsSet& other) {
    mine.merge_new(other);
};
const auto take_digest = [](auto& mine, const auto&) {
    if constexpr (requires { mine.digest(); })
        benchmark::DoNotOptimize(mine.digest());
    else
        benchmark::DoNotOptimize(digest(mine));
};
const auto take_apart = [](auto& mine, const auto&) {
    const auto visit = [](const auto& part) { benchmark::DoNotOptimize(&part); };
    if constexpr (requires { mine.decompose(visit); })
        mine.decompose(visit);
    else
        decompose_by_ranges(mine, visit);
};
/// By hand, the digest of a set has the sequence number of each dot.
const auto copy_by_hand = [](limit::AddWinsSet& mine, const limit::AddWinsSet&) {
    benchmark::DoNotOptimize(std::vector<U64>(mine.sequences));
};
/// By hand, a part of a set is an element with its dot.
const auto visit_by_hand = [](limit::AddWinsSet& mine, const limit::AddWinsSet&) {
    for (std::size_t i = 0; i < mine.elements.size(); ++i) {
        const std::pair part(mine.elements[i], mine.sequences[i]);
        benchmark::DoNotOptimize(&part);
    }
};

/// The states of a race. The limit is a set with as many elements, whatever the type.
template <class Ours>
struct States {
    std::size_t size;
    Rotation<Ours> ours = half_overlap<U64>(size, Ours());
    Rotation<limit::AddWinsSet> hand = half_overlap<U64>(size, limit::AddWinsSet(2 * size));

    explicit States(const benchmark::State& state)
        : size(static_cast<std::size_t>(state.range(0))) {}
    std::size_t operations() const { return ours.left.size(); }
};
using HandSet = baseline::AWSet<U64, U64>;

void awset_merge(benchmark::State& state) {
    States<Set<U64>> states(state);
    auto theirs = half_overlap<U64>(states.size, HandSet());
    race(state, states.operations(), changes("ours", states.ours, merge),
         changes("limit", states.hand, merge_by_hand), changes("baseline", theirs, merge));
}
template <class Work, class LimitWork>
void race_sets(benchmark::State& state, Work work, LimitWork limit_work) {
    States<Set<U64>> states(state);
    auto theirs = half_overlap<U64>(states.size, HandSet());
    race(state, states.operations(), changes("ours", states.ours, work),
         changes("limit", states.hand, limit_work), changes("baseline", theirs, work),
         changes("merge", states.ours, merge));
    compare_with_merge(state);
}
void awset_absorb(benchmark::State& state) { race_sets(state, absorb, absorb); }
void awset_difference(benchmark::State& state) { race_sets(state, subtract, subtract_by_hand); }
template <class Work, class LimitWork>
void race_set_reads(benchmark::State& state, Work work, LimitWork limit_work) {
    States<Set<U64>> states(state);
    auto theirs = half_overlap<U64>(states.size, HandSet());
    race(state, states.operations(), reads("ours", states.ours, work),
         reads("limit", states.hand, limit_work), reads("baseline", theirs, work));
}
void awset_digest(benchmark::State& state) { race_set_reads(state, take_digest, copy_by_hand); }
void awset_decompose(benchmark::State& state) { race_set_reads(state, take_apart, visit_by_hand); }

template <class Ours, class Work, class LimitWork>
void race_maps(benchmark::State& state, Work work, LimitWork limit_work) {
    States<Ours> states(state);
    race(state, states.operations(), changes("ours", states.ours, work),
         changes("limit", states.hand, limit_work), changes("merge", states.ours, merge));
    compare_with_merge(state);
}
template <class Ours>
void absorbs(benchmark::State& state) {
    race_maps<Ours>(state, absorb, absorb);
}
template <class Ours>
void differences(benchmark::State& state) {
    race_maps<Ours>(state, subtract, subtract_by_hand);
}
template <class Ours, class Work, class LimitWork>
void race_map_reads(benchmark::State& state, Work work, LimitWork limit_work) {
    States<Ours> states(state);
    race(state, states.operations(), reads("ours", states.ours, work),
         reads("limit", states.hand, limit_work));
}
template <class Ours>
void digests(benchmark::State& state) {
    race_map_reads<Ours>(state, take_digest, copy_by_hand);
}
template <class Ours>
void decompositions(benchmark::State& state) {
    race_map_reads<Ours>(state, take_apart, visit_by_hand);
}

/// Races the same work with string ids and with number ids.
template <template <class> class Ours, class Work>
void race_ids(benchmark::State& state, Work work) {
    const auto size = static_cast<std::size_t>(state.range(0));
    auto strings = half_overlap<Name>(size, Ours<Name>());
    auto numbers = half_overlap<U64>(size, Ours<U64>());
    race(state, numbers.left.size(), changes("string ids", strings, work),
         changes("number ids", numbers, work));
}

/// Registers the cases before main() runs.
const bool registered = [] {
    const auto measure = [](const char* name, void (*run)(benchmark::State&)) {
        return benchmark::RegisterBenchmark(name, run)->Arg(3)->Arg(16)->Arg(1000)->Arg(100000);
    };
    measure("awset_merge_half_overlap", awset_merge);
    measure("awset_absorb_half_overlap", awset_absorb)->Arg(1000000);
    measure("awset_difference_half_overlap", awset_difference)->Arg(1000000);
    measure("awset_digest", awset_digest)->Arg(1000000);
    measure("awset_decompose", awset_decompose);
    measure("ormap_absorb_half_overlap", absorbs<Map<U64>>)->Arg(1000000);
    measure("ormap_difference_half_overlap", differences<Map<U64>>)->Arg(1000000);
    measure("ormap_digest", digests<Map<U64>>)->Arg(1000000);
    measure("ormap_decompose", decompositions<Map<U64>>);
    measure("nested_maps_absorb_half_overlap", absorbs<Nested<U64>>)->Arg(1000000);
    measure("nested_maps_difference_half_overlap", differences<Nested<U64>>)->Arg(1000000);
    measure("nested_maps_digest", digests<Nested<U64>>)->Arg(1000000);
    measure("nested_maps_decompose", decompositions<Nested<U64>>);

    const auto measure_ids = [](const char* name, auto run) {
        benchmark::RegisterBenchmark(name, run)->Arg(16)->Arg(1000)->Arg(100000);
    };
    using State = benchmark::State;
    measure_ids("ids_awset_absorb", [](State& state) { race_ids<Set>(state, absorb); });
    measure_ids("ids_awset_difference", [](State& state) { race_ids<Set>(state, subtract); });
    measure_ids("ids_awset_digest", [](State& state) { race_ids<Set>(state, take_digest); });
    measure_ids("ids_awset_decompose", [](State& state) { race_ids<Set>(state, take_apart); });
    measure_ids("ids_ormap_absorb", [](State& state) { race_ids<Map>(state, absorb); });
    measure_ids("ids_ormap_difference", [](State& state) { race_ids<Map>(state, subtract); });
    measure_ids("ids_nested_maps_absorb", [](State& state) { race_ids<Nested>(state, absorb); });
    return true;
}();

}  // namespace

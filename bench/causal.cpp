// SPDX-License-Identifier: MIT
//! AWSet, ORMap and nested maps: deltas, digests and decompositions, with numbers and names as ids.
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include <benchmark/benchmark.h>

#include <crdt/awset.hpp>
#include <crdt/ewflag.hpp>
#include <crdt/ormap.hpp>
#include <crdt/resettable_counter.hpp>

#include "baselines.hpp"
#include "inputs.hpp"
#include "limits.hpp"
#include "race.hpp"

namespace {

using namespace bench;

/// Adds to a state at each key. A state of the left side has the id 1, one of the right side the
/// id 2. What both sides have in common has the id 3.
template <class Id>
struct Adds {
    Id id;

    void operator()(crdt::AWSet<U64, Id>& set, const std::vector<U64>& keys) const {
        for (const U64 key : keys) set.insert(id, key);
    }
    void operator()(baseline::AWSet<U64, Id>& set, const std::vector<U64>& keys) const {
        for (const U64 key : keys) set.insert(id, key);
    }
    void operator()(limit::AddWinsSet& set, const std::vector<U64>& keys) const {
        for (const U64 key : keys) set.insert(key, set.elements.size() + 1);
    }
    void operator()(crdt::ORMap<U64, crdt::ResettableCounter<Id>>& map,
                    const std::vector<U64>& keys) const {
        for (const U64 key : keys)
            map.update(key, [&](crdt::ResettableCounter<Id>& each) { return each.add(id, 1); });
    }
    using Flag = crdt::EWFlag<Id>;
    using Inner = crdt::ORMap<U64, Flag>;
    /// Each inner map has eight keys.
    void operator()(crdt::ORMap<U64, Inner>& map, const std::vector<U64>& keys) const {
        for (std::size_t i = 0; i < keys.size(); ++i) {
            map.update(keys[i - i % 8], [&](Inner& inner) {
                return inner.update(keys[i], [&](Flag& flag) { return flag.enable(id); });
            });
        }
    }
};

/// Returns pairs of states with half of their elements in common.
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

const auto absorb = [](auto& mine, const auto& other) {
    benchmark::DoNotOptimize(mine.absorb(other));
};
const auto subtract = [](auto& mine, const auto& other) {
    benchmark::DoNotOptimize(difference(other, mine));
};
const auto subtract_by_hand = [](limit::AddWinsSet& mine, const limit::AddWinsSet& other) {
    benchmark::DoNotOptimize(mine.difference(other));
};
const auto take_digest = [](auto& mine, const auto&) { benchmark::DoNotOptimize(digest(mine)); };
const auto take_apart = [](auto& mine, const auto&) {
    decompose_by_ranges(mine, [](const auto& part) { benchmark::DoNotOptimize(&part); });
};

/// Races work(mine, theirs) on sets, with the limit and the baseline.
template <class Id, class Work, class LimitWork>
void race_sets(benchmark::State& state, Work&& work, LimitWork&& limit_work) {
    const auto size = static_cast<std::size_t>(state.range(0));
    auto ours = half_overlap<Id>(size, crdt::AWSet<U64, Id>());
    auto hand = half_overlap<Id>(size, limit::AddWinsSet(2 * size));
    auto theirs = half_overlap<Id>(size, baseline::AWSet<U64, Id>());
    race(state, ours.left.size(),
         Contender{"ours", [&] { ours.refresh(); }, [&] { ours.run(work); }},
         Contender{"limit", [&] { hand.refresh(); }, [&] { hand.run(limit_work); }},
         Contender{"baseline", [&] { theirs.refresh(); }, [&] { theirs.run(work); }});
}
template <class Id>
void awset_absorb(benchmark::State& state) {
    race_sets<Id>(state, absorb, absorb);
}
template <class Id>
void awset_difference(benchmark::State& state) {
    race_sets<Id>(state, subtract, subtract_by_hand);
}

/// Races work on states of any type, with what `by_hand` does with a set of the same size.
template <class Id, class Ours, class Work, class LimitWork>
void race_states(benchmark::State& state, Work&& work, LimitWork&& limit_work) {
    const auto size = static_cast<std::size_t>(state.range(0));
    auto ours = half_overlap<Id>(size, Ours());
    auto hand = half_overlap<Id>(size, limit::AddWinsSet(2 * size));
    race(state, ours.left.size(),
         Contender{"ours", [&] { ours.refresh(); }, [&] { ours.run(work); }},
         Contender{"limit", [&] { hand.refresh(); }, [&] { hand.run(limit_work); }});
}
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

template <class Id>
using Set = crdt::AWSet<U64, Id>;
template <class Id>
using Map = crdt::ORMap<U64, crdt::ResettableCounter<Id>>;
template <class Id>
using Nested = crdt::ORMap<U64, typename Adds<Id>::Inner>;

template <class Id, class Ours>
void absorbs(benchmark::State& state) {
    race_states<Id, Ours>(state, absorb, absorb);
}
template <class Id, class Ours>
void differences(benchmark::State& state) {
    race_states<Id, Ours>(state, subtract, subtract_by_hand);
}
template <class Id, class Ours>
void digests(benchmark::State& state) {
    race_states<Id, Ours>(state, take_digest, copy_by_hand);
}
template <class Id, class Ours>
void decompositions(benchmark::State& state) {
    race_states<Id, Ours>(state, take_apart, visit_by_hand);
}

void measure(const char* name, void (*run)(benchmark::State&)) {
    benchmark::RegisterBenchmark(name, run)->Arg(3)->Arg(16)->Arg(1000)->Arg(100000)->Arg(1000000);
}

using Name = std::string;

/// Registers the cases before main() runs.
const bool registered = [] {
    measure("awset_absorb_half_overlap", awset_absorb<U64>);
    measure("awset_absorb_half_overlap_names", awset_absorb<Name>);
    measure("awset_difference_half_overlap", awset_difference<U64>);
    measure("awset_difference_half_overlap_names", awset_difference<Name>);
    measure("awset_digest", digests<U64, Set<U64>>);
    measure("awset_digest_names", digests<Name, Set<Name>>);
    measure("awset_decompose", decompositions<U64, Set<U64>>);
    measure("awset_decompose_names", decompositions<Name, Set<Name>>);
    measure("ormap_absorb_half_overlap", absorbs<U64, Map<U64>>);
    measure("ormap_absorb_half_overlap_names", absorbs<Name, Map<Name>>);
    measure("ormap_difference_half_overlap", differences<U64, Map<U64>>);
    measure("ormap_difference_half_overlap_names", differences<Name, Map<Name>>);
    measure("ormap_digest", digests<U64, Map<U64>>);
    measure("ormap_decompose", decompositions<U64, Map<U64>>);
    measure("nested_maps_absorb_half_overlap", absorbs<U64, Nested<U64>>);
    measure("nested_maps_absorb_half_overlap_names", absorbs<Name, Nested<Name>>);
    measure("nested_maps_difference_half_overlap", differences<U64, Nested<U64>>);
    measure("nested_maps_digest", digests<U64, Nested<U64>>);
    measure("nested_maps_decompose", decompositions<U64, Nested<U64>>);
    return true;
}();

}  // namespace

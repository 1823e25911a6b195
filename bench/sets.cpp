// SPDX-License-Identifier: MIT
//! GSet, AWSet and ORMap: full states, small deltas into large states, single changes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <crdt/awset.hpp>
#include <crdt/gset.hpp>
#include <crdt/ormap.hpp>
#include <crdt/resettable_counter.hpp>

#include "baselines.hpp"
#include "inputs.hpp"
#include "limits.hpp"
#include "race.hpp"

namespace {

using namespace bench;

const auto nothing = [] {};
// ---- GSet

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
    race(state, pairs.size(), Contender{"ours", [&] { ours.refresh(); }, [&] { ours.run(merge); }},
         Contender{"limit", [&] { hand.refresh(); }, [&] { hand.run(limit_merge); }},
         Contender{"baseline", [&] { theirs.refresh(); }, [&] { theirs.run(merge); }});
}
void gset_equal(benchmark::State& state) { gset_merge<true>(state); }
void gset_disjoint(benchmark::State& state) { gset_merge<false>(state); }

/// Merges a thousand deltas of ten elements each into a large set.
struct Deltas {
    std::vector<U64> keys;
    std::vector<std::vector<U64>> deltas;

    Deltas(std::size_t size, bool known) {
        Random random(size);
        for (std::size_t i = 0; i < size; ++i) keys.push_back(random.next() | 1U);
        std::sort(keys.begin(), keys.end());
        deltas.resize(1024);
        for (auto& delta : deltas) {
            for (int i = 0; i < 10; ++i)
                delta.push_back(known ? keys[random.below(size)] : random.next() | 1U);
            std::sort(delta.begin(), delta.end());
        }
    }
    template <class State, class Fill>
    std::vector<State> as(Fill&& fill) const {
        std::vector<State> states(deltas.size());
        for (std::size_t i = 0; i < deltas.size(); ++i) fill(states[i], deltas[i]);
        return states;
    }
};

template <bool Known>
void gset_delta(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const Deltas input(size, Known);
    using Ours = crdt::GSet<U64>;
    using Theirs = baseline::GSet<U64>;
    Ours ours, our_copy;
    Theirs theirs, their_copy;
    limit::Index<U64> index(size + 10 * input.deltas.size()), index_copy(0);
    InsertAll()(ours, input.keys);
    InsertAll()(theirs, input.keys);
    for (const U64 key : input.keys) index.slot_of(key);
    const auto our_deltas = input.as<Ours>(InsertAll());
    const auto their_deltas = input.as<Theirs>(InsertAll());
    race(state, input.deltas.size(),
         Contender{"ours", [&] { our_copy = ours; },
                   [&] {
                       for (const Ours& delta : our_deltas) merge(our_copy, delta);
                   }},
         Contender{"limit", [&] { index_copy = index; },
                   [&] {
                       for (const auto& delta : input.deltas) {
                           for (const U64 key : delta)
                               benchmark::DoNotOptimize(index_copy.slot_of(key));
                       }
                   }},
         Contender{"baseline", [&] { their_copy = theirs; },
                   [&] {
                       for (const Theirs& delta : their_deltas) merge(their_copy, delta);
                   }});
}
void gset_delta_of_10_known(benchmark::State& state) { gset_delta<true>(state); }
void gset_delta_of_10_new(benchmark::State& state) { gset_delta<false>(state); }

// ---- AWSet. One replica has added all elements, or two replicas in the disjoint halves.

using Set = crdt::AWSet<U64, U64>;
using HandSet = baseline::AWSet<U64, U64>;

void add_all(Set& set, U64 id, const std::vector<U64>& keys) {
    for (const U64 key : keys) set.insert(id, key);
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

void awset_equal(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const auto pairs = make_keys(size, size);
    auto ours = rotate_sets(pairs, Set(), 1);
    auto hand = rotate_sets(pairs, limit::AddWinsSet(size), 1);
    auto theirs = rotate_sets(pairs, HandSet(), 1);
    ours.refresh();
    hand.refresh();
    theirs.refresh();
    race(state, pairs.size(), Contender{"ours", nothing, [&] { ours.run(merge); }},
         Contender{"limit", nothing,
                   [&] {
                       hand.run([](const auto& mine, const auto& other) {
                           benchmark::DoNotOptimize(mine.has(other));
                       });
                   }},
         Contender{"baseline", nothing, [&] { theirs.run(merge); }});
}

/// Each side has half of the elements.
void awset_disjoint_halves(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0)) / 2;
    const auto pairs = make_keys(size, 0);
    auto ours = rotate_sets(pairs, Set(), 2);
    auto hand = rotate_sets(pairs, limit::AddWinsSet(2 * size), 2);
    auto theirs = rotate_sets(pairs, HandSet(), 2);
    race(state, pairs.size(), Contender{"ours", [&] { ours.refresh(); }, [&] { ours.run(merge); }},
         Contender{"limit", [&] { hand.refresh(); },
                   [&] { hand.run([](auto& mine, const auto& other) { mine.merge_new(other); }); }},
         Contender{"baseline", [&] { theirs.refresh(); }, [&] { theirs.run(merge); }});
}

/// Merges ten new elements of another replica into a large set. The baseline has no deltas.
void awset_delta_of_10(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const Deltas input(size, false);
    Set ours, our_copy, writer;
    add_all(ours, 1, input.keys);
    limit::AddWinsSet hand(size + 10 * input.deltas.size()), hand_copy(0);
    add_all(hand, 1, input.keys);
    std::vector<Set> deltas;
    for (const auto& keys : input.deltas) {
        Set delta;
        for (const U64 key : keys) delta.merge(writer.insert(2, key));
        deltas.push_back(std::move(delta));
    }
    race(state, deltas.size(),
         Contender{"ours", [&] { our_copy = ours; },
                   [&] {
                       for (const Set& delta : deltas) merge(our_copy, delta);
                   }},
         Contender{"limit", [&] { hand_copy = hand; },
                   [&] {
                       U64 sequence = 0;
                       for (const auto& keys : input.deltas) {
                           for (const U64 key : keys) hand_copy.insert(key, ++sequence);
                       }
                   }});
}

enum class Change { add, remove };

template <Change Which>
void awset_change(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const Deltas input(size, Which == Change::remove);
    std::vector<U64> changed;
    for (const auto& keys : input.deltas) changed.push_back(keys[3]);
    Set ours, our_copy;
    HandSet theirs, their_copy;
    limit::AddWinsSet hand(size + changed.size()), hand_copy(0);
    add_all(ours, 1, input.keys);
    add_all(theirs, 1, input.keys);
    add_all(hand, 1, input.keys);
    const auto change = [&](auto& set) {
        for (const U64 key : changed) {
            if constexpr (Which == Change::add)
                set.insert(1, key);
            else
                set.erase(key);
        }
    };
    race(state, changed.size(),
         Contender{"ours", [&] { our_copy = ours; }, [&] { change(our_copy); }},
         Contender{"limit", [&] { hand_copy = hand; },
                   [&] {
                       U64 sequence = size;
                       for (const U64 key : changed) {
                           if constexpr (Which == Change::add)
                               hand_copy.insert(key, ++sequence);
                           else
                               hand_copy.erase(key);
                       }
                   }},
         Contender{"baseline", [&] { their_copy = theirs; }, [&] { change(their_copy); }});
}
void awset_add(benchmark::State& state) { awset_change<Change::add>(state); }
void awset_remove(benchmark::State& state) { awset_change<Change::remove>(state); }

// ---- ORMap

/// Merges ten keys into a large map. Another replica has increased the counters at these keys.
void ormap_delta_of_10(benchmark::State& state) {
    using Counter = crdt::ResettableCounter<U64>;
    using Map = crdt::ORMap<std::string, Counter>;
    const auto size = static_cast<std::size_t>(state.range(0));
    const auto count_up = [](Map& map, U64 id, U64 key) {
        return map.update(make_id<std::string>(key),
                          [&](Counter& each) { return each.add(id, 1); });
    };
    const Deltas input(size, true);
    Map map;
    for (const U64 key : input.keys) count_up(map, 1, key);
    Map writer;
    std::vector<Map> deltas;
    for (const auto& keys : input.deltas) {
        Map delta;
        for (const U64 key : keys) delta.merge(count_up(writer, 2, key));
        deltas.push_back(std::move(delta));
    }
    race(state, deltas.size(), Contender{"ours", nothing, [&] {
                                             for (const Map& delta : deltas) merge(map, delta);
                                         }});
}

#define SET_SIZES Arg(16)->Arg(1000)->Arg(100000)
BENCHMARK(gset_equal)->SET_SIZES->Arg(1000000);
BENCHMARK(gset_disjoint)->SET_SIZES->Arg(1000000);
BENCHMARK(gset_delta_of_10_known)->Arg(1000)->Arg(100000)->Arg(1000000);
BENCHMARK(gset_delta_of_10_new)->Arg(1000)->Arg(100000)->Arg(1000000);
BENCHMARK(awset_equal)->SET_SIZES;
BENCHMARK(awset_disjoint_halves)->SET_SIZES;
BENCHMARK(awset_delta_of_10)->Arg(1000)->Arg(100000)->Arg(1000000);
BENCHMARK(awset_add)->SET_SIZES;
BENCHMARK(awset_remove)->SET_SIZES;
BENCHMARK(ormap_delta_of_10)->Arg(1000)->Arg(100000)->Arg(1000000);

}  // namespace

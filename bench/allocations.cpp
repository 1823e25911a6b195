// SPDX-License-Identifier: MIT
//! Counts the allocations per operation.
#include <cstddef>
#include <functional>

#include <benchmark/benchmark.h>

#include <crdt/awset.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/ormap.hpp>
#include <crdt/pncounter.hpp>
#include <crdt/resettable_counter.hpp>

#include "inputs.hpp"
#include "spent.hpp"

namespace {

using namespace bench;

using Step = std::function<void()>;

/// Returns the mean of the allocations of a thousand calls of work(), each after prepare().
double mean_allocations(const Step& prepare, const Step& work) {
    std::size_t total = 0;
    for (int i = 0; i < 1000; ++i) {
        prepare();
        const std::size_t before = spent.allocations;
        work();
        total += spent.allocations - before;
    }
    return static_cast<double>(total) / 1000;
}

/// Reports what is allocated for change(state), which returns a delta, and at a peer that lacks
/// only this delta.
template <class State, class Change>
void measure(benchmark::State& state, State& mine, Change change) {
    State peer = mine, delta;
    const auto catch_up = [&] { peer.merge(delta); };
    const auto make_delta = [&] { delta = change(mine); };
    const auto fall_behind = [&] {
        catch_up();
        make_delta();
    };
    const auto count = [&](const char* name, const Step& prepare, const Step& work) {
        state.counters[name] = mean_allocations(prepare, work);
    };
    for (auto _ : state) {
        count("change with delta", catch_up, make_delta);
        count("merge of a delta", fall_behind, [&] { peer.merge(delta); });
        count("absorb of a delta", fall_behind, [&] { peer.absorb(delta); });
        count("merge of a state", fall_behind, [&] { peer.merge(mine); });
        count("absorb of a state", fall_behind, [&] { peer.absorb(mine); });
        count("difference", fall_behind, [&] { benchmark::DoNotOptimize(difference(mine, peer)); });
    }
}

/// A replica adds to its own slot repeatedly.
template <class Counter>
void measure_counter(benchmark::State& state) {
    Counter counter;
    for (U64 id = 0; id < static_cast<U64>(state.range(0)); ++id) counter.add(id, 1U);
    measure(state, counter, [](Counter& each) { return each.add(1U, 1U); });
    state.counters["read"] =
        mean_allocations(nothing, [&] { benchmark::DoNotOptimize(counter.value()); });
}
void allocations_gcounter(benchmark::State& state) { measure_counter<crdt::GCounter<U64>>(state); }
void allocations_pncounter(benchmark::State& state) {
    measure_counter<crdt::PNCounter<U64>>(state);
}

using Set = crdt::AWSet<U64, U64>;
Set set_of(const benchmark::State& state) {
    Set set;
    for (U64 i = 0; i < static_cast<U64>(state.range(0)); ++i) set.insert(1U, i * 7);
    return set;
}
/// Inserts new elements.
void allocations_awset_insert(benchmark::State& state) {
    Set set = set_of(state);
    Random random(1);
    measure(state, set, [&](Set& each) { return each.insert(1U, random.next()); });
}
/// Erases elements one after the other. Six thousand are erased in all.
void allocations_awset_erase(benchmark::State& state) {
    Set set = set_of(state);
    measure(state, set, [&](Set& each) { return each.erase(*each.begin()); });
}
/// Increases counters at new keys.
void allocations_ormap_update(benchmark::State& state) {
    using Counter = crdt::ResettableCounter<U64>;
    using Map = crdt::ORMap<U64, Counter>;
    Random random(1);
    const auto update = [&](Map& map, U64 key) {
        return map.update(key, [](Counter& counter) { return counter.add(1U, 1); });
    };
    Map map;
    for (U64 i = 0; i < static_cast<U64>(state.range(0)); ++i) update(map, i * 7);
    measure(state, map, [&](Map& each) { return update(each, random.next()); });
}

BENCHMARK(allocations_gcounter)->Arg(3)->Arg(4096)->Iterations(1);
BENCHMARK(allocations_pncounter)->Arg(3)->Arg(4096)->Iterations(1);
BENCHMARK(allocations_awset_insert)->Arg(4096)->Iterations(1);
BENCHMARK(allocations_awset_erase)->Arg(10000)->Iterations(1);
BENCHMARK(allocations_ormap_update)->Arg(4096)->Iterations(1);

}  // namespace

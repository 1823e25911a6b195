// SPDX-License-Identifier: MIT
//! Counts the bytes per entry and the allocations per operation.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <new>
#include <string>

#include <malloc.h>

#include <benchmark/benchmark.h>

#include <crdt/awset.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/gset.hpp>
#include <crdt/ormap.hpp>
#include <crdt/pncounter.hpp>
#include <crdt/resettable_counter.hpp>

#include "baselines.hpp"
#include "inputs.hpp"

namespace {

/// The number of allocations of this thread, and the bytes that are still allocated.
struct Spent {
    std::size_t allocations = 0;
    std::size_t bytes = 0;
};
thread_local Spent spent;

void* count(void* memory) {
    if (memory == nullptr) throw std::bad_alloc();
    ++spent.allocations;
    spent.bytes += malloc_usable_size(memory);
    return memory;
}
void release(void* memory) {
    if (memory != nullptr) spent.bytes -= malloc_usable_size(memory);
    std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return count(std::malloc(size == 0 ? 1 : size)); }
void operator delete(void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }

namespace {

using namespace bench;

/// Bytes per entry of states filled in random order, and of copies of them.
template <class Ours, class Theirs, class Add>
void measure_memory(benchmark::State& state, Add&& add) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const auto fill = [&](auto& target) {
        Random random(1);
        for (std::size_t i = 0; i < size; ++i) add(target, random.next());
    };
    const auto an_entry = [&](std::size_t before) {
        return static_cast<double>(spent.bytes - before) / static_cast<double>(size);
    };
    for (auto _ : state) {
        std::size_t before = spent.bytes;
        Ours ours;
        fill(ours);
        state.counters["ours"] = an_entry(before);
        before = spent.bytes;
        const Ours copy = ours;
        state.counters["copied"] = an_entry(before);
        before = spent.bytes;
        Theirs theirs;
        fill(theirs);
        state.counters["baseline"] = an_entry(before);
    }
}
void bytes_gcounter(benchmark::State& state) {
    measure_memory<crdt::GCounter<U64>, baseline::GCounter<U64>>(
        state, [](auto& counter, U64 key) { counter.add(key, 1U); });
    state.counters["limit"] = 16;
}
void bytes_pncounter(benchmark::State& state) {
    measure_memory<crdt::PNCounter<U64>, baseline::PNCounter<U64>>(
        state, [](auto& counter, U64 key) { counter.add(key, key % 2 == 0 ? 1 : -1); });
    state.counters["limit"] = 24;
}
void bytes_gset(benchmark::State& state) {
    measure_memory<crdt::GSet<U64>, baseline::GSet<U64>>(
        state, [](auto& set, U64 key) { set.insert(key); });
    state.counters["limit"] = 8;
}
void bytes_awset(benchmark::State& state) {
    measure_memory<crdt::AWSet<U64, U64>, baseline::AWSet<U64, U64>>(
        state, [](auto& set, U64 key) { set.insert(1, key); });
    state.counters["limit"] = 16;
}

/// The id is a name of 16 letters.
void bytes_awset_names(benchmark::State& state) {
    const auto id = make_id<std::string>(1);
    measure_memory<crdt::AWSet<U64>, baseline::AWSet<U64, std::string>>(
        state, [&](auto& set, U64 key) { set.insert(id, key); });
    state.counters["limit"] = 16;
}
/// Each key has a counter.
void bytes_ormap(benchmark::State& state) {
    using Counter = crdt::ResettableCounter<U64>;
    struct ByHand {
        std::map<U64, baseline::PNCounter<U64>> counters;
    };
    struct Count {
        void operator()(crdt::ORMap<U64, Counter>& map, U64 key) const {
            map.update(key, [](Counter& counter) { return counter.add(1U, 1); });
        }
        void operator()(ByHand& map, U64 key) const { map.counters[key].add(1, 1); }
    };
    measure_memory<crdt::ORMap<U64, Counter>, ByHand>(state, Count());
    state.counters["limit"] = 24;
}

/// Allocations per operation, the mean of a thousand.
template <class Work>
double allocations(Work&& work) {
    const std::size_t before = spent.allocations;
    for (int i = 0; i < 1000; ++i) work();
    return static_cast<double>(spent.allocations - before) / 1000;
}
void allocations_gcounter(benchmark::State& state) {
    crdt::GCounter<U64> counter, peer;
    for (U64 id = 0; id < static_cast<U64>(state.range(0)); ++id) counter.add(id, 1U);
    peer = counter;
    for (auto _ : state) {
        state.counters["add"] = allocations([&] { counter.add(1U, 1U); });
        state.counters["merge of a delta"] = allocations([&] { peer.merge(counter.add(1U, 1U)); });
        state.counters["merge of a state"] = allocations([&] {
            counter.add(1U, 1U);
            peer.merge(counter);
        });
        state.counters["absorb of a state"] = allocations([&] {
            counter.add(1U, 1U);
            peer.absorb(counter);
        });
        state.counters["difference"] = allocations([&] {
            counter.add(1U, 1U);
            benchmark::DoNotOptimize(difference(counter, peer));
        });
        state.counters["read"] = allocations([&] { benchmark::DoNotOptimize(peer.value()); });
    }
}
void allocations_awset(benchmark::State& state) {
    crdt::AWSet<U64, U64> set, peer;
    for (U64 i = 0; i < static_cast<U64>(state.range(0)); ++i) set.insert(1U, i * 7);
    peer = set;
    Random random(1);
    for (auto _ : state) {
        state.counters["add"] = allocations([&] { set.insert(1U, random.next()); });
        state.counters["merge of a delta"] =
            allocations([&] { peer.merge(set.insert(1U, random.next())); });
        state.counters["absorb of a delta"] =
            allocations([&] { peer.absorb(set.insert(1U, random.next())); });
        state.counters["difference"] = allocations([&] {
            set.insert(1U, random.next());
            benchmark::DoNotOptimize(difference(set, peer));
        });
    }
}
void allocations_ormap(benchmark::State& state) {
    using Counter = crdt::ResettableCounter<U64>;
    crdt::ORMap<U64, Counter> map, peer;
    const auto count_up = [&](U64 key) {
        return map.update(key, [](Counter& counter) { return counter.add(1U, 1); });
    };
    for (U64 i = 0; i < static_cast<U64>(state.range(0)); ++i) count_up(i * 7);
    peer = map;
    Random random(1);
    for (auto _ : state) {
        state.counters["update"] = allocations([&] { count_up(random.next()); });
        state.counters["merge of a delta"] =
            allocations([&] { peer.merge(count_up(random.next())); });
    }
}

BENCHMARK(bytes_gcounter)->Arg(3)->Arg(65536)->Iterations(1);
BENCHMARK(bytes_pncounter)->Arg(3)->Arg(65536)->Iterations(1);
BENCHMARK(bytes_gset)->Arg(100000)->Iterations(1);
BENCHMARK(bytes_awset)->Arg(3)->Arg(100000)->Iterations(1);
BENCHMARK(bytes_awset_names)->Arg(3)->Arg(100000)->Iterations(1);
BENCHMARK(bytes_ormap)->Arg(3)->Arg(100000)->Iterations(1);
BENCHMARK(allocations_gcounter)->Arg(3)->Arg(4096)->Iterations(1);
BENCHMARK(allocations_awset)->Arg(4096)->Iterations(1);
BENCHMARK(allocations_ormap)->Arg(4096)->Iterations(1);

}  // namespace

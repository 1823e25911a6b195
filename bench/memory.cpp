// SPDX-License-Identifier: MIT
//! Counts the bytes per entry of states.
#include <cstddef>
#include <cstdint>
#include <string>

#include <benchmark/benchmark.h>

#include <crdt/awset.hpp>
#include <crdt/bag.hpp>
#include <crdt/ewflag.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/gset.hpp>
#include <crdt/list.hpp>
#include <crdt/mvregister.hpp>
#include <crdt/ormap.hpp>
#include <crdt/pncounter.hpp>
#include <crdt/resettable_counter.hpp>
#include <crdt/rwset.hpp>
#include <crdt/text.hpp>
#include <crdt/two_phase_set.hpp>

#include "baselines.hpp"
#include "inputs.hpp"
#include "spent.hpp"

namespace {

using namespace bench;

/// Fills a state in random order, with add(state, random number) for each entry. Reports the bytes
/// per entry of the state as `name`, and those of a copy of it.
template <class State, class Add>
void fill(benchmark::State& state, const char* name, const char* copied, Add add) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const auto an_entry = [&](std::size_t before) {
        return static_cast<double>(spent.bytes - before) / static_cast<double>(size);
    };
    Random random(1);
    std::size_t before = spent.bytes;
    State filled;
    for (std::size_t i = 0; i < size; ++i) add(filled, random.next());
    state.counters[name] = an_entry(before);
    if (copied == nullptr) return;
    before = spent.bytes;
    const State copy = filled;
    state.counters[copied] = an_entry(before);
}
/// `entry_bytes`, the limit, are the bytes of a key, its numbers, and one number for its dot.
template <class Ours, class Add>
void measure(benchmark::State& state, std::size_t entry_bytes, Add add) {
    for (auto _ : state) fill<Ours>(state, "ours", "copied", add);
    state.counters["limit"] = static_cast<double>(entry_bytes);
}
template <class Ours, class Theirs, class Add>
void measure_both(benchmark::State& state, std::size_t entry_bytes, Add add) {
    measure<Ours>(state, entry_bytes, add);
    fill<Theirs>(state, "baseline", nullptr, add);
}

void bytes_gcounter(benchmark::State& state) {
    measure_both<crdt::GCounter<U64>, baseline::GCounter<U64>>(
        state, 16, [](auto& counter, U64 id) { counter.add(id, 1U); });
}
void bytes_pncounter(benchmark::State& state) {
    measure_both<crdt::PNCounter<U64>, baseline::PNCounter<U64>>(
        state, 24, [](auto& counter, U64 id) { counter.add(id, id % 2 == 0 ? 1 : -1); });
}
void bytes_resettable_counter(benchmark::State& state) {
    measure<crdt::ResettableCounter<U64>>(state, 24,
                                          [](auto& counter, U64 id) { counter.add(id, 1); });
}
void bytes_gset(benchmark::State& state) {
    measure_both<crdt::GSet<U64>, baseline::GSet<U64>>(
        state, 8, [](auto& set, U64 element) { set.insert(element); });
}
void bytes_two_phase_set(benchmark::State& state) {
    measure<crdt::TwoPhaseSet<U64>>(state, 9, [](auto& set, U64 element) { set.insert(element); });
}
void bytes_awset(benchmark::State& state) {
    measure_both<crdt::AWSet<U64, U64>, baseline::AWSet<U64, U64>>(
        state, 16, [](auto& set, U64 element) { set.insert(1, element); });
}
/// An id is a name of 16 letters.
void bytes_awset_names(benchmark::State& state) {
    measure_both<crdt::AWSet<U64>, baseline::AWSet<U64, std::string>>(
        state, 16,
        [id = make_id<std::string>(1)](auto& set, U64 element) { set.insert(id, element); });
}
void bytes_rwset(benchmark::State& state) {
    measure<crdt::RWSet<U64, U64>>(state, 16,
                                   [](auto& set, U64 element) { set.insert(1, element); });
}
void bytes_bag(benchmark::State& state) {
    measure<crdt::Bag<U64, U64>>(state, 16, [](auto& bag, U64 element) { bag.insert(1, element); });
}

template <class Id>
using Map = crdt::ORMap<U64, crdt::ResettableCounter<Id>>;
using HandMap = baseline::CounterMap<U64, U64>;
struct CountUp {
    void operator()(Map<U64>& map, U64 key) const {
        map.update(key, [](auto& counter) { return counter.add(1U, 1); });
    }
    void operator()(Map<std::string>& map, U64 key) const {
        static const auto id = make_id<std::string>(1);
        map.update(key, [](auto& counter) { return counter.add(id, 1); });
    }
    void operator()(HandMap& map, U64 key) const { map.add(key, 1); }
};
void bytes_ormap(benchmark::State& state) { measure_both<Map<U64>, HandMap>(state, 24, CountUp()); }
void bytes_ormap_names(benchmark::State& state) { measure<Map<std::string>>(state, 24, CountUp()); }
void bytes_ormap_of_registers(benchmark::State& state) {
    using Register = crdt::MVRegister<U64, U64>;
    measure<crdt::ORMap<U64, Register>>(state, 24, [](auto& map, U64 key) {
        map.update(key, [&](Register& each) { return each.assign(1U, key); });
    });
}
/// Each inner map has about eight keys.
void bytes_nested_maps(benchmark::State& state) {
    using Flag = crdt::EWFlag<U64>;
    using Inner = crdt::ORMap<U64, Flag>;
    const U64 maps = static_cast<U64>(state.range(0)) / 8 + 1;
    measure<crdt::ORMap<U64, Inner>>(state, 17, [=](auto& map, U64 key) {
        map.update(key % maps, [&](Inner& inner) {
            return inner.update(key, [](Flag& flag) { return flag.enable(1U); });
        });
    });
}

/// Values at random places.
void bytes_list(benchmark::State& state) {
    measure<crdt::List<U64, U64>>(state, 16, [](auto& list, U64 value) {
        list.insert(1U, value % (list.size() + 1), value);
    });
}
/// Letters at random places.
void bytes_text(benchmark::State& state) {
    measure<crdt::Text<U64>>(
        state, 9, [](auto& text, U64 number) { text.insert(1U, number % (text.size() + 1), "x"); });
}

#define MEASURE(bytes, most) BENCHMARK(bytes)->Arg(3)->Arg(most)->Iterations(1)
MEASURE(bytes_gcounter, 65536);
MEASURE(bytes_pncounter, 65536);
MEASURE(bytes_resettable_counter, 65536);
MEASURE(bytes_gset, 100000);
MEASURE(bytes_two_phase_set, 100000);
MEASURE(bytes_awset, 100000);
MEASURE(bytes_awset_names, 100000);
MEASURE(bytes_rwset, 100000);
MEASURE(bytes_bag, 100000);
MEASURE(bytes_ormap, 100000);
MEASURE(bytes_ormap_names, 100000);
MEASURE(bytes_ormap_of_registers, 100000);
MEASURE(bytes_nested_maps, 100000);
MEASURE(bytes_list, 1000);
MEASURE(bytes_text, 100000);

}  // namespace

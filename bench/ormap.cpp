// SPDX-License-Identifier: MIT
//! ORMap of counters by name: small deltas into large maps, single changes.
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <crdt/ormap.hpp>
#include <crdt/resettable_counter.hpp>

#include "baselines.hpp"
#include "changes.hpp"
#include "inputs.hpp"
#include "limits.hpp"
#include "race.hpp"

namespace {

using namespace bench;
using Name = std::string;

template <class Id>
using Map = crdt::ORMap<Name, crdt::ResettableCounter<Id>>;
using HandMap = baseline::CounterMap<Name, U64>;

/// Increases the counter at a key.
template <class Id>
Map<Id> add(Map<Id>& map, const Id& id, const Name& key) {
    return map.update(key, [&](auto& counter) { return counter.add(id, 1); });
}
void add(HandMap& map, U64 id, const Name& key) { map.add(key, id); }
void add(limit::CounterMap& map, U64, const Name& key) { map.add(key); }

/// A replica has increased the counter at each key.
template <class Id, class State>
Large<State> large_map(const Changes& input, State map) {
    for (const U64 key : input.keys) add(map, make_id<Id>(1), make_id<Name>(key));
    return {map};
}

/// The names of the keys of all changes.
std::vector<std::vector<Name>> names_of(const Changes& input) {
    std::vector<std::vector<Name>> names(input.changes.size());
    for (std::size_t i = 0; i < names.size(); ++i)
        for (const U64 key : input.changes[i]) names[i].push_back(make_id<Name>(key));
    return names;
}
using Names = std::vector<std::vector<Name>>;

/// The deltas of another replica, which increases the counters at ten keys.
template <class Id>
std::vector<Map<Id>> deltas_of(const Names& names) {
    Map<Id> writer;
    std::vector<Map<Id>> deltas;
    for (const auto& keys : names) {
        Map<Id> delta;
        for (const Name& key : keys) delta.merge(add(writer, make_id<Id>(2), key));
        deltas.push_back(std::move(delta));
    }
    return deltas;
}

void ormap_delta_of_10(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const Changes input(size, Changes::Of::known, 10);
    const Names names = names_of(input);
    auto ours = large_map<U64>(input, Map<U64>());
    auto hand = large_map<U64>(input, limit::CounterMap(size));
    auto theirs = large_map<U64>(input, HandMap());
    const auto deltas = deltas_of<U64>(names);
    std::vector<HandMap> their_deltas(names.size());
    for (std::size_t i = 0; i < names.size(); ++i)
        for (const Name& key : names[i]) add(their_deltas[i], 2, key);
    const auto raise_by_hand = [&](limit::CounterMap& map, std::size_t i) {
        for (const Name& key : names[i]) map.raise(key, i);
    };
    race(state, input.measured(), changes("ours", ours, input, merge_each(deltas)),
         changes("limit", hand, input, raise_by_hand),
         changes("baseline", theirs, input, merge_each(their_deltas)));
}
void ids_ormap_delta_of_10(benchmark::State& state) {
    const Changes input(static_cast<std::size_t>(state.range(0)), Changes::Of::known, 10);
    const Names names = names_of(input);
    auto strings = large_map<Name>(input, Map<Name>());
    auto numbers = large_map<U64>(input, Map<U64>());
    const auto string_deltas = deltas_of<Name>(names);
    const auto number_deltas = deltas_of<U64>(names);
    race(state, input.measured(), changes("string ids", strings, input, merge_each(string_deltas)),
         changes("number ids", numbers, input, merge_each(number_deltas)));
}

template <class Id>
auto update_each(const Names& names) {
    return [&names, id = make_id<Id>(1)](auto& map, std::size_t i) { add(map, id, names[i][0]); };
}
void ormap_update(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const Changes input(size, Changes::Of::known, 1);
    const Names names = names_of(input);
    auto ours = large_map<U64>(input, Map<U64>());
    auto hand = large_map<U64>(input, limit::CounterMap(size));
    auto theirs = large_map<U64>(input, HandMap());
    race(state, input.measured(), changes("ours", ours, input, update_each<U64>(names)),
         changes("limit", hand, input, update_each<U64>(names)),
         changes("baseline", theirs, input, update_each<U64>(names)));
}
void ids_ormap_update(benchmark::State& state) {
    const Changes input(static_cast<std::size_t>(state.range(0)), Changes::Of::known, 1);
    const Names names = names_of(input);
    auto strings = large_map<Name>(input, Map<Name>());
    auto numbers = large_map<U64>(input, Map<U64>());
    race(state, input.measured(), changes("string ids", strings, input, update_each<Name>(names)),
         changes("number ids", numbers, input, update_each<U64>(names)));
}

BENCHMARK(ormap_update)->Arg(16)->Arg(1000)->Arg(100000);
BENCHMARK(ormap_delta_of_10)->Arg(1000)->Arg(100000)->Arg(1000000);
BENCHMARK(ids_ormap_update)->Arg(16)->Arg(1000)->Arg(100000);
BENCHMARK(ids_ormap_delta_of_10)->Arg(1000)->Arg(100000);

}  // namespace

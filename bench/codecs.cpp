// SPDX-License-Identifier: MIT
//! Measures the binary codec: encoding and decoding of states.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/forms/causal.hpp>
#include <crdt/codec/forms/lattice.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/pncounter.hpp>

#include "causal_inputs.hpp"
#include "inputs.hpp"
#include "race.hpp"

namespace {

using namespace bench;
using Name = std::string;

crdt::GCounter<U64> gcounter_of(std::size_t size) {
    Random random(size);
    crdt::GCounter<U64> counter;
    for (std::size_t i = 0; i < size; ++i) counter.add(random.next(), 1 + random.below(1000));
    return counter;
}
crdt::PNCounter<U64> pncounter_of(std::size_t size) {
    Random random(size);
    crdt::PNCounter<U64> counter;
    for (std::size_t i = 0; i < size; ++i) {
        const U64 id = random.next();
        counter.add(id, 1 + random.below(1000));
        counter.subtract(id, 1 + random.below(1000));
    }
    return counter;
}

/// A set or map that three replicas have filled.
template <class State, class Id>
State causal_of(std::size_t size) {
    Random random(size);
    State state;
    for (std::size_t i = 0; i < size; i += 8) {
        std::vector<U64> keys(std::min<std::size_t>(size - i, 8));
        for (U64& key : keys) key = random.next();
        Adds<Id>{make_id<Id>(1 + random.below(3))}(state, keys);
    }
    return state;
}

/// Does encode() or decode() some times in a turn.
template <class Work>
auto repeat(const char* name, std::size_t times, Work work) {
    return Contender{name, nothing, [times, work] {
                         for (std::size_t i = 0; i < times; ++i) work();
                     }};
}
template <class State>
auto encoding(const State& value) {
    return [&value] { benchmark::DoNotOptimize(crdt::binary::encode(value)); };
}
template <class State>
auto decoding(const std::string& bytes) {
    return [&bytes] { benchmark::DoNotOptimize(crdt::binary::try_decode<State>(bytes)); };
}

/// Races work with a copy of the encoded bytes, which is the limit. `entry_bytes` are the bytes of
/// an entry in memory: its key, its numbers, and one number for its dot.
template <class Work>
void race_copy(benchmark::State& state, const std::string& bytes, std::size_t entry_bytes,
               Work work) {
    const auto size = static_cast<std::size_t>(state.range(0));
    std::vector<char> copy(bytes.size());
    const auto copy_bytes = [&] {
        std::memcpy(copy.data(), bytes.data(), bytes.size());
        benchmark::ClobberMemory();
    };
    const std::size_t times = rotation(size);
    race(state, times, repeat("ours", times, work), repeat("limit", times, copy_bytes));
    const double nanoseconds = state.counters["ours"];
    state.counters["bytes"] = static_cast<double>(bytes.size());
    state.counters["GB/s of bytes"] = static_cast<double>(bytes.size()) / nanoseconds;
    state.counters["GB/s of state"] = static_cast<double>(entry_bytes * size) / nanoseconds;
}

using Sizes = std::vector<std::int64_t>;
void measure(const std::string& name, const Sizes& sizes, const auto& run) {
    auto* const each = benchmark::RegisterBenchmark(name.c_str(), run);
    for (const std::int64_t size : sizes) each->Arg(size);
}

/// Registers encode and decode of the states that make(size) returns.
template <class State>
void measure_codec(const std::string& name, const Sizes& sizes, State (*make)(std::size_t),
                   std::size_t entry_bytes) {
    measure(name + "_encode", sizes, [=](benchmark::State& state) {
        const State value = make(static_cast<std::size_t>(state.range(0)));
        race_copy(state, crdt::binary::encode(value), entry_bytes, encoding(value));
    });
    measure(name + "_decode", sizes, [=](benchmark::State& state) {
        const auto size = static_cast<std::size_t>(state.range(0));
        const std::string bytes = crdt::binary::encode(make(size));
        race_copy(state, bytes, entry_bytes, decoding<State>(bytes));
    });
}

/// Registers the races of string ids with number ids.
template <template <class> class State>
void measure_ids(const std::string& name, const Sizes& sizes) {
    measure("ids_" + name + "_encode", sizes, [](benchmark::State& state) {
        const auto size = static_cast<std::size_t>(state.range(0));
        const auto strings = causal_of<State<Name>, Name>(size);
        const auto numbers = causal_of<State<U64>, U64>(size);
        race(state, rotation(size), repeat("string ids", rotation(size), encoding(strings)),
             repeat("number ids", rotation(size), encoding(numbers)));
    });
    measure("ids_" + name + "_decode", sizes, [](benchmark::State& state) {
        const auto size = static_cast<std::size_t>(state.range(0));
        const std::string strings = crdt::binary::encode(causal_of<State<Name>, Name>(size));
        const std::string numbers = crdt::binary::encode(causal_of<State<U64>, U64>(size));
        race(state, rotation(size),
             repeat("string ids", rotation(size), decoding<State<Name>>(strings)),
             repeat("number ids", rotation(size), decoding<State<U64>>(numbers)));
    });
}

/// Registers the cases before main() runs.
const bool registered = [] {
    const Sizes counters{16, 4096, 65536}, others{16, 1000, 100000};
    measure_codec("gcounter", counters, gcounter_of, 16);
    measure_codec("pncounter", counters, pncounter_of, 24);
    measure_codec("awset", others, causal_of<Set<U64>, U64>, 16);
    measure_codec("ormap", others, causal_of<Map<U64>, U64>, 24);
    measure_codec("nested_maps", others, causal_of<Nested<U64>, U64>, 17);
    measure_ids<Set>("awset", others);
    measure_ids<Map>("ormap", others);
    return true;
}();

}  // namespace

// SPDX-License-Identifier: MIT
//! Measures the binary codec: encoding and decoding of states.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <crdt/awset.hpp>
#include <crdt/codec/binary.hpp>
#include <crdt/codec/forms/causal.hpp>
#include <crdt/codec/forms/lattice.hpp>
#include <crdt/gcounter.hpp>

#include "inputs.hpp"
#include "limits.hpp"
#include "race.hpp"

namespace {

using namespace bench;
using Counter = crdt::GCounter<U64>;

Counter counter_of(std::size_t size) {
    Random random(size);
    Counter counter;
    for (std::size_t i = 0; i < size; ++i) counter.add(random.next(), 1 + random.below(1000));
    return counter;
}

/// The limit is the time to copy the same number of bytes.
template <class Work>
void race_copy(benchmark::State& state, const std::string& bytes, Work&& work) {
    const auto nothing = [] {};
    std::vector<char> copy(bytes.size());
    const std::size_t times = rotation(static_cast<std::size_t>(state.range(0)));
    race(state, times,
         Contender{"ours", nothing,
                   [&] {
                       for (std::size_t i = 0; i < times; ++i) work();
                   }},
         Contender{"limit", nothing, [&] {
                       for (std::size_t i = 0; i < times; ++i) {
                           std::memcpy(copy.data(), bytes.data(), bytes.size());
                           benchmark::ClobberMemory();
                       }
                   }});
    const double entries = static_cast<double>(state.range(0));
    const double nanoseconds = state.counters["ours"];
    state.counters["bytes"] = static_cast<double>(bytes.size());
    state.counters["GB/s of bytes"] = static_cast<double>(bytes.size()) / nanoseconds;
    state.counters["GB/s of state"] = 16 * entries / nanoseconds;
}

/// A set that three replicas have filled. It has 16 bytes of state for each element: the element
/// and its dot.
template <class Id>
crdt::AWSet<U64, Id> set_of(std::size_t size) {
    Random random(size);
    crdt::AWSet<U64, Id> set;
    for (std::size_t i = 0; i < size; ++i)
        set.insert(make_id<Id>(1 + random.below(3)), random.next());
    return set;
}
template <class Id>
void awset_encode(benchmark::State& state) {
    const auto set = set_of<Id>(static_cast<std::size_t>(state.range(0)));
    race_copy(state, crdt::binary::encode(set),
              [&] { benchmark::DoNotOptimize(crdt::binary::encode(set)); });
}
template <class Id>
void awset_decode(benchmark::State& state) {
    using Set = crdt::AWSet<U64, Id>;
    const std::string bytes =
        crdt::binary::encode(set_of<Id>(static_cast<std::size_t>(state.range(0))));
    race_copy(state, bytes,
              [&] { benchmark::DoNotOptimize(crdt::binary::try_decode<Set>(bytes)); });
}
void awset_encode_numbers(benchmark::State& state) { awset_encode<U64>(state); }
void awset_encode_names(benchmark::State& state) { awset_encode<std::string>(state); }
void awset_decode_numbers(benchmark::State& state) { awset_decode<U64>(state); }
void awset_decode_names(benchmark::State& state) { awset_decode<std::string>(state); }

void gcounter_encode(benchmark::State& state) {
    const Counter counter = counter_of(static_cast<std::size_t>(state.range(0)));
    race_copy(state, crdt::binary::encode(counter),
              [&] { benchmark::DoNotOptimize(crdt::binary::encode(counter)); });
}
void gcounter_decode(benchmark::State& state) {
    const std::string bytes =
        crdt::binary::encode(counter_of(static_cast<std::size_t>(state.range(0))));
    race_copy(state, bytes,
              [&] { benchmark::DoNotOptimize(crdt::binary::try_decode<Counter>(bytes)); });
}

BENCHMARK(gcounter_encode)->Arg(16)->Arg(4096)->Arg(65536);
BENCHMARK(gcounter_decode)->Arg(16)->Arg(4096)->Arg(65536);
BENCHMARK(awset_encode_numbers)->Arg(16)->Arg(1000)->Arg(100000);
BENCHMARK(awset_encode_names)->Arg(16)->Arg(1000)->Arg(100000);
BENCHMARK(awset_decode_numbers)->Arg(16)->Arg(1000)->Arg(100000);
BENCHMARK(awset_decode_names)->Arg(16)->Arg(1000)->Arg(100000);

}  // namespace

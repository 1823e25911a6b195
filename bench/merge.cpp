// SPDX-License-Identifier: MIT
//! Merge throughput of the counters and the set, full states and deltas.
//!
//! Inputs rotate: about 32k entries of distinct key sets take turns, because a branch predictor
//! learns one fixed merge of a few thousand entries by heart and shows it several times too fast.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include <benchmark/benchmark.h>

#include <crdt/detail/random.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/gset.hpp>
#include <crdt/pncounter.hpp>

namespace {

using crdt::detail::Random;
using U64 = std::uint64_t;

template <class Id>
Id make_id(U64 number) {
    if constexpr (std::is_integral_v<Id>) {
        return number;
    } else {
        std::string digits = std::to_string(number);
        digits.resize(16, '#');
        return digits;
    }
}

// What "an entry" is, for each type.
template <class Id>
void put(crdt::GCounter<Id>& counter, U64 key, Random& random) {
    counter.add(make_id<Id>(key), 1 + random.below(1000));
}
template <class Id>
void put(crdt::PNCounter<Id>& counter, U64 key, Random& random) {
    counter.add(make_id<Id>(key), 1 + random.below(1000));
    counter.add(make_id<Id>(key), -1 - static_cast<std::int64_t>(random.below(1000)));
}
template <class Element>
void put(crdt::GSet<Element>& set, U64 key, Random&) {
    set.insert(make_id<Element>(key));
}

template <class L>
struct Pair {
    L left, right;
};

/// Pairs of states of `size` entries, of which `shared` are of the same keys.
template <class L>
std::vector<Pair<L>> make_pairs(std::size_t size, std::size_t shared) {
    Random random(size);
    std::vector<Pair<L>> pairs(std::max<std::size_t>(2, (std::size_t{1} << 15U) / size));
    for (auto& [left, right] : pairs) {
        for (std::size_t i = 0; i < size; ++i) {
            const U64 key = random.next();
            put(left, key, random);
            put(right, i < shared ? key : random.next(), random);
        }
    }
    return pairs;
}

/// Merges right into a copy of left; the copy is not timed.
template <class L>
void merge_pairs(benchmark::State& state, const std::vector<Pair<L>>& pairs) {
    std::vector<L> targets(pairs.size());
    std::size_t next = pairs.size();
    for (auto _ : state) {
        if (next == pairs.size()) {
            state.PauseTiming();
            for (std::size_t i = 0; i < pairs.size(); ++i) targets[i] = pairs[i].left;
            next = 0;
            state.ResumeTiming();
        }
        benchmark::DoNotOptimize(targets[next].merge(pairs[next].right));
        ++next;
    }
    state.counters["entries/s"] = benchmark::Counter(
        static_cast<double>(state.iterations() * state.range(0)), benchmark::Counter::kIsRate);
}

template <class L>
void full_state_same_keys(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    merge_pairs(state, make_pairs<L>(size, size));
}

template <class L>
void full_state_half_overlap(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    merge_pairs(state, make_pairs<L>(size, size / 2));
}

/// A delta of ten entries, half of them new, into a state of many.
template <class L>
void delta_of_10(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    Random random(size);
    std::vector<U64> keys(size);
    L target;
    for (U64& key : keys) put(target, key = random.next(), random);
    std::vector<L> deltas(1024);
    std::size_t next = deltas.size();
    for (auto _ : state) {
        if (next == deltas.size()) {
            state.PauseTiming();
            for (L& delta : deltas) {
                delta = L();
                for (int i = 0; i < 10; ++i) {
                    put(delta, i % 2 == 0 ? keys[random.below(size)] : random.next(), random);
                }
            }
            next = 0;
            state.ResumeTiming();
        }
        benchmark::DoNotOptimize(target.merge(deltas[next++]));
    }
}

template <class L>
void increment(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    Random random(size);
    L counter;
    std::vector<typename L::id_type> ids(size);
    for (auto& id : ids) counter.add(id = make_id<typename L::id_type>(random.next()), 1);
    for (auto _ : state) benchmark::DoNotOptimize(counter.add(ids[random.below(size)], 1));
}

template <class L>
void read_value(benchmark::State& state) {
    const auto pairs = make_pairs<L>(static_cast<std::size_t>(state.range(0)), 0);
    std::size_t next = 0;
    for (auto _ : state) benchmark::DoNotOptimize(pairs[next++ % pairs.size()].left.value());
}

using GCounterU64 = crdt::GCounter<U64>;
using GCounterString = crdt::GCounter<std::string>;
using PNCounterU64 = crdt::PNCounter<U64>;
using GSetU64 = crdt::GSet<U64>;

#define COUNTER_SIZES Arg(3)->Arg(16)->Arg(256)->Arg(4096)->Arg(65536)
BENCHMARK(full_state_same_keys<GCounterU64>)->COUNTER_SIZES;
BENCHMARK(full_state_same_keys<GCounterString>)->COUNTER_SIZES;
BENCHMARK(full_state_same_keys<PNCounterU64>)->COUNTER_SIZES;
BENCHMARK(full_state_same_keys<GSetU64>)->COUNTER_SIZES;
BENCHMARK(full_state_half_overlap<GCounterU64>)->COUNTER_SIZES;
BENCHMARK(full_state_half_overlap<GSetU64>)->COUNTER_SIZES;
BENCHMARK(delta_of_10<GCounterU64>)->Arg(1000)->Arg(100000);
BENCHMARK(delta_of_10<GSetU64>)->Arg(1000)->Arg(100000);
BENCHMARK(increment<GCounterU64>)->COUNTER_SIZES;
BENCHMARK(increment<PNCounterU64>)->COUNTER_SIZES;
BENCHMARK(read_value<GCounterU64>)->COUNTER_SIZES;
BENCHMARK(read_value<PNCounterU64>)->COUNTER_SIZES;

}  // namespace

BENCHMARK_MAIN();

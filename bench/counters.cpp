// SPDX-License-Identifier: MIT
//! GCounter and PNCounter: merges of full states, increments and reads.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <crdt/gcounter.hpp>
#include <crdt/pncounter.hpp>

#include "baselines.hpp"
#include "counter_inputs.hpp"
#include "inputs.hpp"
#include "limits.hpp"
#include "race.hpp"

namespace {

using namespace bench;

/// Merges pairs of states with `shared` common keys. `ours` and `theirs` use merge(), the limit
/// uses its kernel.
template <class Ours, class Theirs, class Limit>
void race_merges(benchmark::State& state, std::size_t shared, std::size_t limit_columns,
                 Limit limit_merge) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const auto pairs = make_keys(size, shared);
    auto ours = rotate(pairs, Ours(), AddToAll());
    auto hand = rotate(pairs, columns(limit_columns), AddToAll());
    auto theirs = rotate(pairs, Theirs(), AddToAll());
    race(state, pairs.size(), changes("ours", ours, merge), changes("limit", hand, limit_merge),
         changes("baseline", theirs, merge));
}

const auto merge_same = [](limit::Counter& mine, const limit::Counter& theirs) {
    mine.merge_same(theirs);
};

void gcounter_same_keys(benchmark::State& state) {
    race_merges<crdt::GCounter<U64>, baseline::GCounter<U64>>(
        state, static_cast<std::size_t>(state.range(0)), 1, merge_same);
}
void gcounter_half_overlap(benchmark::State& state) {
    race_merges<crdt::GCounter<U64>, baseline::GCounter<U64>>(
        state, static_cast<std::size_t>(state.range(0)) / 2, 1,
        [](limit::Counter& mine, const limit::Counter& theirs) { mine.merge_union(theirs); });
}
void pncounter_same_keys(benchmark::State& state) {
    race_merges<crdt::PNCounter<U64>, baseline::PNCounter<U64>>(
        state, static_cast<std::size_t>(state.range(0)), 2, merge_same);
}

/// Merges a state that the other already contains.
void gcounter_absorbed(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const auto pairs = make_keys(size, size);
    auto ours = rotate(pairs, crdt::GCounter<U64>(), AddToAll());
    auto hand = rotate(pairs, columns(1), AddToAll());
    auto theirs = rotate(pairs, baseline::GCounter<U64>(), AddToAll());
    ours.refresh();
    ours.run(merge);
    hand.refresh();
    hand.run(merge_same);
    theirs.refresh();
    theirs.run(merge);
    const auto compare = [](limit::Counter& mine, const limit::Counter& other) {
        benchmark::DoNotOptimize(mine.has(other));
    };
    race(state, pairs.size(), Contender{"ours", nothing, [&] { ours.run(merge); }},
         Contender{"limit", nothing, [&] { hand.run(compare); }},
         Contender{"baseline", nothing, [&] { theirs.run(merge); }});
}

/// The limit has numbers in place of names, the same on both sides. So it joins only the counts.
struct Interned {
    std::vector<std::string> names;
    std::vector<U64> counts;
};
/// The limit looks up each id in an index of names.
struct ByName {
    std::vector<std::string> names;
    std::vector<U64> counts;
    limit::Index<std::string> index{0};
};

/// Ids are names of 16 letters. A peer is known if its keys have been merged before.
template <bool PeerIsKnown>
void gcounter_names_same_keys(benchmark::State& state) {
    using Ours = crdt::GCounter<std::string>;
    const auto size = static_cast<std::size_t>(state.range(0));
    const auto pairs = make_keys(size, size);
    auto ours = rotate(pairs, Ours(), AddToAll());
    auto theirs = rotate(pairs, baseline::GCounter<std::string>(), AddToAll());
    if (PeerIsKnown) {
        AddToAll later;
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            ours.left[i].merge(ours.right[i]);
            later(ours.right[i], pairs[i].right);
        }
    }
    Random random(3);
    auto interned = rotate(pairs, Interned(), [&](Interned& counter, const std::vector<U64>& keys) {
        for (const U64 key : keys) {
            counter.names.push_back(make_id<std::string>(key));
            counter.counts.push_back(random.below(1000));
        }
    });
    auto named = rotate(pairs, ByName(), [&](ByName& counter, const std::vector<U64>& keys) {
        counter.index = limit::Index<std::string>(keys.size());
        for (const U64 key : keys) {
            counter.names.push_back(make_id<std::string>(key));
            counter.index.slot_of(counter.names.back());
            counter.counts.push_back(random.below(1000));
        }
    });
    const auto refresh_limit = [&] { PeerIsKnown ? interned.refresh() : named.refresh(); };
    const auto run_limit = [&] {
        if (PeerIsKnown) {
            interned.run([](Interned& mine, const Interned& other) {
                limit::max_into(mine.counts.data(), other.counts.data(), mine.counts.size());
            });
        } else {
            named.run([](ByName& mine, const ByName& other) {
                for (std::size_t i = 0; i < other.names.size(); ++i) {
                    U64& count = mine.counts[mine.index.slot_of(other.names[i])];
                    count = std::max(count, other.counts[i]);
                }
            });
        }
    };
    race(state, pairs.size(), changes("ours", ours, merge),
         Contender{"limit", refresh_limit, run_limit}, changes("baseline", theirs, merge));
}
void gcounter_names_known_peer(benchmark::State& state) { gcounter_names_same_keys<true>(state); }
void gcounter_names_new_peer(benchmark::State& state) { gcounter_names_same_keys<false>(state); }

/// A replica adds to its own slot repeatedly.
template <class Ours, class Theirs>
void increment(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    constexpr std::size_t times = 4096;
    const auto pairs = make_keys(size, size);
    auto ours = rotate(pairs, Ours(), AddToAll());
    auto theirs = rotate(pairs, Theirs(), AddToAll());
    auto hand = rotate(pairs, columns(1), AddToAll());
    const U64 own = pairs[0].left[size / 3];
    race(state, times,
         Contender{"ours", nothing,
                   [&] {
                       for (std::size_t i = 0; i < times; ++i)
                           benchmark::DoNotOptimize(ours.left[0].add(own, 1));
                   }},
         Contender{"limit", nothing,
                   [&] {
                       auto& [keys, counts] = hand.left[0];
                       for (std::size_t i = 0; i < times; ++i) {
                           const auto slot = std::lower_bound(keys.begin(), keys.end(), own);
                           benchmark::DoNotOptimize(
                               ++counts[0][static_cast<std::size_t>(slot - keys.begin())]);
                       }
                   }},
         Contender{"baseline", nothing, [&] {
                       for (std::size_t i = 0; i < times; ++i) {
                           theirs.left[0].add(own, 1);
                           benchmark::ClobberMemory();
                       }
                   }});
}

template <class Ours, class Theirs, std::size_t Columns>
void read_total(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const auto pairs = make_keys(size, size);
    auto ours = rotate(pairs, Ours(), AddToAll());
    auto theirs = rotate(pairs, Theirs(), AddToAll());
    auto hand = rotate(pairs, columns(Columns), AddToAll());
    const auto read = [](const auto& states) {
        for (const auto& each : states) benchmark::DoNotOptimize(each.value());
    };
    race(state, pairs.size(), Contender{"ours", nothing, [&] { read(ours.left); }},
         Contender{"limit", nothing,
                   [&] {
                       for (const auto& each : hand.left) {
                           for (const auto& column : each.counts)
                               benchmark::DoNotOptimize(limit::sum(column.data(), column.size()));
                       }
                   }},
         Contender{"baseline", nothing, [&] { read(theirs.left); }});
}
void gcounter_increment(benchmark::State& state) {
    increment<crdt::GCounter<U64>, baseline::GCounter<U64>>(state);
}
void pncounter_increment(benchmark::State& state) {
    increment<crdt::PNCounter<U64>, baseline::PNCounter<U64>>(state);
}
void gcounter_read(benchmark::State& state) {
    read_total<crdt::GCounter<U64>, baseline::GCounter<U64>, 1>(state);
}
void pncounter_read(benchmark::State& state) {
    read_total<crdt::PNCounter<U64>, baseline::PNCounter<U64>, 2>(state);
}

#define COUNTER_SIZES Arg(3)->Arg(16)->Arg(256)->Arg(4096)->Arg(65536)
BENCHMARK(gcounter_same_keys)->COUNTER_SIZES;
BENCHMARK(gcounter_absorbed)->COUNTER_SIZES;
BENCHMARK(gcounter_half_overlap)->COUNTER_SIZES;
BENCHMARK(pncounter_same_keys)->COUNTER_SIZES;
BENCHMARK(gcounter_names_known_peer)->COUNTER_SIZES;
BENCHMARK(gcounter_names_new_peer)->COUNTER_SIZES;
BENCHMARK(gcounter_increment)->COUNTER_SIZES;
BENCHMARK(pncounter_increment)->COUNTER_SIZES;
BENCHMARK(gcounter_read)->COUNTER_SIZES;
BENCHMARK(pncounter_read)->COUNTER_SIZES;

}  // namespace

// SPDX-License-Identifier: MIT
//! Tests joins of maps with many keys and content that can change, against joins of one range
//! after the other.
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/causal/ascending_search.hpp>
#include <crdt/codec/binary.hpp>
#include <crdt/codec/forms/causal.hpp>
#include <crdt/ewflag.hpp>
#include <crdt/mvregister.hpp>
#include <crdt/ormap.hpp>
#include <crdt/random.hpp>
#include <crdt/record.hpp>
#include <crdt/resettable_counter.hpp>

#include "support/seeds.hpp"

namespace many_keys_tests {

using crdt::Dot;
using crdt::DotRange;
using crdt::DotSet;
using crdt::Random;

namespace {

using U64 = std::uint64_t;

template <class Id>
Id make_id(std::size_t index);
template <>
U64 make_id<U64>(std::size_t index) {
    return U64{1} << (20 * index);
}
template <>
std::string make_id<std::string>(std::size_t index) {
    return index == 2 ? "" : std::string(index == 0 ? 3 : 40, static_cast<char>('a' + index));
}

/// A change of the value at a key.
template <class Id>
auto change(crdt::ResettableCounter<Id>& counter, const Id& id, Random& random) {
    return random.below(5) == 0 ? counter.reset(id)
                                : counter.add(id, static_cast<std::int64_t>(random.below(9)) - 4);
}
template <class Id>
using Item = crdt::Record<crdt::Field<"count", crdt::ResettableCounter<Id>>,
                          crdt::Field<"is_done", crdt::EWFlag<Id>>>;
template <class Id>
auto change(Item<Id>& item, const Id& id, Random& random) {
    if (random.below(2) == 0)
        return item.template update<"is_done">([&](auto& flag) { return flag.enable(id); });
    return item.template update<"count">([&](auto& count) { return change(count, id, random); });
}
template <class Id>
using Inner = crdt::ORMap<int, crdt::ResettableCounter<Id>>;
template <class Id>
auto change(Inner<Id>& inner, const Id& id, Random& random) {
    return inner.update(static_cast<int>(random.below(4)),
                        [&](auto& counter) { return change(counter, id, random); });
}

/// Joins the ranges of `other` one by one, so that no join has many keys.
template <class Map>
void merge_by_ranges(Map& mine, const Map& other) {
    decompose_by_ranges(other, [&](const Map& part) { mine.merge(part); });
}

/// The keys that have any of `dots`.
template <class Map, class Id>
std::set<int> keys_of(const Map& map, const DotSet<Id>& dots) {
    std::set<int> found;
    map.store().visit_keys(dots, [&](int key) { found.insert(key); });
    return found;
}

template <class Id, class Value>
void check_joins() {
    using Map = crdt::ORMap<int, Value>;
    for (U64 seed = 1; seed <= support::seeds(40); ++seed) {
        CAPTURE(seed);
        Random random(seed);
        const U64 keys = seed % 4 == 0 ? 12 : 150;
        std::vector<Map> replicas(3), by_ranges(3);
        for (int step = 0; step < 60; ++step) {
            const std::size_t at = random.below(replicas.size());
            const Id id = make_id<Id>(at);
            Map& mine = replicas[at];
            Map& ranges = by_ranges[at];
            for (U64 i = random.below(40); i > 0; --i) {
                const int key = static_cast<int>(random.below(keys));
                const Map delta =
                    random.below(4) == 0
                        ? mine.erase(id, key)
                        : mine.update(key, [&](Value& value) { return change(value, id, random); });
                ranges.merge(delta);
            }
            const Map other = replicas[random.below(replicas.size())];
            switch (random.below(3)) {
                case 0: mine.merge(other); break;
                case 1: {
                    const Map missing = difference(other, mine);
                    REQUIRE(mine.absorb(other) == missing);
                    break;
                }
                default: {
                    const auto decoded = crdt::binary::try_decode<Map>(crdt::binary::encode(other));
                    REQUIRE(decoded);
                    mine.merge(*decoded);
                }
            }
            merge_by_ranges(ranges, other);
            REQUIRE(mine == ranges);
            REQUIRE(mine.store().dots() == ranges.store().dots());
            const U64 first = 1 + random.below(100);
            const DotSet<Id> dots(
                DotRange<Id>{make_id<Id>(random.below(3)), first, first + random.below(30)});
            REQUIRE(keys_of(mine, dots) == keys_of(ranges, dots));
        }
    }
}

}  // namespace

TEST_CASE("many keys: an ascending search finds what a search of each key finds") {
    crdt::ColumnMap<int, int> map;
    for (int key = 1; key < 900; key += 1 + key % 3) map.push_back(key, -key);
    // A walk, and a search of each key.
    for (const std::size_t keys : {std::size_t{1000}, std::size_t{1}}) {
        for (const int step : {1, 7, 400}) {
            crdt::detail::AscendingSearch search(map, keys);
            for (int key = 0; key < 1000; key += step)
                CHECK(search.at(key) == (map.contains(key) ? -key : 0));
        }
    }
}
TEST_CASE("many keys: counters are joined as range by range") {
    check_joins<U64, crdt::ResettableCounter<U64>>();
    check_joins<std::string, crdt::ResettableCounter<std::string>>();
}
TEST_CASE("many keys: records are joined as range by range") { check_joins<U64, Item<U64>>(); }
TEST_CASE("many keys: maps in maps are joined as range by range") {
    check_joins<std::string, Inner<std::string>>();
}

}  // namespace many_keys_tests

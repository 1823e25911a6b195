// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/detail/small_vector.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/gset.hpp>
#include <crdt/lattice/column_map.hpp>
#include <crdt/lattice/join_columns.hpp>
#include <crdt/pncounter.hpp>
#include <crdt/random.hpp>

#include "support/out_of_memory.hpp"
#include "support/seeds.hpp"

namespace column_map_tests {

using crdt::ColumnMap;
using crdt::Random;
using crdt::detail::SmallVector;

namespace {

template <class T>
T make(std::uint64_t number) {
    if constexpr (std::is_same_v<T, std::string>)
        return std::to_string(number) + std::string(number % 3 == 0 ? 30 : 0, 'x');
    else
        return static_cast<T>(number);
}

template <class T>
void check_column() {
    for (std::uint64_t seed = 0; seed < support::seeds(100); ++seed) {
        CAPTURE(seed);
        Random random(seed);
        SmallVector<T, 3> column;
        std::vector<T> model;
        for (int step = 0; step < 300; ++step) {
            const T value = make<T>(random.below(100));
            const std::size_t place = random.below(model.size() + 1);
            switch (random.below(9)) {
                case 0:
                case 1:
                    column.push_back(value);
                    model.push_back(value);
                    break;
                case 2:
                case 3:
                case 4:
                    column.insert(place, value);
                    model.insert(model.begin() + static_cast<std::ptrdiff_t>(place), value);
                    break;
                case 5:
                    if (model.empty()) break;
                    column.erase(place % model.size());
                    model.erase(model.begin() + static_cast<std::ptrdiff_t>(place % model.size()));
                    break;
                case 6: column = SmallVector<T, 3>(column); break;
                case 7: {
                    SmallVector<T, 3> other;
                    other.append(column.data(), column.size());
                    other.shrink();
                    column = std::move(other);
                    break;
                }
                case 8:
                    if (random.below(8) != 0) break;
                    column.truncate(place);
                    model.resize(place);
                    break;
            }
            REQUIRE(std::vector<T>(column.begin(), column.end()) == model);
        }
    }
}

template <class K, class V>
void check_same(const ColumnMap<K, V>& map, const std::map<K, V>& model) {
    REQUIRE(map.size() == model.size());
    REQUIRE(map.empty() == model.empty());
    auto expected = model.begin();
    for (const auto& [key, value] : map) {
        REQUIRE(key == expected->first);
        REQUIRE(value == expected->second);
        ++expected;
    }
    auto backwards = model.rbegin();
    for (auto entry = map.end(); entry != map.begin(); ++backwards) {
        --entry;
        REQUIRE(entry.key() == backwards->first);
    }
}

/// Grows a map to many leaves, shrinks it to few, and compares it with a std::map.
template <class K, class V>
void check_map(std::uint64_t keys) {
    for (std::uint64_t seed = 0; seed < (support::few_cases ? 2 : 6); ++seed) {
        CAPTURE(seed);
        Random random(seed);
        ColumnMap<K, V> map;
        std::map<K, V> model;
        for (int step = 0; step < 12'000; ++step) {
            const bool growing = (step / 3000) % 2 == 0;
            const K key = make<K>(random.below(keys));
            const auto position = map.lower_bound(key);
            const auto expected = model.lower_bound(key);
            REQUIRE((position == map.end()) == (expected == model.end()));
            if (expected != model.end()) REQUIRE(position.key() == expected->first);
            REQUIRE(map.contains(key) == model.contains(key));
            if (expected != model.end() && expected->first == key) {
                REQUIRE(*map.value_of(key) == expected->second);
                if (!growing || random.below(4) == 0) {
                    const auto next = map.erase(position);
                    const auto expected_next = model.erase(expected);
                    REQUIRE((next == map.end()) == (expected_next == model.end()));
                    if (expected_next != model.end()) REQUIRE(next.key() == expected_next->first);
                }
            } else if (growing || random.below(4) == 0) {
                const V value = make<V>(random.below(1000));
                REQUIRE(map.insert(position, key, value).key() == key);
                model.emplace(key, value);
            }
            if (step % 1000 == 999) check_same(map, model);
        }
        // The same map with other leaves.
        ColumnMap<K, V> rebuilt;
        for (const auto& [key, value] : model) rebuilt.push_back(key, value);
        REQUIRE(rebuilt == map);
        ColumnMap<K, V> moved = std::move(rebuilt);
        REQUIRE(rebuilt.empty());
        REQUIRE(moved == map);
        if (!model.empty()) {
            moved.erase(moved.begin());
            REQUIRE_FALSE(moved == map);
        }
    }
}

/// Joins two counters of random sizes and overlap, and compares the result with a std::map.
template <class Id>
void check_joins() {
    using Counter = crdt::GCounter<Id>;
    constexpr std::size_t sizes[] = {0, 1, 3, 20, 600, 3000};
    for (const std::size_t left : sizes) {
        for (const std::size_t right : sizes) {
            for (const std::uint64_t keys : {20U, 1000U, 100'000U}) {
                CAPTURE(left);
                CAPTURE(right);
                CAPTURE(keys);
                Random random(left * 7 + right);
                Counter a, b;
                std::map<Id, std::uint64_t> model;
                const auto fill = [&](Counter& counter, std::size_t size) {
                    for (std::size_t i = 0; i < size; ++i)
                        counter.add(make<Id>(random.below(keys)), 1 + random.below(9));
                    for (const auto& [id, slot] : counter.lattice())
                        model[id] = std::max(model[id], slot.value());
                };
                fill(a, left);
                const std::map<Id, std::uint64_t> before = model;
                fill(b, right);
                Counter expected;  // the part of b that a lacks
                for (const auto& [id, slot] : b.lattice()) {
                    const auto known = before.find(id);
                    if (known == before.end() || known->second < slot.value())
                        expected.add(id, slot.value());
                }
                Counter joined = a, absorbed = a;
                REQUIRE(b.leq(joined) == (before == model));
                REQUIRE(joined.merge(b) == (before != model));
                std::uint64_t total = 0;
                for (const auto& [id, count] : model) {
                    REQUIRE(joined.value(id) == count);
                    total += count;
                }
                REQUIRE(joined.lattice().size() == model.size());
                REQUIRE(joined.value() == total);
                const Counter novel = absorbed.absorb(b);
                REQUIRE(absorbed == joined);
                REQUIRE(novel == expected);
                REQUIRE(difference(b, a) == expected);
                REQUIRE(difference(b, joined).is_bottom());
                // Merges repeatedly, with a change of one entry in between.
                REQUIRE_FALSE(joined.merge(b));
                REQUIRE_FALSE(joined.merge(absorbed));
                if (absorbed.is_bottom()) continue;
                const Id some = absorbed.lattice().begin()->first;
                absorbed.add(some, 1);
                REQUIRE(joined.merge(absorbed));
                REQUIRE(joined == absorbed);
                REQUIRE_FALSE(joined.merge(absorbed));
            }
        }
    }
}

/// Adds something at a key.
template <class Id>
void touch(crdt::GCounter<Id>& counter, const Id& id, Random& random) {
    counter.add(id, 1 + random.below(3));
}
template <class Id>
void touch(crdt::PNCounter<Id>& counter, const Id& id, Random& random) {
    const auto amount = static_cast<std::int64_t>(1 + random.below(3));
    counter.add(id, random.below(2) == 0 ? amount : -amount);
}
template <class Id>
void touch(crdt::GSet<Id>& set, const Id& id, Random&) {
    set.insert(id);
}

/// Compares absorb() and difference() with the join of the parts that are missing.
template <class L, class Id>
void check_deltas() {
    for (std::uint64_t seed = 0; seed < support::seeds(200); ++seed) {
        CAPTURE(seed);
        Random random(seed);
        const std::uint64_t keys = std::uint64_t{1} << (1 + random.below(12));
        L a, b;
        const auto fill = [&](L& state) {
            for (std::uint64_t i = random.below(2 * keys); i > 0; --i)
                touch(state, make<Id>(2 * random.below(keys)), random);
        };
        fill(a);
        // Often both have the same keys, or all but one.
        if (random.below(2) == 0) {
            b = a;
            for (std::uint64_t i = random.below(keys); i > 0 && !a.is_bottom(); --i) {
                auto some = a.lattice().lower_bound(make<Id>(random.below(2 * keys)));
                if (some == a.lattice().end()) some = a.lattice().begin();
                touch(b, some->first, random);
            }
            if (random.below(2) == 0) {
                const std::uint64_t key = random.below(keys);
                touch(a, make<Id>(2 * key), random);
                touch(b, make<Id>(2 * key + 1), random);
            }
        } else {
            fill(b);
        }
        L expected;
        decompose(b, [&](const L& part) {
            if (!part.leq(a)) expected.merge(part);
        });
        L joined = a, absorbed = a;
        joined.merge(b);
        REQUIRE(difference(b, a) == expected);
        REQUIRE(absorbed.absorb(b) == expected);
        REQUIRE(absorbed == joined);
        REQUIRE(absorbed.absorb(b).is_bottom());
        REQUIRE(difference(b, joined).is_bottom());
    }
}

/// Lets each allocation fail in joins and deltas of states with `size` keys each. Each second key
/// is in both.
template <class L, class Id>
void check_failures(std::uint64_t size) {
    CAPTURE(size);
    Random random(size);
    L a, b, same, few;
    for (std::uint64_t i = 0; i < size; ++i) {
        touch(a, make<Id>(1000 + 2 * i), random);
        touch(b, make<Id>(1000 + 2 * i + i % 2), random);
        touch(same, make<Id>(1000 + 2 * i), random);
        if (i % 50 == 0) touch(few, make<Id>(1000 + 2 * i + i % 4 / 2), random);
    }
    support::check_join(a, b);
    support::check_join(a, same);
    support::check_join(a, few);
}

}  // namespace

TEST_CASE("SmallVector: it agrees with std::vector") {
    check_column<int>();
    check_column<std::string>();
}

TEST_CASE("ColumnMap: it agrees with std::map") {
    check_map<std::uint64_t, int>(4000);
    check_map<std::string, int>(2000);
    check_map<int, std::string>(3000);
}

TEST_CASE("ColumnMap: a join gives the same map as a join key by key") {
    check_joins<std::uint64_t>();
    check_joins<std::string>();
}

TEST_CASE("ColumnMap: a delta has the parts that are missing, and no others") {
    check_deltas<crdt::GCounter<std::uint64_t>, std::uint64_t>();
    check_deltas<crdt::PNCounter<std::uint64_t>, std::uint64_t>();
    check_deltas<crdt::GSet<std::uint64_t>, std::uint64_t>();
    check_deltas<crdt::GCounter<std::string>, std::string>();
    check_deltas<crdt::GSet<std::string>, std::string>();
}

TEST_CASE("ColumnMap: a join or a delta that runs out of memory leaves whole states") {
    for (const std::uint64_t size : {3U, 20U, 700U, 1500U}) {
        check_failures<crdt::GCounter<std::uint64_t>, std::uint64_t>(size);
        check_failures<crdt::GSet<std::uint64_t>, std::uint64_t>(size);
    }
    check_failures<crdt::PNCounter<std::uint64_t>, std::uint64_t>(700);
    check_failures<crdt::GCounter<std::string>, std::string>(60);
}

}  // namespace column_map_tests

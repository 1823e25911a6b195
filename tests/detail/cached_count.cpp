// SPDX-License-Identifier: MIT
//! Tests CachedCount alone, and in the containers that have one, after changes that fail. Random
//! histories of all types are in support/surface.hpp.
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include <crdt/causal/count_around_join.hpp>
#include <crdt/crdt.hpp>
#include <crdt/detail/cached_count.hpp>

#include "support/surface.hpp"

namespace cached_count_tests {

using namespace crdt;
using crdt::detail::CachedCount;

namespace {

/// A count of `content`, and the number of times it was computed.
struct Counting {
    CachedCount count;
    std::size_t content = 0;
    int counted = 0;

    std::size_t get() {
        return count.get_or([this] {
            ++counted;
            return content;
        });
    }
    void grow_by(std::size_t more) {
        count.around([this] { return content; }, [&] { return content += more; });
    }
};

struct Failure : std::runtime_error {
    Failure() : std::runtime_error("half-way") {}
};

}  // namespace

TEST_CASE("CachedCount: it counts once, and follows changes") {
    Counting it;
    it.content = 7;
    it.grow_by(1);  // the count is unknown, so it cannot be kept
    CHECK(it.counted == 0);
    CHECK(it.get() == 8);
    CHECK(it.get() == 8);
    CHECK(it.counted == 1);
    it.grow_by(5);
    CHECK(it.get() == 13);
    CHECK(it.counted == 1);
    it.content = 2;
    it.count.invalidate();
    CHECK(it.get() == 2);
    CHECK(it.counted == 2);
}

TEST_CASE("CachedCount: a join that changes nothing keeps the count, and another join does not") {
    Counting it;
    CHECK(it.get() == 0);
    CHECK_FALSE(it.count.around_join([] { return false; }));
    CHECK(it.get() == 0);
    CHECK(it.counted == 1);
    CHECK(it.count.around_join([&] {
        it.content = 3;
        return true;
    }));
    CHECK(it.get() == 3);
    CHECK(it.counted == 2);
}

TEST_CASE("CachedCount: the count is unknown after a change or a join that throws") {
    Counting it;
    CHECK(it.get() == 0);
    const auto fail = [&]() -> bool {
        it.content = 4;
        throw Failure();
    };
    CHECK_THROWS_AS(it.count.around([&] { return it.content; }, fail), Failure);
    CHECK(it.get() == 4);
    it.content = 0;
    it.count.invalidate();
    CHECK(it.get() == 0);
    CHECK_THROWS_AS(it.count.around_join(fail), Failure);
    CHECK(it.get() == 4);
}

TEST_CASE("CachedCount: a copy has the count of the original") {
    Counting it;
    it.content = 3;
    CHECK(it.get() == 3);
    Counting copy = it;
    Counting assigned;
    assigned = it;
    copy.grow_by(1);
    CHECK(copy.get() == 4);
    CHECK(assigned.get() == 3);
    CHECK(it.get() == 3);
    CHECK(copy.counted == 1);
    CHECK(assigned.counted == 1);
}

TEST_CASE("sizes: after a value's mutator has thrown half-way, the number of keys is right") {
    const auto check_map = [](auto update) {
        auto map = update(decltype(update({}, 0, false)){}, 1, false);
        CHECK(map.size() == 1);
        for (const int key : {1, 2}) {
            auto changed = map;
            CHECK(changed.size() == 1);
            CHECK_THROWS_AS(changed = update(changed, key, true), Failure);
            support::check_size(changed);
        }
    };
    using Sets = ORMap<int, RWSet<int>>;
    check_map([](Sets map, int key, bool fails) {
        map.update(key, [&](auto& set) {
            auto delta = set.insert("a", key);
            if (fails) throw Failure();
            return delta;
        });
        return map;
    });
    using Flags = RWMap<int, EWFlag<>>;
    check_map([](Flags map, int key, bool fails) {
        map.update("a", key, [&](auto& flag) {
            auto delta = flag.enable("a");
            if (fails) throw Failure();
            return delta;
        });
        return map;
    });
}

TEST_CASE("sizes: after a failed mutator, the number of keys is right") {
    ORMap<int, RWSet<int>> map;
    map.update(1, [](auto& set) { return set.insert("a", 7); });
    CHECK(map.size() == 1);
    CHECK_THROWS_AS(map.update(1,
                               [](auto& set) {
                                   set.erase("a", 7);
                                   throw Failure();
                                   return set;
                               }),
                    Failure);
    support::check_size(map);
    CHECK_THROWS_AS(map.update(2,
                               [](auto& set) {
                                   set.insert("a", 7);
                                   throw Failure();
                                   return set;
                               }),
                    Failure);
    support::check_size(map);
    RWMap<int, AWSet<int>> removable;
    removable.update("a", 1, [](auto& set) { return set.insert("a", 7); });
    CHECK(removable.size() == 1);
    CHECK_THROWS_AS(removable.update("a", 1,
                                     [](auto& set) {
                                         set.erase(7);
                                         throw Failure();
                                         return set;
                                     }),
                    Failure);
    support::check_size(removable);
}

namespace {

/// Two replicas with many keys exchange deltas of a few changes. After each of them, the sizes are
/// right. `change(state, replica, key, random)` returns the delta of a change.
template <class State, class Change>
void check_small_joins(Change change) {
    for (std::uint64_t seed = 0; seed < support::seeds(60); ++seed) {
        CAPTURE(seed);
        Random random(seed);
        State states[2];
        for (int key = 0; key < 100; ++key) change(states[0], "a", key, random);
        states[1].merge(states[0]);
        for (int round = 0; round < 40; ++round) {
            const bool is_first = random.below(2) == 0;
            State& writer = states[is_first ? 0 : 1];
            State& reader = states[is_first ? 1 : 0];
            CHECK(writer.size() + reader.size() > 0);  // which are known from then on
            State delta;
            for (std::size_t i = random.below(3) + 1; i > 0; --i)
                delta.merge(change(writer, is_first ? "a" : "b",
                                   static_cast<int>(random.below(110)), random));
            if (random.below(2) == 0)
                reader.merge(delta);
            else
                reader.absorb(delta);
            support::check_size(writer);
            support::check_size(reader);
        }
    }
}

}  // namespace

TEST_CASE("sizes: deltas of a few keys keep the number of many keys right") {
    check_small_joins<TwoPhaseSet<int>>([](auto& set, const char*, int key, Random& random) {
        return random.below(3) == 0 ? set.erase(key) : set.insert(key);
    });
    check_small_joins<RWSet<int>>([](auto& set, const char* id, int key, Random& random) {
        return random.below(3) == 0 ? set.erase(id, key) : set.insert(id, key);
    });
    check_small_joins<ORMap<int, RWSet<int>>>(
        [](auto& map, const char* id, int key, Random& random) {
            if (random.below(4) == 0) return map.erase(id, key);
            return map.update(key, [&](auto& set) {
                return random.below(2) == 0 ? set.erase(id, 1) : set.insert(id, 1);
            });
        });
    check_small_joins<RWMap<int, EWFlag<>>>([](auto& map, const char* id, int key, Random& random) {
        if (random.below(4) == 0) return map.erase(id, key);
        return map.update(id, key, [&](auto& flag) {
            return random.below(2) == 0 ? flag.disable() : flag.enable(id);
        });
    });
}

TEST_CASE("sizes: a moved-from container can be used again") {
    RWSet<int> set("a", {1, 2, 3});
    CHECK(set.size() == 3);
    RWSet<int> moved = std::move(set);
    CHECK(moved.size() == 3);
    set = RWSet<int>();
    CHECK(set.size() == 0);
    set.insert("b", 5);
    support::check_size(set);
    TwoPhaseSet<int> phases{1, 2};
    phases.erase(1);
    CHECK(phases.size() == 1);
    std::swap(phases, *std::make_unique<TwoPhaseSet<int>>());
    support::check_size(phases);
}

}  // namespace cached_count_tests

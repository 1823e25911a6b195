// SPDX-License-Identifier: MIT
//! A small change costs little however large the state is: comparisons and allocations are counted,
//! on a state and on one 256 times as large. (Seconds would say the same with noise.)
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/crdt.hpp>

#include "counted.hpp"
#include "spent.hpp"

namespace {

using namespace crdt;

const Counted me{1U << 30}, key{1U << 30};

template <class Function>
Cost cost_of(Function&& function) {
    spent = {};
    function();
    return spent;
}

struct Operation {
    std::string name;
    Cost cost;
};

/// What everything costs that is done with one small change to `state`, by `mutate`.
template <class L, class Mutate>
std::vector<Operation> costs(const L& state, Mutate mutate) {
    L writer = state, delta, reader = state;
    std::vector<Operation> result;
    const auto measure = [&](const char* name, auto&& function) {
        result.push_back({name, cost_of(function)});
    };
    measure("mutate", [&] { delta = mutate(writer); });
    REQUIRE_FALSE(delta.is_bottom());
    measure("leq, news", [&] { CHECK_FALSE(delta.leq(reader)); });
    measure("difference, news", [&] { CHECK(difference(delta, reader) == delta); });
    measure("conflicts", [&] { CHECK_FALSE(detail::in_conflict(reader, delta)); });
    measure("absorb, news", [&] { CHECK(reader.absorb(delta) == delta); });
    measure("absorb, known", [&] { CHECK(reader.absorb(delta).is_bottom()); });
    measure("merge, known", [&] { CHECK_FALSE(reader.merge(delta)); });
    measure("leq, known", [&] { CHECK(delta.leq(reader)); });
    CHECK(reader == writer);
    return result;
}

/// `grow(state, i)` makes the i-th of many changes.
template <class L, class Grow, class Mutate>
void check_type(const std::string& name, Grow grow, Mutate mutate) {
    CAPTURE(name);
    const auto costs_at = [&](std::uint64_t size) {
        L state;
        for (std::uint64_t i = 0; i < size; ++i) grow(state, Counted{i});
        return costs(state, mutate);
    };
    const auto small = costs_at(128), large = costs_at(128 * 256);
    for (std::size_t i = 0; i < small.size(); ++i) {
        CAPTURE(small[i].name);
        // A search takes 7 comparisons in the one and 15 in the other, times a small number.
        CHECK(small[i].cost.comparisons < 400);
        CHECK(large[i].cost.comparisons <= 5 * small[i].cost.comparisons / 2 + 8);
        // A leaf that is full is cut in two.
        CHECK(large[i].cost.allocations <= small[i].cost.allocations + 8);
    }
}

template <class Counter>
void check_counter(const std::string& name) {
    check_type<Counter>(
        name, [](auto& counter, Counted i) { counter.add(i, 1); },
        [](auto& counter) { return counter.add(me, 1); });
}

/// A set of many elements, to which three replicas wrote by turns.
template <class Set>
void check_set(const std::string& name) {
    const auto grow = [](Set& set, Counted i) { set.insert(Counted{i.value % 3}, i); };
    check_type<Set>(name + ", insert", grow, [](Set& set) { return set.insert(me, key); });
    check_type<Set>(name + ", erase", grow, [](Set& set) {
        if constexpr (requires { set.erase(me, key); })
            return set.erase(me, Counted{5});
        else
            return set.erase(Counted{5});
    });
}

template <class Map>
void check_map(const std::string& name) {
    const auto apply = [](Map& map, Counted id, Counted at) {
        const auto mutate = [&](auto& set) { return set.insert(id, at); };
        if constexpr (requires { map.update(id, at, mutate); })
            return map.update(id, at, mutate);
        else
            return map.update(at, mutate);
    };
    const auto grow = [&](Map& map, Counted i) { apply(map, Counted{i.value % 3}, i); };
    check_type<Map>(name + ", update", grow, [&](Map& map) { return apply(map, me, key); });
    check_type<Map>(name + ", update where there is a value", grow,
                    [&](Map& map) { return apply(map, me, Counted{5}); });
    check_type<Map>(name + ", erase", grow, [](Map& map) { return map.erase(me, Counted{5}); });
}

}  // namespace

TEST_CASE("complexity: a small change is cheap to make, to send and to join") {
    check_counter<GCounter<Counted>>("GCounter");
    check_counter<PNCounter<Counted>>("PNCounter");
    check_counter<LexCounter<Counted>>("LexCounter");
    check_counter<ResettableCounter<Counted>>("ResettableCounter");
    check_type<VersionVector<Counted>>(
        "VersionVector", [](auto& vector, Counted i) { vector.advance_to(i, 1); },
        [](auto& vector) { return vector.advance_to(me, 1); });
    check_type<GSet<Counted>>(
        "GSet", [](auto& set, Counted i) { set.insert(i); },
        [](auto& set) { return set.insert(key); });
    check_type<GMap<Counted, Max<int>>>(
        "GMap",
        [](auto& map, Counted i) { map.update(i, [](auto& value) { return value.advance(1); }); },
        [](auto& map) { return map.update(key, [](auto& value) { return value.advance(1); }); });
    check_type<TwoPhaseSet<Counted>>(
        "TwoPhaseSet", [](auto& set, Counted i) { set.insert(i); },
        [](auto& set) { return set.erase(Counted{5}); });
    check_set<AWSet<Counted, Counted>>("AWSet");
    check_set<RWSet<Counted, Counted>>("RWSet");
    check_set<Bag<Counted, Counted>>("Bag");
    check_map<ORMap<Counted, AWSet<Counted, Counted>>>("ORMap");
    check_map<RWMap<Counted, AWSet<Counted, Counted>>>("RWMap");
    check_type<CausalContext<Counted>>(
        "CausalContext",
        [](auto& dots, Counted i) {
            dots.insert(Dot<Counted>{i, 2});
        },
        [](auto& dots) {
            return dots.insert(Dot<Counted>{Counted{5}, 1});
        });
}

// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/causal/causal.hpp>
#include <crdt/causal/dot_fun.hpp>
#include <crdt/causal/dot_map.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/dot_tuple.hpp>
#include <crdt/laws/laws.hpp>
#include <crdt/ormap.hpp>
#include <crdt/ostream.hpp>
#include <crdt/random.hpp>

#include "support/dot_stores.hpp"
#include "support/seeds.hpp"

namespace causal_tests {

using crdt::AWSet;
using crdt::Causal;
using crdt::Dot;
using crdt::DotMap;
using crdt::DotSet;
using crdt::DotTuple;
using crdt::ORMap;

static_assert(crdt::DecomposableLattice<Causal<DotSet<>>>);

namespace {

using Rising = crdt::DotFun<crdt::Max<unsigned>>;

/// The stage of each dot: 0 if it was not received, then the stages of its content, and at last
/// removed.
using Stages = std::map<Dot<>, unsigned>;

template <class Store>
Causal<Store> state_of(const Stages& stages) {
    support::Content content;
    DotSet<> removed;
    for (const auto& [dot, stage] : stages) {
        if (stage > support::StoreModel<Store>::stages(dot))
            removed.add(dot);
        else if (stage > 0)
            content[dot] = stage - 1;
    }
    return Causal<Store>(support::store_of<Store>(content), removed);
}

/// All states with two dots of each of two replicas.
template <class Store>
std::map<Stages, Causal<Store>> all_states() {
    std::vector<Stages> all{{}};
    for (const Dot<>& dot : {Dot<>{"a", 1}, Dot<>{"a", 2}, Dot<>{"b", 1}, Dot<>{"b", 2}}) {
        std::vector<Stages> longer;
        for (const Stages& stages : all) {
            for (unsigned stage = 0; stage <= support::StoreModel<Store>::stages(dot) + 1;
                 ++stage) {
                longer.push_back(stages);
                longer.back()[dot] = stage;
            }
        }
        all = longer;
    }
    std::map<Stages, Causal<Store>> states;
    for (const Stages& stages : all) states.emplace(stages, state_of<Store>(stages));
    return states;
}

Stages later_of(Stages a, const Stages& b) {
    for (auto& [dot, stage] : a) stage = std::max(stage, b.at(dot));
    return a;
}
/// What b lacks of a.
Stages missing_of(Stages a, const Stages& b) {
    for (auto& [dot, stage] : a) stage = stage <= b.at(dot) ? 0 : stage;
    return a;
}

template <class Store>
bool same(const Causal<Store>& a, const Causal<Store>& b) {
    return a == b && a.store().dots() == b.store().dots();
}

template <class Store>
void check_pair(const std::map<Stages, Causal<Store>>& states, const Stages& mine,
                const Stages& theirs) {
    const Causal<Store>& a = states.at(mine);
    const Causal<Store>& b = states.at(theirs);
    const Causal<Store>& later = states.at(later_of(mine, theirs));
    const Causal<Store>& missing = states.at(missing_of(mine, theirs));
    CAPTURE(a);
    CAPTURE(b);
    REQUIRE((a == b) == (mine == theirs));
    REQUIRE((hash_value(a) == hash_value(b)) == (mine == theirs));
    REQUIRE(a.leq(b) == (later_of(mine, theirs) == theirs));

    Causal<Store> merged = b;
    REQUIRE(merged.merge(a) == !missing.is_bottom());
    REQUIRE(same(merged, later));
    Causal<Store> absorbed = b;
    REQUIRE(same(absorbed.absorb(a), missing));
    REQUIRE(same(absorbed, later));

    REQUIRE(same(difference(a, b), missing));
    REQUIRE(same(difference(a, digest(b)), missing));
    decompose(missing, [&](const Causal<Store>& part) { REQUIRE_FALSE(part.leq(b)); });
}

template <class Store>
void check_parts(const Causal<Store>& state, const Stages& stages) {
    CAPTURE(state);
    const auto parts = crdt::laws::parts_of(state);
    const auto seen = std::count_if(stages.begin(), stages.end(),
                                    [](const auto& entry) { return entry.second > 0; });
    REQUIRE(parts.size() == static_cast<std::size_t>(seen));
    REQUIRE(part_count(state) == parts.size());
    REQUIRE(state.is_bottom() == parts.empty());
    REQUIRE(same(crdt::laws::join_all(parts), state));
    REQUIRE(hash_value(state) == hash_value(crdt::laws::join_all(parts)));
}

}  // namespace

#define SMALL_STORES \
    DotSet<>, Rising, DotMap<std::string, DotSet<>>, DotMap<std::string, DotTuple<DotSet<>, Rising>>

TEST_CASE_TEMPLATE(
    "Causal: at each dot a join takes the later stage of not received, present and removed", Store,
    SMALL_STORES) {
    const auto states = all_states<Store>();
    std::size_t pair = 0;
    for (const auto& mine : states) {
        for (const auto& theirs : states) {
            // If cases are few, every seventh pair: each state is still on both sides.
            if (!support::few_cases || ++pair % 7 == 0)
                check_pair(states, mine.first, theirs.first);
        }
    }
}

TEST_CASE_TEMPLATE("Causal: each received dot is one part", Store, SMALL_STORES) {
    for (const auto& [stages, state] : all_states<Store>()) check_parts(state, stages);
}

TEST_CASE("Causal: the context has the dots of the store, even if the caller does not pass them") {
    const Causal<DotSet<>> state(DotSet<>{{"a", 2}}, {{"a", 1}});
    CHECK(state.context() == DotSet<>{{"a", 1}, {"a", 2}});
    CHECK(state.store() == DotSet<>{{"a", 2}});
}

namespace {

using Sets = DotMap<std::string, DotMap<int, DotSet<>>>;

/// Returns the dots in the entries. dots() takes them from an index.
DotSet<> dots_in(const DotSet<>& store) { return store; }
template <class KeyType, class Store>
DotSet<> dots_in(const DotMap<KeyType, Store>& map) {
    DotSet<> dots;
    for (const auto& entry : map) {
        CHECK_FALSE(entry.second.is_bottom());
        dots.merge(dots_in(entry.second));
    }
    CHECK(map.dots() == dots);
    return dots;
}

template <class Store>
void check_consistent(const Causal<Store>& state) {
    CHECK(dots_in(state.store()).leq(state.context()));
    Causal<Store> cleared = state;
    cleared.merge(Causal<Store>(Store(), state.context()));
    CHECK(cleared.store().is_bottom());
}

constexpr auto adding(int element) {
    return [=](AWSet<int>& set) { return set.insert("a", element); };
}
constexpr auto removing(int element) {
    return [=](AWSet<int>& set) { return set.erase(element); };
}
constexpr auto resetting = [](AWSet<int>& set) { return set.reset("a"); };

struct Broken : std::runtime_error {
    Broken() : std::runtime_error("broken off") {}
};

/// Makes the same mutation, and then throws.
template <class Mutate>
auto breaking_off(Mutate mutate) {
    return [=](auto& value) -> decltype(mutate(value)) {
        mutate(value);
        throw Broken();
    };
}
constexpr auto broken_at_once = [](auto& value) -> std::remove_reference_t<decltype(value)> {
    throw Broken();
};

Causal<Sets> some_sets() {
    Causal<Sets> state;
    state.apply<AWSet<int>>("x", adding(1));
    state.apply<AWSet<int>>("x", adding(2));
    state.apply<AWSet<int>>("y", adding(1));
    state.apply<AWSet<int>>("x", removing(2));
    return state;
}

}  // namespace

TEST_CASE(
    "Causal: the delta of apply has the whole change, and makes the same change at another "
    "replica") {
    crdt::Random random(1);
    Causal<Sets> state, elsewhere;
    std::map<std::string, std::set<int>> model;
    for (int step = 0; step < 500; ++step) {
        const std::string key(1 + random.below(2), 'x');
        const int element = static_cast<int>(random.below(2));
        const Causal<Sets> before = state;
        Causal<Sets> delta;
        switch (random.below(6)) {
            case 0:
                delta = state.apply<AWSet<int>>(key, resetting);
                model.erase(key);
                break;
            case 1:
            case 2:
                delta = state.apply<AWSet<int>>(key, removing(element));
                model[key].erase(element);
                break;
            default:
                delta = state.apply<AWSet<int>>(key, adding(element));
                model[key].insert(element);
        }
        REQUIRE(same(delta, difference(state, before)));
        elsewhere.merge(delta);
        REQUIRE(same(elsewhere, state));
        for (const auto& [name, elements] : model) {
            std::set<int> actual;
            for (const auto& entry : state.store().at(name)) actual.insert(entry.first);
            REQUIRE(actual == elements);
        }
        check_consistent(state);
    }
}

TEST_CASE("Causal: apply joins the deltas of several mutations") {
    Causal<Sets> state = some_sets(), elsewhere = state;
    elsewhere.merge(state.apply<AWSet<int>>("x", [](AWSet<int>& set) {
        AWSet<int> delta = set.insert("a", 7);
        delta.merge(set.insert("a", 8));
        delta.merge(set.erase(7));
        delta.merge(set.erase(1));
        return delta;
    }));
    CHECK(same(elsewhere, state));
    CHECK(state.store().at("x").size() == 1);
    CHECK(state.store().at("x").contains(8));
    check_consistent(state);
}

TEST_CASE("Causal: an apply that does nothing leaves no key") {
    Causal<Sets> state = some_sets();
    const Causal<Sets> before = state;
    CHECK(state.apply<AWSet<int>>("new", removing(1)).is_bottom());
    CHECK(same(state, before));
    CHECK_FALSE(state.store().contains("new"));
}

TEST_CASE("Causal: an apply that throws at once changes nothing") {
    Causal<Sets> state = some_sets();
    const Causal<Sets> before = state;
    for (const char* key : {"x", "y", "new"}) {
        CAPTURE(key);
        CHECK_THROWS_AS(state.apply<AWSet<int>>(key, broken_at_once), Broken);
        CHECK(same(state, before));
        CHECK(hash_value(state) == hash_value(before));
        check_consistent(state);
    }
    Causal<Sets> empty;
    CHECK_THROWS_AS(empty.apply<AWSet<int>>("new", broken_at_once), Broken);
    CHECK(empty.is_bottom());
}

TEST_CASE("Causal: an apply that throws after a mutation keeps the mutation") {
    const auto check = [](const std::string& key, auto mutate) {
        Causal<Sets> state = some_sets(), expected = state;
        CHECK_THROWS_AS(state.apply<AWSet<int>>(key, breaking_off(mutate)), Broken);
        expected.apply<AWSet<int>>(key, mutate);
        CHECK(same(state, expected));
        check_consistent(state);
    };
    check("x", adding(1));
    check("x", adding(5));
    check("new", adding(5));
    check("x", removing(1));
    check("y", resetting);
    check("new", resetting);
}

TEST_CASE("Causal: apply works inside apply") {
    using Store = DotMap<std::string, DotMap<int, DotMap<int, DotSet<>>>>;
    using Map = ORMap<int, AWSet<int>>;
    const auto at = [](int key, auto mutate) {
        return [=](Map& map) { return map.update(key, mutate); };
    };
    Causal<Store> state, elsewhere;
    elsewhere.merge(state.apply<Map>("x", at(1, adding(7))));
    elsewhere.merge(state.apply<Map>("x", at(2, adding(7))));
    elsewhere.merge(state.apply<Map>("y", at(1, adding(8))));
    elsewhere.merge(state.apply<Map>("x", at(1, removing(7))));
    CHECK(same(elsewhere, state));
    CHECK(state.store().size() == 2);
    CHECK_FALSE(state.store().at("x").contains(1));
    CHECK(state.store().at("x").at(2).contains(7));
    check_consistent(state);

    const Causal<Store> before = state;
    for (const char* key : {"x", "new"}) {
        CAPTURE(key);
        CHECK_THROWS_AS(state.apply<Map>(key, at(2, broken_at_once)), Broken);
        CHECK(same(state, before));
        check_consistent(state);
    }
    const auto check = [&](const std::string& key, int inner, auto mutate) {
        Causal<Store> broken = before, expected = before;
        CHECK_THROWS_AS(broken.apply<Map>(key, at(inner, breaking_off(mutate))), Broken);
        expected.apply<Map>(key, at(inner, mutate));
        CHECK(same(broken, expected));
        check_consistent(broken);
    };
    check("x", 2, adding(7));
    check("x", 1, adding(9));
    check("new", 1, adding(9));
    check("y", 1, removing(8));
}

TEST_CASE("Causal: apply at a component does not change the other components") {
    using Store = DotTuple<DotSet<>, DotMap<int, DotSet<>>>;
    constexpr crdt::Part<1> place;
    Causal<Store> state(Store(crdt::Part<0>{}, DotSet<>{{"b", 1}})), elsewhere = state;
    elsewhere.merge(state.apply<AWSet<int>>(place, adding(7)));
    CHECK(elsewhere == state);
    CHECK(state.store().get<0>() == DotSet<>{{"b", 1}});
    CHECK(state.store().get<1>().contains(7));
    CHECK(state.context() == DotSet<>{{"a", 1}, {"b", 1}});

    const Causal<Store> before = state;
    CHECK_THROWS_AS(state.apply<AWSet<int>>(place, broken_at_once), Broken);
    CHECK(state == before);
    Causal<Store> expected = state;
    expected.apply<AWSet<int>>(place, adding(8));
    CHECK_THROWS_AS(state.apply<AWSet<int>>(place, breaking_off(adding(8))), Broken);
    CHECK(state == expected);
    elsewhere.merge(state.apply<AWSet<int>>(place, resetting));
    elsewhere.merge(state);
    CHECK(elsewhere == state);
    CHECK(state.store().get<1>().is_bottom());
}

}  // namespace causal_tests

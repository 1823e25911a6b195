// SPDX-License-Identifier: MIT
#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/dwflag.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/lww_register.hpp>
#include <crdt/mvregister.hpp>
#include <crdt/ormap.hpp>
#include <crdt/resettable_counter.hpp>
#include <crdt/rwset.hpp>

#include "support/menu.hpp"
#include "support/resettable_model.hpp"
#include "support/set_models.hpp"

namespace ormap_tests {

using crdt::AWSet;
using crdt::CausalValue;
using crdt::DWFlag;
using crdt::ORMap;
using crdt::ResettableCounter;
using crdt::RWSet;
using support::Deed;
using support::Kind;

static_assert(CausalValue<AWSet<int>> && CausalValue<ResettableCounter<>>);
static_assert(CausalValue<ORMap<int, ORMap<int, AWSet<int>>>>);
static_assert(!CausalValue<int> && !CausalValue<crdt::GCounter<>> &&
              !CausalValue<crdt::LWWRegister<int>>);

namespace {

using Sets = ORMap<int, AWSet<int>>;
using Counters = ORMap<std::string, ResettableCounter<>>;
using Nested = ORMap<int, ORMap<int, ResettableCounter<>>>;

/// Element e of the model is element e % 2 of the set at key e / 2. An erase of a key is a write to
/// all elements of its set.
struct SetsModel : support::SetModel<Sets> {
    static constexpr int element_count = 4;

    static Op draw(support::Random& random) {
        const int element = static_cast<int>(random.below(element_count));
        const int key = element / 2;
        switch (random.below(8)) {
            case 0: return {Kind::reset, 0, 0, element_count - 1};
            case 1:
            case 2: return {Kind::reset, 2 * key, 2 * key, 2 * key + 1};
            case 3: return {Kind::remove, element};
            default: return {Kind::add, element};
        }
    }
    static State run(State& state, std::size_t replica, const Op& op) {
        const std::string& id = support::replica_name(replica);
        const int key = op.element / 2;
        if (op.kind == Kind::reset)
            return op.last - op.first > 1 ? state.reset(id) : state.erase(id, key);
        return state.update(key, [&](auto& set) {
            return op.kind == Kind::add ? set.insert(id, op.element % 2)
                                        : set.erase(op.element % 2);
        });
    }
    std::set<int> expected(const Events& events, Known known) const {
        std::set<int> result;
        for (int element = 0; element < element_count; ++element) {
            if (support::has_add(kinds_in_force(events, known, element))) result.insert(element);
        }
        return result;
    }
    static std::set<int> actual(const State& state) {
        std::set<int> result;
        for (const int key : state.keys()) {
            for (const int element : state.view(key)) result.insert(2 * key + element);
        }
        return result;
    }
};

/// Counter c of the model is that at keys c / 2, c % 2.
struct NestedModel : support::ResettableModel<Nested, 4> {
    static Op draw(support::Random& random) {
        Op op = ResettableModel::draw(random);
        // Some erases are of an outer key, which has two counters.
        if (op.deed == Deed::reset && op.first == op.last && random.below(2) == 0) {
            op.first -= op.first % 2;
            op.last = op.first + 1;
        }
        return op;
    }
    static State run(State& state, std::size_t replica, const Op& op) {
        const std::string& id = support::replica_name(replica);
        const int outer = op.first / 2, inner = op.first % 2;
        if (op.deed == Deed::compact) return state.compact(id);
        if (op.last - op.first == 3) return state.reset(id);
        if (op.last != op.first) return state.erase(id, outer);
        return state.update(outer, [&](auto& counters) {
            if (op.deed == Deed::reset) return counters.erase(id, inner);
            return counters.update(inner, [&](auto& c) { return c.add(id, op.amount); });
        });
    }
    static std::map<int, std::int64_t> actual(const State& state) {
        std::map<int, std::int64_t> result;
        for (const int outer : state.keys()) {
            const auto counters = state.view(outer);
            for (const int inner : counters.keys())
                result[2 * outer + inner] = counters.view(inner).value();
        }
        return result;
    }
};

/// For the laws: a random write to an element of a set, or to a key.
constexpr auto write_to_sets = [](auto& map, std::size_t replica, crdt::laws::Choices& choices) {
    const int key = static_cast<int>(choices.below(2));
    const auto id = support::replica_id<std::string>(replica);
    if (choices.below(4) == 3) return map.erase(id, key);
    return map.update(key, [&](auto& set) { return support::write_to_set(set, replica, choices); });
};

constexpr auto write_to_nested = [](auto& map, std::size_t replica, crdt::laws::Choices& choices) {
    const int key = static_cast<int>(choices.below(2));
    const auto id = support::replica_id<std::string>(replica);
    switch (choices.below(6)) {
        case 4: return map.erase(id, key);
        case 5: return map.compact(id);
        default:
            return map.update(key, [&](auto& counters) {
                if (choices.below(3) == 2) return counters.erase(id, 1);
                return counters.update(1, [&](auto& counter) {
                    return support::add_anything(counter, replica, choices);
                });
            });
    }
};

const bool listed =
    support::on_menu<Sets, SetsModel>("ORMap of AWSets", write_to_sets) &&
    support::on_menu<Nested, NestedModel>("ORMap of ORMaps of ResettableCounters",
                                          write_to_nested) &&
    support::on_menu<ORMap<int, RWSet<std::string>>>("ORMap of RWSets", write_to_sets);

constexpr auto adding(const char* id, int amount) {
    return [=](auto& counter) { return counter.add(id, amount); };
}

}  // namespace

TEST_CASE("ORMap: neither an old state nor a new addition restores a removed counter") {
    Counters a;
    a.update("k", adding("a", 5));
    const Counters old = a;
    Counters b = a;
    b.erase("b", "k");
    CHECK_FALSE(b.contains("k"));
    b.merge(old);
    CHECK_FALSE(b.contains("k"));
    a.merge(b);
    CHECK_FALSE(a.contains("k"));
    a.update("k", adding("a", 1));
    b.merge(a);
    CHECK(a.view("k").value() == 1);
    CHECK(b.view("k").value() == 1);
}

TEST_CASE("ORMap: two decrements and a reset leave the right count") {
    // Older maps of counters added up the decrements before and after a removal wrongly.
    Counters a;
    a.update("k", adding("a", -1));
    Counters b = a;
    a.update("k", adding("a", -1));
    b.erase("b", "k");
    b.update("k", adding("b", -1));
    a.merge(b);
    b.merge(a);
    CHECK(a == b);
    CHECK(a.view("k").value() == -2);
}

TEST_CASE("ORMap: a removed counter leaves only context") {
    Counters a;
    a.update("k", adding("a", 5));
    a.erase("a", "k");
    CHECK(a.lattice().store().is_bottom());
    CHECK(a.context().range_count() == 1);

    Counters b;  // here another replica erases, and the owner has received the erase
    a.update("k", adding("a", 5));
    b.merge(a);
    b.erase("b", "k");
    CHECK(b.keys().empty());
    CHECK(b.size() == 0);
    a.merge(b);
    b.merge(a.compact("a"));
    CHECK(a.lattice().store().is_bottom());
    CHECK(b.lattice().store().is_bottom());
    CHECK(b.context().range_count() == 1);
}

TEST_CASE("ORMap: an erase undoes the received writes of a key, and a concurrent update survives") {
    ORMap<std::string, AWSet<std::string>> a;
    a.update("fruit", [](auto& set) { return set.insert("a", "fig"); });
    auto b = a;
    a.erase("a", "fruit");
    b.update("fruit", [](auto& set) { return set.insert("b", "kiwi"); });
    a.merge(b);
    b.merge(a);
    CHECK(a == b);
    CHECK(a.view("fruit").contains("kiwi"));
    CHECK_FALSE(a.view("fruit").contains("fig"));
    CHECK(a.erase("a", "nothing").is_bottom());
}

TEST_CASE(
    "ORMap: a mutator that throws changes nothing, and several deltas of one mutator are joined") {
    ORMap<int, ResettableCounter<int, std::uint8_t>> map;
    map.update(1, [](auto& counter) { return counter.add(1, 200); });
    const auto before = map;
    const auto too_much = [](auto& counter) { return counter.add(1, 256); };
    CHECK_THROWS_AS(map.update(1, too_much), std::overflow_error);
    CHECK(map == before);
    CHECK_THROWS_AS(map.update(2, [](auto& counter) { return counter.add(1, 1000); }),
                    std::overflow_error);
    CHECK(map == before);

    ORMap<int, AWSet<int>> sets, others;
    others.merge(sets.update(1, [](auto& set) {
        auto delta = set.insert("a", 7);
        delta.merge(set.insert("a", 8));
        delta.merge(set.erase(7));
        return delta;
    }));
    CHECK(others == sets);
    CHECK(sets.view(1).size() == 1);
    sets.erase("a", 1);
    others.merge(sets);
    CHECK(others.size() == 0);
}

TEST_CASE("ORMap: after a mutator has thrown half-way, the state still converges with others") {
    ORMap<int, AWSet<int>> a;
    a.update(1, [](auto& set) { return set.insert("a", 7); });
    CHECK_THROWS_AS(a.update(1,
                             [](auto& set) {
                                 set.erase(7);
                                 set.insert("a", 8);
                                 throw std::runtime_error("half-way");
                                 return set;
                             }),
                    std::runtime_error);
    auto b = a;
    b.erase("b", 1);
    a.merge(b);
    CHECK(a == b);
    CHECK(a.lattice().store().is_bottom());
}

TEST_CASE("ORMap: a copy of the value at a key is a state that can be merged back") {
    ORMap<int, crdt::MVRegister<int>> map;
    map.update(1, [](auto& value) { return value.assign("a", 5); });
    crdt::MVRegister<int> value = map.view(1).copy_with_context();
    value.assign("b", 6);
    map.update(1, [&](auto& mine) { return mine.absorb(value); });
    CHECK(map.view(1).values() == std::vector<int>{6});
    CHECK(map.view(2).values().empty());
    CHECK(map.size() == 1);
}

TEST_CASE("ORMap: one dot at two keys is a conflict") {
    ORMap<int, AWSet<int>> a, b;
    a.update(1, [](auto& set) { return set.insert("same", 1); });
    b.update(2, [](auto& set) { return set.insert("same", 1); });
    CHECK(conflicts(a, b));
    CHECK_FALSE(conflicts(a, a));
}

TEST_CASE("ORMap: a key is in the map while something at it is visible, whatever else is stored") {
    ORMap<std::string, RWSet<int>> sets;
    sets.update("s", [](auto& set) { return set.erase("a", 1); });
    CHECK_FALSE(sets.contains("s"));
    CHECK(sets.size() == 0);
    sets.update("s", [](auto& set) { return set.insert("a", 1); });
    CHECK(sets.contains("s"));

    ORMap<std::string, DWFlag<>> flags;
    flags.update("f", [](auto& flag) { return flag.disable("a"); });
    CHECK(flags.keys().empty());
    flags.update("f", [](auto& flag) { return flag.enable("a"); });
    CHECK(flags.contains("f"));
    flags.erase("a", "f");
    CHECK(flags.lattice().store().is_bottom());
}

}  // namespace ormap_tests

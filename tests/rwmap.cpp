// SPDX-License-Identifier: MIT
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/resettable_counter.hpp>
#include <crdt/rwmap.hpp>

#include "support/menu.hpp"
#include "support/set_models.hpp"

namespace rwmap_tests {

using crdt::AWSet;
using crdt::ResettableCounter;
using crdt::RWMap;
using support::Kind;

namespace {

using Sets = RWMap<int, AWSet<int>>;

struct Operation {
    enum Deed { add, take, remove_key, reset } deed;
    int key, element;

    bool is_update() const { return deed == add || deed == take; }
};

/// A model: the current erases of a key hide everything else at it. A later update replaces
/// everything at the key.
struct Model {
    using State = Sets;
    using Op = Operation;
    using Events = std::vector<support::Event<Op>>;
    std::vector<support::Known> overwrites;

    static Op draw(support::Random& random) {
        constexpr Operation::Deed deeds[] = {Op::add,        Op::add,        Op::add,  Op::take,
                                             Op::remove_key, Op::remove_key, Op::reset};
        return {deeds[random.below(7)], static_cast<int>(random.below(2)),
                static_cast<int>(random.below(2))};
    }
    static State run(State& state, std::size_t replica, const Op& op) {
        const std::string& id = support::replica_name(replica);
        if (op.deed == Op::reset) return state.reset(id);
        if (op.deed == Op::remove_key) return state.erase(id, op.key);
        return state.update(id, op.key, [&](auto& set) {
            return op.deed == Op::add ? set.insert(id, op.element) : set.erase(op.element);
        });
    }
    void happen(const Events& events) {
        const auto& [replica, op, seen] = events.back();
        const bool was_removed = is_removed(events, seen, op.key);
        support::Known replaced;
        for (std::size_t i = 0; i < overwrites.size(); ++i) {
            const Op& other = events[i].op;
            const bool concerns =
                op.deed == Op::reset ||
                (op.key == other.key && (!op.is_update() || was_removed ||
                                         (other.is_update() && op.element == other.element)));
            if (concerns && is_in_force(i, seen)) replaced.add(i);
        }
        overwrites.push_back(replaced);
    }
    bool is_in_force(std::size_t i, support::Known known) const {
        bool in_force = known.has(i);
        for (std::size_t j = 0; j < overwrites.size(); ++j) {
            in_force = in_force && !(known.has(j) && overwrites[j].has(i));
        }
        return in_force;
    }
    bool is_removed(const Events& events, support::Known known, int key) const {
        for (std::size_t i = 0; i < overwrites.size(); ++i) {
            const Op& op = events[i].op;
            if (op.deed == Op::remove_key && op.key == key && is_in_force(i, known)) return true;
        }
        return false;
    }
    std::set<std::pair<int, int>> expected(const Events& events, support::Known known) const {
        std::set<std::pair<int, int>> result;
        for (std::size_t i = 0; i < events.size(); ++i) {
            const Op& op = events[i].op;
            if (op.deed == Op::add && is_in_force(i, known) && !is_removed(events, known, op.key))
                result.insert({op.key, op.element});
        }
        return result;
    }
    static std::set<std::pair<int, int>> actual(const State& state) {
        std::set<std::pair<int, int>> result;
        for (const int key : state.keys()) {
            for (const int element : state.view(key)) result.insert({key, element});
        }
        return result;
    }
};

const bool listed =
    support::on_menu<Sets, Model>("RWMap of AWSets",
                                  [](auto& map, std::size_t replica, crdt::laws::Choices& choices) {
                                      const int key = static_cast<int>(choices.below(2));
                                      const auto id = support::replica_id<std::string>(replica);
                                      if (choices.below(3) == 2) return map.erase(id, key);
                                      return map.update(id, key, [&](auto& set) {
                                          return support::write_to_set(set, replica, choices);
                                      });
                                  }) &&
    support::on_menu<RWMap<int, ResettableCounter<>>>(
        "RWMap of ResettableCounters",
        [](auto& map, std::size_t replica, crdt::laws::Choices& choices) {
            const auto id = support::replica_id<std::string>(replica);
            switch (choices.below(5)) {
                case 3: return map.erase(id, 1);
                case 4: return choices.below(2) == 0 ? map.compact(id) : map.reset(id);
                default:
                    return map.update(id, 1, [&](auto& counter) {
                        return support::add_anything(counter, replica, choices);
                    });
            }
        });

}  // namespace

TEST_CASE("RWMap: an erase wins over a concurrent update, and the hidden content stays hidden") {
    Sets a;
    a.update("a", 1, [](auto& set) { return set.insert("a", 7); });
    Sets b = a;
    a.erase("a", 1);
    b.update("b", 1, [](auto& set) { return set.insert("b", 8); });
    a.merge(b);
    b.merge(a);
    CHECK(a == b);
    CHECK_FALSE(a.contains(1));
    CHECK(a.view(1).size() == 0);
    a.update("a", 1, [](auto& set) { return set.insert("a", 9); });
    CHECK(a.keys() == std::vector<int>{1});
    const auto set = a.view(1);
    CHECK(std::vector<int>(set.begin(), set.end()) == std::vector<int>{9});
}

TEST_CASE("RWMap: an erase of a key wins over an update that has not arrived yet") {
    Sets a, b;
    b.erase("b", 1);
    b.merge(a.update("a", 1, [](auto& set) { return set.insert("a", 7); }));
    CHECK(b.size() == 0);
    b.reset("b");
    CHECK(b.lattice().store().is_bottom());
}

TEST_CASE("RWMap: an update that throws after an erase leaves the key erased") {
    RWMap<int, ResettableCounter<int, std::uint8_t>> map;
    map.update(1, 5, [](auto& counter) { return counter.add(1, 200); });
    map.erase(1, 5);
    const auto before = map;
    CHECK_THROWS_AS(map.update(1, 5, [](auto& counter) { return counter.add(1, 300); }),
                    std::overflow_error);
    CHECK(map == before);
    CHECK_FALSE(map.contains(5));
}

namespace {

/// A register of marks. Its reset is itself a write.
class Marks : public crdt::CausalType<Marks, crdt::DotSet<>> {
  public:
    Marks set(const std::string& id) { return change(store(), {context().next(id)}); }
    Marks reset(const std::string& id) { return set(id); }
};

}  // namespace

TEST_CASE("RWMap: an erase also removes a value with a reset that is a write") {
    RWMap<int, Marks> map;
    map.update("a", 1, [](auto& marks) { return marks.set("a"); });
    CHECK(map.contains(1));
    map.erase("a", 1);
    CHECK_FALSE(map.contains(1));
}

}  // namespace rwmap_tests

// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/bag.hpp>

#include "support/menu.hpp"
#include "support/set_models.hpp"

namespace bag_tests {

using crdt::Bag;
using support::Kind;

namespace {

struct Operation {
    Kind kind;
    int element;
    std::size_t count;
};

/// A model with unique occurrences. A replica erases its own occurrences first, and then those of
/// other replicas in the order of their ids.
struct Model {
    using State = Bag<int>;
    using Op = Operation;
    using Events = std::vector<support::Event<Op>>;
    using Occurrence = std::pair<std::size_t, std::size_t>;  // event, and number in it
    std::vector<std::set<Occurrence>> removed;

    static Op draw(support::Random& random) {
        constexpr std::array kinds{Kind::add,    Kind::add,    Kind::add,    Kind::remove,
                                   Kind::remove, Kind::remove, Kind::remove, Kind::reset};
        return {kinds[random.below(kinds.size())], static_cast<int>(random.below(2)),
                static_cast<std::size_t>(random.below(4))};
    }
    static State run(State& state, std::size_t replica, const Op& op) {
        const std::string& id = support::replica_name(replica);
        if (op.kind == Kind::add) return state.insert(id, op.element, op.count);
        if (op.kind == Kind::remove) return state.erase(id, op.element, op.count);
        return state.reset(id);
    }
    void happen(const Events& events) {
        const auto& [replica, op, seen] = events.back();
        std::set<Occurrence> taken;
        if (op.kind == Kind::reset) {
            for (int element = 0; element < 2; ++element) {
                for (const auto& one : occurrences(events, seen, element)) taken.insert(one);
            }
        } else if (op.kind == Kind::remove) {
            std::vector<Occurrence> own, others;
            for (const auto& one : occurrences(events, seen, op.element)) {
                (events[one.first].replica == replica ? own : others).push_back(one);
            }
            std::stable_sort(others.begin(), others.end(), [&](const auto& a, const auto& b) {
                return events[a.first].replica < events[b.first].replica;
            });
            own.insert(own.end(), others.begin(), others.end());
            taken.insert(own.begin(), own.begin() + static_cast<std::ptrdiff_t>(op.count));
        }
        removed.push_back(std::move(taken));
    }
    std::vector<Occurrence> occurrences(const Events& events, support::Known known,
                                        int element) const {
        std::set<Occurrence> taken;
        for (std::size_t i = 0; i < removed.size(); ++i) {
            if (known.has(i)) taken.insert(removed[i].begin(), removed[i].end());
        }
        std::vector<Occurrence> result;
        for (std::size_t i = 0; i < events.size(); ++i) {
            const Op& op = events[i].op;
            if (!known.has(i) || op.kind != Kind::add || op.element != element) continue;
            for (std::size_t n = 0; n < op.count; ++n) {
                if (taken.count({i, n}) == 0) result.push_back({i, n});
            }
        }
        return result;
    }
    std::map<int, std::size_t> expected(const Events& events, support::Known known) const {
        std::map<int, std::size_t> counts;
        for (int element = 0; element < 2; ++element) {
            const std::size_t count = occurrences(events, known, element).size();
            if (count > 0) counts[element] = count;
        }
        return counts;
    }
    static std::map<int, std::size_t> actual(const State& state) {
        std::map<int, std::size_t> counts;
        for (const auto& [element, count] : state) counts[element] = count;
        return counts;
    }
};

const bool listed = support::on_menu<Bag<std::string>, Model>(
    "Bag", [](auto& bag, std::size_t replica, crdt::laws::Choices& choices) {
        const auto id = support::replica_id<std::string>(replica);
        const std::string element(choices.below(2), 'x');
        const auto kind = choices.below(4);
        if (kind == 3) return bag.reset(id);
        const std::size_t count = choices.below(3);
        return kind == 2 ? bag.erase(id, element, count) : bag.insert(id, element, count);
    });

}  // namespace

TEST_CASE(
    "Bag: concurrent inserts all count, and an occurrence that two replicas erase is erased once") {
    Bag<std::string> a, b;
    a.insert("a", "nail", 3);
    b.merge(a);
    b.insert("b", "nail", 2);
    a.erase("a", "nail");
    b.erase("b", "nail", 3);  // its own two, and the first one of a, which a erases too
    a.merge(b);
    CHECK(a.count("nail") == 2);
    CHECK(a.size() == 1);
    const auto before = a;
    CHECK_THROWS_AS(a.erase("a", "nail", 3), std::out_of_range);
    CHECK(a == before);
    CHECK(a.erase("a", "nail", 0).is_bottom());
    CHECK(a.insert("a", "screw", 0).is_bottom());
}

TEST_CASE("Bag: a billion occurrences cost as much as one, and their number cannot wrap") {
    Bag<int> bag;
    bag.insert("a", 1, 1000000000);
    CHECK(bag.count(1) == 1000000000);
    CHECK(bag.context().range_count() == 1);
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
    if constexpr (most == std::numeric_limits<std::uint64_t>::max()) {
        CHECK_THROWS_AS(bag.insert("a", 1, most), std::overflow_error);
        bag.insert("a", 1, most - 1000000000);
        CHECK(bag.count(1) == most);
        CHECK_THROWS_AS(bag.insert("a", 1), std::overflow_error);
        bag.erase("a", 1, most - 1);
        CHECK(bag.count(1) == 1);
    } else {  // the replica has dots left, but a count has only 32 bits
        bag.insert("a", 1, most);
        CHECK(bag.count(1) == most);
        CHECK(bag.total() == most);
        bag.erase("a", 1, most);
        CHECK(bag.count(1) == 1000000000);
    }
}

}  // namespace bag_tests

// SPDX-License-Identifier: MIT
#include <array>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/bounded_counter.hpp>

#include "support/menu.hpp"

namespace bounded_counter_tests {

using crdt::BoundedCounter;
using support::replica_name;

namespace {

enum class Deed { add, subtract, transfer };

struct Operation {
    Deed deed;
    std::size_t to;
    std::int64_t amount;

    bool same_total(const Operation& other) const {
        return deed == other.deed && (deed != Deed::transfer || to == other.to);
    }
};

/// A model with unique operations. A running total includes all operations up to it.
struct Model : support::NoMemory {
    using State = BoundedCounter<>;
    using Op = Operation;
    using Events = std::vector<support::Event<Op>>;
    /// The value, and the rights of each replica.
    using Seen = std::array<std::int64_t, 4>;

    static Op draw(support::Random& random) {
        constexpr std::array deeds{Deed::add, Deed::subtract, Deed::transfer};
        return {deeds[random.below(3)], random.below(3),
                static_cast<std::int64_t>(random.below(4))};
    }
    static State run(State& state, std::size_t replica, const Op& op) {
        const auto& id = replica_name(replica);
        if (op.deed == Deed::add) return state.add(id, op.amount);
        if (op.deed == Deed::subtract) return state.subtract(id, op.amount);
        return state.transfer(id, replica_name(op.to), op.amount);
    }
    static bool is_known(const Events& events, support::Known known, std::size_t operation) {
        for (std::size_t i = operation; i < events.size(); ++i) {
            if (known.has(i) && events[i].replica == events[operation].replica &&
                events[i].op.same_total(events[operation].op))
                return true;
        }
        return false;
    }
    static Seen expected(const Events& events, support::Known known) {
        Seen seen{}, truth{};
        for (std::size_t i = 0; i < events.size(); ++i) {
            apply(events[i], truth);
            if (is_known(events, known, i)) apply(events[i], seen);
        }
        CHECK(truth[0] >= 0);  // the invariant, over all events
        for (std::int64_t& number : seen) number = std::max<std::int64_t>(number, 0);
        return seen;
    }
    static void apply(const support::Event<Op>& event, Seen& seen) {
        const auto& [replica, op, known] = event;
        const std::int64_t amount = op.deed == Deed::add ? op.amount : -op.amount;
        if (op.deed != Deed::transfer) seen[0] += amount;
        seen[1 + replica] += amount;
        if (op.deed == Deed::transfer) seen[1 + op.to] += op.amount;
    }
    static Seen actual(const State& state) {
        const auto rights = [&](std::size_t replica) {
            return static_cast<std::int64_t>(state.rights(replica_name(replica)));
        };
        return {static_cast<std::int64_t>(state.value()), rights(0), rights(1), rights(2)};
    }
};

const bool listed = support::on_menu<BoundedCounter<>, Model>(
    "BoundedCounter", [](auto& counter, std::size_t replica, crdt::laws::Choices& choices) {
        const auto id = support::replica_id<std::string>(replica);
        const auto deed = choices.below(4);
        const int amount = deed < 2 ? choices.number<int>() : static_cast<int>(choices.below(3));
        if (deed < 2) return counter.add(id, amount);
        if (deed == 2) return counter.subtract(id, amount);
        return counter.transfer(id, support::replica_id<std::string>(choices.below(3)), amount);
    });

}  // namespace

TEST_CASE("BoundedCounter: rights are added, transferred and used, and never exceeded") {
    BoundedCounter<> stock;
    stock.add("a", 10);
    CHECK(stock.rights("a") == 10);
    CHECK_THROWS_AS(stock.subtract("b", 1), std::out_of_range);
    stock.transfer("a", "b", 4);
    CHECK(stock.rights("a") == 6);
    stock.subtract("b", 3);
    CHECK(stock.value() == 7);
    CHECK(stock.rights("b") == 1);
    const auto before = stock;
    CHECK_THROWS_AS(stock.subtract("b", 2), std::out_of_range);
    CHECK_THROWS_AS(stock.transfer("b", "a", 2), std::out_of_range);
    CHECK(stock == before);
}

TEST_CASE("BoundedCounter: concurrent subtractions cannot together go below zero") {
    BoundedCounter<> a;
    a.add("a", 5);
    a.transfer("a", "b", 2);
    BoundedCounter<> b = a;
    a.subtract("a", 3);
    b.subtract("b", 2);
    CHECK_THROWS_AS(a.subtract("a", 1), std::out_of_range);
    CHECK_THROWS_AS(b.subtract("b", 1), std::out_of_range);
    a.merge(b);
    CHECK(a.value() == 0);
}

TEST_CASE(
    "BoundedCounter: amounts must be positive, transfers go to other replicas, and sums do not "
    "wrap") {
    BoundedCounter<int, std::uint8_t> counter;
    CHECK_THROWS_AS(counter.add(1, 0), std::invalid_argument);
    CHECK_THROWS_AS(counter.add(1, -1), std::invalid_argument);
    CHECK_THROWS_AS(counter.subtract(1, 0), std::invalid_argument);
    CHECK_THROWS_AS(counter.transfer(1, 1, 1), std::invalid_argument);
    CHECK_THROWS_AS(counter.add(1, 256), std::overflow_error);
    CHECK(counter.is_bottom());
    counter.add(1, 200);
    counter.add(2, 200);
    CHECK_THROWS_AS(counter.value(), std::overflow_error);
    counter.transfer(1, 2, 200);
    CHECK(counter.rights(2) == 255);  // 400, the most that a byte holds
    counter.subtract(2, 255);
    CHECK(counter.rights(2) == 145);
    CHECK(counter.value() == 145);
    CHECK_THROWS_AS(counter.subtract(2, 1), std::overflow_error);
}

TEST_CASE("BoundedCounter: amounts can exceed the signed range") {
    BoundedCounter<> counter;
    counter.add("a", std::numeric_limits<std::uint64_t>::max());
    counter.subtract("a", std::numeric_limits<std::uint64_t>::max() - 1);
    CHECK(counter.value() == 1);
}

TEST_CASE("BoundedCounter: a subtraction that arrives before its addition gives zero, not less") {
    BoundedCounter<> a, b;
    a.add("a", 5);
    b.merge(a.subtract("a", 3));
    CHECK(b.value() == 0);
    CHECK(b.rights("a") == 0);
    b.merge(a);
    CHECK(b.value() == 2);
}

}  // namespace bounded_counter_tests

// SPDX-License-Identifier: MIT
#include <cstdint>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>

#include <doctest/doctest.h>

#include <crdt/resettable_counter.hpp>

#include "support/menu.hpp"
#include "support/resettable_model.hpp"

namespace resettable_counter_tests {

using crdt::ResettableCounter;
using support::Deed;

namespace {

const bool listed =
    support::on_menu<ResettableCounter<>, support::OneResettableModel<ResettableCounter<>>>(
        "ResettableCounter", [](auto& counter, std::size_t replica, crdt::laws::Choices& choices) {
            const auto id = support::replica_id<std::string>(replica);
            switch (choices.below(4)) {
                case 2: return counter.reset(id);
                case 3: return counter.compact(id);
                default: return support::add_anything(counter, replica, choices);
            }
        });

constexpr auto greatest = std::numeric_limits<std::uint64_t>::max();

}  // namespace

TEST_CASE("ResettableCounter: a reset undoes exactly the received additions") {
    ResettableCounter<> a;
    a.add("a", 5);
    ResettableCounter<> b = a;
    a.add("a", 2);  // concurrent with the reset
    b.add("b", 10);
    b.reset("b");
    CHECK(b.value() == 0);
    a.merge(b);
    b.merge(a);
    CHECK(a.value() == 2);
    CHECK(b.value() == 2);
}

TEST_CASE("ResettableCounter: two concurrent resets undo the same additions only once") {
    ResettableCounter<> a;
    a.add("a", 5);
    ResettableCounter<> b = a, c = a;
    b.reset("b");
    c.reset("c");
    a.add("a", 1);
    a.merge(b);
    a.merge(c);
    CHECK(a.value() == 1);
    a.merge(b);
    CHECK(a.value() == 1);
}

TEST_CASE("ResettableCounter: a reset leaves only context after the owners have received it") {
    ResettableCounter<> a, b;
    a.add("a", 5);
    b.merge(a);
    b.add("b", -3);
    b.reset("b");
    a.merge(b);
    CHECK(a.value() == 0);
    a.compact("a");
    CHECK(a.lattice().store().is_bottom());
    b.merge(a);
    CHECK(b.lattice().store().is_bottom());
    CHECK(b.context() == crdt::DotSet<>{{"a", 1}, {"b", 1}});
    CHECK(b.compact("b").is_bottom());
    b.add("b", 1);
    CHECK(b.value() == 1);
}

TEST_CASE("ResettableCounter: many additions cost one entry per replica") {
    ResettableCounter<> counter;
    for (int i = 0; i < 1000; ++i) counter.add(i % 2 == 0 ? "a" : "b", i % 3 == 0 ? -1 : 1);
    CHECK(counter.lattice().store().size() == 2);
    CHECK(counter.context().size() == 2);
}

TEST_CASE("ResettableCounter: values reach both limits of the range") {
    ResettableCounter<> counter;
    counter.add("a", greatest);
    CHECK_THROWS_AS(counter.value(), std::overflow_error);
    CHECK(counter.total().to_string() == "18446744073709551615");
    counter.add("b", std::numeric_limits<std::int64_t>::min());
    counter.add("b", -std::numeric_limits<std::int64_t>::max());
    CHECK(counter.value() == 0);
    CHECK(counter.total() == 0);
    counter.reset("a");
    CHECK(counter.value() == 0);
    counter.add("a", greatest / 2);
    CHECK(counter.value() == std::numeric_limits<std::int64_t>::max());
}

TEST_CASE(
    "ResettableCounter: when a number is full, another dot is used, and a reset undoes both") {
    ResettableCounter<std::string, std::uint8_t> a, b;
    using Delta = ResettableCounter<std::string, std::uint8_t>;
    Delta log;
    int total = 0;
    for (const int amount : {255, 1, -200, -56, 255, -255, -255, 7}) {
        log.merge(a.add("a", amount));
        total += amount;
        CHECK(a.total() == total);
    }
    CHECK(a.lattice().store().size() == 4);
    b.merge(log);
    CHECK(b == a);
    const auto before = a;
    CHECK_THROWS_AS(a.add("a", 256), std::overflow_error);
    CHECK_THROWS_AS(a.add("a", -256), std::overflow_error);
    CHECK(a == before);
    b.reset("b");
    a.merge(b);
    CHECK(a.value() == 0);
    a.compact("a");
    CHECK(a.lattice().store().is_bottom());
}

TEST_CASE(
    "ResettableCounter: an undone amount that arrives before its addition is not subtracted") {
    ResettableCounter<> a, b, c;
    a.add("a", 5);
    b.merge(a);
    c.merge(b.reset("b"));  // c receives the reset alone
    CHECK(c.value() == 0);
    c.add("c", 1);
    CHECK(c.value() == 1);
    c.merge(a);
    CHECK(c.value() == 1);
}

}  // namespace resettable_counter_tests

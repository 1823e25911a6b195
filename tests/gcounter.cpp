// SPDX-License-Identifier: MIT
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <type_traits>

#include <doctest/doctest.h>

#include <crdt/gcounter.hpp>

#include "support/counter_models.hpp"
#include "support/menu.hpp"

namespace gcounter_tests {

using crdt::GCounter;

static_assert(crdt::DecomposableLattice<GCounter<>>);
static_assert(std::is_nothrow_move_constructible_v<GCounter<>>);
static_assert(std::is_nothrow_move_assignable_v<GCounter<>>);

template <class Counter, class Amount>
concept Adds = requires(Counter& counter, Amount amount) {
    counter.add("a", amount);
};
static_assert(Adds<GCounter<>, int> && Adds<GCounter<>, std::uint64_t>);
static_assert(!Adds<GCounter<>, double> && !Adds<GCounter<>, bool> && !Adds<GCounter<>, char>);

namespace {

using Model = support::OneCounterModel<GCounter<>, support::ByReplica>;

const bool listed =
    support::on_menu<GCounter<>, Model>("GCounter", support::add_anything) &&
    support::on_menu<GCounter<int, std::uint8_t>>("GCounter, narrow", support::add_anything) &&
    support::on_menu<GCounter<std::uint64_t, std::uint32_t>>("GCounter, numbers",
                                                             support::add_anything);

}  // namespace

TEST_CASE("GCounter: concurrent adds all count") {
    GCounter<> a, b;
    const auto delta = a.add("n1", 3);
    b.add("n2", 4);
    CHECK(b.merge(delta));
    CHECK_FALSE(b.merge(delta));
    CHECK(b.value() == 7);
    CHECK(b.value("n1") == 3);
    CHECK(b.value("nobody") == 0);
    CHECK(b.lattice().size() == 2);
}

TEST_CASE("GCounter: an add of 0 is bottom and leaves no entry") {
    GCounter<> counter;
    CHECK(counter.add("n1", 0).is_bottom());
    CHECK(counter.is_bottom());
    CHECK(counter == GCounter<>{});
}

TEST_CASE("GCounter: wrong sign and overflow throw before any change") {
    GCounter<int, std::uint8_t> counter;
    counter.add(1, 250);
    const auto before = counter;
    CHECK_THROWS_AS(counter.add(1, -1), std::invalid_argument);
    CHECK_THROWS_AS(counter.add(1, std::numeric_limits<std::int64_t>::min()),
                    std::invalid_argument);
    CHECK_THROWS_AS(counter.add(1, 6), std::overflow_error);
    CHECK_THROWS_AS(counter.add(2, 256), std::overflow_error);
    CHECK_THROWS_AS(counter.add(2, std::numeric_limits<std::uint64_t>::max()), std::overflow_error);
    CHECK(counter == before);
    counter.add(1, 5);
    CHECK(counter.value() == 255);
}

TEST_CASE("GCounter: a total that does not fit is an error, not a wrapped number") {
    GCounter<int, std::uint8_t> narrow;
    narrow.add(1, 200);
    narrow.add(2, 55);
    CHECK(narrow.value() == 255);
    narrow.add(3, 1);
    CHECK_THROWS_AS(narrow.value(), std::overflow_error);

    GCounter<int> wide;
    wide.add(1, std::numeric_limits<std::uint64_t>::max());
    CHECK(wide.value() == std::numeric_limits<std::uint64_t>::max());
    wide.add(2, 1);
    CHECK_THROWS_AS(wide.value(), std::overflow_error);
}

TEST_CASE("GCounter: copies are independent values") {
    GCounter<> original;
    original.add("n1", 1);
    GCounter<> copy = original;
    copy.add("n1", 1);
    CHECK(original.value() == 1);
    CHECK(copy.value() == 2);
}

}  // namespace gcounter_tests

// SPDX-License-Identifier: MIT
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <type_traits>

#include <doctest/doctest.h>

#include <crdt/pncounter.hpp>

#include "support/counter_models.hpp"
#include "support/menu.hpp"

namespace pncounter_tests {

using crdt::PNCounter;

static_assert(crdt::DecomposableLattice<PNCounter<>>);
static_assert(std::is_nothrow_move_constructible_v<PNCounter<>>);
static_assert(std::is_same_v<PNCounter<>::value_type, std::int64_t>);

constexpr auto least = std::numeric_limits<std::int64_t>::min();
constexpr auto greatest = std::numeric_limits<std::int64_t>::max();

namespace {

using Model = support::OneCounterModel<PNCounter<>, support::BySign>;

const bool listed =
    support::on_menu<PNCounter<>, Model>("PNCounter", support::add_anything) &&
    support::on_menu<PNCounter<int, std::uint8_t>>("PNCounter, narrow", support::add_anything);

}  // namespace

TEST_CASE("PNCounter: concurrent additions and subtractions all count") {
    PNCounter<> a, b;
    a.add("a", 7);
    b.add("b", -10);
    b.merge(a);
    CHECK(b.value() == -3);
    CHECK(b.value("b") == -10);
    CHECK(b.value("nobody") == 0);
    CHECK(b.add("b", 0).is_bottom());
}

TEST_CASE("PNCounter: a delta has only the number that changed") {
    PNCounter<> counter;
    counter.add("a", 7);
    CHECK(part_count(counter.add("a", -1)) == 1);
    CHECK(part_count(counter) == 2);
}

TEST_CASE("PNCounter: values reach both limits of the signed range") {
    PNCounter<> counter;
    counter.add("a", least);
    CHECK(counter.value() == least);
    counter.add("b", greatest);
    CHECK(counter.value() == -1);
    counter.add("a", -1);
    CHECK(counter.value() == -2);

    PNCounter<> low;
    low.add("a", least);
    low.add("b", -1);
    CHECK_THROWS_AS(low.value(), std::overflow_error);
    CHECK_NOTHROW(low.value("a"));
}

TEST_CASE("PNCounter: sums beyond 64 bits on both sides still give their difference") {
    PNCounter<int> counter;
    for (int id = 0; id < 3; ++id) {
        counter.add(id, std::numeric_limits<std::uint64_t>::max());
        counter.add(id, least);
        counter.add(id, -greatest);
    }
    CHECK(counter.value() == 0);
    counter.add(9, -5);
    CHECK(counter.value() == -5);
}

TEST_CASE("PNCounter: overflow throws before any change") {
    PNCounter<int, std::uint8_t> counter;
    counter.add(1, 200);
    counter.add(1, -200);
    const auto before = counter;
    CHECK_THROWS_AS(counter.add(1, 56), std::overflow_error);
    CHECK_THROWS_AS(counter.add(1, -56), std::overflow_error);
    CHECK_THROWS_AS(counter.add(2, least), std::overflow_error);
    CHECK(counter == before);
}

}  // namespace pncounter_tests

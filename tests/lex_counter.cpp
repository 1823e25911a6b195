// SPDX-License-Identifier: MIT
#include <cstdint>
#include <limits>
#include <stdexcept>

#include <doctest/doctest.h>

#include <crdt/lex_counter.hpp>

#include "support/counter_models.hpp"
#include "support/menu.hpp"

namespace lex_counter_tests {

using crdt::LexCounter;

namespace {

using Model = support::OneCounterModel<LexCounter<>, support::ByReplica>;

const bool listed =
    support::on_menu<LexCounter<>, Model>("LexCounter", support::add_anything) &&
    support::on_menu<LexCounter<int, std::int8_t>>("LexCounter, narrow", support::add_anything);

constexpr auto least = std::numeric_limits<std::int64_t>::min();
constexpr auto greatest = std::numeric_limits<std::int64_t>::max();

}  // namespace

TEST_CASE("LexCounter: one slot goes up and down without end") {
    LexCounter<int, std::int8_t> counter;
    for (int i = 0; i < 1000; ++i) {
        counter.add(1, 100);
        counter.add(1, -100);
    }
    CHECK(counter.value() == 0);
    CHECK(part_count(counter) == 1);
    CHECK(counter.add(1, 0).is_bottom());
}

TEST_CASE("LexCounter: concurrent additions and subtractions all count") {
    LexCounter<> a, b;
    a.add("a", 7);
    b.add("b", -10);
    b.merge(a);
    CHECK(b.value() == -3);
    CHECK(b.value("b") == -10);
    CHECK(b.value("nobody") == 0);
}

TEST_CASE("LexCounter: values reach both limits of the range") {
    LexCounter<> counter;
    counter.add("a", least);
    CHECK(counter.value() == least);
    const auto before = counter;
    CHECK_THROWS_AS(counter.add("a", -1), std::overflow_error);
    CHECK(counter == before);
    counter.add("a", std::uint64_t{1} << 63U);
    CHECK(counter.value() == 0);
    counter.add("a", greatest);
    counter.add("b", 1);
    CHECK_THROWS_AS(counter.value(), std::overflow_error);
}

TEST_CASE("LexCounter: one version with two values is a conflict") {
    LexCounter<> a, b;
    a.add("same", 1);
    b.add("same", 2);
    CHECK(conflicts(a, b));
    b.add("same", 1);
    CHECK_FALSE(conflicts(a, b));
}

}  // namespace lex_counter_tests

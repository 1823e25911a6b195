// SPDX-License-Identifier: MIT
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <stdexcept>
#include <string>

#include <doctest/doctest.h>

#include <crdt/bounded_counter.hpp>
#include <crdt/pncounter.hpp>
#include <crdt/random.hpp>
#include <crdt/resettable_counter.hpp>
#include <crdt/total.hpp>

namespace total_tests {

using crdt::Total;

namespace {

constexpr auto greatest = std::numeric_limits<std::int64_t>::max();
constexpr auto least = std::numeric_limits<std::int64_t>::min();
constexpr auto most = std::numeric_limits<std::uint64_t>::max();

Total difference(std::initializer_list<std::uint64_t> plus,
                 std::initializer_list<std::uint64_t> minus) {
    Total total;
    for (const std::uint64_t number : plus) total += number;
    for (const std::uint64_t number : minus) total -= number;
    return total;
}

}  // namespace

TEST_CASE("Total: numbers beyond 64 bits are compared and printed") {
    CHECK(Total().to_string() == "0");
    CHECK(Total(least).to_string() == "-9223372036854775808");
    CHECK(difference({most, most}, {}).to_string() == "36893488147419103230");
    CHECK(difference({}, {most, 1}).to_string() == "-18446744073709551616");
    CHECK(difference({most, 5}, {5, most}) == 0);
    CHECK(Total(greatest).fits<std::int64_t>());
    CHECK(Total(least).fits<std::int64_t>());
    CHECK_FALSE(difference({1, greatest}, {}).fits<std::int64_t>());
    CHECK_FALSE(difference({}, {1, std::uint64_t{1} << 63U}).fits<std::int64_t>());
    CHECK(Total(least).as<std::int64_t>() == least);
    CHECK_THROWS_AS(difference({1, greatest}, {}).as<std::int64_t>(), std::overflow_error);
    CHECK(Total(255).fits<std::uint8_t>());
    CHECK_FALSE(Total(-1).fits<std::uint8_t>());

    crdt::Random random(1);
    for (int i = 0; i < 10'000; ++i) {
        const auto a = static_cast<std::int64_t>(random.next() >> (1 + random.below(63)));
        const auto b = -static_cast<std::int64_t>(random.next() >> (1 + random.below(63)));
        CHECK(Total(a).to_string() == std::to_string(a));
        CHECK(Total(a).as<std::int64_t>() == a);
        CHECK(Total(b).as<std::int64_t>() == b);
        CHECK(Total(b).to_string() == std::to_string(b));
        CHECK((Total(a) <=> Total(b)) == (a <=> b));
        CHECK(difference({static_cast<std::uint64_t>(a)}, {crdt::detail::magnitude(b)}) == a + b);
    }
}

TEST_CASE("Total: a total beyond 64 bits can be read, and subtractions make it fit again") {
    crdt::PNCounter<> here, there;
    here.add("here", greatest);
    there.add("there", greatest);
    here.merge(there);
    CHECK_THROWS_AS(here.value(), std::overflow_error);
    CHECK(here.total().to_string() == "18446744073709551614");
    here.subtract("here", greatest);
    CHECK(here.value() == greatest);

    crdt::BoundedCounter<> stock, other;
    stock.add("here", most);
    other.add("there", most);
    stock.merge(other);
    CHECK_THROWS_AS(stock.value(), std::overflow_error);
    CHECK(stock.total().to_string() == "36893488147419103230");
    stock.subtract("here", most);
    CHECK(stock.value() == most);
    CHECK(stock.subtracted("here") == most);
}

}  // namespace total_tests

// SPDX-License-Identifier: MIT
#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/lattice/bounds.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/min.hpp>

namespace bounds_tests {

using namespace crdt;

namespace {

enum class Color : std::uint8_t { red, green };
enum class Level : int { low = -1, high = 1 };

using Limits = std::numeric_limits<int>;
using Milliseconds = std::chrono::milliseconds;
using Time = std::chrono::time_point<std::chrono::system_clock, Milliseconds>;

struct Unordered {};

}  // namespace

static_assert(BoundedChain<int> && BoundedChain<bool> && BoundedChain<Color>);
static_assert(BoundedChain<Milliseconds> && BoundedChain<Time>);
static_assert(BoundedChain<std::pair<int, Color>> && BoundedChain<std::array<int, 3>>);
static_assert(BoundedChain<std::tuple<bool, std::pair<int, int>>>);
// Strings and sequences have no greatest value. Neither has a type that contains one.
static_assert(Chain<std::string> && !BoundedChain<std::string>);
static_assert(Chain<std::u16string> && !BoundedChain<std::u16string>);
static_assert(Chain<std::vector<int>> && !BoundedChain<std::vector<int>>);
static_assert(Chain<std::optional<int>> && !BoundedChain<std::optional<int>>);
static_assert(Chain<std::pair<int, std::string>> && !BoundedChain<std::pair<int, std::string>>);
static_assert(!Chain<Unordered> && !Chain<double> && !Chain<std::pair<int, double>>);

TEST_CASE("bounds: numbers have bounds, and enums have those of their numbers") {
    static_assert((Bounds<int>::min)() == Limits::min() && (Bounds<int>::max)() == Limits::max());
    static_assert((Bounds<std::uint8_t>::min)() == 0 && (Bounds<std::uint8_t>::max)() == 255);
    static_assert(!(Bounds<bool>::min)() && (Bounds<bool>::max)());
    static_assert((Bounds<Color>::min)() == Color::red);
    static_assert((Bounds<Color>::max)() == static_cast<Color>(255));
    static_assert((Bounds<Level>::min)() == static_cast<Level>(Limits::min()));
    CHECK(Max<Level>().value() < Level::low);
    CHECK(Min<Level>().value() > Level::high);
}

TEST_CASE("bounds: the empty string, sequence or optional is the least one") {
    CHECK((Bounds<std::string>::min)().empty());
    CHECK((Bounds<std::wstring>::min)().empty());
    CHECK((Bounds<std::vector<int>>::min)().empty());
    CHECK_FALSE((Bounds<std::optional<int>>::min)());
    CHECK((Bounds<std::optional<int>>::min)() < std::optional<int>(Limits::min()));
}

TEST_CASE("bounds: times and tuples have bounds") {
    CHECK((Bounds<Milliseconds>::min)() == Milliseconds::min());
    CHECK((Bounds<Milliseconds>::max)() == Milliseconds::max());
    CHECK((Bounds<Time>::min)() == Time::min());
    CHECK((Bounds<Time>::max)() == Time::max());
    CHECK((Bounds<std::pair<int, bool>>::min)() == std::pair(Limits::min(), false));
    CHECK((Bounds<std::pair<int, bool>>::max)() == std::pair(Limits::max(), true));
    CHECK((Bounds<std::array<int, 2>>::max)() == std::array{Limits::max(), Limits::max()});
    CHECK((Bounds<std::tuple<int, std::string>>::min)() ==
          std::tuple(Limits::min(), std::string()));
}

TEST_CASE("bounds: a Max begins at the least value, a Min at the greatest") {
    Max<std::pair<int, std::string>> latest;
    CHECK(latest.is_bottom());
    latest.advance({-5, "a"});
    CHECK(latest.value() == std::pair<int, std::string>(-5, "a"));
    Min<Time> first;
    CHECK(first.is_bottom());
    first.advance(Time(Milliseconds(7)));
    CHECK(first.value() == Time(Milliseconds(7)));
    CHECK(first.advance(Time::max()).is_bottom());
}

}  // namespace bounds_tests

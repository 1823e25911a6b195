// SPDX-License-Identifier: MIT
//! Max, Min, Product, MapOf and Composed: the laws, and the types that the concepts refuse.
#include <compare>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/gcounter.hpp>
#include <crdt/gset.hpp>
#include <crdt/lattice/composed.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/hash.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/min.hpp>
#include <crdt/lattice/owns.hpp>
#include <crdt/lattice/product.hpp>
#include <crdt/lattice/total_order.hpp>
#include <crdt/to_string.hpp>

#include "support/laws.hpp"

namespace combinators_tests {

using namespace crdt;

static_assert(!Lattice<int> && !Lattice<std::string>);
static_assert(Lattice<Max<int>> && Lattice<Min<unsigned>>);
static_assert(Chain<int> && Chain<bool> && Chain<std::string>);
static_assert(!Chain<double>, "NaN has no place in an order");
static_assert(BoundedChain<int> && !BoundedChain<std::string>, "there is no greatest text");
static_assert(Key<std::string> && !Key<float> && !Key<const char*>);
static_assert(!Key<std::string_view> && !Key<std::string::iterator>);

namespace typed {

/// A key that a user could write. It has the conversions and operators that references and pointers
/// have.
struct Name {
    using value_type = std::string;
    std::string text;
    const std::string& get() const { return text; }
    operator const std::string&() const { return text; }
    const std::string& operator*() const { return text; }
    const std::string* operator->() const { return &text; }
    friend auto operator<=>(const Name&, const Name&) = default;
    friend std::uint64_t hash_value(const Name& name) { return crdt::hash_value(name.text); }
};

}  // namespace typed

static_assert(Key<typed::Name>, "what gives its value out has it");
static_assert(OwnsItsValue<std::optional<std::vector<std::pair<int, std::string>>>>);
static_assert(!OwnsItsValue<std::optional<std::vector<std::pair<int, const char*>>>>);

// Joins of chains and products are constant expressions.
static_assert([] {
    Product<Max<int>, Min<int>> bounds{Max<int>(3), Min<int>(3)};
    bounds.merge(Product<Max<int>, Min<int>>{Max<int>(7), Min<int>(-2)});
    return bounds.get<0>().value() == 7 && bounds.get<1>().value() == -2;
}());

constexpr auto advance = [](auto& chain, std::size_t, laws::Choices& choices) {
    using Value = typename std::remove_reference_t<decltype(chain)>::value_type;
    return chain.advance(choices.number<Value>());
};

TEST_CASE("chains: every law holds") {
    support::check_laws<Max<int>>(advance);
    support::check_laws<Max<std::uint8_t>>(advance);
    support::check_laws<Min<int>>(advance);
    support::check_laws<Max<std::string>>([](auto& chain, std::size_t, laws::Choices& choices) {
        return chain.advance(std::string(choices.below(4), 'x'));
    });
}

TEST_CASE("chains: the bottoms are the limits of the type") {
    CHECK(Max<int>().value() == std::numeric_limits<int>::lowest());
    CHECK(Min<int>().value() == std::numeric_limits<int>::max());
    CHECK(Max<std::string>().value().empty());
    CHECK_FALSE(Max<bool>().value());
}

TEST_CASE("Product: every law holds") {
    using Bounds = Product<Max<int>, Min<int>>;
    support::check_laws<Bounds>([](Bounds& bounds, std::size_t, laws::Choices& choices) {
        const int value = choices.number<int>();
        return choices.below(2) == 0
                   ? bounds.apply<0>([&](auto& most) { return most.advance(value); })
                   : bounds.apply<1>([&](auto& least) { return least.advance(value); });
    });
}

TEST_CASE("MapOf: every law holds, nested too") {
    using Nested = MapOf<int, MapOf<std::string, Max<int>>>;
    support::check_laws<Nested>([](Nested& map, std::size_t, laws::Choices& choices) {
        return map.update(choices.number<int>(), [&](auto& inner) {
            return inner.update(std::string(choices.below(2), 'k'),
                                [&](auto& most) { return most.advance(choices.number<int>()); });
        });
    });
    using Counters = MapOf<std::string, GCounter<int, std::uint8_t>>;
    support::check_laws<Counters>([](Counters& map, std::size_t replica, laws::Choices& choices) {
        return map.update(std::string(choices.below(2), 'k'), [&](auto& counter) {
            return counter.add(static_cast<int>(replica), choices.number<int>());
        });
    });
}

TEST_CASE("MapOf: a mutator that throws or does nothing leaves no entry") {
    MapOf<int, GCounter<>> map;
    CHECK_THROWS_AS(map.update(1, [](auto& counter) { return counter.add("a", -1); }),
                    std::invalid_argument);
    CHECK(map.is_bottom());
    CHECK(map.update(1, [](auto& counter) { return counter.add("a", 0); }).is_bottom());
    CHECK(map.is_bottom());
    CHECK(map.at(1).is_bottom());
    CHECK(map.is_bottom());
}

TEST_CASE("MapOf: bottoms are never stored") {
    const MapOf<int, Max<unsigned>> map{
        {1, Max<unsigned>(0U)}, {2, Max<unsigned>(5U)}, {2, Max<unsigned>(3U)}};
    CHECK(map.size() == 1);
    CHECK(map.at(2).value() == 5);
}

TEST_CASE("MapOf: maps of very different sizes merge in both directions") {
    MapOf<int, Max<int>> large, small;
    for (int key = 0; key < 1000; ++key) {
        large.update(key * 2, [&](auto& most) { return most.advance(key); });
    }
    for (const int key : {-1, 500, 501, 1998, 5000}) {
        small.update(key, [&](auto& most) { return most.advance(7000); });
    }
    auto a = large, b = small;
    a.merge(small);
    b.merge(large);
    CHECK(a == b);
    CHECK(a.size() == 1003);
    CHECK(difference(small, large) == small);
    CHECK(difference(a, small).size() == 998);
    CHECK(small.leq(a));
    CHECK_FALSE(a.leq(small));
}

namespace {

/// A type that a user could compose.
class HighScores : public Composed<HighScores, MapOf<std::string, Max<int>>> {
  public:
    static constexpr std::string_view type_name = "high-scores";
    HighScores score(const std::string& player, int points) {
        return mutate([&](auto& scores) {
            return scores.update(player, [&](auto& best) { return best.advance(points); });
        });
    }
};

}  // namespace

TEST_CASE("Composed: a user's own type gets the interface, the codecs and the laws") {
    support::check_laws<HighScores>(
        [](HighScores& scores, std::size_t replica, laws::Choices& choices) {
            return scores.score(support::replica_id<std::string>(replica), choices.number<int>());
        });
    HighScores scores;
    scores.score("ann", 3);
    CHECK(json::encode(scores) ==
          R"*({"state":{"ann":3},"type":"high-scores(map<text,max<i32>>)","version":2})*");
    CHECK(to_string(scores) == R"({"ann": 3})");
}

TEST_CASE("hashes are the same on every platform") {
    CHECK(hash_value(0) == 0U);
    CHECK(hash_value(1) == 0x5692161D100B05E5U);
    CHECK(hash_value("crdt") == hash_value(std::string("crdt")));
    CHECK(hash_value("ab") != hash_value("ba"));
    GCounter<> a, b;
    a.add("x", 1);
    a.add("y", 2);
    b.add("y", 2);
    b.add("x", 1);
    CHECK(hash_value(a) == hash_value(b));
    b.add("x", 1);
    CHECK(hash_value(a) != hash_value(b));
}

TEST_CASE("to_string: it prints any state") {
    Product<Max<int>, GSet<std::string>> state;
    CHECK(to_string(MapOf<int, Max<int>>()) == "{}");
    CHECK(to_string(Max<bool>(true)) == "true");
    state.apply<1>([](auto& set) { return set.insert("a"); });
    CHECK(to_string(state) == "(-2147483648, {\"a\": true})");
}

}  // namespace combinators_tests

// SPDX-License-Identifier: MIT
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/causal/causal_context.hpp>
#include <crdt/codec/binary.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/crdt.hpp>
#include <crdt/lattice/antichain.hpp>
#include <crdt/lattice/lex.hpp>
#include <crdt/lattice/linear_sum.hpp>
#include <crdt/lattice/unit.hpp>

#include "support/menu.hpp"
#include "support/set_models.hpp"

namespace combinators_on_menu_tests {

using namespace crdt;
using laws::Choices;

namespace {

/// Numbers by divisibility: a partial order.
struct Divisor {
    unsigned number = 1;

    bool leq(const Divisor& other) const { return other.number % number == 0; }
    friend auto operator<=>(const Divisor&, const Divisor&) = default;
    friend std::uint64_t hash_value(const Divisor& divisor) {
        return crdt::hash_value(divisor.number);
    }
};

std::string to_string(const Divisor& divisor) { return std::to_string(divisor.number); }

using Ranked = Lex<Max<unsigned>, GSet<int>>;
using Staged = LinearSum<Max<unsigned>, GSet<int>>;
using Pair = Product<PNCounter<>, EWFlag<>>;

const bool listed =
    support::on_menu<Unit>("Unit", [](Unit&, std::size_t, Choices&) { return Unit(); }) &&
    support::on_menu<Max<int>>("Max",
                               [](Max<int>& max, std::size_t, Choices& choices) {
                                   return max.advance(choices.number<int>());
                               }) &&
    support::on_menu<Min<int>>("Min",
                               [](Min<int>& min, std::size_t, Choices& choices) {
                                   return min.advance(choices.number<int>());
                               }) &&
    support::on_menu<MapOf<int, WriteOnce<int>>>(
        "MapOf of WriteOnce",
        [](auto& map, std::size_t, Choices& choices) {
            const int key = choices.number<int>();
            return map.update(
                key, [&](WriteOnce<int>& value) { return value.absorb(WriteOnce<int>(key)); });
        }) &&
    support::on_menu<Ranked>("Lex",
                             [](Ranked& state, std::size_t, Choices& choices) {
                                 GSet<int> set;
                                 for (auto i = choices.below(3); i > 0; --i) {
                                     set.insert(static_cast<int>(choices.below(3)));
                                 }
                                 return state.absorb(Ranked(
                                     Max<unsigned>(static_cast<unsigned>(choices.below(3))), set));
                             }) &&
    support::on_menu<Staged>("LinearSum",
                             [](Staged& state, std::size_t, Choices& choices) {
                                 if (choices.below(2) == 0) {
                                     const auto number = choices.number<unsigned>();
                                     return state.absorb(Staged::from_lower(Max<unsigned>(number)));
                                 }
                                 GSet<int> set;
                                 for (auto i = choices.below(3); i > 0; --i) {
                                     set.insert(static_cast<int>(choices.below(3)));
                                 }
                                 return state.absorb(Staged::from_upper(set));
                             }) &&
    support::on_menu<DotSet<>>("CausalContext",
                               [](DotSet<>& dots, std::size_t replica, Choices& choices) {
                                   const auto first = 1 + choices.below(4);
                                   return dots.insert(
                                       DotRange<>{support::replica_id<std::string>(replica), first,
                                                  first + choices.below(3)});
                               }) &&
    support::on_menu<Pair>("Product of a PNCounter and an EWFlag",
                           [](Pair& pair, std::size_t replica, Choices& choices) {
                               if (choices.below(2) == 0)
                                   return pair.apply<0>([&](auto& counter) {
                                       return support::add_anything(counter, replica, choices);
                                   });
                               return pair.apply<1>([&](auto& flag) {
                                   return support::write_to_flag(flag, replica, choices);
                               });
                           });

}  // namespace

}  // namespace combinators_on_menu_tests

template <>
struct crdt::Serializer<combinators_on_menu_tests::Divisor> {
    static constexpr std::string_view type_name = "divisor";
    static void write(auto& out, const combinators_on_menu_tests::Divisor& divisor) {
        serialize(out, divisor.number);
    }
    static combinators_on_menu_tests::Divisor read(auto& in) { return {deserialize<unsigned>(in)}; }
};

namespace combinators_on_menu_tests {

namespace {

const bool listed_too = support::on_menu<Antichain<Divisor>>(
    "Antichain", [](auto& maximals, std::size_t, Choices& choices) {
        return maximals.insert({static_cast<unsigned>(1 + choices.below(12))});
    });

}  // namespace

TEST_CASE("Lex: the rank must be totally ordered") {
    static_assert(ChainLattice<Max<int>> && ChainLattice<WriteOnce<int>> && ChainLattice<Unit>);
    static_assert(ChainLattice<Lex<Max<int>, Max<int>>> && !ChainLattice<GSet<int>>);
    static_assert(!ChainLattice<Product<Max<int>, Max<int>>>);
    Ranked low, high;
    GSet<int> set;
    set.insert(1);
    low.absorb(Ranked(Max<unsigned>(1), set));
    high.absorb(Ranked(Max<unsigned>(2), {}));
    low.merge(high);
    CHECK(low.second().size() == 0);
}

TEST_CASE("Antichain: an element below another is removed") {
    Antichain<Divisor> maximals;
    for (const unsigned number : {2U, 3U, 4U}) maximals.insert({number});
    CHECK(maximals.size() == 2);
    maximals.insert({12});
    CHECK(maximals.size() == 1);
    CHECK(maximals.insert({6}).is_bottom());
}

TEST_CASE("Antichain: a state that decoders refuse is neither made by insert nor written") {
    using Numbers = Antichain<Divisor>;
    constexpr std::size_t limit = Numbers::max_size;
    Numbers full;
    for (unsigned i = 0; i < limit; ++i) full.insert({2048 + i});  // none divides another
    CHECK(full.size() == limit);
    CHECK(*binary::try_decode_value<Numbers>(binary::encode_value(full)) == full);
    CHECK(*json::try_decode_value<Numbers>(json::encode_value(full)) == full);

    const Numbers before = full;
    CHECK_THROWS_AS(full.insert({2048 + limit}), std::length_error);
    CHECK(full == before);
    CHECK(full.insert({2048}).is_bottom());
    CHECK(full.insert({2 * 2048}).size() == 1);  // in the place of one
    CHECK(full.size() == limit);

    // A join may have more elements than the limit.
    Numbers other;
    other.insert({2 * 2048 - 1});
    full.merge(other);
    CHECK(full.size() == limit + 1);
    CHECK(other.leq(full));
    CHECK_THROWS_AS(binary::encode_value(full), std::length_error);
    CHECK_THROWS_AS(json::encode_value(full), std::length_error);
    CHECK_THROWS_AS(full.insert({5 * 2048 + 1}), std::length_error);
    // An insert of an element above some others makes the state small enough again.
    full.insert({2 * 2049 * 2050});
    CHECK(full.size() <= limit);
    CHECK(*binary::try_decode_value<Numbers>(binary::encode_value(full)) == full);

    std::vector<Divisor> numbers;
    for (unsigned i = 0; i <= limit; ++i) numbers.push_back({2048 + i});
    const auto read = json::try_decode_value<Numbers>(json::encode_value(numbers));
    REQUIRE_FALSE(read);
    CHECK(read.error().to_string() == "more than 1024 elements in an antichain at /1024");
}

}  // namespace combinators_on_menu_tests

// SPDX-License-Identifier: MIT
#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <type_traits>
#include <utility>

#include <doctest/doctest.h>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_slots.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/random.hpp>
#include <crdt/resettable_counter.hpp>

#include "support/seeds.hpp"

namespace dot_slots_tests {

using crdt::Dot;
using crdt::Random;

namespace {

template <class Id>
using Slots = crdt::detail::DotSlots<Dot<Id>, crdt::Max<unsigned>>;
template <class Id>
using Model = std::map<Dot<Id>, crdt::Max<unsigned>>;

template <class Id>
Id id_of(std::uint64_t number) {
    if constexpr (std::is_same_v<Id, std::string>)
        return "replica " + std::to_string(number) + " with a long name";
    else
        return static_cast<Id>(number);
}

template <class Id>
Model<Id> content(const Slots<Id>& slots) {
    Model<Id> model;
    for (const auto& [dot, value] : slots) REQUIRE(model.emplace(dot, value).second);
    return model;
}

template <class Id>
void expect_equal(const Slots<Id>& slots, const Model<Id>& model) {
    REQUIRE(slots.size() == model.size());
    REQUIRE(slots.empty() == model.empty());
    REQUIRE(content(slots) == model);
    REQUIRE(std::distance(slots.begin(), slots.end()) == static_cast<std::ptrdiff_t>(model.size()));
    if (model.empty()) return;
    REQUIRE(std::prev(slots.end()).key() == std::prev(model.end())->first);
}

}  // namespace

TEST_CASE_TEMPLATE("DotSlots: it agrees with a plain map, for one entry, a row and many", Id,
                   std::uint32_t, std::string) {
    for (std::uint64_t seed = 1; seed <= support::seeds(200); ++seed) {
        CAPTURE(seed);
        Random random(seed);
        const auto range = static_cast<unsigned>(random.below(100) + 1);
        Slots<Id> slots;
        Model<Id> model;
        for (int step = 0; step < 150; ++step) {
            const Dot<Id> dot{id_of<Id>(random.below(3)), random.below(range) + 1};
            const crdt::Max<unsigned> value(static_cast<unsigned>(random.below(9)));
            const auto place = slots.lower_bound(dot);
            const bool is_there = place != slots.end() && place.key() == dot;
            REQUIRE(is_there == model.contains(dot));
            REQUIRE((slots.find(dot) != slots.end()) == is_there);
            if (!is_there) {
                const auto entry = slots.insert(place, dot, value);
                REQUIRE(entry.key() == dot);
                REQUIRE(entry.value() == value);
                model.emplace(dot, value);
            } else if (random.below(2) == 0) {
                slots.value(place) = value;
                model[dot] = value;
            } else {
                const auto next = slots.erase(place);
                const auto expected = model.erase(model.find(dot));
                REQUIRE((next == slots.end()) == (expected == model.end()));
                if (next != slots.end()) REQUIRE(next.key() == expected->first);
            }
            expect_equal(slots, model);
        }
        Slots<Id> copy = slots;
        REQUIRE(copy == slots);
        copy.push_back({id_of<Id>(9), 1}, crdt::Max<unsigned>(1));
        REQUIRE_FALSE(copy == slots);
        expect_equal(slots, model);
        Slots<Id> moved = std::move(copy);
        REQUIRE(moved.size() == model.size() + 1);
        moved = slots;
        expect_equal(moved, model);
        slots = std::move(moved);
        expect_equal(slots, model);
    }
}

TEST_CASE("DotSlots: a counter of one writer is half the size of a column map") {
    using Counter = crdt::ResettableCounter<std::uint64_t>;
    CHECK(sizeof(Counter::lattice_type::store_type) <= 56);
    CHECK(sizeof(crdt::ResettableCounter<std::string>::lattice_type::store_type) <= 56);
    Counter counter;
    for (std::uint64_t id = 1; id <= 100; ++id) counter.add(id, static_cast<unsigned>(id));
    CHECK(counter.value() == 5050);
    counter.reset(1);
    CHECK(counter.value() == 0);
}

}  // namespace dot_slots_tests

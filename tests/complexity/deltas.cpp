// SPDX-License-Identifier: MIT
//! A delta of one dot, or of one entry of a counter or set, allocates nothing. The state that is
//! changed allocates as it grows, and rarely.
#include <cstddef>
#include <cstdint>
#include <string>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/gset.hpp>
#include <crdt/ormap.hpp>
#include <crdt/pncounter.hpp>
#include <crdt/resettable_counter.hpp>
#include <crdt/text.hpp>

#include "spent.hpp"

namespace deltas_tests {

using namespace crdt;

namespace {

constexpr std::uint64_t changes = 1000;

/// The allocations of many changes.
struct Allocations {
    std::size_t mutators = 0;  ///< Of the mutators: by the state and by the deltas.
    std::size_t deltas = 0;    ///< Of copies of the deltas: all memory that these have.
};

/// Counts the allocations of many changes. `change(state, i)` makes the i-th and returns its delta.
template <class L, class Change>
Allocations count(L state, Change change) {
    Allocations all;
    for (std::uint64_t i = 0; i < changes; ++i) {
        const std::size_t before = spent.allocations;
        const L delta = change(state, i);
        all.mutators += spent.allocations - before;
        REQUIRE_FALSE(delta.is_bottom());
        const std::size_t built = spent.allocations;
        const L copy = delta;
        all.deltas += spent.allocations - built;
    }
    return all;
}
/// Neither the mutators nor the deltas allocate.
template <class L, class Change>
void check_none(const L& state, Change change) {
    const Allocations all = count(state, change);
    CHECK(all.mutators == 0);
    CHECK(all.deltas == 0);
}
/// No delta allocates. The state grows with less than one allocation for two changes, so the
/// mutators need none for the deltas.
template <class L, class Change>
void check_growth_only(const L& state, Change change) {
    const Allocations all = count(state, change);
    CHECK(all.mutators < changes / 2);
    CHECK(all.deltas == 0);
}

constexpr auto add_one = [](auto& counter) { return counter.add("ann", 1); };

AWSet<std::string> numbered() {
    AWSet<std::string> set;
    for (std::uint64_t i = 0; i < changes; ++i) set.insert("ann", std::to_string(i));
    return set;
}

}  // namespace

TEST_CASE("complexity: deltas of counters allocate nothing, nor do their states") {
    GCounter<> counter;
    counter.add("ann", 1);
    counter.add("bob", 2);
    check_none(counter, [](auto& state, std::uint64_t) { return add_one(state); });
    PNCounter<> both;
    both.add("ann", 1);
    check_none(both,
               [](auto& state, std::uint64_t i) { return state.add("ann", i % 2 == 0 ? 1 : -1); });
    ORMap<std::string, ResettableCounter<>> map;
    map.update("stock", add_one);
    check_none(map, [](auto& state, std::uint64_t) { return state.update("stock", add_one); });
}

TEST_CASE("complexity: deltas of sets allocate nothing") {
    check_growth_only(GSet<std::string>(),
                      [](auto& set, std::uint64_t i) { return set.insert(std::to_string(i)); });
    check_growth_only(AWSet<std::string>(), [](auto& set, std::uint64_t i) {
        return set.insert("ann", std::to_string(i));
    });
    check_growth_only(numbered(),
                      [](auto& set, std::uint64_t i) { return set.erase(std::to_string(i)); });
    // Erased in another order, the removed dots are many ranges, which the state stores.
    check_growth_only(numbered(), [](auto& set, std::uint64_t i) {
        return set.erase(std::to_string(i * 7 % changes));
    });
}

TEST_CASE("complexity: deltas of texts allocate nothing") {
    check_growth_only(Text<>("ann", "hello"), [](auto& text, std::uint64_t) {
        return text.insert("ann", text.size(), "ab");
    });
    check_growth_only(Text<>("ann", "hello"),
                      [](auto& text, std::uint64_t) { return text.insert("ann", 2, "a"); });
    check_growth_only(Text<>("ann", std::string(2 * changes, 'x')),
                      [](auto& text, std::uint64_t i) { return text.erase(i); });
}

TEST_CASE("complexity: what allocates in a delta") {
    // The dots of an element that is in the set already: the old one and the new one.
    CHECK(count(numbered(), [](auto& set, std::uint64_t i) {
              return set.insert("ann", std::to_string(i * 7 % changes));
          }).deltas == 2 * changes);
    // Text that is longer than the buffer inside a std::string.
    CHECK(count(Text<>("ann", "hello"), [](auto& text, std::uint64_t) {
              return text.insert("ann", text.size(), std::string(40, 'x'));
          }).deltas == changes);
    // The parent, if another replica has typed it.
    CHECK(count(Text<>(), [](auto& text, std::uint64_t i) {
              return text.insert(i % 2 == 0 ? "ann" : "bob", text.size(), "x");
          }).deltas == changes - 1);
}

}  // namespace deltas_tests

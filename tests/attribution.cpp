// SPDX-License-Identifier: MIT
//! Tests has_writes_of() for every type with a state that shows which replicas have written.
#include <string>

#include <doctest/doctest.h>

#include <crdt/crdt.hpp>
#include <crdt/lattice/conflicts.hpp>

namespace attribution_tests {

using namespace crdt;

namespace {

template <class L>
void check_written_by_a(const L& state) {
    CAPTURE(L::type_name);
    CHECK(state.has_writes_of("a"));
    CHECK_FALSE(state.has_writes_of("b"));
    CHECK_FALSE(L().has_writes_of("a"));
}

template <class L, class Mutate>
void check_one_write(Mutate mutate) {
    L state;
    mutate(state);
    check_written_by_a(state);
}

template <class L>
concept Attributed = requires(const L& state) {
    state.has_writes_of(std::string());
};

}  // namespace

TEST_CASE("attribution: has_writes_of() finds the replicas of all writes in a state") {
    const auto add = [](auto& state) { state.add("a", 1); };
    const auto insert = [](auto& state) { state.insert("a", 1); };
    check_one_write<GCounter<>>(add);
    check_one_write<PNCounter<>>(add);
    check_one_write<LexCounter<>>(add);
    check_one_write<BoundedCounter<>>(add);
    check_one_write<ResettableCounter<>>(add);
    check_one_write<AWSet<int>>(insert);
    check_one_write<RWSet<int>>(insert);
    check_one_write<MVRegister<int>>([](auto& state) { state.assign("a", 1); });
    check_one_write<LWWRegister<int>>([](auto& state) { state.assign({{5, 0}, "a"}, 1); });
    check_one_write<EWFlag<>>([](auto& state) { state.enable("a"); });
    check_one_write<GMap<int, PNCounter<>>>(
        [&](auto& state) { state.update(1, [](auto& counter) { return counter.add("a", 1); }); });
    check_one_write<ORMap<int, ResettableCounter<>>>(
        [&](auto& state) { state.update(1, [](auto& counter) { return counter.add("a", 1); }); });
}

TEST_CASE(
    "attribution: a transfer is a write of the giver, and a removed write is still a write of its "
    "writer") {
    BoundedCounter<> stock, gift;
    stock.add("a", 5);
    gift = stock.transfer("a", "b", 2);
    check_written_by_a(gift);
    AWSet<int> set;
    set.insert("a", 1);
    set.erase(1);
    CHECK(set.has_writes_of("a"));
}

// In a grow-only set an element does not name the replica that inserted it.
static_assert(!Attributed<GSet<int>>);
static_assert(!Attributed<GMap<int, GSet<int>>>);

}  // namespace attribution_tests

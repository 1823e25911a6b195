// SPDX-License-Identifier: MIT
#include <string>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/gset.hpp>
#include <crdt/ormap.hpp>
#include <crdt/replication/duplicate_identity.hpp>
#include <crdt/resettable_counter.hpp>
#include <crdt/rwmap.hpp>

namespace duplicate_identity_tests {

using crdt::replication::DuplicateIdentityDetector;

namespace {

/// Does `delta` contain writes of the replica a that `state`, the state of a, lacks?
template <class L>
bool reveals(L state, const L& delta) {
    const DuplicateIdentityDetector known(state, std::string("a"));
    const L growth = state.absorb(delta);
    return known.detects(state, growth);
}

}  // namespace

TEST_CASE(
    "DuplicateIdentityDetector: an old copy of a counter is detected, and a peer's delta is none "
    "of it") {
    crdt::GCounter<> now, peer;
    now.add("a", 1);
    const crdt::GCounter<> old = now;
    const auto lost = now.add("a", 2);
    CHECK(reveals(old, lost));
    CHECK_FALSE(reveals(now, lost));
    CHECK_FALSE(reveals(old, peer.add("b", 3)));
}

TEST_CASE("DuplicateIdentityDetector: what a peer removes was known") {
    crdt::AWSet<std::string> now, peer;
    now.insert("a", "kiwi");
    peer.merge(now);
    const auto removed = peer.erase("kiwi");
    CHECK_FALSE(reveals(now, removed));

    const crdt::AWSet<std::string> old = now;
    const auto lost = now.insert("a", "fig");
    CHECK(reveals(old, lost));
    peer.merge(lost);
    CHECK(reveals(old, peer.erase("fig")));  // it is removed, but was written
}

namespace {

/// Amounts of `a` grow where there are some already; a peer resets them.
template <class Counters, class Change>
void check_amounts(Change change) {
    const auto add = [&](Counters& state, const char* id, int amount) {
        return change(state, id, [&](auto& counter) { return counter.add(id, amount); });
    };
    Counters now;
    add(now, "a", 1);
    const Counters old = now;
    const Counters lost = add(now, "a", 2);
    CHECK(reveals(old, lost));
    CHECK_FALSE(reveals(now, lost));

    Counters peer = now;
    const Counters undone = change(peer, "b", [](auto& counter) { return counter.reset("b"); });
    CHECK_FALSE(reveals(now, undone));
    CHECK_FALSE(reveals(now, peer));
    CHECK(reveals(old, peer));
    CHECK_FALSE(reveals(now, add(peer, "b", 3)));
}

}  // namespace

TEST_CASE("DuplicateIdentityDetector: amounts that grow at a dot that is known are new writes") {
    using crdt::ResettableCounter;
    check_amounts<ResettableCounter<>>(
        [](auto& state, const char*, auto mutate) { return mutate(state); });
    check_amounts<crdt::ORMap<int, ResettableCounter<>>>(
        [](auto& state, const char*, auto mutate) { return state.update(1, mutate); });
    check_amounts<crdt::RWMap<int, crdt::ORMap<int, ResettableCounter<>>>>(
        [](auto& state, const char* id, auto mutate) {
            return state.update(id, 1, [&](auto& inner) { return inner.update(1, mutate); });
        });
}

TEST_CASE("DuplicateIdentityDetector: where writes have no names, none is one's own") {
    crdt::GSet<std::string> set, peer;
    CHECK_FALSE(reveals(set, peer.insert("kiwi")));
}

}  // namespace duplicate_identity_tests

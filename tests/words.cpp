// SPDX-License-Identifier: MIT
//! Tests the functions that all types have, as README.md lists them.
#include <doctest/doctest.h>

#include <crdt/gset.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/pncounter.hpp>

namespace words_tests {

using namespace crdt;

namespace {

/// `change` makes a change.
template <class L, class Change>
void check_words(Change change) {
    L a, b;
    const L delta = change(a, 1);
    CHECK(b.merge(delta));
    CHECK(a == b);
    CHECK(hash_value(a) == hash_value(b));
    CHECK_FALSE(a.merge(b));

    const L other = change(b, 2);
    CHECK(a.leq(b));
    CHECK(difference(b, a) == other);
    CHECK(difference(b, digest(a)) == other);
    CHECK(difference(a, b).is_bottom());
    CHECK(a.absorb(b) == other);

    L parts;
    const auto f = [&](const L& part) { parts.merge(part); };
    decompose(a, f);
    CHECK(parts == a);
}

}  // namespace

TEST_CASE("words: all types have the functions that the page lists") {
    check_words<GSet<int>>([](auto& a, int x) { return a.insert(x); });
    check_words<PNCounter<int>>([](auto& a, int n) {
        const int id = n;
        return a.add(id, n);
    });
}

}  // namespace words_tests

// SPDX-License-Identifier: MIT
#include <string>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/gset.hpp>

#include "support/laws.hpp"

using crdt::GSet;

static_assert(crdt::DecomposableLattice<GSet<int>>);
static_assert(std::bidirectional_iterator<GSet<int>::const_iterator>);
static_assert(std::is_nothrow_move_constructible_v<GSet<int>>);

TEST_CASE("GSet: every law holds") {
    support::check_laws<GSet<int>>(support::insert_anything);
    support::check_laws<GSet<std::string>>(support::insert_anything);
}

TEST_CASE("GSet: a union in ascending order") {
    GSet<int> a, b;
    a.insert(7);
    b.insert(-1);
    CHECK(b.insert(7).size() == 1);
    CHECK(b.insert(7).is_bottom());
    a.merge(b);
    CHECK(a.size() == 2);
    CHECK(a.contains(-1));
    CHECK_FALSE(a.contains(0));
    CHECK(std::vector<int>(a.begin(), a.end()) == std::vector<int>{-1, 7});
}

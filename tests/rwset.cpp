// SPDX-License-Identifier: MIT
#include <set>
#include <string>

#include <doctest/doctest.h>

#include <crdt/rwset.hpp>

#include "support/menu.hpp"
#include "support/set_models.hpp"

namespace rwset_tests {

using crdt::RWSet;
using support::elements_of;

namespace {

const bool listed = support::on_menu<RWSet<std::string>, support::RemoveWinsModel<RWSet<int>>>(
    "RWSet", support::write_to_set);

}  // namespace

TEST_CASE("RWSet: a concurrent erase wins over an insert") {
    RWSet<int> a;
    a.insert("a", 1);
    a.insert("a", 2);
    RWSet<int> b = a;
    a.insert("a", 1);
    b.erase("b", 1);
    a.merge(b);
    b.merge(a);
    CHECK(a == b);
    CHECK(elements_of(a) == std::set<int>{2});
    CHECK(a.size() == 1);
    a.insert("a", 1);
    CHECK(a.contains(1));
}

TEST_CASE("RWSet: an erase of an element wins over an insert that has not arrived yet") {
    RWSet<int> a, b;
    const auto added = a.insert("a", 1);
    const auto removed = b.erase("b", 1);
    a.merge(removed);
    b.merge(added);
    CHECK(a == b);
    CHECK_FALSE(a.contains(1));
    CHECK(a.reset("a").context().size() == 2);
    CHECK(a.lattice().store().is_bottom());
}

}  // namespace rwset_tests

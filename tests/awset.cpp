// SPDX-License-Identifier: MIT
#include <cstddef>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>

#include "support/menu.hpp"
#include "support/set_models.hpp"

namespace awset_tests {

using crdt::AWSet;

static_assert(std::is_nothrow_move_constructible_v<AWSet<int>>);

namespace {

const bool listed = support::on_menu<AWSet<std::string>, support::AddWinsModel<AWSet<int>>>(
                        "AWSet", support::write_to_set) &&
                    support::on_menu<AWSet<int, int>>("AWSet of numbers", support::write_to_set);

}  // namespace

TEST_CASE("AWSet: a copy, an insert and a join lose nothing") {
    // In the best-known C++ reference code, a copy of a set still uses the context of the original.
    AWSet<std::string> original;
    original.insert("a", "apple");
    AWSet<std::string> copy = original;
    copy.insert("b", "banana");
    original.insert("a", "cherry");
    original.merge(copy);
    copy.merge(original);
    CHECK(original == copy);
    CHECK(std::vector<std::string>(copy.begin(), copy.end()) ==
          std::vector<std::string>{"apple", "banana", "cherry"});
}

TEST_CASE("AWSet: joining an old copy deletes nothing and restores nothing") {
    AWSet<int> set;
    set.insert("a", 1);
    set.insert("a", 2);
    const AWSet<int> snapshot = set;
    set.erase(1);
    set.insert("a", 3);
    const AWSet<int> before = set;
    CHECK_FALSE(set.merge(snapshot));
    CHECK(set == before);
    AWSet<int> restored = snapshot;
    restored.merge(set);
    CHECK(std::vector<int>(restored.begin(), restored.end()) == std::vector<int>{2, 3});
}

TEST_CASE("AWSet: two inserts after one read of the context are two events") {
    // If an insert took its dot from a context that was read before, two inserts would share a dot.
    AWSet<int> set;
    const AWSet<int> first = set.insert("a", 1);
    const AWSet<int> second = set.insert("a", 2);
    CHECK(first.context() == crdt::DotSet<>{{"a", 1}});
    CHECK(second.context() == crdt::DotSet<>{{"a", 2}});
    AWSet<int> other;
    other.merge(second);
    other.merge(first);
    CHECK(other == set);
    CHECK(other.size() == 2);
}

TEST_CASE("AWSet: a concurrent insert wins over an erase") {
    AWSet<int> a;
    a.insert("a", 1);
    AWSet<int> b = a;
    a.erase(1);
    b.insert("b", 1);
    a.merge(b);
    b.merge(a);
    CHECK(a == b);
    CHECK(a.contains(1));
    CHECK(b.erase(1).context().size() == 1);
    CHECK(b.erase(1).is_bottom());
}

TEST_CASE("AWSet: an erase that arrives before the insert that it removes still removes it") {
    AWSet<int> a, b;
    const auto added = a.insert("a", 1);
    const auto removed = a.erase(1);
    b.merge(removed);
    b.merge(added);
    CHECK(b == a);
    CHECK(b.size() == 0);
}

TEST_CASE(
    "AWSet: one dot with two elements is a conflict, and joins to the same state everywhere") {
    AWSet<int> a, b;  // two replicas under one id: a mistake
    a.insert("same", 1);
    b.insert("same", 2);
    CHECK(conflicts(a, b));
    CHECK(conflicts(b, a));
    AWSet<int> c;
    c.insert("c", 3);
    CHECK_FALSE(conflicts(a, c));
    c.merge(a);
    CHECK_FALSE(conflicts(c, a));
}

TEST_CASE(
    "AWSet: metadata is O(replicas + elements) after 100,000 inserts and erases by 3 replicas") {
    std::vector<AWSet<int>> replicas(3);
    for (int i = 0; i < 100000; ++i) {
        const auto r = static_cast<std::size_t>(i % 3);
        const auto added = replicas[r].insert(std::string(1, static_cast<char>('a' + r)), i);
        if (i % 7 == 0) replicas[(r + 1) % 3].merge(added);
        if (i >= 9) replicas[r].erase(i - 9);
    }
    for (const auto& other : replicas) replicas[0].merge(other);
    const AWSet<int>& set = replicas[0];
    CHECK(set.size() == 9);
    CHECK(set.context().size() == 100000);
    CHECK(set.context().range_count() == 3);
    CHECK(crdt::json::encode(set).size() < 400);
    const auto known = digest(set);
    CHECK(known.dots.range_count() <= 9);
    CHECK(known.context.range_count() == 3);
}

}  // namespace awset_tests

// SPDX-License-Identifier: MIT
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/causal/dot.hpp>
#include <crdt/lattice/concepts.hpp>

namespace dot_tests {

using crdt::Dot;
using crdt::DotRange;

static_assert(crdt::Key<Dot<>> && crdt::Key<Dot<int>>);

TEST_CASE("Dot: dots are ordered by replica, then by number") {
    constexpr auto last = std::numeric_limits<std::uint64_t>::max();
    const std::vector<Dot<>> ascending{{"", 1},     {"a", 1}, {"a", 2},
                                       {"a", last}, {"b", 1}, {"b", 3}};
    for (std::size_t i = 0; i < ascending.size(); ++i) {
        for (std::size_t j = 0; j < ascending.size(); ++j) {
            CAPTURE(i);
            CAPTURE(j);
            CHECK((ascending[i] <=> ascending[j]) == (i <=> j));
            CHECK((ascending[i] == ascending[j]) == (i == j));
        }
    }
}

TEST_CASE("Dot: the hash depends on replica and number, and on their order") {
    CHECK(hash_value(Dot<>{"a", 1}) == hash_value(Dot<>{"a", 1}));
    CHECK(hash_value(Dot<>{"a", 1}) != hash_value(Dot<>{"a", 2}));
    CHECK(hash_value(Dot<>{"a", 1}) != hash_value(Dot<>{"b", 1}));
    CHECK(hash_value(Dot<int>{1, 2}) != hash_value(Dot<int>{2, 1}));
    // The same on every platform.
    CHECK(hash_value(Dot<>{"a", 1}) == 0x1DB89B915DEFAD99U);
}

TEST_CASE("DotRange: equal in replica and both ends") {
    CHECK(DotRange<>{"a", 1, 2} == DotRange<>{"a", 1, 2});
    CHECK_FALSE(DotRange<>{"a", 1, 2} == DotRange<>{"b", 1, 2});
    CHECK_FALSE(DotRange<>{"a", 1, 2} == DotRange<>{"a", 2, 2});
    CHECK_FALSE(DotRange<>{"a", 1, 2} == DotRange<>{"a", 1, 3});
}

}  // namespace dot_tests

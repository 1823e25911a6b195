// SPDX-License-Identifier: MIT
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/causal/dot_collector.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/ostream.hpp>
#include <crdt/random.hpp>

namespace dot_collector_tests {

using crdt::DotRange;
using crdt::DotSet;
using crdt::Random;

template <class Id>
void check_random_ranges(const std::vector<Id>& ids) {
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
        CAPTURE(seed);
        Random random(seed);
        std::vector<DotSet<Id>> sets;
        DotSet<Id> expected;
        for (std::uint64_t left = random.below(20); left != 0; --left) {
            DotSet<Id>& set = sets.emplace_back();
            for (std::uint64_t ranges = random.below(3); ranges != 0; --ranges) {
                const std::uint64_t first = 1 + random.below(30);
                const DotRange<Id> range{ids[random.below(ids.size())], first,
                                         first + random.below(5)};
                set.add(range);
                expected.add(range);
            }
        }
        crdt::detail::DotCollector<Id> dots;
        for (const DotSet<Id>& set : sets) dots.add(set);
        REQUIRE(dots.collect() == expected);
    }
}

TEST_CASE("DotCollector: the result is the union, whatever ranges overlap or touch") {
    check_random_ranges<std::uint64_t>({0, 1, 7});
    check_random_ranges<std::string>({"", "ann", "bob"});
}

TEST_CASE("DotCollector: ranges at both ends of the numbers") {
    constexpr std::uint64_t greatest = (std::numeric_limits<std::uint64_t>::max)();
    const DotSet<> low(DotRange<>{"a", 1, 2}), high(DotRange<>{"a", 3, greatest}),
        last(DotRange<>{"a", greatest, greatest});
    crdt::detail::DotCollector<std::string> dots;
    dots.add(last);
    dots.add(high);
    dots.add(low);
    CHECK(dots.collect() == DotSet<>(DotRange<>{"a", 1, greatest}));
    CHECK(crdt::detail::DotCollector<std::string>().collect().is_bottom());
}

}  // namespace dot_collector_tests

// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/causal/dot_interval_map.hpp>
#include <crdt/causal/inline_ranges.hpp>

#include "support/dots.hpp"

namespace dot_interval_map_tests {

using crdt::Dot;
using crdt::DotRange;
using crdt::Random;
using support::last_sequence;

namespace {

using Ranges = crdt::detail::DotIntervalMap<std::string>;
using Model = std::set<Dot<>>;
using Runs = std::vector<DotRange<>>;

/// Returns the dots of `model` within `within`, as the fewest ranges.
Runs runs_of(const Model& model, const DotRange<>& within) {
    Runs runs;
    for (const Dot<>& dot : support::dots_in(within)) {
        if (!model.contains(dot)) continue;
        if (!runs.empty() && runs.back().last == dot.sequence - 1)
            runs.back().last = dot.sequence;
        else
            runs.push_back({dot.replica, dot.sequence, dot.sequence});
    }
    return runs;
}

Runs runs_of(const Ranges& ranges) {
    Runs runs;
    ranges.visit_numbers([&](const auto& replica, std::uint64_t first, std::uint64_t last) {
        runs.push_back({replica, first, last});
    });
    return runs;
}

/// Adds or erases a range.
void change(Ranges& ranges, Model& model, const DotRange<>& range, Random& random) {
    if (random.below(3) == 0) {
        ranges.erase(range);
        for (const Dot<>& dot : support::dots_in(range)) model.erase(dot);
    } else {
        ranges.assign(range);
        for (const Dot<>& dot : support::dots_in(range)) model.insert(dot);
    }
}

void check_what_is_kept(const Ranges& ranges, const Model& model, const support::Corner& corner) {
    Runs expected;
    for (const DotRange<>& all : corner.all()) {
        const Runs runs = runs_of(model, all);
        expected.insert(expected.end(), runs.begin(), runs.end());
        REQUIRE(ranges.last(all.replica) == (runs.empty() ? 0 : runs.back().last));
        const auto* const name = ranges.name_of(all.replica);
        REQUIRE((name != nullptr) == !runs.empty());
        if (name != nullptr) REQUIRE(*name == all.replica);
        for (const Dot<>& dot : support::dots_in(all))
            REQUIRE(ranges.contains(DotRange<>{dot.replica, dot.sequence, dot.sequence}) ==
                    model.contains(dot));
    }
    REQUIRE(runs_of(ranges) == expected);
    REQUIRE(ranges.size() == expected.size());
    REQUIRE(ranges.empty() == model.empty());
}

void check_queries(const Ranges& ranges, const Model& model, const DotRange<>& range) {
    const Runs expected = runs_of(model, range);
    Runs visited;
    ranges.visit_numbers_within(range, [&](std::uint64_t first, std::uint64_t last) {
        visited.push_back({range.replica, first, last});
    });
    REQUIRE(visited == expected);
    REQUIRE(ranges.contains(range) == (expected.size() == 1 && expected[0] == range));
}

/// Returns the same set made in another way: dot by dot, in random order, from all dots.
Ranges rebuilt(const Model& model, const support::Corner& corner, Random& random) {
    Ranges ranges;
    for (const DotRange<>& all : corner.all()) ranges.assign(all);
    std::vector<Dot<>> dots;
    for (const DotRange<>& all : corner.all()) {
        for (const Dot<>& dot : support::dots_in(all)) dots.push_back(dot);
    }
    for (std::size_t i = dots.size(); i > 0; --i) {
        std::swap(dots[i - 1], dots[random.below(i)]);
        const auto& [replica, sequence] = dots[i - 1];
        const DotRange<> one{replica, sequence, sequence};
        if (model.contains(dots[i - 1]))
            ranges.assign(one);
        else
            ranges.erase(one);
    }
    return ranges;
}

}  // namespace

TEST_CASE("DotIntervalMap: they agree with a plain set, and are as few as possible") {
    for (const support::Corner& corner : support::corners) {
        for (std::uint64_t seed = 1; seed <= 300; ++seed) {
            CAPTURE(corner.first);
            CAPTURE(seed);
            Random random(seed);
            Ranges ranges, other;
            Model model;
            for (int step = 0; step < 20; ++step) {
                change(ranges, model, corner.draw(random), random);
                check_what_is_kept(ranges, model, corner);
                check_queries(ranges, model, corner.draw(random));
                const DotRange<> added = corner.draw(random);
                other.assign(added);
                if (step % 5 != 4) continue;
                ranges.assign_all(other);
                for (const DotRange<>& range : runs_of(other)) {
                    for (const Dot<>& dot : support::dots_in(range)) model.insert(dot);
                }
                check_what_is_kept(ranges, model, corner);
            }
            REQUIRE(rebuilt(model, corner, random) == ranges);
        }
    }
}

TEST_CASE("DotIntervalMap: an empty set equals a new one") {
    Ranges ranges({"a", 1, 3});
    ranges.erase(DotRange<>{"a", 1, 3});
    CHECK(ranges == Ranges());
}

TEST_CASE("DotIntervalMap: all numbers of a replica are one range") {
    Ranges ranges;
    ranges.assign(DotRange<>{"a", 1, last_sequence});
    ranges.assign(DotRange<>{"b", 1, last_sequence});
    CHECK(ranges.size() == 2);
    CHECK(ranges.contains(DotRange<>{"a", 1, last_sequence}));
    CHECK(ranges.last("a") == last_sequence);

    ranges.erase(DotRange<>{"a", 5, 5});
    CHECK(runs_of(ranges) == Runs{{"a", 1, 4}, {"a", 6, last_sequence}, {"b", 1, last_sequence}});
    ranges.assign(DotRange<>{"a", 5, 5});
    CHECK(ranges.size() == 2);
    ranges.erase(DotRange<>{"a", 1, last_sequence});
    CHECK(runs_of(ranges) == Runs{{"b", 1, last_sequence}});
    CHECK(ranges.last("a") == 0);
}

TEST_CASE("DotIntervalMap: ranges of neighbouring replicas are not joined") {
    Ranges ranges;
    ranges.assign(DotRange<>{"a", 1, 3});
    ranges.assign(DotRange<>{"c", 1, 9});
    CHECK_FALSE(ranges.contains(DotRange<>{"b", 1, 1}));
    CHECK(ranges.last("b") == 0);
    ranges.erase(DotRange<>{"b", 1, last_sequence});
    ranges.assign(DotRange<>{"b", 4, 4});
    CHECK(runs_of(ranges) == Runs{{"a", 1, 3}, {"b", 4, 4}, {"c", 1, 9}});
}

TEST_CASE("DotIntervalMap: a renamed range has the same dots, and shares the id") {
    Ranges mine({"a", 1, 3}), theirs({"a", 5, 5}), other({"b", 5, 5});
    REQUIRE_FALSE(mine.name_of("a")->shares(*theirs.name_of("a")));
    theirs.rename(mine);
    CHECK(theirs == Ranges({"a", 5, 5}));
    CHECK(mine.name_of("a")->shares(*theirs.name_of("a")));
    other.rename(mine);
    CHECK(other == Ranges({"b", 5, 5}));
}

}  // namespace dot_interval_map_tests

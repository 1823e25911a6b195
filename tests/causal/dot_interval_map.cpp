// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/causal/dot_interval_map.hpp>
#include <crdt/causal/interval_map.hpp>
#include <crdt/causal/replica_interval_map.hpp>

#include "support/dots.hpp"

namespace dot_interval_map_tests {

using crdt::Dot;
using crdt::DotRange;
using crdt::Random;
using support::last_sequence;

namespace {

using Ranges = crdt::detail::DotIntervalMap<std::string, int>;
using Model = std::map<Dot<>, int>;
using Runs = std::vector<std::pair<DotRange<>, int>>;

/// Returns the content of `model` within `within`, as the fewest ranges of equal value.
Runs runs_of(const Model& model, const DotRange<>& within) {
    Runs runs;
    for (const Dot<>& dot : support::dots_in(within)) {
        const auto entry = model.find(dot);
        if (entry == model.end()) continue;
        if (!runs.empty() && runs.back().second == entry->second &&
            runs.back().first.last == dot.sequence - 1) {
            runs.back().first.last = dot.sequence;
        } else {
            runs.push_back({{dot.replica, dot.sequence, dot.sequence}, entry->second});
        }
    }
    return runs;
}

Runs runs_of(const Ranges& ranges) {
    Runs runs;
    ranges.visit([&](const DotRange<>& range, int value) { runs.push_back({range, value}); });
    return runs;
}

/// Assigns a value to a range, or erases the range.
void change(Ranges& ranges, Model& model, const DotRange<>& range, Random& random) {
    if (random.below(3) == 0) {
        ranges.erase(range);
        for (const Dot<>& dot : support::dots_in(range)) model.erase(dot);
    } else {
        const int value = static_cast<int>(random.below(2));
        ranges.assign(range, value);
        for (const Dot<>& dot : support::dots_in(range)) model[dot] = value;
    }
}

void check_what_is_kept(const Ranges& ranges, const Model& model, const support::Corner& corner) {
    Runs expected;
    for (const DotRange<>& all : corner.all()) {
        const Runs runs = runs_of(model, all);
        expected.insert(expected.end(), runs.begin(), runs.end());
        REQUIRE(ranges.last(all.replica) == (runs.empty() ? 0 : runs.back().first.last));
        for (const Dot<>& dot : support::dots_in(all)) {
            const int* value = ranges.find(dot);
            REQUIRE((value != nullptr) == model.contains(dot));
            if (value != nullptr) REQUIRE(*value == model.at(dot));
        }
    }
    REQUIRE(runs_of(ranges) == expected);
    REQUIRE(ranges.size() == expected.size());
    REQUIRE(ranges.empty() == model.empty());
}

void check_queries(const Ranges& ranges, const Model& model, const DotRange<>& range) {
    const Runs expected = runs_of(model, range);
    Runs visited;
    ranges.visit_within(range, [&](const DotRange<>& found, int value) {
        visited.push_back({found, value});
    });
    REQUIRE(visited == expected);
    REQUIRE(ranges.contains(range) == (expected.size() == 1 && expected[0].first == range));
}

/// Returns the same map made in another way: dot by dot, in random order, over other values.
Ranges rebuilt(const Model& model, const support::Corner& corner, Random& random) {
    Ranges ranges;
    for (const DotRange<>& all : corner.all()) ranges.assign(all, 7);
    std::vector<Dot<>> dots;
    for (const DotRange<>& all : corner.all()) {
        for (const Dot<>& dot : support::dots_in(all)) dots.push_back(dot);
    }
    for (std::size_t i = dots.size(); i > 0; --i) {
        std::swap(dots[i - 1], dots[random.below(i)]);
        const auto& [replica, sequence] = dots[i - 1];
        const DotRange<> one{replica, sequence, sequence};
        const auto entry = model.find(dots[i - 1]);
        if (entry == model.end())
            ranges.erase(one);
        else
            ranges.assign(one, entry->second);
    }
    return ranges;
}

}  // namespace

TEST_CASE("DotIntervalMap: it agrees with a plain map, and has as few ranges as possible") {
    for (const support::Corner& corner : support::corners) {
        for (std::uint64_t seed = 1; seed <= 300; ++seed) {
            CAPTURE(corner.first);
            CAPTURE(seed);
            Random random(seed);
            Ranges ranges;
            Model model;
            for (int step = 0; step < 20; ++step) {
                change(ranges, model, corner.draw(random), random);
                check_what_is_kept(ranges, model, corner);
                check_queries(ranges, model, corner.draw(random));
            }
            REQUIRE(rebuilt(model, corner, random) == ranges);
        }
    }
}

TEST_CASE("DotIntervalMap: maps are equal only if their values are equal, too") {
    Ranges a, b;
    a.assign({"a", 1, 3}, 1);
    b.assign({"a", 1, 3}, 2);
    CHECK_FALSE(a == b);
    b.assign({"a", 1, 3}, 1);
    CHECK(a == b);
    b.erase({"a", 1, 3});
    CHECK(b == Ranges());
}

TEST_CASE("DotIntervalMap: all numbers of a replica are one range") {
    Ranges ranges;
    ranges.assign({"a", 1, last_sequence}, 1);
    ranges.assign({"b", 1, last_sequence}, 1);
    CHECK(ranges.size() == 2);
    CHECK(ranges.contains({"a", 1, last_sequence}));
    CHECK(ranges.last("a") == last_sequence);

    ranges.erase({"a", 5, 5});
    CHECK(runs_of(ranges) ==
          Runs{{{"a", 1, 4}, 1}, {{"a", 6, last_sequence}, 1}, {{"b", 1, last_sequence}, 1}});
    ranges.assign({"a", 5, 5}, 1);
    CHECK(ranges.size() == 2);
    ranges.erase({"a", 1, last_sequence});
    CHECK(runs_of(ranges) == Runs{{{"b", 1, last_sequence}, 1}});
    CHECK(ranges.last("a") == 0);
}

TEST_CASE("DotIntervalMap: ranges of neighbouring replicas are not joined") {
    Ranges ranges;
    ranges.assign({"a", 1, 3}, 1);
    ranges.assign({"c", 1, 9}, 1);
    CHECK(ranges.find({"b", 2}) == nullptr);
    CHECK_FALSE(ranges.contains({"b", 1, 1}));
    CHECK(ranges.last("b") == 0);
    ranges.erase({"b", 1, last_sequence});
    ranges.assign({"b", 4, 4}, 1);
    CHECK(runs_of(ranges) == Runs{{{"a", 1, 3}, 1}, {{"b", 4, 4}, 1}, {{"c", 1, 9}, 1}});
}

}  // namespace dot_interval_map_tests

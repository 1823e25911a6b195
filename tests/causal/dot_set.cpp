// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/causal/causal_context.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/interval.hpp>
#include <crdt/ostream.hpp>

#include "support/dots.hpp"

namespace dot_set_tests {

using crdt::Dot;
using crdt::DotRange;
using crdt::DotSet;
using crdt::Overlap;
using crdt::Random;
using support::Dots;
using support::dots_of;
using support::joined;
using support::last_sequence;
using support::set_of;
using support::without;

static_assert(crdt::DecomposableLattice<DotSet<>>);

namespace {

Dots common(const Dots& a, const Dots& b) { return without(a, without(a, b)); }

std::vector<DotRange<>> ranges_of(const DotSet<>& set) {
    std::vector<DotRange<>> ranges;
    set.visit([&](const DotRange<>& range) { ranges.push_back(range); });
    return ranges;
}

const DotSet<> everything(DotRange<>{"a", 1, last_sequence});

/// Calls check(a, b, c, random) for random sets of dots.
template <class Check>
void for_random_sets(Check check) {
    for (const support::Corner& corner : support::corners) {
        for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
            CAPTURE(corner.first);
            CAPTURE(seed);
            Random random(seed);
            const Dots a = corner.draw_dots(random);
            const Dots b = corner.draw_dots(random);
            check(a, b, corner, random);
        }
    }
}

}  // namespace

TEST_CASE("DotSet: it has the inserted dots, in as few ranges as possible") {
    for_random_sets([](const Dots& dots, const Dots&, const support::Corner& corner, Random&) {
        const DotSet<> set = set_of(dots);
        REQUIRE(dots_of(set) == dots);
        REQUIRE(set.size() == dots.size());
        REQUIRE(set.is_bottom() == dots.empty());
        const auto is_first = [&](const Dot<>& dot) {
            return !dots.contains({dot.replica, dot.sequence - 1});
        };
        REQUIRE(set.range_count() ==
                static_cast<std::size_t>(std::count_if(dots.begin(), dots.end(), is_first)));
        for (const DotRange<>& all : corner.all()) {
            std::uint64_t last = 0;
            for (const Dot<>& dot : support::dots_in(all)) {
                REQUIRE(set.contains(dot) == dots.contains(dot));
                if (dots.contains(dot)) last = dot.sequence;
            }
            REQUIRE(set.last(all.replica) == last);
            if (last == last_sequence)
                REQUIRE_THROWS_AS(set.next(all.replica), std::overflow_error);
            else
                REQUIRE(set.next(all.replica) == Dot<>{all.replica, last + 1});
        }
    });
}

TEST_CASE("DotSet: union, intersection and difference are exact") {
    for_random_sets([](const Dots& a, const Dots& b, const support::Corner&, Random&) {
        const DotSet<> x = set_of(a), y = set_of(b);
        REQUIRE((x == y) == (a == b));
        REQUIRE((hash_value(x) == hash_value(y)) == (a == b));
        REQUIRE(x.leq(y) == without(a, b).empty());
        REQUIRE((x.overlap_with(y) == Overlap::all) == without(a, b).empty());
        REQUIRE((x.overlap_with(y) == Overlap::none) == (!a.empty() && common(a, b).empty()));
        REQUIRE(intersection(x, y) == set_of(common(a, b)));
        REQUIRE(difference(x, y) == set_of(without(a, b)));
        std::vector<DotRange<>> missing;
        x.visit_difference(y, [&](const auto& range) {
            missing.push_back({range.replica, range.first, range.last});
        });
        REQUIRE(missing == ranges_of(difference(x, y)));
        REQUIRE(digest(x) == x);
        REQUIRE(difference(x, digest(y)) == set_of(without(a, b)));

        DotSet<> merged = x;
        REQUIRE(merged.merge(y) == !without(b, a).empty());
        REQUIRE(merged == set_of(joined(a, b)));
        REQUIRE(hash_value(merged) == hash_value(set_of(joined(a, b))));
        DotSet<> absorbed = x;
        REQUIRE(absorbed.absorb(y) == set_of(without(b, a)));
        REQUIRE(absorbed == merged);
    });
}

TEST_CASE("DotSet: insert accepts a range or a dot, and returns the new dots") {
    for_random_sets([](const Dots& a, const Dots&, const support::Corner& corner, Random& random) {
        const DotRange<> range = corner.draw(random);
        const std::vector<Dot<>> list = support::dots_in(range);
        const Dots added(list.begin(), list.end());
        DotSet<> inserted = set_of(a), covered = set_of(a);
        REQUIRE(inserted.insert(range) == set_of(without(added, a)));
        REQUIRE(inserted == set_of(joined(a, added)));
        covered.add(range);
        REQUIRE(covered == inserted);
        REQUIRE(inserted.insert(list.front()).is_bottom());
    });
    DotSet<> set;
    CHECK(set.insert(Dot<>{"a", 3}) == DotSet<>{{"a", 3}});
    CHECK(set == DotSet<>{{"a", 3}});
}

TEST_CASE("DotSet: its parts are its dots") {
    for_random_sets([](const Dots& dots, const Dots&, const support::Corner&, Random&) {
        const DotSet<> set = set_of(dots);
        Dots parts;
        decompose(set, [&](const DotSet<>& part) {
            REQUIRE(part.size() == 1);
            parts.merge(dots_of(part));
        });
        REQUIRE(parts == dots);
        REQUIRE(part_count(set) == dots.size());
        REQUIRE(set.count_parts_of<crdt::detail::ByParts>() == dots.size());
    });
}

TEST_CASE("DotSet: as a dot store it has all its dots") {
    for_random_sets(
        [](const Dots& a, const Dots& b, const support::Corner& corner, Random& random) {
            const DotSet<> store = set_of(a), other = set_of(b);
            REQUIRE(store.dots() == store);
            REQUIRE(store.dots_in(other) == set_of(common(a, b)));
            REQUIRE(store.leq_on_common(other));
            REQUIRE(store.missing_at(DotSet<>(), other) == set_of(without(a, b)));

            DotSet<> left = store;
            left.remove(other);
            REQUIRE(left == set_of(without(a, b)));

            const Dots seen = joined(a, corner.draw_dots(random));
            DotSet<> grown = store;
            REQUIRE(grown.absorb(other, set_of(seen)) == set_of(without(b, seen)));
            REQUIRE(grown == set_of(joined(a, without(b, seen))));

            DotSet<> digest = other;
            store.add_digest_to(digest);
            REQUIRE(digest == set_of(joined(a, b)));

            Dots parts;
            store.visit_parts_of<crdt::detail::ByParts>([&](const DotSet<>& part) {
                REQUIRE(part.size() == 1);
                parts.merge(dots_of(part));
            });
            REQUIRE(parts == a);

            DotSet<> ranges;
            std::size_t count = 0;
            decompose_by_ranges(store, [&](const DotSet<>& range) {
                REQUIRE(range.range_count() == 1);
                ranges.merge(range);
                ++count;
            });
            REQUIRE(ranges == store);
            REQUIRE(count == range_count(store));
        });
}

TEST_CASE("DotSet: a context is a version vector and a cloud of further dots") {
    for_random_sets([](const Dots& dots, const Dots&, const support::Corner& corner, Random&) {
        const DotSet<> context = set_of(dots);
        Dots in_vector;
        for (const DotRange<>& all : corner.all()) {
            std::uint64_t known = 0;
            while (dots.contains({all.replica, known + 1}))
                in_vector.insert({all.replica, ++known});
            REQUIRE(version_vector(context).last(all.replica) == known);
        }
        REQUIRE(dot_cloud(context) == set_of(without(dots, in_vector)));
    });
    CHECK(version_vector(everything).last("a") == last_sequence);
    CHECK(dot_cloud(everything).is_bottom());
}

TEST_CASE("DotSet: it can have every number of a replica") {
    CHECK(everything.range_count() == 1);
    CHECK(everything.size() == std::numeric_limits<std::size_t>::max());
    CHECK(everything.contains({"a", 1}));
    CHECK(everything.contains({"a", last_sequence}));
    CHECK_FALSE(everything.contains({"b", 1}));
    CHECK(everything.last("a") == last_sequence);
    CHECK_THROWS_AS(everything.next("a"), std::overflow_error);
    CHECK(everything.next("b") == Dot<>{"b", 1});

    DotSet<> set = everything;
    CHECK_FALSE(set.merge(everything));
    CHECK_FALSE(set.merge(DotSet<>{{"a", last_sequence}}));
    CHECK(set.insert(DotRange<>{"a", 7, last_sequence}).is_bottom());
    CHECK(difference(everything, everything).is_bottom());
    CHECK(intersection(everything, everything) == everything);
}

TEST_CASE("DotSet: size() is at most the greatest std::size_t") {
    DotSet<> set = everything;
    set.add(Dot<>{"b", 1});
    CHECK(set.size() == std::numeric_limits<std::size_t>::max());
    CHECK(part_count(set) == std::numeric_limits<std::size_t>::max());
    set.add(DotRange<>{"c", 1, last_sequence});
    CHECK(set.size() == std::numeric_limits<std::size_t>::max());
    set.remove(DotSet<>(DotRange<>{"a", 1, last_sequence}));
    set.remove(DotSet<>(DotRange<>{"c", 11, last_sequence}));
    CHECK(set.size() == 11);
}

TEST_CASE("DotSet: it can have all numbers of a replica except a few") {
    const DotSet<> few{{"a", 5}, {"a", 6}, {"a", 1000}, {"a", last_sequence - 1}};
    const std::vector<DotRange<>> others{{"a", 1, 4},
                                         {"a", 7, 999},
                                         {"a", 1001, last_sequence - 2},
                                         {"a", last_sequence, last_sequence}};
    DotSet<> most = everything;
    most.remove(few);
    CHECK(ranges_of(most) == others);
    CHECK(ranges_of(difference(everything, few)) == others);
    // A size of 32 bits is at its maximum.
    CHECK(most.size() ==
          std::min<std::uint64_t>(last_sequence - 4, std::numeric_limits<std::size_t>::max()));
    CHECK(difference(everything, most) == few);
    CHECK(intersection(most, few).is_bottom());
    CHECK(intersection(most, everything) == most);
    CHECK(most.leq(everything));
    CHECK_FALSE(everything.leq(most));
    CHECK_THROWS_AS(most.next("a"), std::overflow_error);

    DotSet<> back = most;
    CHECK(back.absorb(everything) == few);
    CHECK(back == everything);
    most.merge(few);
    CHECK(most == everything);

    const DotSet<> ends{{"a", 1}, {"a", last_sequence}};
    CHECK(ranges_of(difference(everything, ends)) ==
          std::vector<DotRange<>>{{"a", 2, last_sequence - 1}});
}

}  // namespace dot_set_tests

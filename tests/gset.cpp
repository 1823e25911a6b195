// SPDX-License-Identifier: MIT
#include <cstddef>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/gset.hpp>

#include "support/menu.hpp"

namespace gset_tests {

using crdt::GSet;

static_assert(crdt::DecomposableLattice<GSet<int>>);
static_assert(std::bidirectional_iterator<GSet<int>::const_iterator>);
static_assert(std::is_nothrow_move_constructible_v<GSet<int>>);

namespace {

/// A model: the elements of the received inserts.
struct Model : support::NoMemory {
    using State = GSet<int>;
    using Op = int;

    static Op draw(support::Random& random) { return static_cast<int>(random.below(8)); }
    static State run(State& state, std::size_t, const Op& element) { return state.insert(element); }
    static std::set<int> expected(const std::vector<support::Event<Op>>& events,
                                  support::Known known) {
        std::set<int> elements;
        for (std::size_t i = 0; i < events.size(); ++i) {
            if (known.has(i) && !is_repeated(events, i)) elements.insert(events[i].op);
        }
        return elements;
    }
    /// An insert of an element that the set has changes nothing.
    static bool is_repeated(const std::vector<support::Event<Op>>& events, std::size_t event) {
        return expected({events.begin(), events.begin() + static_cast<std::ptrdiff_t>(event)},
                        events[event].seen)
                   .count(events[event].op) > 0;
    }
    static std::set<int> actual(const State& state) { return {state.begin(), state.end()}; }
};

const bool listed = support::on_menu<GSet<std::string>, Model>("GSet", support::insert_anything);

}  // namespace

TEST_CASE("GSet: a merge is the union, in ascending order") {
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

}  // namespace gset_tests

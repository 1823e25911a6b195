// SPDX-License-Identifier: MIT
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include <crdt/causal/key_index.hpp>

#include "support/dots.hpp"

namespace key_index_tests {

using crdt::Dot;
using crdt::DotRange;
using crdt::DotSet;
using crdt::Random;

namespace {

using Index = crdt::detail::KeyIndex<std::string, int>;
using Model = std::map<Dot<>, int>;

/// The keys of the dots of a model within `dots`.
Model within(const Model& model, const DotSet<>& dots) {
    Model found;
    for (const auto& [dot, key] : model) {
        if (dots.contains(dot)) found.emplace(dot, key);
    }
    return found;
}

Model found_by(const Index& index, const DotSet<>& dots) {
    Model found;
    index.visit(dots, [&](const DotRange<>& range, int key) {
        for (const Dot<>& dot : support::dots_in(range)) REQUIRE(found.emplace(dot, key).second);
    });
    return found;
}

/// The dots of `range` that no model has.
DotSet<> fresh(const DotRange<>& range, const Model& a, const Model& b) {
    DotSet<> dots;
    for (const Dot<>& dot : support::dots_in(range)) {
        if (!a.contains(dot) && !b.contains(dot)) dots.add(dot);
    }
    return dots;
}

void add(Index& index, Model& model, const DotSet<>& dots, int key) {
    index.add(key, dots);
    dots.visit([&](const DotRange<>& range) {
        for (const Dot<>& dot : support::dots_in(range)) model[dot] = key;
    });
}

}  // namespace

TEST_CASE("KeyIndex: it agrees with a plain map, in any order of dots, amid removals") {
    for (const support::Corner& corner : support::corners) {
        for (std::uint64_t seed = 1; seed <= 300; ++seed) {
            CAPTURE(corner.first);
            CAPTURE(seed);
            Random random(seed);
            Index index, other;
            Model model, others;
            for (int step = 0; step < 20; ++step) {
                const DotRange<> range = corner.draw(random);
                const int key = static_cast<int>(random.below(4));
                if (random.below(3) == 0) {
                    index.remove(DotSet<>(range));
                    for (const Dot<>& dot : support::dots_in(range)) model.erase(dot);
                } else if (random.below(2) == 0) {
                    add(index, model, fresh(range, model, others), key);
                } else {
                    add(other, others, fresh(range, model, others), key);
                }
                if (step % 6 == 5) {
                    index.merge(other);
                    model.insert(others.begin(), others.end());
                    other = {};
                    others.clear();
                }
                const DotSet<> asked(corner.draw(random));
                REQUIRE(found_by(index, asked) == within(model, asked));
                for (const DotRange<>& all : corner.all()) {
                    const DotSet<> dots(all);
                    REQUIRE(found_by(index, dots) == within(model, dots));
                }
            }
        }
    }
}

TEST_CASE("KeyIndex: an index of which most was removed is overgrown") {
    Index index;
    for (std::uint64_t i = 1; i <= 40; ++i) index.add(static_cast<int>(i), DotSet<>{{"a", i}});
    index.set_limit();
    for (std::uint64_t i = 41; i <= 140; ++i) {
        CHECK_FALSE(index.is_overgrown());
        index.remove(DotSet<>{{"a", i - 40}});
        index.add(static_cast<int>(i), DotSet<>{{"a", i}});
    }
    for (std::uint64_t i = 141; i <= 150; ++i) index.add(static_cast<int>(i), DotSet<>{{"a", i}});
    CHECK(index.is_overgrown());
}

}  // namespace key_index_tests

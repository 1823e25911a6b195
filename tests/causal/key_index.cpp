// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include <crdt/causal/key_index.hpp>
#include <crdt/causal/key_line.hpp>

#include "support/dots.hpp"
#include "support/seeds.hpp"

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
                const DotSet<> queried(corner.draw(random));
                REQUIRE(found_by(index, queried) == within(model, queried));
                for (const DotRange<>& all : corner.all()) {
                    const DotSet<> dots(all);
                    REQUIRE(found_by(index, dots) == within(model, dots));
                }
            }
        }
    }
}

TEST_CASE("KeyLine: lines of several blocks, with gaps of all lengths, agree with a plain map") {
    for (std::uint64_t seed = 1; seed <= (support::few_cases ? 2 : 10); ++seed) {
        CAPTURE(seed);
        Random random(seed);
        crdt::detail::KeyLine<std::uint64_t> line;
        std::map<std::uint64_t, std::uint64_t> model;  // the key of each number that has one
        const auto check = [&](std::uint64_t first, std::uint64_t last) {
            std::uint64_t next = first;
            line.visit(first, last, [&](std::uint64_t from, std::uint64_t to, std::uint64_t key) {
                REQUIRE(from == next);
                next = to + 1;
                for (auto i = model.lower_bound(from); i != model.end() && i->first <= to; ++i)
                    REQUIRE(i->second == key);
            });
            REQUIRE(next == last + 1);
        };
        for (int i = 0; i < 3000; ++i) {
            const std::uint64_t gap = random.below(8) == 0 ? random.below(6) : 0;
            const std::uint64_t first = line.last() + 1 + gap;
            line.append(first, first, model[first] = random.below(1000));
        }
        CHECK(line.size() >= model.size() / 2);
        for (int i = 0; i < 300; ++i) {
            const std::uint64_t first = 1 + random.below(line.last());
            const std::uint64_t last =
                (std::min)(line.last(), first + (random.below(2) == 0 ? 0 : random.below(700)));
            const std::uint64_t key = random.below(1000);
            line.assign(first, last, key);
            for (std::uint64_t number = first; number <= last; ++number) model[number] = key;
            check(first, line.last());
        }
        check(model.begin()->first, line.last());
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

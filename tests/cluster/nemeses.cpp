// SPDX-License-Identifier: MIT
//! Tests of the nemesis.
#include <map>

#include <doctest/doctest.h>

#include <nemesis.hpp>

namespace nemeses_tests {

using namespace cluster;

TEST_CASE("a split cuts both directions") {
    const auto cuts = split({"a", "b", "c"}, 1);
    CHECK(cuts == Cuts{{"a", "b"}, {"a", "c"}, {"b", "a"}, {"c", "a"}});
}

TEST_CASE("in a majorities ring of three, cuts are one-way") {
    const auto cuts = majorities_ring({"a", "b", "c"});
    CHECK(cuts.size() == 3);
    for (const auto& cut : cuts) CHECK(cuts.count({cut.second, cut.first}) == 0);
}

TEST_CASE("in a majorities ring every node receives from a majority") {
    const auto cuts = majorities_ring({"a", "b", "c", "d", "e"});
    std::map<std::string, int> unheard;
    for (const auto& cut : cuts) ++unheard[cut.second];
    CHECK(unheard.size() == 5);
    for (const auto& [node, count] : unheard) CHECK(count == 2);
}

TEST_CASE("each fault starts and stops in turn, and heal() ends the active ones") {
    Nemesis nemesis({"n0", "n1", "n2"}, {Fault::kill}, 1, Random(1));
    nemesis.begin(0);
    const auto first = nemesis.step();
    CHECK(first.starts);
    CHECK_FALSE(first.nodes.empty());
    const auto second = nemesis.step();
    CHECK_FALSE(second.starts);
    CHECK(second.nodes == first.nodes);
    CHECK(nemesis.heal().empty());
    CHECK(nemesis.step().starts);
    CHECK(nemesis.heal().size() == 1);
}

TEST_CASE("every partition cuts a link, and the pauses average the interval") {
    Nemesis nemesis({"n0", "n1", "n2"}, {Fault::partition}, 3, Random(1));
    nemesis.begin(0);
    constexpr int steps = 2000;
    for (int i = 0; i < steps; ++i) {
        const auto step = nemesis.step();
        CHECK(step.starts == !step.cuts.empty());
    }
    CHECK(seconds(*nemesis.next_due()) / steps == doctest::Approx(3).epsilon(0.05));
}

TEST_CASE("without faults no step is due") {
    Nemesis nemesis({"n0"}, {}, 1, Random(1));
    nemesis.begin(0);
    CHECK_FALSE(nemesis.next_due());
}

}  // namespace nemeses_tests

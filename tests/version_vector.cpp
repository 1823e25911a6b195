// SPDX-License-Identifier: MIT
#include <compare>
#include <limits>
#include <map>
#include <stdexcept>

#include <doctest/doctest.h>

#include <crdt/causal/causal_context.hpp>
#include <crdt/causal/version_vector.hpp>

#include "support/counter_models.hpp"
#include "support/menu.hpp"

namespace version_vector_tests {

using crdt::VersionVector;

namespace {

/// A model: for each replica, the number of events up to the last received one.
struct Model : support::CounterModel<VersionVector<>, support::ByReplica> {
    static Op draw(support::Random&) { return {0, 1}; }
    static State run(State& state, std::size_t replica, const Op&) {
        return state.advance(support::replica_name(replica));
    }
    static std::map<std::string, std::uint64_t> expected(const Events& events,
                                                         support::Known known) {
        std::map<std::string, std::uint64_t> counts;
        for (std::size_t i = 0; i < events.size(); ++i) {
            if (is_known(events, known, i)) ++counts[support::replica_name(events[i].replica)];
        }
        return counts;
    }
    static std::map<std::string, std::uint64_t> actual(const State& state) {
        std::map<std::string, std::uint64_t> counts;
        for (const auto& [id, last] : state.lattice()) counts[id] = last.value();
        return counts;
    }
};

const bool listed = support::on_menu<VersionVector<>, Model>(
    "VersionVector", [](auto& vector, std::size_t replica, crdt::laws::Choices& choices) {
        const auto id = support::replica_id<std::string>(replica);
        if (choices.below(2) == 0) return vector.advance(id);
        return vector.advance_to(id, choices.number<std::uint64_t>());
    });

}  // namespace

TEST_CASE("VersionVector: two vectors are equal, ordered or concurrent") {
    VersionVector<> a, b;
    CHECK((a <=> b) == std::partial_ordering::equivalent);
    a.advance("a");
    CHECK((a <=> b) == std::partial_ordering::greater);
    b.advance("b");
    CHECK((a <=> b) == std::partial_ordering::unordered);
    b.merge(a);
    CHECK((a <=> b) == std::partial_ordering::less);
    CHECK(b.contains({"a", 1}));
    CHECK_FALSE(b.contains({"a", 2}));
    CHECK_FALSE(b.contains({"a", 0}));
    CHECK_FALSE(b.contains({"z", 0}));
}

TEST_CASE("VersionVector: after the last number advance() throws") {
    VersionVector<> a;
    a.advance_to("a", std::numeric_limits<std::uint64_t>::max());
    CHECK_THROWS_AS(a.advance("a"), std::overflow_error);
    CHECK(a.advance_to("a", 5).is_bottom());
}

TEST_CASE("CausalContext: a version vector and a cloud are always compact") {
    crdt::CausalContext<> context{{"a", 1}, {"a", 2}, {"a", 5}, {"b", 2}};
    CHECK(version_vector(context).last("a") == 2);
    CHECK(version_vector(context).last("b") == 0);
    CHECK(dot_cloud(context) == crdt::DotSet<>{{"a", 5}, {"b", 2}});
    context.insert(crdt::DotRange<>{"a", 3, 4});
    context.insert(crdt::Dot<>{"b", 1});
    CHECK(version_vector(context).last("a") == 5);
    CHECK(dot_cloud(context).is_bottom());
    CHECK(context.range_count() == 2);
}

}  // namespace version_vector_tests

// SPDX-License-Identifier: MIT
//! A small change costs little, however large the state is. The tests count comparisons and
//! allocations for a state and for one that is 256 times as large. (Measured times would be less
//! exact.)
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/crdt.hpp>

#include "../support/types.hpp"
#include "counted.hpp"
#include "spent.hpp"

namespace complexity_tests {

namespace {

using namespace crdt;

constexpr std::uint64_t me = 1U << 30;

template <class Function>
Cost cost_of(Function&& function) {
    spent = {};
    function();
    return spent;
}

struct Operation {
    std::string name;
    Cost cost;
};

/// Returns the cost of all operations with one small change, which `mutate` makes to `state`.
template <class L, class Mutate>
std::vector<Operation> costs(const L& state, Mutate mutate) {
    L writer = state, delta, reader = state;
    // The order of a text is made when it is first needed, as by an edit.
    if constexpr (requires { state.size(); }) CHECK(writer.size() == L(state).size());
    std::vector<Operation> result;
    const auto measure = [&](const char* name, auto&& function) {
        result.push_back({name, cost_of(function)});
    };
    measure("mutate", [&] { delta = mutate(writer); });
    REQUIRE_FALSE(delta.is_bottom());
    measure("leq, new delta", [&] { CHECK_FALSE(delta.leq(reader)); });
    measure("difference, new delta", [&] { CHECK(difference(delta, reader) == delta); });
    measure("conflicts", [&] { CHECK_FALSE(detail::in_conflict(reader, delta)); });
    measure("absorb, new delta", [&] { CHECK(reader.absorb(delta) == delta); });
    measure("absorb, known", [&] { CHECK(reader.absorb(delta).is_bottom()); });
    measure("merge, known", [&] { CHECK_FALSE(reader.merge(delta)); });
    measure("leq, known", [&] { CHECK(delta.leq(reader)); });
    CHECK(reader == writer);
    return result;
}

/// `grow(state, i)` makes the i-th of many changes.
template <class L, class Grow, class Mutate>
void check_type(const std::string& name, Grow grow, Mutate mutate) {
    CAPTURE(name);
    const auto costs_at = [&](std::uint64_t size) {
        L state;
        for (std::uint64_t i = 0; i < size; ++i) grow(state, i);
        return costs(state, mutate);
    };
    const auto small = costs_at(128), large = costs_at(128 * 256);
    for (std::size_t i = 0; i < small.size(); ++i) {
        CAPTURE(small[i].name);
        // A search takes 7 comparisons in the small state and 15 in the large one. Each operation
        // makes a few searches.
        CHECK(small[i].cost.comparisons < 400);
        CHECK(large[i].cost.comparisons <= 5 * small[i].cost.comparisons / 2 + 8);
        // A full leaf is split into two.
        CHECK(large[i].cost.allocations <= small[i].cost.allocations + 8);
    }
}

}  // namespace

TEST_CASE("complexity: a small change is cheap to make, to send and to join") {
    support::for_each_type<Counted>([](auto row) {
        using L = typename decltype(row)::large_type;
        const std::string name(row.name);
        const auto grow = [](L& state, std::uint64_t i) { support::grow<Counted>(state, i); };
        if constexpr (support::is_grown_by_merges<L, Counted>) {
            check_type<L>(name + ", concurrent write", grow, [](L& state) {
                L other;
                L delta = support::change<Counted>(other, me, me);
                state.merge(delta);
                return delta;
            });
        } else {
            check_type<L>(name + ", change", grow,
                          [](L& state) { return support::change<Counted>(state, me, me); });
        }
        if constexpr (requires(L & state) { state.erase(Counted{5}); })
            check_type<L>(name + ", erase", grow, [](L& state) { return state.erase(Counted{5}); });
        if constexpr (requires(L & state) { state.erase(Counted{me}, Counted{5}); })
            check_type<L>(name + ", erase", grow,
                          [](L& state) { return state.erase(Counted{me}, Counted{5}); });
        if constexpr (requires(L & state) { state.keys(); })
            check_type<L>(name + ", update where there is a value", grow,
                          [](L& state) { return support::change<Counted>(state, me, 5); });
    });
    check_type<CausalContext<Counted>>(
        "CausalContext",
        [](auto& dots, std::uint64_t i) {
            dots.insert(Dot<Counted>{Counted{i}, 2});
        },
        [](auto& dots) {
            return dots.insert(Dot<Counted>{Counted{5}, 1});
        });
}

TEST_CASE("complexity: a small change of a large value of a map is cheap, too") {
    using Sets = ORMap<Counted, AWSet<Counted, Counted>>;
    const auto insert = [](Sets& map, std::uint64_t element) {
        return map.update(Counted{1}, [&](auto& set) {
            return set.insert(Counted{element % 3}, Counted{element});
        });
    };
    check_type<Sets>("ORMap of AWSet", insert, [&](Sets& map) { return insert(map, me); });

    using Texts = ORMap<Counted, Text<Counted>>;
    const auto type = [](Texts& map) {
        return map.update(Counted{1},
                          [](auto& text) { return text.insert(Counted{2}, text.size() / 2, "x"); });
    };
    const auto cost_at = [&](std::size_t size) {
        Texts writer;
        for (std::size_t i = 0; i < size; ++i) type(writer);
        Texts reader = writer;
        const Texts delta = type(writer);
        const Cost cost = cost_of([&] { CHECK(reader.absorb(delta) == delta); });
        CHECK(reader == writer);
        return cost;
    };
    const Cost small = cost_at(128), large = cost_at(128 * 256);
    CHECK(large.comparisons <= 5 * small.comparisons / 2 + 8);
    CHECK(large.allocations <= small.allocations + 8);
}

}  // namespace complexity_tests

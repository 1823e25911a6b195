// SPDX-License-Identifier: MIT
//! Checks the standard interface that all types have: size(), an order, hashes and join().
#pragma once

#include <compare>
#include <cstddef>
#include <exception>
#include <functional>
#include <iterator>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/laws/choices.hpp>
#include <crdt/random.hpp>

#include "support/failing_new.hpp"
#include "support/laws.hpp"

namespace support {

/// Checks that size() is the number of elements, for the state and for its decoded copy.
template <class L>
void check_size(const L& state) {
    if constexpr (requires { state.size(); }) {
        const auto size = state.size();
        const auto read = crdt::binary::try_decode_value<L>(crdt::binary::encode_value(state));
        REQUIRE(read);
        CHECK(size == read->size());
        CHECK(size == L(state).size());
        if constexpr (requires { state.begin() != state.end(); })
            CHECK(size == static_cast<std::size_t>(std::distance(state.begin(), state.end())));
        if constexpr (requires { state.keys(); }) CHECK(size == state.keys().size());
        if constexpr (requires { state.empty(); }) CHECK(state.empty() == (size == 0));
    }
}

/// Checks that join() returns the least state above both, that `<=>` agrees with leq(), and that
/// equal states have equal hashes.
template <class L>
void check_order(const L& a, const L& b) {
    L merged = a;
    merged.merge(b);
    const L joined = crdt::join(a, b);
    CHECK(joined == merged);
    CHECK(a <= joined);
    CHECK(joined >= b);
    const std::partial_ordering order = a <=> b;
    CHECK((order == std::partial_ordering::equivalent) == (a == b));
    CHECK((order == std::partial_ordering::less) == (a.leq(b) && !b.leq(a)));
    CHECK((order == std::partial_ordering::greater) == (b.leq(a) && !a.leq(b)));
    CHECK((order == std::partial_ordering::unordered) == (!a.leq(b) && !b.leq(a)));
    CHECK((std::hash<L>()(a) == std::hash<L>()(b)) == (a == b));
    CHECK(std::hash<L>()(crdt::join(b, a)) == std::hash<L>()(joined));
}

/// Checks both for L, in histories of three replicas with mutations, merges, absorbs, decoding and
/// failing allocations.
template <class L, class Mutate>
void check_surface(Mutate mutate) {
    constexpr std::size_t replicas = 3;
    for (std::uint64_t seed = 0; seed < seeds(600); ++seed) {
        CAPTURE(seed);
        crdt::Random random(seed);
        std::vector<L> states(replicas);
        const auto step = [&] {
            const std::size_t replica = random.below(replicas);
            L& state = states[replica];
            const L other = states[random.below(replicas)];
            const auto deed = random.below(9);
            const auto act = [&] {
                crdt::laws::Choices choices(random);
                switch (deed) {
                    case 0: state.merge(other); return;
                    case 1: state.absorb(other); return;
                    case 2: state.merge(difference(other, digest(state))); return;
                    case 3: state = crdt::join(state, other); return;
                    case 4:
                        state =
                            *crdt::json::try_decode_value<L>(crdt::json::encode_value(L(state)));
                        return;
                    default: mutate(state, replica, choices);
                }
            };
            try {
                if (deed != 4 && random.below(4) == 0)
                    fails_allocation(static_cast<long>(random.below(8)), act);
                else
                    act();
            } catch (const std::exception&) {
                // Refused, and nothing is changed.
            }
            if (random.below(3) != 0) check_size(state);
        };
        const std::size_t length = 1 + random.below(60);
        for (std::size_t i = 0; i < length; ++i) step();
        for (const L& a : states) {
            check_size(a);
            for (const L& b : states) check_order(a, b);
            check_order(a, L());
        }
    }
}

}  // namespace support

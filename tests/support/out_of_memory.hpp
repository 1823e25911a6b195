// SPDX-License-Identifier: MIT
//! Lets each allocation of each operation of a type fail once, and checks the result.
#pragma once

#include <cstddef>
#include <exception>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/laws/choices.hpp>
#include <crdt/random.hpp>

#include "support/failing_new.hpp"
#include "support/laws.hpp"

namespace support {

/// Is `state` valid, that is, equal to the state that is decoded from its bytes?
template <class L>
bool is_whole(const L& state) {
    const auto read = crdt::binary::try_decode_value<L>(crdt::binary::encode_value(state));
    return read && *read == state;
}

/// For each allocation of operation(), calls operation(copy of `before`) and lets this allocation
/// fail. Then calls verify(the copy).
template <class L, class Operation, class Verify>
void fail_each_allocation(const L& before, Operation&& operation, Verify&& verify) {
    for (long index = 0;; ++index) {
        L state = before;
        if (!fails_allocation(index, [&] { operation(state); })) return;
        CAPTURE(index);
        verify(state);
    }
}

/// Checks that a mutator that runs out of memory changes nothing and can be repeated.
template <class L, class Mutate>
void check_mutator(const L& before, Mutate& mutate, std::size_t replica,
                   const std::vector<std::uint64_t>& choices) {
    const auto run = [&](L& state) {
        crdt::laws::Choices replayed(choices);
        return mutate(state, replica, replayed);
    };
    L after = before;
    const L delta = run(after);
    const std::string bytes = crdt::binary::encode_value(before);
    const auto unchanged = [&](L& state) {
        CHECK(state == before);
        CHECK(crdt::binary::encode_value(state) == bytes);
        CHECK(run(state) == delta);
        CHECK(state == after);
    };
    for (long index = 0;; ++index) {
        L state = before;
        bool threw = true;
        const bool failed = fails_allocation(index, [&] {
            run(state);
            threw = false;
        });
        if (!failed) return;
        CAPTURE(index);
        if (threw)
            unchanged(state);
        else
            CHECK(state == after);  // it did without
    }
}

/// Checks that a join that runs out of memory leaves a state between the old state and the join,
/// and that a later join completes it.
template <class L>
void check_join(const L& a, const L& b) {
    L joined = a;
    joined.merge(b);
    const auto between = [&](L& state) {
        CHECK(a.leq(state));
        CHECK(state.leq(joined));
        CHECK(is_whole(state));
        state.merge(b);
        CHECK(state == joined);
    };
    fail_each_allocation(
        a, [&](L& state) { state.merge(b); }, between);
    fail_each_allocation(
        a, [&](L& state) { state.absorb(b); }, between);
    const auto unchanged = [&](L& state) { CHECK(state == a); };
    fail_each_allocation(
        a, [&](L& state) { state = b; }, unchanged);
    fail_each_allocation(
        a, [&](L& state) { (void)difference(b, digest(state)); }, unchanged);
}

/// Checks both for L, in the last steps of histories of three replicas.
template <class L, class Mutate>
void check_out_of_memory(Mutate mutate) {
    constexpr std::size_t replicas = 3;
    for (std::uint64_t seed = 0; seed < seeds(60); ++seed) {
        CAPTURE(seed);
        crdt::Random random(seed);
        std::vector<L> states(replicas);
        const auto step = [&](bool tried) {
            const std::size_t replica = random.below(replicas);
            L& state = states[replica];
            if (random.below(4) == 0) {
                const L other = states[random.below(replicas)];
                if (tried) check_join(state, other);
                state.merge(other);
                return;
            }
            crdt::laws::Choices choices(random);
            const L before = state;
            try {
                mutate(state, replica, choices);
            } catch (const std::exception&) {
                return;  // refused for another reason, which the laws check
            }
            if (tried) check_mutator(before, mutate, replica, choices.taken());
        };
        const std::size_t length = random.below(40);
        for (std::size_t i = 0; i < length; ++i) step(false);
        for (std::size_t i = 0; i < 8; ++i) step(true);
    }
}

}  // namespace support

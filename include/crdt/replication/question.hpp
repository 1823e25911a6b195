// SPDX-License-Identifier: MIT
//! Questions: how a replica says what it has, to be answered with what that lacks.
#pragma once

#include <cstddef>
#include <optional>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/sketch.hpp>

namespace crdt::replication {

/// What a peer lacks: all that its digest does, where its sketch differs.
template <DecomposableLattice L>
struct Question {
    std::optional<DigestOf<L>> digest = {};
    std::optional<Sketch> sketch = {};
};

/// What a peer has said so far of all that it has.
template <DecomposableLattice L>
struct Offer {
    L state = {};
    std::optional<Sketch> sketch = {};
};

/// How a state is told of, by its type and its size.
template <DecomposableLattice L>
struct Questions {
    /// A digest of these says all that the state does.
    static constexpr bool digest_says_all = says_all<L, DigestOf<L>>;
    /// To compare a state of more parts than these takes a noticeable part of a second.
    static constexpr std::size_t heavy = std::size_t{1} << 16U;

    /// O(n), as all of these.
    static bool is_small(const L& state) { return part_count(state) <= 2 * Sketch::bucket_count; }
    static bool is_heavy(const L& state) { return part_count(state) > heavy; }

    /// Where a digest says all that the state does, a large one is not sent before it is known
    /// what differs.
    static void put(const L& state, Message<L>& message) {
        if (digest_says_all && !is_small(state))
            message.sketch = Sketch::of(state);
        else
            message.digest = digest(state);
    }
    /// What `state` has for who asks.
    static L answer(const L& state, const Question<L>& question) {
        if (!question.sketch) return difference(state, *question.digest);
        const L differing = question.sketch->differing(state);
        return question.digest ? difference(differing, *question.digest) : differing;
    }
};

}  // namespace crdt::replication

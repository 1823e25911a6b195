// SPDX-License-Identifier: MIT
//! Policy: the rules a replicator keeps, and how it weighs what it sends.
#pragma once

#include <cstddef>

#include <crdt/lattice/concepts.hpp>

namespace crdt::replication {

/// Derive from it to weigh in bytes of your codec, or, in a test or a benchmark, to see what goes
/// wrong, or becomes dear, without a rule.
struct Policy {
    /// What was received and already known is not passed on (RR).
    static constexpr bool removes_redundancy = true;
    /// A peer is not sent back what came from it (BP) ...
    static constexpr bool avoids_back_propagation = true;
    /// ... nor what it has sent meanwhile, though it came from elsewhere first.
    static constexpr bool avoids_echo = true;
    /// What was meant for, or came from, another life of a replica is not taken to be about this.
    static constexpr bool checks_epochs = true;
    /// Changes that do not follow on what was received are not acknowledged.
    static constexpr bool checks_gaps = true;
    /// The log is kept within its limit.
    static constexpr bool bounds_log = true;

    /// The limits of Options are in these units: join-irreducible parts, but a range of such that
    /// the state keeps as one is one. A policy that knows what a digest weighs has a
    /// `digest_cost` beside it.
    template <class L>
    static std::size_t cost(const L& state) {
        return range_count(state);
    }
};

}  // namespace crdt::replication

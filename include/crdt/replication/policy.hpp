// SPDX-License-Identifier: MIT
//! Policy: the rules of the protocol and the cost of what is sent.
#pragma once

#include <cstddef>

#include <crdt/lattice/concepts.hpp>

namespace crdt::replication {

/// The default policy. Derive from it to measure cost in bytes of your codec. Tests and benchmarks
/// switch a rule off to show what fails without it, or what becomes expensive.
struct Policy {
    /// Received parts that the state already contains are not passed on (RR).
    static constexpr bool removes_redundancy = true;
    /// A change is not sent back to the peer that it came from (BP).
    static constexpr bool avoids_back_propagation = true;
    /// A change is not sent to a peer that has meanwhile sent it to this replica.
    static constexpr bool avoids_echo = true;
    /// A received change is not passed on to neighbours that receive it from its source.
    static constexpr bool holds_relays = true;
    /// Acks and positions of another epoch are ignored.
    static constexpr bool checks_epochs = true;
    /// Changes that leave a gap after the received ones are not acknowledged.
    static constexpr bool checks_gaps = true;
    /// The log is kept within its limit.
    static constexpr bool bounds_log = true;

    /// A state of more ranges than this is large. Comparing two large states takes a noticeable
    /// fraction of a second.
    static constexpr std::size_t large_state = std::size_t{1} << 16U;

    /// The cost, in the unit of the limits in Options: here the number of ranges (see range_count).
    /// If a policy also has a `digest_cost(digest)`, digests over Options::digest_limit are not
    /// sent.
    template <class L>
    static std::size_t cost(const L& state) {
        return range_count(state);
    }
};

}  // namespace crdt::replication

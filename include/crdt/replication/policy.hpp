// SPDX-License-Identifier: MIT
//! Policy: the rules of the protocol and the cost of what is sent.
#pragma once

#include <cstddef>

#include <crdt/lattice/concepts.hpp>

namespace crdt::replication {

/// The default policy. To measure cost in bytes of your codec, derive a policy from this one. Tests
/// and benchmarks switch single rules off to show which errors or costs each rule prevents.
struct Policy {
    /// Redundancy removal (RR): received parts that the state already contains are not passed on.
    static constexpr bool removes_redundancy = true;
    /// Back propagation (BP): a change is not sent back to the peer that sent it.
    static constexpr bool avoids_back_propagation = true;
    /// A change is not sent to a peer that has sent the same change to this replica meanwhile.
    static constexpr bool avoids_echo = true;
    /// A received change is not passed on to neighbours that receive it from its source.
    static constexpr bool holds_relays = true;
    /// Acks and positions of another epoch are ignored.
    static constexpr bool checks_epochs = true;
    /// Received changes are not acknowledged while earlier changes of the sender's log are missing.
    static constexpr bool checks_gaps = true;
    /// The log is kept within its limit.
    static constexpr bool bounds_log = true;

    /// A state with more than this number of ranges is large. Comparing two large states takes a
    /// noticeable fraction of a second.
    static constexpr std::size_t large_state = std::size_t{1} << 16U;

    /// Returns the cost of `state` in the unit of the limits in Options: here the number of ranges
    /// (see range_count). If a policy also has a function `digest_cost(digest)`, digests that cost
    /// more than Options::digest_limit are not sent.
    template <class L>
    static std::size_t cost(const L& state) {
        return range_count(state);
    }
};

}  // namespace crdt::replication

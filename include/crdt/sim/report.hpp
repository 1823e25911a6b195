// SPDX-License-Identifier: MIT
//! Report: the result of a simulated run, and the rules that its replicas follow.
#pragma once

#include <cstdint>
#include <string>

#include <crdt/replication/policy.hpp>
#include <crdt/replication/time.hpp>

namespace crdt::sim {

/// The rules that simulated replicas follow. Tests switch off one rule at a time, and then some
/// runs must fail.
struct Policy : replication::Policy {
    /// Simulated states are small. This low limit makes some of them count as large.
    static constexpr std::size_t large_state = 40;
    /// A change is durable before it is acknowledged to a client or sent to a peer.
    static constexpr bool persists_first = true;
    /// A replica that has lost its state writes under another id.
    static constexpr bool changes_names = true;
};

/// The result of a run.
struct Report {
    /// The seed, to repeat the run.
    std::uint64_t seed = 0;
    /// The check that failed, or an empty string if no check failed.
    std::string violation = {};
    /// The hash of all events, in their order.
    std::uint64_t trace_hash = 0;
    std::uint64_t updates = 0;   ///< updates made
    std::uint64_t messages = 0;  ///< messages sent
    std::uint64_t parts = 0;     ///< join-irreducible parts in the messages
    std::uint64_t bytes = 0;     ///< bytes of the frames sent
    std::uint64_t rejected = 0;  ///< frames rejected
    std::uint64_t crashes = 0;   ///< crashes of replicas
    /// The time from the end of the faults until the last event.
    replication::Duration silent_after{};

    /// Whether no check failed.
    bool ok() const { return violation.empty(); }
};

}  // namespace crdt::sim

// SPDX-License-Identifier: MIT
//! Metrics: counts of what a replicator has done.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/time.hpp>

namespace crdt::replication {

/// Counts since the replicator was constructed. A part is a join-irreducible state, such as one
/// element of a grow-only set.
struct Metrics {
    std::uint64_t messages_sent = 0;       ///< all messages
    std::uint64_t messages_received = 0;   ///< well-formed messages from members
    std::uint64_t changes_sent = 0;        ///< messages that carried changes
    std::uint64_t parts_sent = 0;          ///< parts in changes sent
    std::uint64_t cost_sent = 0;           ///< cost of changes sent, in the unit of the Policy
    std::uint64_t retransmissions = 0;     ///< changes sent again because no ack arrived in time
    std::uint64_t acks_sent = 0;           ///< messages that carried an ack
    std::uint64_t digests_sent = 0;        ///< requests with a digest
    std::uint64_t sketches_sent = 0;       ///< requests with a sketch
    std::uint64_t answers_sent = 0;        ///< answers to requests of peers
    std::uint64_t states_sent = 0;         ///< pieces of full states and of bucket differences
    std::uint64_t parts_received = 0;      ///< parts in changes received
    std::uint64_t new_parts_received = 0;  ///< received parts that the state did not contain
    std::uint64_t redundant_received = 0;  ///< changes without any new part
    std::uint64_t relays_spared = 0;       ///< changes not passed on, as all neighbours had them
    std::uint64_t gaps = 0;                ///< received changes that began after a gap
    std::uint64_t repairs = 0;            ///< requests to other members while a neighbour is silent
    std::uint64_t truncations = 0;        ///< times that the log exceeded its limit
    std::uint64_t epoch_changes = 0;      ///< restarts of peers
    std::uint64_t foreign_epochs = 0;     ///< messages to another epoch of this replica
    std::uint64_t other_generations = 0;  ///< messages from before or after a pruning
    std::uint64_t refused = 0;            ///< ranges that Accept refused; repeated refusals count
    std::uint64_t conflicts = 0;    ///< changes dropped because two replicas write under one id
    std::uint64_t divergences = 0;  ///< fingerprints with an equal digest but another state
    std::uint64_t rejected = 0;     ///< malformed messages and messages from non-members
    /// The longest time between sending the last changes and receiving the ack that followed.
    Duration longest_ack_lag{};

    /// Adds the number of parts of `delta` to `total`. If `total` would overflow, it becomes the
    /// greatest number.
    template <DecomposableLattice L>
    static void add_parts(std::uint64_t& total, const L& delta) {
        const std::uint64_t parts = part_count(delta);
        total += (std::min)(parts, (std::numeric_limits<std::uint64_t>::max)() - total);
    }
    /// Counts the acks, requests and changes in a message that is sent. Returns the cost of its
    /// changes.
    template <class Policy, DecomposableLattice L>
    std::size_t on_sent(const Message<L>& message) {
        acks_sent += message.ack.has_value();
        digests_sent += message.digest.has_value();
        sketches_sent += message.sketch.has_value();
        if (!message.changes) return 0;
        ++changes_sent;
        add_parts(parts_sent, message.changes->delta);
        const std::size_t cost = Policy::cost(message.changes->delta);
        cost_sent += cost;
        states_sent += message.changes->requests_answer();
        return cost;
    }
    /// Counts a received delta. `joined` is the accepted portion of `delta`, and `novel` is the
    /// portion that the state did not contain before.
    template <DecomposableLattice L>
    void on_received(const L& delta, const L& joined, const L& novel) {
        redundant_received += novel.is_bottom() && !joined.is_bottom();
        add_parts(parts_received, delta);
        add_parts(new_parts_received, novel);
    }
};

}  // namespace crdt::replication

// SPDX-License-Identifier: MIT
//! Metrics: what a replicator has done, to be read at any time.
#pragma once

#include <cstdint>

#include <crdt/replication/options.hpp>

namespace crdt::replication {

/// Counts since construction.
struct Metrics {
    std::uint64_t messages_sent = 0;       ///< all of them
    std::uint64_t messages_received = 0;   ///< those that were possible, from members
    std::uint64_t changes_sent = 0;        ///< messages that carried changes
    std::uint64_t parts_sent = 0;          ///< join-irreducible parts in them
    std::uint64_t cost_sent = 0;           ///< their weight: parts, or bytes, as the Policy says
    std::uint64_t retransmissions = 0;     ///< changes sent again, because no ack came
    std::uint64_t acks_sent = 0;           ///< messages that carried one
    std::uint64_t digests_sent = 0;        ///< requests for whatever the digest lacks
    std::uint64_t sketches_sent = 0;       ///< the same, for whatever differs from the sketch
    std::uint64_t answers_sent = 0;        ///< answers to such requests
    std::uint64_t states_sent = 0;         ///< whole states, to be answered with what they lack
    std::uint64_t parts_received = 0;      ///< join-irreducible parts in changes
    std::uint64_t new_parts_received = 0;  ///< those of them that were new
    std::uint64_t redundant_received = 0;  ///< changes that held nothing new
    std::uint64_t gaps = 0;                ///< changes that did not follow on what was received
    std::uint64_t repairs = 0;             ///< times a member turned to in place of a silent one
    std::uint64_t truncations = 0;         ///< times the log was over its limit
    std::uint64_t epoch_changes = 0;       ///< peers seen to have begun another life
    std::uint64_t foreign_epochs = 0;      ///< messages meant for another life of this replica
    std::uint64_t other_generations = 0;   ///< messages from before, or behind, a pruning
    std::uint64_t refused = 0;             ///< parts that Accept refused, each time
    std::uint64_t conflicts = 0;           ///< changes refused: two replicas act under one id
    std::uint64_t divergences = 0;  ///< peers' states of one digest with the own one, but other
    std::uint64_t rejected = 0;     ///< messages that were impossible or from strangers
    Duration longest_ack_lag{};     ///< from the last changes to the ack that came then
};

}  // namespace crdt::replication

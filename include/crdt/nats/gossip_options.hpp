// SPDX-License-Identifier: MIT
//! GossipOptions and GossipMetrics: the parameters and the counts of gossip over NATS.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <crdt/replication/options.hpp>
#include <crdt/replication/overlay.hpp>

namespace crdt::nats {

/// The parameters of Gossip.
struct GossipOptions {
    /// The options of the engine. The interval and the ack delay are multiplied by the number of
    /// neighbours. So the number of messages that a node sends per second under load does not
    /// depend on the number of neighbours.
    replication::Options replication{};
    /// Chooses the neighbours among the members. It must be the same at all nodes. By default all
    /// members are neighbours, and beyond 8 members each has about 4 neighbours.
    replication::OverlayOptions overlay{replication::Overlay::by_size};
    /// A member without a heartbeat for this time is removed.
    replication::Duration expire_after = std::chrono::milliseconds{600'000};

    /// The options of the engine for this number of neighbours. The retry limit is raised, too,
    /// because a retry is useless before the ack is due.
    replication::Options paced(std::size_t neighbours) const {
        replication::Options all = replication;
        const auto turns =
            static_cast<replication::Duration::rep>((std::max)(neighbours, std::size_t{1}));
        all.interval *= turns;
        all.ack_delay *= turns;
        all.retry_limit = (std::max)(all.retry_limit, 3 * all.ack_delay);
        return all;
    }
};

/// Counts since construction.
struct GossipMetrics {
    std::uint64_t bytes_sent = 0;              ///< bytes of frames to peers
    std::uint64_t bytes_received = 0;          ///< bytes of valid frames from peers
    std::uint64_t malformed = 0;               ///< invalid messages, or messages of another cluster
    std::uint64_t unknown_senders = 0;         ///< messages of nodes that are not members (yet)
    std::uint64_t duplicate_nodes = 0;         ///< heartbeats of another node with this node's name
    std::uint64_t duplicate_incarnations = 0;  ///< heartbeats with the incarnation of another node
    std::uint64_t too_long =
        0;  ///< frames longer than Reassembler::max_frame_size, both directions
    std::uint64_t reincarnations = 0;  ///< changes of this replica's incarnation
    std::uint64_t dropped = 0;         ///< messages of peers dropped by a full mailbox
};

}  // namespace crdt::nats

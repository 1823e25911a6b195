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
    /// The options of the engine (replication::Endpoint). Gossip multiplies the interval and the
    /// ack delay by the number of neighbours. So under load, the number of messages that a node
    /// sends per second does not depend on the number of neighbours.
    replication::Options replication{};
    /// Chooses the neighbours among the members. The value must be the same at all nodes. By
    /// default, all members are neighbours in a cluster of up to 8 nodes. In a larger cluster, each
    /// node has about 4 neighbours.
    replication::OverlayOptions overlay{replication::Overlay::by_size};
    /// If no heartbeat of a member arrives for this time, the member is removed.
    replication::Duration expire_after = std::chrono::milliseconds{600'000};

    /// Returns the options of the engine for a node with `neighbours` neighbours. With more
    /// neighbours, acks are delayed longer. The longest wait before a retry grows with this delay,
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

/// The counts of a Gossip since its construction.
struct GossipMetrics {
    std::uint64_t bytes_sent = 0;              ///< bytes of frames to peers
    std::uint64_t bytes_received = 0;          ///< bytes of valid frames from peers
    std::uint64_t malformed = 0;               ///< invalid messages, or messages of another cluster
    std::uint64_t unknown_senders = 0;         ///< messages of nodes that are not members
    std::uint64_t duplicate_nodes = 0;         ///< heartbeats of another node with this node's name
    std::uint64_t duplicate_incarnations = 0;  ///< heartbeats with the incarnation of another node
    std::uint64_t too_long =
        0;  ///< frames longer than Reassembler::max_frame_size, both directions
    std::uint64_t reincarnations = 0;  ///< changes of this replica's incarnation
    std::uint64_t dropped = 0;         ///< messages of peers that a full queue has dropped
};

}  // namespace crdt::nats

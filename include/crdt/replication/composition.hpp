// SPDX-License-Identifier: MIT
//! Composition: a message to a peer that is being composed.
#pragma once

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/replica_data.hpp>
#include <crdt/replication/resync_scheduler.hpp>
#include <crdt/replication/time.hpp>

namespace crdt::replication {

/// A message that is due on a link, and the data from which it is composed.
template <DecomposableLattice L, class PeerId, class Policy>
struct Composition {
    ReplicaData<L, PeerId, Policy>& replica;
    ResyncScheduler& scheduler;
    Time now;
    /// Is the peer a neighbour?
    bool is_to_neighbour;
    Message<L> message = {};
};

}  // namespace crdt::replication

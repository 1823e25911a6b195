// SPDX-License-Identifier: MIT
//! PruningHost: what a Pruner needs of its replica.
#pragma once

#include <concepts>
#include <vector>

#include <crdt/replication/message.hpp>
#include <crdt/replication/pruning_message.hpp>
#include <crdt/replication/time.hpp>

namespace crdt::replication {

/// The functions of a replica that a Pruner calls.
///
///     host.state(), host.generation()   the state and the generation of the Replicator
///     host.collapse(written, writers)   returns one slot of the successor that contains all of
///                                       `written`: the writes of `writers` and of the successor
///     host.begin(commit, change, now)   calls change(state) once, which prunes the state, and
///                                       continues in the generation of `commit`; see
///                                       Replicator::begin_generation(). If `change` throws, the
///                                       state is unchanged. A durable host then stores the state,
///                                       the generation and the history before it sends messages
///     host.start_over()                 called if the state is too old for a commit. Abandons the
///                                       stored id of the replica. Returns the writes that only
///                                       this run can have made
template <class Host, class L>
concept PruningHost = requires(Host& host, const PruningMessage<L>& commit, L state, Time now,
                               void (*change)(L&),
                               const std::vector<typename L::id_type>& writers) {
    { host.state() } -> std::convertible_to<const L&>;
    { host.generation() } -> std::convertible_to<Generation>;
    { host.collapse(state, writers) } -> std::same_as<L>;
    host.begin(commit, change, now);
    { host.start_over() } -> std::same_as<L>;
};

}  // namespace crdt::replication

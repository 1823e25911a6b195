// SPDX-License-Identifier: MIT
//! Neighbours: the peers to which a node sends its changes, and requests for their acks.
#pragma once

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <crdt/replication/message.hpp>

namespace crdt::nats {

/// The neighbours of a node: the members to which the node sends its changes.
class Neighbours {
    std::vector<std::string> names_;
    /// The neighbours to which the node sends a request for an ack together with the next changes.
    std::set<std::string> unconfirmed_;

  public:
    /// Makes an object without neighbours.
    Neighbours() = default;
    /// Makes neighbours of the nodes `names`. Requests no ack.
    explicit Neighbours(std::vector<std::string> names) : names_(std::move(names)) {}

    /// Returns the names of the neighbours.
    const std::vector<std::string>& names() const { return names_; }

    /// Records that each neighbour is to acknowledge the next changes that are sent to it.
    void request_acks() { unconfirmed_.insert(names_.begin(), names_.end()); }
    /// Returns true if the changes that are about to be sent to `node` need a request for an ack.
    /// The caller must then send the request: later calls return false until the next
    /// request_acks().
    bool take_ack_request(const std::string& node) { return unconfirmed_.erase(node) != 0; }
    /// Returns the number of neighbours that have acknowledged all changes before `position` in the
    /// log of `replicator`. O(neighbours).
    std::size_t acknowledged(const auto& replicator, replication::Sequence position) const {
        return static_cast<std::size_t>(
            std::count_if(names_.begin(), names_.end(), [&](const std::string& node) {
                const auto* link = replicator.link(node);
                return link != nullptr &&
                       link->sending().has_acknowledged(position, replicator.log());
            }));
    }
};

}  // namespace crdt::nats

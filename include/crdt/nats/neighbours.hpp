// SPDX-License-Identifier: MIT
//! Neighbours: the peers that receive the changes of a node, and the acks that it requests of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <crdt/replication/message.hpp>

namespace crdt::nats {

/// The neighbours of a node in the overlay.
class Neighbours {
    std::vector<std::string> names_;
    /// The next changes to these neighbours are sent with a request to acknowledge them.
    std::set<std::string> unconfirmed_;

  public:
    /// No neighbours.
    Neighbours() = default;
    /// Makes neighbours of these nodes. No ack is requested.
    explicit Neighbours(std::vector<std::string> names) : names_(std::move(names)) {}

    /// The names of the nodes.
    const std::vector<std::string>& names() const { return names_; }

    /// Requests an ack of the next changes that are sent to each neighbour.
    void request_acks() { unconfirmed_.insert(names_.begin(), names_.end()); }
    /// Returns whether an ack of changes that are sent to `node` now is requested. The request is
    /// then made.
    bool take_ack_request(const std::string& node) { return unconfirmed_.erase(node) != 0; }
    /// The number of neighbours that have acknowledged all changes before `position`, according to
    /// a Replicator. O(neighbours).
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

// SPDX-License-Identifier: MIT
//! FollowedLogs: what two neighbours tell each other about the logs that both receive.
#pragma once

#include <algorithm>
#include <map>
#include <utility>

#include <crdt/replication/message.hpp>

namespace crdt::replication {

/// The positions in logs of third replicas, in both directions of a link. The peer announces the
/// logs that it follows, and this replica announces its own to the peer.
class FollowedLogs {
    struct Announced {
        Sequence position = 0;
        unsigned count = 0;
    };

    LogPositions received_;
    std::map<Epoch, Announced> announced_;

    /// A log is announced this often to a peer that does not announce it. Then the peer probably
    /// does not follow it, so the announcements would be useless.
    static constexpr unsigned most_unanswered = 4;

  public:
    /// The position before which the peer has everything of the log of `epoch`; 0 if the peer does
    /// not follow this log, as far as this replica has received.
    Sequence position(Epoch epoch) const {
        const auto found = received_.find(epoch);
        return found == received_.end() ? 0 : found->second;
    }
    /// The peer has announced that it has everything of the log of `epoch` before `position`.
    void on_received(Epoch epoch, Sequence position) {
        Sequence& known = received_[epoch];
        known = (std::max)(known, position);
    }
    /// Puts the position of this replica in the log of `epoch` into a message to the peer, unless
    /// it is in an earlier message or of no use to the peer.
    void announce(Epoch epoch, Sequence position, LogPositions& message) {
        Announced& announced = announced_[epoch];
        if (position <= announced.position) return;
        if (announced.count >= most_unanswered && !received_.contains(epoch)) return;
        ++announced.count;
        announced.position = position;
        message.emplace(epoch, position);
    }
    /// Drops the logs of all epochs for which is_current(epoch) is false.
    template <class Predicate>
    void keep_only(Predicate&& is_current) {
        const auto is_old = [&](const auto& entry) { return !is_current(entry.first); };
        std::erase_if(received_, is_old);
        std::erase_if(announced_, is_old);
    }
    /// The number of logs that are kept, at most.
    std::size_t size() const { return (std::max)(received_.size(), announced_.size()); }
};

}  // namespace crdt::replication

// SPDX-License-Identifier: MIT
//! FollowedLogs: the positions that two neighbours announce to each other in the logs of others.
#pragma once

#include <algorithm>
#include <map>
#include <utility>

#include <crdt/replication/message.hpp>

namespace crdt::replication {

/// Positions in the logs of third replicas. On a link, the peer announces its positions to this
/// replica, and this replica announces its own positions to the peer. The peer follows a log if it
/// has announced a position in the log.
class FollowedLogs {
    struct Announced {
        Sequence position = 0;
        unsigned count = 0;
    };

    LogPositions received_;
    std::map<Epoch, Announced> announced_;

    /// If the peer announces no position in a log, this replica announces its own position in that
    /// log at most this number of times. Such a peer probably does not receive the log, so more
    /// announcements would be useless.
    static constexpr unsigned most_unanswered = 4;

  public:
    /// Returns the position before which the peer has everything of the log of `epoch`, or 0 if the
    /// peer has announced no position in this log.
    Sequence position(Epoch epoch) const {
        const auto found = received_.find(epoch);
        return found == received_.end() ? 0 : found->second;
    }
    /// The peer has announced that it has everything of the log of `epoch` before `position`.
    void on_received(Epoch epoch, Sequence position) {
        Sequence& known = received_[epoch];
        known = (std::max)(known, position);
    }
    /// `position` is this replica's position in the log of `epoch`. Adds it to `message`, which is
    /// the field `followed` of a message to the peer. Does nothing if an earlier message contained
    /// the position, or if the peer probably does not receive the log; see most_unanswered.
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
    /// Returns the number of logs that the peer has announced, or the number of logs that were
    /// announced to the peer if this number is larger.
    std::size_t size() const { return (std::max)(received_.size(), announced_.size()); }
};

}  // namespace crdt::replication

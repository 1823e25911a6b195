// SPDX-License-Identifier: MIT
//! InFlight: the changes that were sent to a peer and are not acknowledged.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include <crdt/replication/message.hpp>
#include <crdt/replication/time.hpp>

namespace crdt::replication {

/// A message with changes: the position after them, and the time at which they were sent.
struct Announcement {
    Sequence end = 0;
    Time sent_at{};
};

/// The positions between the last ack of a peer and the last changes that were sent to it.
class InFlight {
    static constexpr std::size_t most_announced = 16;

    /// Everything before `sent_` was sent to the peer. The peer has acknowledged everything before
    /// `acked_`.
    Sequence acked_ = 0, sent_ = 0;
    std::vector<Announcement> announced_ = {};
    std::optional<Time> since_ = {};

  public:
    /// The peer has acknowledged everything before this position.
    Sequence acked() const { return acked_; }
    /// Everything before this position was sent to the peer. A retransmission begins again at
    /// acked().
    Sequence sent() const { return sent_; }
    /// Is everything that was sent acknowledged?
    bool is_empty() const { return sent_ == acked_; }
    /// The number of positions that were sent and are not acknowledged.
    Sequence count() const { return sent_ - acked_; }
    /// The last messages with changes that are not acknowledged, at most 16. Each can be
    /// acknowledged separately.
    const std::vector<Announcement>& announced() const { return announced_; }
    /// The time at which the oldest unacknowledged changes were sent, or nothing if all are
    /// acknowledged. The changes may have been sent before become_unknown().
    std::optional<Time> since() const { return since_; }

    // ---- transitions: each is called when the event in its comment has happened

    /// A transfer begins, and its first piece is sent under the position `first`.
    void become_transferring(Sequence first, Time now) {
        acked_ = sent_ = first;
        announced_.clear();
        if (!since_) since_ = now;
    }
    /// Changes that end at `end` are sent.
    void add(Sequence end, Time now) {
        sent_ = end;
        if (announced_.size() == most_announced) announced_.erase(announced_.begin());
        announced_.push_back({end, now});
        if (!since_) since_ = now;
    }
    /// From `now` on, changes wait until the connection is open again.
    void note_waiting(Time now) {
        if (!since_) since_ = now;
    }
    /// Everything in flight is regarded as lost, and is sent again.
    void become_lost() {
        sent_ = acked_;
        announced_.clear();
    }
    /// It is not known any more what the peer has.
    void become_unknown() {
        acked_ = sent_ = 0;
        announced_.clear();
    }
    /// The peer has acknowledged everything before `ack`. If `is_last_piece` is true, no piece of a
    /// transfer is left. Precondition: acked() <= ack.
    void on_ack(Sequence ack, bool is_last_piece) {
        acked_ = ack;
        sent_ = (std::max)(sent_, ack);
        std::erase_if(announced_, [&](const Announcement& sent) { return sent.end <= ack; });
        if (is_empty() && is_last_piece)
            since_.reset();
        else if (!announced_.empty())
            since_ = announced_.front().sent_at;
    }
};

}  // namespace crdt::replication

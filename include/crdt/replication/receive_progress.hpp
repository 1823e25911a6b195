// SPDX-License-Identifier: MIT
//! ReceiveProgress: what this replica has of a peer's log.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>

#include <crdt/replication/message.hpp>

namespace crdt::replication {

/// The states of the receiving end of a link.
enum class ReceiveState {
    unknown,       ///< the position is not known; a request is due or under way
    transferring,  ///< a large answer arrives piece by piece
    following      ///< the changes of the peer's log arrive in order
};

/// The receiving end of a link.
///
///     unknown ──────── first changes at position 0 ───────▶ following
///        ▲  └─ the peer announces pieces ─▶ transferring ─ last piece ─▶ following
///        └──────────────── most_gaps gaps in a row ──────────────────────┘
///
/// In `unknown` this replica requests what it lacks. In `transferring` a large answer arrives piece
/// by piece. In `following` the changes of the peer's log arrive in order.
class ReceiveProgress {
  public:
    /// The states of the machine.
    using State = ReceiveState;
    /// After this number of gaps in a row, the missing changes count as lost, and the state becomes
    /// unknown.
    static constexpr unsigned most_gaps = 3;

  private:
    std::optional<Sequence> position_ = {};
    bool is_transferring_ = false;
    bool is_slow_ = false;
    bool owes_fingerprint_ = false;
    unsigned gaps_ = 0;

  public:
    /// The state.
    State state() const {
        if (is_transferring_) return State::transferring;
        return position_ ? State::following : State::unknown;
    }
    /// Returns the position in the peer's log before which this replica lacks no change. Returns
    /// nothing if the position is not known.
    const std::optional<Sequence>& position() const { return position_; }
    /// Is a large answer arriving, or announced?
    bool is_transferring() const { return is_transferring_; }
    /// Did the peer announce that the answer takes long?
    bool is_slow() const { return is_slow_; }
    /// Do changes that begin at `first` follow the received changes without a gap?
    bool continues_at(Sequence first) const { return position_ && first <= *position_; }

    // ---- transitions: each is called when the event in its comment has happened

    /// The position is not known any more. A transfer that has begun continues.
    void become_unknown() {
        position_.reset();
        gaps_ = 0;
    }
    /// The peer has announced a large answer. It takes long to prepare.
    void become_transferring() { is_transferring_ = is_slow_ = true; }
    /// Changes that end at the position `last` were received. If `is_opening` is true, they are the
    /// first piece of a transfer. If `more` is true, further pieces follow. An old piece that is
    /// received again does not begin a transfer.
    void on_changes(Sequence last, bool is_opening, bool more) {
        if (last >= position_.value_or(0)) is_transferring_ = more;
        is_slow_ &= is_transferring_;
        position_ = (std::max)(position_.value_or(0), last);
        gaps_ = 0;
        owes_fingerprint_ |= is_opening;
    }
    /// Changes that begin after a gap were received. Returns true iff this replica must request the
    /// missing changes: the position is not known, or this was gap number `most_gaps` in a row.
    /// Otherwise the missing changes may only be late.
    bool on_gap() { return !position_ || ++gaps_ == most_gaps; }
    /// Has a transfer begun since the last call? If so, the next ack contains a fingerprint.
    bool take_fingerprint_due() { return std::exchange(owes_fingerprint_, false); }
};

}  // namespace crdt::replication

// SPDX-License-Identifier: MIT
//! SendProgress: what a peer has of this replica's log, and what to send to it next.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/delta_log.hpp>
#include <crdt/replication/in_flight.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/send_state.hpp>
#include <crdt/replication/time.hpp>
#include <crdt/replication/transfer.hpp>
#include <crdt/replication/transmission.hpp>

namespace crdt::replication {

/// The sending end of a link.
///
///     probing ── become_transferring() ──▶ transferring ── ack of the last piece ──▶ replicating
///        ▲                                │                                        │
///        └── the log was truncated, memory ran out, stop(), no ack for too long ───┘
///
/// At least one interval lies between two messages with changes. If an ack is overdue, the changes
/// since the last ack are sent again. From then until an ack arrives, new changes are sent only
/// with such a repetition.
template <DecomposableLattice L, class PeerId, class Policy>
class SendProgress {
    using Log = DeltaLog<L, PeerId, Policy>;
    using Transmission = replication::Transmission<L, Policy>;

    static constexpr unsigned most_doublings = 16;

    PeerId peer_;
    std::optional<Transmission> transmission_ = {};
    Time began_at_{};
    /// The number of transfers in a row that ended without an ack.
    unsigned expired_ = 0;
    InFlight in_flight_ = {};

  public:
    /// The states of the machine.
    using State = SendState;

    explicit SendProgress(PeerId peer) : peer_(std::move(peer)) {}
    /// The state.
    State state() const {
        if (!transmission_) return State::probing;
        return transmission_->transfer.is_done() ? State::replicating : State::transferring;
    }
    bool is_probing() const { return !transmission_; }
    bool is_transferring() const { return state() == State::transferring; }
    /// Has the peer acknowledged the first piece of a transfer? If so, it is known what the peer
    /// has.
    bool is_confirmed() const { return transmission_ && transmission_->is_confirmed; }
    /// Returns the kind of the transfer, or `none` if there are no pieces to send.
    TransferKind kind() const {
        return transmission_ ? transmission_->transfer.kind() : TransferKind::none;
    }
    /// Does the peer have all changes before `position` in the log? The peer has a change if it has
    /// sent the change itself, or has acknowledged it or a transfer that contained it.
    bool has_acknowledged(Sequence position, const Log& log) const {
        return is_confirmed() && transmission_->transfer.is_done() &&
               (transmission_->position >= position ||
                !log.has_pending(transmission_->position, peer_));
    }
    /// Was a bottom state sent as the full state, and has the peer not acknowledged it yet?
    bool has_sent_nothing() const {
        return kind() == TransferKind::full_state && !is_confirmed() && opening().delta.is_bottom();
    }
    /// The number of timeouts in a row.
    unsigned timeouts() const { return transmission_ ? transmission_->timeouts : 0; }

    /// The changes that were sent and are not acknowledged.
    const InFlight& unacknowledged() const { return in_flight_; }
    /// Returns the cost of the pieces and of the changes in the log that are kept for the peer.
    /// O(pieces + log).
    std::size_t cost_held(const Log& log) const {
        if (!transmission_) return 0;
        return log.pending_cost(transmission_->position, peer_) + transmission_->transfer.cost();
    }

    // Precondition of the following members: state() is transferring or replicating.

    /// Returns the position of the peer: the peer lacks no change of the log before it.
    Sequence position() const { return transmission_->position; }
    /// The changes that the peer has sent since all pending deltas were last sent to the peer.
    const L& received_since_send() const { return transmission_->echo.received(); }
    /// Is anything sent and not acknowledged?
    bool in_flight() const { return !in_flight_.is_empty(); }
    /// The time at which changes were last sent.
    Time sent_at() const { return transmission_->sent_at; }
    /// Is an ack overdue?
    bool is_overdue(Time now) const { return in_flight() && transmission_->retry_at <= now; }
    /// Returns the first piece, which the peer can join at any position. If the peer repeats its
    /// request, this piece is sent again.
    Changes<L> opening() const { return transmission_->transfer.opening(in_flight_.acked()); }
    /// Does the log have changes for the peer that were never sent, and may another message carry
    /// them now?
    bool has_fresh(const Log& log) const {
        const Transmission& t = *transmission_;
        return t.is_confirmed && t.transfer.is_done() && t.timeouts == 0 && !t.is_cut &&
               log.has_pending(t.fresh_from, peer_);
    }
    /// Appends the position of the peer now, and its position after each ack that may arrive. The
    /// log joins no changes across these positions, so an ack never names the middle of an entry.
    void append_to(std::vector<typename Log::Cursor>& cursors) const {
        cursors.push_back({peer_, transmission_->position});
        for (const Announcement& sent : in_flight_.announced())
            cursors.push_back({peer_, sent.end});
    }

    // ---- transitions: each is called when the event in its comment has happened
    /// Resets everything: nothing is known of the peer.
    void reset() noexcept {
        become_probing();
        began_at_ = {};
        expired_ = 0;
        in_flight_ = {};
    }
    /// It is not known any more what the peer has, so no changes are sent to it.
    void become_probing() {
        transmission_.reset();
        in_flight_.become_unknown();
    }
    /// Begins a transfer. The caller then sends opening(). `first` is the first of the positions
    /// that DeltaLog::reserve() has reserved. Reserved positions are new, so a late ack of an
    /// earlier message never names one of them.
    void become_transferring(Transfer<L, Policy> transfer, Sequence first, Time now) {
        began_at_ = now;
        in_flight_.become_transferring(first, now);
        Transmission& t = transmission_.emplace();
        t.position = t.fresh_from = first + (transfer.has_more() ? transfer.positions() - 1 : 0);
        t.transfer = std::move(transfer);
    }
    /// Ends a transfer that is older than `timeout`, because its pieces are out of date. An ack
    /// that arrives afterwards has no effect. So after each transfer without an ack, the next
    /// transfer may take twice as long, to give a slow peer enough time.
    void expire_transfer(Duration timeout, Time now) {
        if (!transmission_) return;
        if (now - began_at_ < timeout * (1U << (std::min)(expired_, most_doublings))) return;
        become_probing();
        ++expired_;
    }

    /// The peer has sent `ack`. An old ack has no effect. Returns true iff the peer's position has
    /// changed or is no longer known.
    bool on_ack(Sequence ack, const L& state, const Log& log) {
        Transmission& t = *transmission_;
        if (ack < in_flight_.acked()) return false;
        t.timeouts = 0;
        if (ack == in_flight_.acked() && t.is_confirmed) return false;
        if (!t.transfer.is_done()) t.transfer.pop(state);
        t.is_confirmed = true;
        // The replica's state has doubled during the transfer, so no reserved position is left.
        if (t.transfer.has_more() && ack + 1 >= t.position) return become_probing(), true;
        in_flight_.on_ack(ack, /*is_last_piece=*/t.transfer.is_done());
        const Sequence before = t.position;
        t.position = (std::max)(t.position, in_flight() ? ack : (std::max)(t.fresh_from, ack));
        t.fresh_from = (std::max)(t.fresh_from, t.position);
        if (in_flight()) t.retry_at = t.sent_at + t.timeout;
        if (!log.has_pending(t.position, peer_)) t.echo.clear();
        const bool has_moved = t.position != before;
        if (has_moved) expired_ = 0;
        return has_moved;
    }
    /// The peer has sent `delta`, so this replica need not send it to the peer.
    void on_received(const L& delta, const Log& log) {
        if (transmission_ && log.has_pending(transmission_->position, peer_))
            transmission_->echo.add(delta);
    }
    /// Makes the next changes wait at most `pause`, if no ack is overdue.
    void expedite(Duration pause) {
        if (transmission_) transmission_->pause = (std::min)(transmission_->pause, pause);
    }

    /// The connection is closed. If changes wait for the peer, records the time since which they
    /// wait.
    void note_waiting(const Log& log, Time now) {
        if (transmission_ && log.has_pending(transmission_->position, peer_))
            in_flight_.note_waiting(now);
    }
    /// The connection is open again. Changes in flight may be lost, so they are sent again at
    /// `now`.
    void retry_at_once(Time now) {
        if (transmission_ && in_flight()) transmission_->retry_at = now;
    }

    /// Returns when next() has something to send.
    std::optional<Time> deadline(const Log& log, Duration interval) const {
        if (!is_confirmed()) return std::nullopt;
        const Transmission& t = *transmission_;
        if (!t.transfer.is_done()) return in_flight() ? t.retry_at : Time{};
        if (!log.has_pending(t.position, peer_)) return std::nullopt;
        const bool is_fresh = log.has_pending(t.fresh_from, peer_);
        if (!in_flight() && !is_fresh) return std::nullopt;
        const Time next_at = t.sent_at + (std::min)(interval, t.pause);
        if (!in_flight()) return t.is_cut ? Time{} : next_at;
        if (is_fresh && t.timeouts == 0 && !t.is_cut) return (std::min)(next_at, t.retry_at);
        return t.retry_at;
    }
    /// Returns the changes to send now, or none. An ack is expected within `timeout`.
    std::optional<Changes<L>> next(Log& log, Time now, Duration timeout) {
        Transmission& t = *transmission_;
        if (is_overdue(now)) begin_retransmission();
        if (!t.transfer.is_done())
            return send(t.transfer.piece(in_flight_.acked(), t.position), now, timeout);
        log.seal();
        auto pending = log.pending(t.fresh_from, peer_);
        t.echo.remove_received(pending.delta);
        t.fresh_from = pending.last;
        t.is_cut = pending.last < log.end();
        // All pending changes are sent now, so later changes need no comparison with what the peer
        // has sent so far. Without clear(), the filter would grow while changes are in flight.
        if (!t.is_cut) t.echo.clear();
        if (!pending.delta.is_bottom())
            return send(
                {std::move(pending.delta), in_flight_.sent(), pending.last, TransferKind::none,
                 /*more_pieces=*/t.is_cut},
                now, timeout);
        if (!in_flight()) {
            t.position = t.fresh_from;
            t.timeouts = 0;
        }
        return std::nullopt;
    }

  private:
    void begin_retransmission() {
        Transmission& t = *transmission_;
        ++t.timeouts;
        in_flight_.become_lost();
        t.fresh_from = t.position;
    }
    Changes<L> send(Changes<L> changes, Time now, Duration timeout) {
        Transmission& t = *transmission_;
        if (!in_flight()) t.retry_at = now + timeout;
        in_flight_.add(changes.last, now);
        t.sent_at = now;
        t.pause = Transmission::no_pause;
        t.timeout = timeout;
        return changes;
    }
};

}  // namespace crdt::replication

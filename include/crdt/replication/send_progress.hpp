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
/// Messages with changes are an interval apart. If an ack is overdue, only old changes are sent.
template <DecomposableLattice L, class PeerId, class Policy>
class SendProgress {
    using Log = DeltaLog<L, PeerId, Policy>;
    using Transmission = replication::Transmission<L, Policy>;

    static constexpr unsigned most_doublings = 16;

    PeerId peer_;
    std::optional<Transmission> transmission_ = {};
    Time began_at_{};
    /// Transfers in a row that ended without an ack.
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
    /// Has the peer acknowledged the first piece, and so everything that it had announced?
    bool is_confirmed() const { return transmission_ && transmission_->is_confirmed; }
    /// The kind of the transfer; `none` if there are no pieces.
    TransferKind kind() const {
        return transmission_ ? transmission_->transfer.kind() : TransferKind::none;
    }
    /// Has the peer everything before this position in the log? It has acknowledged it, or has sent
    /// it. A transfer that began after the position was reached contains it.
    bool has_acknowledged(Sequence position, const Log& log) const {
        return is_confirmed() && transmission_->transfer.is_done() &&
               (transmission_->position >= position ||
                !log.has_pending(transmission_->position, peer_));
    }
    /// Was an empty state sent, which the peer has not acknowledged?
    bool has_sent_nothing() const {
        return kind() == TransferKind::full_state && !is_confirmed() && opening().delta.is_bottom();
    }
    /// The number of timeouts in a row.
    unsigned timeouts() const { return transmission_ ? transmission_->timeouts : 0; }

    /// The changes that were sent and are not acknowledged.
    const InFlight& unacknowledged() const { return in_flight_; }
    /// The cost of what is kept for the peer: pieces, and changes in the log. O(pieces + log).
    std::size_t cost_held(const Log& log) const {
        if (!transmission_) return 0;
        return log.pending_cost(transmission_->position, peer_) + transmission_->transfer.cost();
    }

    // The following members need a state after probing.

    /// The peer lacks nothing of the log before this.
    Sequence position() const { return transmission_->position; }
    /// The changes that the peer has sent since this replica last sent it all pending deltas.
    const L& received_since_send() const { return transmission_->echo.received(); }
    /// Is anything sent and not acknowledged?
    bool in_flight() const { return !in_flight_.is_empty(); }
    /// The time at which changes were last sent.
    Time sent_at() const { return transmission_->sent_at; }
    /// Is an ack overdue?
    bool is_overdue(Time now) const { return in_flight() && transmission_->retry_at <= now; }
    /// Returns the first piece, for any position of the peer. It is sent again after another
    /// request.
    Changes<L> opening() const { return transmission_->transfer.opening(in_flight_.acked()); }
    /// Are there deltas in the log that were never sent, and may be sent with another message?
    bool has_fresh(const Log& log) const {
        const Transmission& t = *transmission_;
        return t.is_confirmed && t.transfer.is_done() && t.timeouts == 0 && !t.is_cut &&
               log.has_pending(t.fresh_from, peer_);
    }
    /// Returns the position of the peer now and after each pending ack. The log merges no changes
    /// across these positions, so an ack never names the middle of an entry.
    std::vector<typename Log::Cursor> cursors() const {
        std::vector<typename Log::Cursor> all{{peer_, transmission_->position}};
        for (const Announcement& sent : in_flight_.announced()) all.push_back({peer_, sent.end});
        return all;
    }

    // ---- transitions: each is called when the event in its comment has happened
    /// Nothing is known of the peer.
    void reset() noexcept {
        become_probing();
        began_at_ = {};
        expired_ = 0;
        in_flight_ = {};
    }
    /// It is not known what the peer has.
    void become_probing() {
        transmission_.reset();
        in_flight_.become_unknown();
    }
    /// Begins a transfer; the caller sends opening() at once. `first` is the first of its reserved
    /// positions. They are new, so no earlier ack, however late, names one of them.
    void become_transferring(Transfer<L, Policy> transfer, Sequence first, Time now) {
        began_at_ = now;
        in_flight_.become_transferring(first, now);
        Transmission& t = transmission_.emplace();
        t.position = t.fresh_from = first + (transfer.has_more() ? transfer.positions() - 1 : 0);
        t.transfer = std::move(transfer);
    }
    /// Ends a transfer to a silent peer after `timeout`, because its pieces are out of date. A late
    /// ack of it has no effect, so the timeout doubles with each transfer that ends so.
    void expire_transfer(Duration timeout, Time now) {
        if (!transmission_) return;
        if (now - began_at_ < timeout * (1U << (std::min)(expired_, most_doublings))) return;
        become_probing();
        ++expired_;
    }

    /// Takes an ack. An old one has no effect. Returns whether the position has changed.
    bool on_ack(Sequence ack, const L& state, const Log& log) {
        Transmission& t = *transmission_;
        if (ack < in_flight_.acked()) return false;
        t.timeouts = 0;
        if (ack == in_flight_.acked() && t.is_confirmed) return false;
        if (!t.transfer.is_done()) t.transfer.pop(state);
        t.is_confirmed = true;
        // The state has doubled meanwhile, so there are no positions left.
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

    /// The connection is closed. Changes that wait for it begin to age.
    void note_waiting(const Log& log, Time now) {
        if (transmission_ && log.has_pending(transmission_->position, peer_))
            in_flight_.note_waiting(now);
    }
    /// The connection is open again. Changes in flight may be lost, so their ack is overdue.
    void retry_at_once(Time now) {
        if (transmission_ && in_flight()) transmission_->retry_at = now;
    }

    /// When next() has something to send.
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
        // Changes that the peer has sent until now are not pending later. If they were kept, they
        // would grow for as long as something is in flight.
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

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
#include <crdt/replication/message.hpp>
#include <crdt/replication/time.hpp>

namespace crdt::replication {

/// What the pieces are that bring a peer up to date: what its digest lacks, the full state, or all
/// of the state in the buckets where its sketch differs.
enum class TransferKind { difference, full_state, bucket_difference };

/// The sending end of a link.
///
///     probing ── begin_transfer() ──▶ transferring ── ack of the last piece ──▶ replicating
///        ▲                                │                                        │
///        └── the log was truncated, memory ran out, stop(), no ack for too long ───┘
///
/// In `probing` it is not known what the peer has. In `transferring` pieces of the state are sent,
/// each when the one before was acknowledged. In `replicating` the log is sent as it grows.
///
/// Messages with changes are an interval apart while acks may lag. When an ack is overdue, all that
/// is not acknowledged is sent again, and nothing else until the peer acknowledges.
template <DecomposableLattice L, class PeerId, class Policy>
class SendProgress {
    using Log = DeltaLog<L, PeerId, Policy>;

    static constexpr std::size_t most_announced = 16;
    static constexpr unsigned most_doublings = 16;
    static constexpr Duration no_pause = (Duration::max)();

  public:
    /// The states of the machine.
    enum class State { probing, transferring, replicating };

  private:
    /// All that is known in the states after probing.
    struct Transmission {
        TransferKind kind = {};
        /// Not acknowledged yet, in reverse order.
        std::vector<L> pieces = {};
        /// The first piece was acknowledged.
        bool is_confirmed = false;
        /// The peer acknowledged everything before this, and was sent the changes before that.
        Sequence acked = 0, sent = 0;
        /// The peer lacks nothing before this. From there to `fresh_from` it lacks only what was
        /// sent and may be lost.
        Sequence position = 0, fresh_from = 0;
        /// The ends of what was sent since the last ack or retransmission; some of the last.
        std::vector<Sequence> announced = {};
        /// The last changes were cut short to fit into a message: the rest follows the ack.
        bool is_cut = false;
        /// What the peer has sent since it was last sent all pending deltas.
        L received = {};
        Time sent_at{};
        Duration timeout{};
        Time retry_at{};
        /// After what was sent last, if that is shorter than the interval.
        Duration pause = no_pause;
        /// How many timeouts there were in a row.
        unsigned timeouts = 0;
    };

    PeerId peer_;
    std::optional<Transmission> transmission_ = {};
    Time began_at_{};
    /// Transfers in a row that ended without an ack.
    unsigned expired_ = 0;

  public:
    explicit SendProgress(PeerId peer) : peer_(std::move(peer)) {}

    /// The state.
    State state() const {
        if (!transmission_) return State::probing;
        return transmission_->pieces.empty() ? State::replicating : State::transferring;
    }
    bool is_probing() const { return !transmission_; }
    bool is_transferring() const { return state() == State::transferring; }
    /// Has the peer acknowledged the first piece, and so everything that the sender knew it had?
    bool is_confirmed() const { return transmission_ && transmission_->is_confirmed; }
    /// What the pieces are; `difference` if there are none.
    TransferKind kind() const {
        return is_transferring() ? transmission_->kind : TransferKind::difference;
    }
    /// Does more follow what was sent last, as soon as that is acknowledged?
    bool has_more() const {
        return transmission_ && (transmission_->pieces.size() > 1 || transmission_->is_cut);
    }
    /// How many timeouts there were in a row.
    unsigned timeouts() const { return transmission_ ? transmission_->timeouts : 0; }

    // The following members need a state after probing.

    /// The peer lacks nothing of the log before this.
    Sequence position() const { return transmission_->position; }
    /// The ends of what was sent and may be acknowledged apart, some of the last.
    const std::vector<Sequence>& announced() const { return transmission_->announced; }
    /// What the peer has sent since it was last sent all pending deltas.
    const L& received_since_send() const { return transmission_->received; }
    /// Was something sent that is not acknowledged?
    bool in_flight() const { return transmission_->sent != transmission_->acked; }
    /// When something was last sent.
    Time sent_at() const { return transmission_->sent_at; }
    /// Is an ack overdue?
    bool is_overdue(Time now) const { return in_flight() && transmission_->retry_at <= now; }
    /// The first piece, for whatever position the peer has. It is sent again when the peer asks.
    Interval<L> opening() const { return {transmission_->pieces.back(), 0, transmission_->acked}; }
    /// Are there deltas in the log that were never sent, and may be sent with another message?
    bool has_fresh(const Log& log) const {
        const Transmission& t = *transmission_;
        return t.is_confirmed && t.pieces.empty() && t.timeouts == 0 && !t.is_cut &&
               log.has_pending(t.fresh_from, peer_);
    }
    /// The position of the peer, and those that it will have when pending acks arrive: the log does
    /// not merge changes across them, so an ack never names the middle of an entry.
    std::vector<typename Log::Cursor> cursors() const {
        std::vector<typename Log::Cursor> all{{peer_, transmission_->position}};
        for (const Sequence end : transmission_->announced) all.push_back({peer_, end});
        return all;
    }

    /// Nothing is known of the peer.
    void reset() noexcept {
        become_probing();
        began_at_ = {};
        expired_ = 0;
    }
    /// It is not known what the peer has.
    void become_probing() { transmission_.reset(); }
    /// Begins to send `pieces`; the caller sends opening() at once. `first` is the first of as many
    /// new positions as there are pieces: no earlier ack, however late, names one of them.
    void begin_transfer(TransferKind kind, std::vector<L> pieces, Sequence first, Time now) {
        began_at_ = now;
        Transmission& t = transmission_.emplace();
        t.kind = kind;
        t.acked = t.sent = first;
        t.position = t.fresh_from = first + pieces.size() - 1;
        t.pieces = std::move(pieces);
        std::reverse(t.pieces.begin(), t.pieces.end());
    }
    /// Ends a transfer to a silent peer after `timeout`: its pieces are out of date, and a new
    /// answer will be made. As a late ack of this one is then worth nothing, the timeout doubles
    /// with each.
    void expire_transfer(Duration timeout, Time now) {
        if (!transmission_) return;
        if (now - began_at_ < timeout * (1U << (std::min)(expired_, most_doublings))) return;
        become_probing();
        ++expired_;
    }

    /// Takes an ack. An old one has no effect. Returns whether the position has changed.
    bool on_ack(Sequence ack, const Log& log) {
        Transmission& t = *transmission_;
        if (ack < t.acked) return false;
        t.timeouts = 0;
        if (ack == t.acked && t.is_confirmed) return false;
        if (!t.pieces.empty()) {
            t.pieces.pop_back();
            t.is_confirmed = true;
        }
        t.acked = ack;
        t.sent = (std::max)(t.sent, ack);
        std::erase_if(t.announced, [&](Sequence end) { return end <= ack; });
        const Sequence before = t.position;
        t.position =
            (std::max)(t.position, t.acked == t.sent ? (std::max)(t.fresh_from, ack) : ack);
        t.fresh_from = (std::max)(t.fresh_from, t.position);
        if (in_flight()) t.retry_at = t.sent_at + t.timeout;
        if (!log.has_pending(t.position, peer_)) t.received = L{};
        const bool has_moved = t.position != before;
        if (has_moved) expired_ = 0;
        return has_moved;
    }
    /// The peer has sent `delta`: it need not be sent that.
    void on_received([[maybe_unused]] const L& delta, [[maybe_unused]] const Log& log) {
        if constexpr (Policy::avoids_echo) {
            if (transmission_ && log.has_pending(transmission_->position, peer_))
                transmission_->received.merge(delta);
        }
    }
    /// What comes next waits no longer than `pause` after what was sent before, if no ack is
    /// overdue.
    void expedite(Duration pause) {
        if (transmission_) transmission_->pause = (std::min)(transmission_->pause, pause);
    }

    /// When next() has something to send.
    std::optional<Time> deadline(const Log& log, Duration interval) const {
        if (!is_confirmed()) return std::nullopt;
        const Transmission& t = *transmission_;
        if (!t.pieces.empty()) return in_flight() ? t.retry_at : Time{};
        if (!log.has_pending(t.position, peer_)) return std::nullopt;
        const bool is_fresh = log.has_pending(t.fresh_from, peer_);
        if (!in_flight() && !is_fresh) return std::nullopt;
        const Time next_at = t.sent_at + (std::min)(interval, t.pause);
        if (!in_flight()) return t.is_cut ? Time{} : next_at;
        if (is_fresh && t.timeouts == 0 && !t.is_cut) return (std::min)(next_at, t.retry_at);
        return t.retry_at;
    }
    /// The changes to be sent now; none if the peer turns out to have them. An ack is expected
    /// within `timeout`.
    std::optional<Interval<L>> next(Log& log, Time now, Duration timeout) {
        Transmission& t = *transmission_;
        if (is_overdue(now)) begin_retransmission();
        if (!t.pieces.empty()) return send({t.pieces.back(), t.acked, t.acked + 1}, now, timeout);
        log.seal();
        auto pending = log.pending(t.fresh_from, peer_);
        subtract_received(pending.delta);
        t.fresh_from = pending.last;
        t.is_cut = pending.last < log.end();
        // What the peer has sent until now is not pending later. Kept, it would grow for as long as
        // there is always something in flight.
        if (!t.is_cut) t.received = L{};
        if (!pending.delta.is_bottom())
            return send({std::move(pending.delta), t.sent, pending.last}, now, timeout);
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
        t.sent = t.acked;
        t.fresh_from = t.position;
        t.announced.clear();
    }
    void subtract_received(L& delta) const {
        const L& received = transmission_->received;
        if (received.is_bottom()) return;
        // What is taken out of the middle of ranges can leave more of them than there were.
        L rest = difference(delta, digest(received));
        if (Policy::cost(rest) <= Policy::cost(delta)) delta = std::move(rest);
    }
    Interval<L> send(Interval<L> changes, Time now, Duration timeout) {
        Transmission& t = *transmission_;
        if (!in_flight()) t.retry_at = now + timeout;
        t.sent = changes.last;
        if (t.announced.size() == most_announced) t.announced.erase(t.announced.begin());
        t.announced.push_back(t.sent);
        t.sent_at = now;
        t.pause = no_pause;
        t.timeout = timeout;
        return changes;
    }
};

}  // namespace crdt::replication

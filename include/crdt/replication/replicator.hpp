// SPDX-License-Identifier: MIT
//! Replicator: keeps one lattice in step with its peers. It does no I/O and knows no clock.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <crdt/detail/random.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>
#include <crdt/replication/delta_log.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/metrics.hpp>

namespace crdt::replication {

/// A point in time or a span of it: microseconds, of any clock that does not go back.
using Time = std::uint64_t;
inline constexpr Time milliseconds = 1000;

struct Options {
    /// This life of the replica; never used before by a replica of this name, and not 0.
    Epoch epoch = 1;
    /// For the jitter of retries.
    std::uint64_t seed = 1;
    /// The least time between two messages with news to the same peer.
    Time interval = 800 * milliseconds;
    /// How long an ack waits for something to ride on.
    Time ack_delay = 200 * milliseconds;
    /// The longest time between two tries at a peer that does not answer.
    Time retry_limit = 1500 * milliseconds;
    /// Join-irreducible parts kept for peers that lag; beyond, they catch up by digest.
    std::size_t log_limit = std::size_t{1} << 16U;
};

/// A replica's end of delta-interval anti-entropy.
///
/// Each local change, and each part of a received one that was new (RR), goes into a log. Each peer
/// is sent the log from the position that it acknowledged last, less what it sent itself (BP).
/// A replica that has no gap-free view of a peer's log (a new one, one that restarted, one that
/// fell behind a truncated log) sends the peer its digest and is answered with the exact
/// difference; one that does not know what a peer has asks for the peer's. Both ends name the
/// epochs they believe in, so an ack never outlives the state it spoke of. When all is
/// acknowledged, nothing is sent.
///
/// An answer to a digest is given a position of its own, and the peer counts as brought up only
/// when it has acknowledged that position: no earlier ack, however late, can be taken for it.
///
/// Use     feed it with update(), on_message() and, at next_deadline(), on_tick(); deliver what
///         on_tick() returns. Delivery may lose, repeat, delay and reorder messages.
/// Cost    on_message: that of absorb, and of joining what an ack lets the log join; on_tick: that
///         of the joined news
/// Source  Almeida, Shoker, Baquero: Delta state replicated data types (JPDC 2018), algorithm 2;
///         Enes, Almeida, Baquero, Leitão: Efficient synchronization of state-based CRDTs (ICDE
///         2019), BP and RR
template <DecomposableLattice L, Key PeerId = std::string>
class Replicator {
  public:
    struct Outgoing {
        PeerId to;
        Message<L> message;
    };

    explicit Replicator(const Options& options = {})
        : options_(options), random_(options.seed ^ options.epoch) {
        set_interval(options.interval);
    }

    const L& state() const { return state_; }
    const Metrics& metrics() const { return metrics_; }
    const DeltaLog<L, PeerId>& log() const { return log_; }
    Epoch epoch() const { return options_.epoch; }

    /// Runs a delta-mutator of the state and remembers its delta for the peers; returns it.
    /// Throws what `mutate` throws, and is then unchanged.
    template <class Mutate>
    L update(Mutate&& mutate) {
        L delta = mutate(state_);
        remember(delta, std::nullopt);
        return delta;
    }

    /// Joins a change from outside (a store, say). Returns what was new.
    L on_local(const L& delta) {
        L novel = state_.absorb(delta);
        remember(novel, std::nullopt);
        return novel;
    }

    /// The view of the peers, without oneself. Peers that stay keep their standing.
    void set_peers(const std::vector<PeerId>& view, Time now) {
        std::map<PeerId, Peer> peers;
        for (const PeerId& id : view) {
            const auto known = peers_.find(id);
            peers.emplace(id, known == peers_.end() ? new_peer(now) : std::move(known->second));
        }
        peers_ = std::move(peers);
        compact_log();
    }

    /// Begins to send, each peer at a moment of its own.
    void start(Time now) {
        running_ = true;
        for (auto& [id, peer] : peers_) peer.ask_at = now + random_.below(options_.ack_delay + 1);
    }
    /// Sends nothing from now on, and keeps nothing for the peers: they will be brought up by
    /// digest after the next start(). What arrives is still joined.
    void stop() {
        running_ = false;
        for (auto& [id, peer] : peers_) peer.position.reset();
        compact_log();
    }
    bool running() const { return running_; }

    Time interval() const { return options_.interval; }
    /// A millisecond at the least.
    void set_interval(Time interval) { options_.interval = std::max(interval, milliseconds); }

    /// Takes a message in. Returns true iff the state grew.
    bool on_message(const PeerId& from, const Message<L>& message, Time now) {
        const auto found = peers_.find(from);
        if (found == peers_.end() || !is_possible(message)) {
            ++metrics_.rejected;
            return false;
        }
        ++metrics_.messages_received;
        Peer& peer = found->second;
        if (message.from_epoch != peer.epoch) begin_epoch(peer, message.from_epoch, now);

        const bool about_me = message.to_epoch == options_.epoch;
        if (!about_me && message.to_epoch != unknown_epoch) {
            ++metrics_.foreign_epochs;
            // Anything that this life says corrects the peer's belief.
            peer.ack_at = now;
        }
        const bool grew = message.changes && take(from, peer, *message.changes, about_me, now);
        if (message.ack && about_me) acknowledge(peer, *message.ack);
        if (message.digest) {
            peer.question = message.digest;
            peer.answer_at = now;
        }
        if (message.wants_digest && peer.received) lose_track(peer, now);
        return grew;
    }

    /// All messages that are due.
    std::vector<Outgoing> on_tick(Time now) {
        std::vector<Outgoing> outgoing;
        if (!running_) return outgoing;
        for (auto& [id, peer] : peers_) {
            const std::optional<Time> due = deadline(id, peer);
            if (due && *due <= now) outgoing.push_back({id, compose(id, peer, now)});
        }
        metrics_.messages_sent += outgoing.size();
        if (!outgoing.empty()) {
            compact_log();
            truncate_log(now);
        }
        return outgoing;
    }

    /// When on_tick() has something to do next; none if all is said and acknowledged.
    std::optional<Time> next_deadline() const {
        std::optional<Time> next;
        if (!running_) return next;
        for (const auto& [id, peer] : peers_) next = earlier(next, deadline(id, peer));
        return next;
    }

  private:
    /// What is known of a peer. Where `position` or `received` is missing or not confirmed, the two
    /// introduce themselves, again and again, until it is not.
    struct Peer {
        Epoch epoch = unknown_epoch;
        /// It lacks nothing of this replica's log before this; none: not known what it has.
        std::optional<Sequence> position;
        /// It has acknowledged `position`, which else is that of an answer on its way.
        bool confirmed = false;
        /// This replica lacks nothing of its log before this; none: it is asked by digest.
        std::optional<Sequence> received;
        /// Its digest, not answered yet.
        std::optional<DigestOf<L>> question;
        Time answer_at = 0;
        std::optional<Time> ack_at;
        Time ask_at = 0;
        unsigned asked = 0;
        /// Of the last news sent to it: their end, when, and how often without an ack.
        Sequence sent = 0;
        Time sent_at = 0;
        Time retry_at = 0;
        unsigned unanswered = 0;
    };

    L state_;
    Options options_;
    detail::Random random_;
    DeltaLog<L, PeerId> log_;
    std::map<PeerId, Peer> peers_;
    Metrics metrics_;
    bool running_ = false;

    static std::optional<Time> earlier(std::optional<Time> a, std::optional<Time> b) {
        return !a || (b && *b < *a) ? b : a;
    }

    /// interval · 1.5^tries, at most the retry limit, less up to a quarter of jitter.
    Time retry_delay(unsigned tries) {
        Time delay = options_.interval;
        for (; tries > 0 && delay < options_.retry_limit; --tries) delay += delay / 2;
        delay = std::min(delay, options_.retry_limit);
        return delay - random_.below(delay / 4 + 1);
    }

    Peer new_peer(Time now) {
        Peer peer;
        peer.ask_at = now;
        return peer;
    }

    /// Could any correct replica have sent this?
    bool is_possible(const Message<L>& message) const {
        if (message.from_epoch == unknown_epoch) return false;
        if (message.changes && message.changes->first > message.changes->last) return false;
        if (message.changes && message.changes->last == 0) return false;
        if (!message.ack) return true;
        return *message.ack != 0 &&
               (message.to_epoch != options_.epoch || *message.ack <= log_.end());
    }

    void begin_epoch(Peer& peer, Epoch epoch, Time now) {
        if (peer.epoch != unknown_epoch) {
            ++metrics_.epoch_changes;
            peer = new_peer(now);
        }
        peer.epoch = epoch;
    }

    bool take(const PeerId& from, Peer& peer, const Interval<L>& changes, bool about_me, Time now) {
        if (crdt::detail::conflicting(state_, changes.delta)) {
            ++metrics_.conflicts;
            return false;
        }
        const L novel = state_.absorb(changes.delta);
        remember(novel, from);
        if (novel.is_bottom() && !changes.delta.is_bottom()) ++metrics_.redundant_received;
        if (!about_me) return !novel.is_bottom();

        if (changes.first == 0 || (peer.received && changes.first <= *peer.received)) {
            peer.received = std::max(peer.received.value_or(0), changes.last);
            peer.asked = 0;
            if (changes.first == 0 || !changes.delta.is_bottom())
                peer.ack_at = earlier(peer.ack_at, now + options_.ack_delay);
        } else {
            ++metrics_.gaps;
            lose_track(peer, now);
        }
        return !novel.is_bottom();
    }

    /// From now on, this replica asks the peer by digest.
    static void lose_track(Peer& peer, Time now) {
        peer.received.reset();
        peer.ask_at = now;
        peer.asked = 0;
    }

    /// An ack from before the position was last set says nothing.
    void acknowledge(Peer& peer, Sequence ack) {
        if (!peer.position || ack < *peer.position) return;
        peer.unanswered = 0;
        peer.confirmed = true;
        if (ack == *peer.position) return;
        peer.position = ack;
        compact_log();
    }

    /// Is there anything that the peer must be asked for?
    static bool needs_introduction(const Peer& peer) {
        return !peer.received || !peer.position || !peer.confirmed;
    }

    void remember(const L& delta, const std::optional<PeerId>& origin) {
        if (delta.is_bottom()) return;
        // A peer whose position is not known will be brought up by digest: it needs no log.
        const bool needed = std::any_of(peers_.begin(), peers_.end(), [](const auto& entry) {
            return entry.second.position.has_value();
        });
        if (needed) log_.append(delta, origin);
    }

    void compact_log() {
        std::vector<typename DeltaLog<L, PeerId>::Standing> standings;
        for (const auto& [id, peer] : peers_) {
            if (peer.position) standings.push_back({id, *peer.position});
        }
        log_.compact(standings);
    }

    std::optional<Time> deadline(const PeerId& id, const Peer& peer) const {
        std::optional<Time> next = news_deadline(id, peer);
        // An ack rides on news that are due soon anyway.
        if (peer.ack_at) {
            next = next ? earlier(next, *peer.ack_at + options_.interval) : peer.ack_at;
        }
        if (needs_introduction(peer)) next = earlier(next, peer.ask_at);
        if (peer.question) next = earlier(next, peer.answer_at);
        return next;
    }

    std::optional<Time> news_deadline(const PeerId& id, const Peer& peer) const {
        if (!peer.position || !log_.has_news(*peer.position, id)) return std::nullopt;
        const bool fresh = log_.has_news(std::max(*peer.position, peer.sent), id);
        if (peer.unanswered == 0 || (peer.unanswered == 1 && fresh))
            return peer.sent_at + options_.interval;
        return peer.retry_at;
    }

    /// A message with all that there is to say to the peer.
    Message<L> compose(const PeerId& id, Peer& peer, Time now) {
        Message<L> message;
        message.from_epoch = options_.epoch;
        message.to_epoch = peer.epoch;
        if (peer.ack_at && peer.received) {
            message.ack = peer.received;
            ++metrics_.acks_sent;
        }
        peer.ack_at.reset();
        if (peer.question) {
            message.changes = answer(peer, now);
        } else if (peer.position && log_.has_news(*peer.position, id)) {
            message.changes = news(id, peer, now);
        }
        if (peer.ask_at <= now || peer.asked == 0) introduce(peer, message, now);
        if (message.changes) {
            ++metrics_.changes_sent;
            metrics_.parts_sent += part_count(message.changes->delta);
        }
        return message;
    }

    /// Everything that the peer's digest lacks. A digest may be old, and an answer may be lost: a
    /// position that is known stays, and a new one counts only when it is acknowledged.
    Interval<L> answer(Peer& peer, Time now) {
        if (!peer.position) {
            peer.position = log_.new_position();
            peer.confirmed = false;
            peer.ask_at = now + retry_delay(peer.asked);
        }
        log_.seal();
        Interval<L> changes{difference(state_, *peer.question), 0, log_.end()};
        peer.question.reset();
        note_sent(peer, now);
        ++metrics_.answers_sent;
        return changes;
    }

    /// Asks for what is not known of the peer.
    void introduce(Peer& peer, Message<L>& message, Time now) {
        if (!needs_introduction(peer) || (peer.received && peer.ask_at > now)) return;
        // Changes on their way are acknowledged, or found to leave a gap: either tells.
        message.wants_digest = !message.changes && !(peer.position && peer.confirmed);
        peer.ask_at = now + retry_delay(peer.asked++);
        if (peer.received) return;
        message.digest = digest(state_);
        ++metrics_.digests_sent;
    }

    Interval<L> news(const PeerId& id, Peer& peer, Time now) {
        log_.seal();
        if (peer.sent > *peer.position) ++metrics_.retransmissions;
        note_sent(peer, now);
        return {log_.news(*peer.position, id), *peer.position, log_.end()};
    }

    void note_sent(Peer& peer, Time now) {
        peer.sent = log_.end();
        peer.sent_at = now;
        peer.retry_at = now + retry_delay(++peer.unanswered);
    }

    /// Keeps the log within its limit. Who is left behind is brought up by digest.
    void truncate_log(Time now) {
        if (!log_.truncate(options_.log_limit)) return;
        ++metrics_.truncations;
        for (auto& [id, peer] : peers_) {
            if (!peer.position || *peer.position >= log_.begin()) continue;
            peer.position.reset();
            peer.ask_at = now;
            peer.asked = 0;
        }
    }
};

}  // namespace crdt::replication

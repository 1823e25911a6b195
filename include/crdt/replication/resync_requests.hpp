// SPDX-License-Identifier: MIT
//! ResyncRequests: what this replica requests of a peer until the link is settled.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/composition.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/receive_progress.hpp>
#include <crdt/replication/replica_data.hpp>
#include <crdt/replication/resync.hpp>
#include <crdt/replication/resync_scheduler.hpp>
#include <crdt/replication/send_progress.hpp>
#include <crdt/replication/split.hpp>
#include <crdt/replication/timers.hpp>

namespace crdt::replication {

/// The requests to one peer. Timer::request has the time at which the next one is due.
///
/// A request is the smallest one that works: the state itself, if it is empty, or if it is small
/// and its digest would not be smaller; a digest; or a sketch, if the digest is large. If the peer
/// may have a much smaller digest, or does not answer, its digest is requested instead.
template <DecomposableLattice L, class PeerId, class Policy>
class ResyncRequests {
    using Strategy = ResyncStrategy<L, Policy>;
    using Sending = SendProgress<L, PeerId, Policy>;
    using Composition = replication::Composition<L, PeerId, Policy>;

    /// Refused changes are requested again after this many doublings of the retry limit at most.
    static constexpr unsigned most_doublings = 6;

    /// Requests since the peer last sent changes, or became unknown.
    unsigned attempts_ = 0;
    /// When the last request was sent that the peer has not answered.
    std::optional<Time> requested_at_ = {};
    /// The peer has requested a digest.
    bool owes_digest_ = false;
    /// How often in a row changes of the peer were refused.
    unsigned refusals_ = 0;

  public:
    /// A peer that left this many messages in a row unanswered is silent.
    static constexpr unsigned silent_after = 3;
    /// The time that an answer may take, as a multiple of the retry limit: if the state is large;
    /// and if the peer has announced that the answer takes long, or is busy with another large
    /// answer.
    static constexpr int large_timeout = 4, slow_timeout = 6;

    /// Has the peer not answered several requests in a row?
    bool is_unanswered() const { return attempts_ >= silent_after; }
    /// Was a request sent less than `age` ago, and not answered yet?
    bool is_recent(Time now, Duration age) const {
        return requested_at_ && now < *requested_at_ + age;
    }
    /// Has this replica refused changes that the peer has not sent again?
    bool has_refused() const { return refusals_ != 0; }

    // ---- transitions: each is called when the event in its comment has happened

    /// The peer has sent changes that continue what was received.
    void become_answered(ResyncScheduler& scheduler) {
        if (requested_at_) scheduler.on_answer();
        requested_at_.reset();
        attempts_ = 0;
    }
    /// A request is due, whatever was requested before.
    void become_due(TimerTable& timers, Time due) {
        timers.set(Timer::request, due);
        attempts_ = 0;
    }
    /// One request to a member that is no neighbour is due, with a request for its digest.
    void become_due_for_repair(TimerTable& timers, Time due) {
        timers.set(Timer::request, due);
        attempts_ = 1;
    }
    /// No request is scheduled.
    void become_unscheduled(TimerTable& timers) {
        timers.clear(Timer::request);
        attempts_ = 0;
    }
    /// The peer has requested a digest.
    void on_digest_request() { owes_digest_ = true; }
    /// This replica refused some of the peer's changes. Its digest shows that they are missing.
    /// Requests them after `retry_limit`, then after twice that time, and so on, up to 64 times
    /// that time.
    void on_refused(const Options& options, TimerTable& timers, Time now) {
        if (timers.is_set(Timer::refused)) return;
        timers.set(Timer::refused,
                   now + options.retry_limit * (1U << (std::min)(refusals_, most_doublings)));
        ++refusals_;
    }
    /// The peer has sent everything that it had.
    void on_last_piece(const TimerTable& timers) {
        if (!timers.is_set(Timer::refused)) refusals_ = 0;
    }
    /// The next request waits as long as the answer may take.
    void schedule_next(ReplicaData<L, PeerId, Policy>& replica, const Sending& sending,
                       TimerTable& timers, Time now) {
        timers.set(Timer::request,
                   now + pause(replica, sending, Strategy::is_large(replica.state)));
    }

    // ---- what is sent

    /// Puts a request for what is not known of a neighbour into the message. Precondition: the
    /// request is due.
    void put(Composition& composition, Sending& sending, const ReceiveProgress& receiving,
             TimerTable& timers) {
        auto& replica = composition.replica;
        auto& message = composition.message;
        const Time now = composition.now;
        // Changes that are sent now, or just before the first request, are acknowledged or leave a
        // gap. Either shows what the peer has.
        const bool is_shown = message.changes || (is_first(receiving) && !sending.is_probing());
        const bool is_unknown = !is_shown && !sending.is_confirmed();
        const bool is_large = Strategy::is_large(replica.state);
        timers.set(Timer::request, now + pause(replica, sending, is_large));
        ++attempts_;
        // A digest can be large: of a peer that does not answer, its own is requested first. So it
        // is of every peer if this digest is large: one that has just started has a small one.
        const bool is_too_large = is_unknown && !owes_digest_ && is_large;
        const bool is_probe = is_unknown && (attempts_ > silent_after || is_too_large);
        if (is_probe) sending.expire_transfer(2 * replica.options.retry_limit, now);
        // Another peer has brought this replica up to date. Otherwise this one would do so again.
        if (is_unknown && sending.has_sent_nothing() && !replica.state.is_bottom())
            sending.become_probing();
        // A peer that is sent the full state answers with what that lacks.
        if (message.changes && message.changes->requests_answer())
            return become_requested(composition, receiving, is_large);
        if (is_unknown && !is_probe && can_send_full_state(replica, sending)) {
            put_full_state(composition, sending);
            return become_requested(composition, receiving, is_large);
        }
        message.invites_request = is_too_large;
        message.requests_digest = is_unknown && !is_too_large;
        if (receiving.position() || is_probe) return;
        Strategy::put(replica.state, replica.options, replica.random.next(), message);
        owes_digest_ = false;
        become_requested(composition, receiving, is_large);
    }
    /// A member that is no neighbour is sent one request. If this replica began, it requests a
    /// digest, too.
    void put_for_repair(Composition& composition, TimerTable& timers) {
        auto& replica = composition.replica;
        Strategy::put(replica.state, replica.options, replica.random.next(), composition.message);
        composition.message.requests_digest = std::exchange(attempts_, 0) != 0;
        timers.clear(Timer::request);
    }

    /// When the peer may be sent a request for what this replica has of it. While another one is to
    /// answer, it is sent none, unless it is to answer as well.
    Time not_before(const ResyncScheduler& scheduler) const {
        return requested_at_ ? scheduler.resync_hold_until() : scheduler.next_first_request();
    }
    /// Is the next request the first one for what this replica has of the peer? It may travel in a
    /// message that is sent anyway. Later ones wait for the answer.
    bool is_first(const ReceiveProgress& receiving) const {
        return attempts_ == 0 && !receiving.position();
    }

  private:
    /// The peer is sent a request. The first one keeps the other peers waiting for a while, and for
    /// longer if the states take long to compare. Those that follow keep nobody waiting.
    void become_requested(Composition& composition, const ReceiveProgress& receiving,
                          bool is_large) {
        const Duration timeout = is_large ? large_timeout * composition.replica.options.retry_limit
                                          : ResyncScheduler::head_start;
        if (!requested_at_ && !receiving.position())
            composition.scheduler.on_first_request(composition.now + timeout);
        requested_at_ = composition.now;
    }
    /// How long the peer is not sent another request.
    Duration pause(ReplicaData<L, PeerId, Policy>& replica, const Sending& sending,
                   bool is_large) const {
        if (!is_large) return replica.retry_delay(attempts_);
        const bool is_busy = !sending.is_probing() && !sending.is_confirmed();
        return (is_busy ? slow_timeout : large_timeout) * replica.options.retry_limit;
    }
    /// Is the full state sent to an unknown peer? It is if the digest would not be smaller, because
    /// the peer then has the state, and answers with what the state lacks. An empty replica need
    /// not request the digest of the peer, which may be large.
    static bool can_send_full_state(const ReplicaData<L, PeerId, Policy>& replica,
                                    const Sending& sending) {
        if (!sending.is_probing()) return sending.kind() != TransferKind::difference;
        return replica.state.is_bottom() ||
               (Strategy::digest_is_lossless && Strategy::is_small(replica.state));
    }
    static void put_full_state(Composition& composition, Sending& sending) {
        auto& replica = composition.replica;
        if (sending.is_probing()) {
            auto pieces = split<Policy>(replica.state, replica.options.message_limit);
            const Sequence first = replica.log.reserve(pieces.size());
            sending.become_transferring({TransferKind::full_state, std::move(pieces)}, first,
                                        composition.now);
        }
        composition.message.changes = sending.opening();
    }
};

}  // namespace crdt::replication

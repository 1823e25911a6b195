// SPDX-License-Identifier: MIT
//! ResyncRequests: the requests that this replica sends to a peer until the link is settled.
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

/// The requests to one peer. Timer::request is the time at which the next request is due.
///
/// A request contains the smallest summary of the state that works. If the state is empty, or if it
/// is small and its digest would not be smaller, the summary is the state itself. Otherwise the
/// summary is a digest or, if the digest is large, a sketch. If the peer may have a much smaller
/// digest, or does not answer, this replica requests the digest of the peer instead.
template <DecomposableLattice L, class PeerId, class Policy>
class ResyncRequests {
    using Strategy = ResyncStrategy<L, Policy>;
    using Sending = SendProgress<L, PeerId, Policy>;
    using Composition = replication::Composition<L, PeerId, Policy>;

    /// The pause before refused changes are requested again doubles at most this number of times.
    static constexpr unsigned most_doublings = 6;

    /// The number of requests since the peer last sent changes, or since this replica's position in
    /// the peer's log became unknown.
    unsigned attempts_ = 0;
    /// The time of the last request, or nothing if the peer has answered it.
    std::optional<Time> requested_at_ = {};
    /// Has the peer requested a digest that was not sent yet?
    bool owes_digest_ = false;
    /// How often in a row changes of the peer were refused.
    unsigned refusals_ = 0;

  public:
    /// A peer is silent if it has not answered this number of messages in a row.
    static constexpr unsigned silent_after = 3;
    /// How long an answer may take, as a multiple of the retry limit. `large_timeout` is for large
    /// states. `slow_timeout` is for a peer that has announced that the answer takes long, or that
    /// is busy with another large answer.
    static constexpr int large_timeout = 4, slow_timeout = 6;

    /// Has the peer not answered several requests in a row?
    bool is_unanswered() const { return attempts_ >= silent_after; }
    /// Was a request sent less than `age` ago, and was it not answered yet?
    bool is_recent(Time now, Duration age) const {
        return requested_at_ && now < *requested_at_ + age;
    }
    /// Has this replica refused changes of the peer, and not received them again since?
    bool has_refused() const { return refusals_ != 0; }

    // ---- transitions: each is called when the event in its comment has happened

    /// The peer has sent changes that follow the received changes without a gap.
    void become_answered(ResyncScheduler& scheduler) {
        if (requested_at_) scheduler.on_answer();
        requested_at_.reset();
        attempts_ = 0;
    }
    /// A request is due at `due`. It counts as the first request, whatever was requested before.
    void become_due(TimerTable& timers, Time due) {
        timers.set(Timer::request, due);
        attempts_ = 0;
    }
    /// The peer is not a neighbour. One request to it is due at `due`, and it includes a request
    /// for the peer's digest.
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
    /// This replica has refused some of the peer's changes. It requests them again after
    /// `retry_limit`, then after 2, 4 and so on up to 64 times that time. The digest of this
    /// replica shows that these changes are missing.
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
    /// Schedules the next request after the time that an answer may take.
    void schedule_next(ReplicaData<L, PeerId, Policy>& replica, const Sending& sending,
                       TimerTable& timers, Time now) {
        timers.set(Timer::request,
                   now + pause(replica, sending, Strategy::is_large(replica.state)));
    }

    // ---- what is sent

    /// Puts a request to a neighbour into the message. If this replica has no position in the
    /// neighbour's log, it requests changes. If it is unknown what the neighbour has, this replica
    /// requests a digest. Precondition: the request is due.
    void put(Composition& composition, Sending& sending, const ReceiveProgress& receiving,
             TimerTable& timers) {
        auto& replica = composition.replica;
        auto& message = composition.message;
        const Time now = composition.now;
        // Changes that are sent now, or just before the first request, show what the peer has. The
        // peer either acknowledges these changes, or requests the earlier changes that it lacks.
        const bool is_shown = message.changes || (is_first(receiving) && !sending.is_probing());
        const bool is_unknown = !is_shown && !sending.is_confirmed();
        const bool is_large = Strategy::is_large(replica.state);
        timers.set(Timer::request, now + pause(replica, sending, is_large));
        ++attempts_;
        // A digest can be large. So if a peer does not answer, its digest is requested before
        // another digest is sent to it. If this state is large, every peer is first invited to send
        // its digest, because the digest of a peer that has just started is small.
        const bool is_too_large = is_unknown && !owes_digest_ && is_large;
        const bool is_probe = is_unknown && (attempts_ > silent_after || is_too_large);
        if (is_probe) sending.expire_transfer(2 * replica.options.retry_limit, now);
        // This replica has sent an empty state, but another peer has brought it up to date since
        // then. So the empty state is not sent again, because the peer would answer with its whole
        // state.
        if (is_unknown && sending.has_sent_nothing() && !replica.state.is_bottom())
            sending.become_probing();
        // The message already contains the full state. The peer answers with what this state lacks.
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
    /// Puts a request to a member that is not a neighbour into the message. If this replica has
    /// begun the repair, the message also requests the member's digest.
    void put_for_repair(Composition& composition, TimerTable& timers) {
        auto& replica = composition.replica;
        Strategy::put(replica.state, replica.options, replica.random.next(), composition.message);
        composition.message.requests_digest = std::exchange(attempts_, 0) != 0;
        timers.clear(Timer::request);
    }

    /// Returns when the peer may be sent a request for changes. Every request waits while a large
    /// answer arrives. A first request also waits while another peer may still answer its first
    /// request.
    Time not_before(const ResyncScheduler& scheduler) const {
        return requested_at_ ? scheduler.resync_hold_until() : scheduler.next_first_request();
    }
    /// Is the next request the first one since the position in the peer's log became unknown? A
    /// first request may travel in a message that is sent anyway. Later requests wait for the
    /// answer.
    bool is_first(const ReceiveProgress& receiving) const {
        return attempts_ == 0 && !receiving.position();
    }

  private:
    /// The peer is sent a request. First requests to other peers then wait for a while, and for
    /// longer if this state is large. A repeated request does not delay requests to other peers.
    void become_requested(Composition& composition, const ReceiveProgress& receiving,
                          bool is_large) {
        const Duration timeout = is_large ? large_timeout * composition.replica.options.retry_limit
                                          : ResyncScheduler::head_start;
        if (!requested_at_ && !receiving.position())
            composition.scheduler.on_first_request(composition.now + timeout);
        requested_at_ = composition.now;
    }
    /// Returns how long to wait before the peer is sent another request.
    Duration pause(ReplicaData<L, PeerId, Policy>& replica, const Sending& sending,
                   bool is_large) const {
        if (!is_large) return replica.retry_delay(attempts_);
        const bool is_busy = !sending.is_probing() && !sending.is_confirmed();
        return (is_busy ? slow_timeout : large_timeout) * replica.options.retry_limit;
    }
    /// May the full state be sent as a request, although it is unknown what the peer has? The peer
    /// answers with everything that the state lacks. The state may be sent if it is empty, because
    /// the digest of the peer, which may be large, is then not needed. It may also be sent if it is
    /// small and its digest would not be smaller.
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

// SPDX-License-Identifier: MIT
//! LinkMachines: the state machines of a link. Together they compose the messages to the peer.
#pragma once

#include <algorithm>
#include <optional>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/composition.hpp>
#include <crdt/replication/receive_progress.hpp>
#include <crdt/replication/replica_data.hpp>
#include <crdt/replication/resync.hpp>
#include <crdt/replication/resync_answers.hpp>
#include <crdt/replication/resync_requests.hpp>
#include <crdt/replication/resync_scheduler.hpp>
#include <crdt/replication/send_progress.hpp>
#include <crdt/replication/timers.hpp>

namespace crdt::replication {

/// The sending and the receiving machine of a link, the requests of both ends, and the timers. One
/// message carries everything that is due.
template <DecomposableLattice L, class PeerId, class Policy>
struct LinkMachines {
    using Composition = replication::Composition<L, PeerId, Policy>;
    using Strategy = ResyncStrategy<L, Policy>;

    SendProgress<L, PeerId, Policy> send;
    ReceiveProgress receive = {};
    ResyncRequests<L, PeerId, Policy> requests = {};
    ResyncAnswers<L, PeerId, Policy> answers = {};
    TimerTable timers = {};

    /// Has each end determined what the other end has?
    bool is_settled() const { return receive.position() && send.is_confirmed(); }
    /// Returns when a request is due. To a neighbour, requests are sent until the link is settled.
    /// To another member, one request is sent.
    std::optional<Time> request_deadline(const ResyncScheduler& scheduler,
                                         bool is_neighbour) const {
        const auto due = timers[Timer::request];
        if (!due || (is_neighbour && is_settled())) return std::nullopt;
        return receive.position() ? *due : (std::max)(*due, requests.not_before(scheduler));
    }
    /// Returns when put() has something to put into a message.
    std::optional<Time> deadline(const ReplicaData<L, PeerId, Policy>& replica,
                                 const ResyncScheduler& scheduler, bool is_neighbour) const {
        std::optional<Time> next = send.deadline(replica.log, replica.options.interval);
        for (const Timer timer : {Timer::ack, Timer::answer, Timer::refused})
            next = earlier(next, timers[timer]);
        return earlier(next, request_deadline(scheduler, is_neighbour));
    }

    /// The position in the peer's log is not known any more. A request to the peer is due at `due`.
    void become_unknown(Time due) {
        receive.become_unknown();
        requests.become_due(timers, due);
    }

    /// Puts everything that is due into the message. Returns true if the message must be sent even
    /// if it has no content. An ack without a position, for example, corrects the epoch that the
    /// peer uses.
    bool put(Composition& composition) {
        const bool is_owed = timers.is_set(Timer::ack);
        put_ack(composition);
        request_refused(composition);
        if (answers.announce(composition)) return true;
        if (answers.is_pending()) {
            if (put_answer(composition)) return true;
        } else if (!send.is_probing()) {
            put_pending(composition);
        }
        put_request(composition);
        return is_owed;
    }

  private:
    void put_ack(Composition& composition) {
        if (timers.is_set(Timer::ack)) composition.message.ack = receive.position();
        timers.clear(Timer::ack);
        if constexpr (Strategy::has_fingerprint) {
            auto& replica = composition.replica;
            // A fingerprint of a large state takes as long as an answer, so none is sent.
            if (composition.message.ack && !receive.is_transferring() &&
                receive.take_fingerprint_due() && !Strategy::is_large(replica.state))
                composition.message.fingerprint =
                    Strategy::fingerprint(replica.state, replica.random.next());
        }
    }
    void request_refused(const Composition& composition) {
        if (!timers.is_due(Timer::refused, composition.now)) return;
        if (receive.is_transferring())
            return timers.set(Timer::refused,
                              composition.now + composition.replica.options.retry_limit);
        timers.clear(Timer::refused);
        become_unknown(composition.now);
    }
    /// Puts the answer to the peer's request. Returns true iff no request may be put into the same
    /// message. If the state is large, a request takes long to make. So the first piece is sent
    /// without the request, and the request stays due. A first request that waits for the answer of
    /// another peer also stays due.
    bool put_answer(Composition& composition) {
        if (!answers.put(composition, send, timers)) return false;
        const bool is_large =
            send.opening().more_pieces && Strategy::is_large(composition.replica.state);
        const bool is_first = timers.is_set(Timer::request) && requests.is_first(receive);
        const bool waits = requests.not_before(composition.scheduler) > composition.now;
        if (is_first && (is_large || waits))
            timers.set(Timer::request, composition.now);
        else
            requests.schedule_next(composition.replica, send, timers, composition.now);
        return is_first && is_large;
    }
    void put_pending(Composition& composition) {
        auto& replica = composition.replica;
        const Time now = composition.now;
        const auto due = send.deadline(replica.log, replica.options.interval);
        if (!(due && *due <= now) && !send.has_fresh(replica.log)) return;
        const bool is_again = send.is_overdue(now);
        const Duration timeout = replica.retry_delay(send.timeouts() + (is_again ? 1 : 0));
        composition.message.changes = send.next(replica.log, now, timeout);
        replica.metrics.retransmissions += is_again && composition.message.changes;
    }
    void put_request(Composition& composition) {
        if (!composition.is_to_neighbour) {
            if (timers.is_due(Timer::request, composition.now))
                requests.put_for_repair(composition, timers);
            return;
        }
        const auto& changes = composition.message.changes;
        const bool may_travel_early =
            requests.is_first(receive) &&
            ((changes && changes->requests_answer()) ||
             requests.not_before(composition.scheduler) <= composition.now);
        const auto due = request_deadline(composition.scheduler, true);
        if (due && (*due <= composition.now || may_travel_early))
            requests.put(composition, send, receive, timers);
    }
};

}  // namespace crdt::replication

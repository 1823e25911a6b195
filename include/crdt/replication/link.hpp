// SPDX-License-Identifier: MIT
//! Link: everything that a replica keeps for one peer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/composition.hpp>
#include <crdt/replication/followed_logs.hpp>
#include <crdt/replication/link_machines.hpp>
#include <crdt/replication/link_status.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/receive_progress.hpp>
#include <crdt/replication/replica_data.hpp>
#include <crdt/replication/resync.hpp>
#include <crdt/replication/resync_requests.hpp>
#include <crdt/replication/resync_scheduler.hpp>
#include <crdt/replication/send_progress.hpp>
#include <crdt/replication/timers.hpp>

namespace crdt::replication {

/// Everything that a replica keeps for one peer: the peer's epoch, the state machines of the
/// sending and the receiving end, the requests of both ends, and the timers.
///
/// Two neighbours send each other their logs. Other members exchange only requests and answers, for
/// repair. The link to a neighbour repeats its request until two conditions hold: this replica has
/// a position in the neighbour's log, and the neighbour has acknowledged the first piece.
template <DecomposableLattice L, class PeerId, class Policy>
class Link {
    using Replica = ReplicaData<L, PeerId, Policy>;
    using Sending = SendProgress<L, PeerId, Policy>;
    using Requests = ResyncRequests<L, PeerId, Policy>;

    bool is_neighbour_ = false;
    bool is_connected_ = true;
    Epoch epoch_ = unknown_epoch;
    LinkMachines<L, PeerId, Policy> machines_;
    FollowedLogs followed_ = {};
    LinkTraffic traffic_ = {};

  public:
    /// Makes the link to `peer`, of which only the id is known.
    explicit Link(const PeerId& peer) : machines_{SendProgress<L, PeerId, Policy>(peer)} {}

    bool is_neighbour() const { return is_neighbour_; }  ///< Is the peer a neighbour?
    bool is_connected() const { return is_connected_; }  ///< Is the connection open?
    Epoch epoch() const { return epoch_; }               ///< the last epoch that the peer has sent
    const Sending& sending() const { return machines_.send; }               ///< the sending end
    const ReceiveProgress& receiving() const { return machines_.receive; }  ///< the receiving end
    const LinkTraffic& traffic() const { return traffic_; }                 ///< message counts
    FollowedLogs& followed() { return followed_; }                          ///< the logs of others
    const FollowedLogs& followed() const { return followed_; }              ///< the logs of others
    /// Does this replica send its log or a transfer to the peer? Otherwise the peer needs no
    /// changes yet.
    bool needs_log() const { return !machines_.send.is_probing(); }
    /// Is there a request of the peer that is not answered yet?
    bool has_request() const { return machines_.answers.is_pending(); }
    /// Is the peer a neighbour, and has one end not yet determined what the other end has?
    bool needs_request() const { return is_neighbour_ && !machines_.is_settled(); }
    /// Is a request scheduled or under way?
    bool is_request_scheduled() const { return machines_.timers.is_set(Timer::request); }
    /// Is this replica sending requests to the peer, and may the peer still answer?
    bool is_requesting() const {
        return is_neighbour_ && is_connected_ && !machines_.receive.position() &&
               is_request_scheduled() && !machines_.requests.is_unanswered();
    }
    /// Has the neighbour not answered several messages in a row, or is the connection closed?
    bool is_silent() const {
        return (is_neighbour_ && !is_connected_) ||
               (needs_request() && machines_.requests.is_unanswered()) ||
               machines_.send.timeouts() >= Requests::silent_after;
    }
    /// Has the peer answered with everything that it had, and was everything accepted?
    bool is_answered() const {
        return is_neighbour_ && machines_.receive.state() == ReceiveProgress::State::following &&
               !machines_.requests.has_refused();
    }
    /// Returns when compose() has something to send, or nothing while the connection is closed.
    std::optional<Time> deadline(const Replica& replica, const ResyncScheduler& scheduler) const {
        if (!is_connected_) return std::nullopt;
        return machines_.deadline(replica, scheduler, is_neighbour_);
    }

    // ---- transitions: each is called when the event in its comment has happened

    /// Resets the link. Afterwards only the epoch of the peer is known.
    void reset(bool is_neighbour, Epoch epoch) noexcept {
        is_neighbour_ = is_neighbour;
        epoch_ = epoch;
        machines_.send.reset();
        machines_.receive = {};
        machines_.requests = {};
        machines_.answers = {};
        machines_.timers = {};
        followed_ = {};
    }
    /// The connection is closed, so no messages are composed.
    void become_disconnected() { is_connected_ = false; }
    /// A tick begins at `now`. If the connection is closed and changes wait for the peer, records
    /// the time since which they wait.
    void note_waiting(const Replica& replica, Time now) {
        if (!is_connected_) machines_.send.note_waiting(replica.log, now);
    }
    /// The connection is open again, so everything that may have been lost is due at `now`.
    void become_connected(Time now) {
        is_connected_ = true;
        machines_.send.retry_at_once(now);
        if (needs_request()) schedule_request(now);
    }
    /// A message of the peer's epoch `epoch` has arrived. Returns true iff the peer has restarted.
    bool on_epoch(Epoch epoch, Time now) {
        if (epoch == epoch_ || !(Policy::checks_epochs || epoch_ == unknown_epoch)) return false;
        const bool has_restarted = epoch_ != unknown_epoch;
        if (has_restarted) {
            reset(is_neighbour_, epoch);
            // A restarted peer sends its first request to one neighbour, which may be another
            // replica.
            schedule_request(now + ResyncScheduler::head_start);
        }
        epoch_ = epoch;
        return has_restarted;
    }
    /// The peer uses an old epoch of this replica. An ack is due, because each message names the
    /// new epoch.
    void on_foreign_epoch(Time now) { machines_.timers.set(Timer::ack, now); }
    /// The peer waits for an ack, so the ack is due.
    void on_ack_request(Time now) { machines_.timers.set(Timer::ack, now); }
    /// The position in the peer's log is not known any more. A request to the peer is due at `due`.
    void become_unknown(Time due) { machines_.become_unknown(due); }
    /// It is not known any more what the peer has, so no changes are sent to it.
    void become_probing() { machines_.send.become_probing(); }
    /// The log was truncated past the peer's position.
    void fall_behind() {
        machines_.send.become_probing();
        machines_.requests.become_unscheduled(machines_.timers);
    }
    /// Schedules a request at `due`.
    void schedule_request(Time due) { machines_.timers.set(Timer::request, due); }
    /// Cancels the scheduled request.
    void unschedule_request() { machines_.requests.become_unscheduled(machines_.timers); }
    /// The peer is not a neighbour. A request to the peer is due at `now`. It also requests the
    /// peer's digest.
    void begin_repair(Time now) { machines_.requests.become_due_for_repair(machines_.timers, now); }
    /// If no ack is overdue, the next changes wait at most `pause`.
    void expedite(Duration pause) { machines_.send.expedite(pause); }

    // ---- what was received: each is called when the event in its comment has happened

    /// A message has arrived. The cost of its changes is `cost`.
    void on_message(std::size_t cost, Time now) {
        ++traffic_.messages_received;
        traffic_.last_received = now;
        traffic_.cost_received += cost;
    }
    /// The peer has sent `delta`.
    void on_received(const L& delta, const Replica& replica) {
        machines_.send.on_received(delta, replica.log);
    }
    /// Some of the peer's changes were refused.
    void on_refused(const Options& options, Time now) {
        if (is_neighbour_) machines_.requests.on_refused(options, machines_.timers, now);
    }
    /// Changes that have a position in the peer's log were joined.
    void on_changes(const Changes<L>& changes, Replica& replica, ResyncScheduler& scheduler,
                    Time now) {
        if (Policy::checks_gaps && !changes.is_opening() &&
            !machines_.receive.continues_at(changes.first)) {
            ++replica.metrics.gaps;
            if (machines_.receive.on_gap()) become_unknown(now);
            return;
        }
        const bool was_transferring = machines_.receive.is_transferring();
        machines_.receive.on_changes(changes.last, changes.is_opening(), changes.more_pieces);
        if (machines_.receive.is_transferring())
            scheduler.hold(now + transfer_timeout(replica.options));
        else if (was_transferring)
            scheduler.hold(Time{});
        machines_.requests.become_answered(scheduler);
        const bool is_awaited = changes.is_opening() || changes.more_pieces;
        machines_.timers.set_by(Timer::ack, is_awaited ? now : now + replica.options.ack_delay);
        if (!changes.more_pieces) machines_.requests.on_last_piece(machines_.timers);
    }
    /// The peer has sent `ack`. Returns true iff the peer's position in the log has changed.
    bool on_ack(Sequence ack, Replica& replica, Time now) {
        if (machines_.send.is_probing()) return false;
        const bool was_in_flight = machines_.send.in_flight();
        const Time sent_at = machines_.send.sent_at();
        if (!machines_.send.on_ack(ack, replica.state, replica.log)) return false;
        Duration& longest = replica.metrics.longest_ack_lag;
        if (was_in_flight && now > sent_at) longest = (std::max)(longest, now - sent_at);
        return true;
    }
    /// The changes of `message` were joined. Records the requests in the message.
    void on_requests(const Message<L>& message, const Replica& replica, ResyncScheduler& scheduler,
                     Time now) {
        machines_.answers.on_message(message, machines_.timers, now);
        if (message.requests_digest || message.invites_request) {
            machines_.requests.on_digest_request();
            // A request that is under way also serves as the answer to an invitation. If the
            // request may be lost, another one is sent.
            const Duration under_way =
                message.requests_digest ? digest_time(replica) : ResyncScheduler::head_start;
            if (!is_requesting() || !machines_.requests.is_recent(now, under_way))
                become_unknown(now);
        }
        // Only the answers of neighbours have positions. The positions show where an answer ends.
        if (message.answer_pending && is_neighbour_) {
            machines_.receive.become_transferring();
            scheduler.hold(now + transfer_timeout(replica.options));
        }
    }

    // ---- what is sent

    /// Returns a message with everything that is due, or no message.
    std::optional<Message<L>> compose(Replica& replica, ResyncScheduler& scheduler, Time now) {
        Composition<L, PeerId, Policy> composition{replica, scheduler, now, is_neighbour_};
        Message<L>& message = composition.message;
        message.from_epoch = replica.epoch;
        message.to_epoch = epoch_;
        message.generation = replica.generation;
        const bool is_owed = machines_.put(composition);
        if (!is_owed && !message.has_content()) return std::nullopt;
        ++traffic_.messages_sent;
        traffic_.cost_sent += replica.metrics.template on_sent<Policy>(message);
        return std::move(message);
    }

  private:
    /// Returns how long a digest that was sent may take to arrive. If the peer repeats its request
    /// in that time, no second digest of a large state is made.
    static Duration digest_time(const Replica& replica) {
        return ResyncStrategy<L, Policy>::is_large(replica.state)
                   ? Requests::large_timeout * replica.options.retry_limit
                   : Duration::zero();
    }
    /// Returns how long the next piece of the peer's answer may take to arrive.
    Duration transfer_timeout(const Options& options) const {
        return (machines_.receive.is_slow() ? Requests::slow_timeout : 1) * options.retry_limit;
    }
};

}  // namespace crdt::replication

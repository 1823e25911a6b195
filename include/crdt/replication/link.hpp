// SPDX-License-Identifier: MIT
//! Link: all that a replica keeps for one peer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/receive_progress.hpp>
#include <crdt/replication/replica_data.hpp>
#include <crdt/replication/resync.hpp>
#include <crdt/replication/resync_scheduler.hpp>
#include <crdt/replication/send_progress.hpp>
#include <crdt/replication/split.hpp>
#include <crdt/replication/timers.hpp>

namespace crdt::replication {

/// The epoch of a peer, the two machines of the link, the requests under way in both directions,
/// and the timers.
///
/// A neighbour is sent the log, and sends its own. With any other member only requests and answers
/// are exchanged, for repair. A link to a neighbour repeats its request until both ends know what
/// the other has: until it receives from a known position, and its first piece is acknowledged.
template <DecomposableLattice L, class PeerId, class Policy>
class Link {
    using Replica = ReplicaData<L, PeerId, Policy>;
    using Strategy = ResyncStrategy<L, Policy>;

  public:
    /// A neighbour that left this many messages in a row unanswered is silent.
    static constexpr unsigned silent_after = 3;

  private:
    /// Refused changes are requested again after this many doublings of the retry limit at most.
    static constexpr unsigned most_doublings = 6;
    /// In retry limits: how long the answer to a request may take if the state is large, and if
    /// the peer announced that it takes long, or is busy with another large answer.
    static constexpr int large_timeout = 4, slow_timeout = 20;

    bool is_neighbour_ = false;
    Epoch epoch_ = unknown_epoch;
    SendProgress<L, PeerId, Policy> send_;
    ReceiveProgress receive_ = {};
    TimerTable timers_ = {};
    /// Requests to the peer since it last sent changes.
    unsigned attempts_ = 0;
    /// The peer has requested a digest.
    bool owes_digest_ = false;
    /// A request of the peer that is not answered yet.
    std::optional<SyncRequest<L>> request_ = {};
    /// The announcement was sent that the answer takes long.
    bool is_deferral_sent_ = false;
    /// The kind of the peer's last sketch.
    SketchKind sketch_kind_ = {};
    std::optional<PartialState<L>> partial_ = {};
    /// How often in a row changes of the peer were refused.
    unsigned refusals_ = 0;

  public:
    explicit Link(const PeerId& peer) : send_(peer) {}

    bool is_neighbour() const { return is_neighbour_; }
    Epoch epoch() const { return epoch_; }
    const SendProgress<L, PeerId, Policy>& sending() const { return send_; }
    const ReceiveProgress& receiving() const { return receive_; }
    /// Has the peer a request that is not answered yet?
    bool has_request() const { return request_.has_value(); }
    /// Does this end not know what the peer has, or what this replica has of the peer?
    bool needs_request() const {
        return is_neighbour_ && !(receive_.position() && send_.is_confirmed());
    }
    /// Is a request scheduled or under way?
    bool is_request_scheduled() const { return timers_.is_set(Timer::request); }
    /// Is the peer being sent requests for what this replica lacks, and may it still answer?
    bool is_requesting() const {
        return is_neighbour_ && !receive_.position() && is_request_scheduled() &&
               attempts_ < silent_after;
    }
    bool is_silent() const {
        return (needs_request() && attempts_ >= silent_after) || send_.timeouts() >= silent_after;
    }
    /// Has the peer sent all that it had when it answered, and was all accepted?
    bool is_answered() const {
        return is_neighbour_ && receive_.state() == ReceiveProgress::State::following &&
               refusals_ == 0;
    }
    /// When compose() has something to send.
    std::optional<Time> deadline(const Replica& replica, const ResyncScheduler& scheduler) const {
        std::optional<Time> next = send_.deadline(replica.log, replica.options.interval);
        for (const Timer timer : {Timer::ack, Timer::answer, Timer::refused})
            next = earlier(next, timers_[timer]);
        return earlier(next, request_deadline(scheduler));
    }

    // ---- transitions from outside

    /// Nothing is known of the peer but its epoch.
    void reset(bool is_neighbour, Epoch epoch) noexcept {
        is_neighbour_ = is_neighbour;
        epoch_ = epoch;
        send_.reset();
        receive_ = {};
        timers_ = {};
        attempts_ = refusals_ = 0;
        owes_digest_ = is_deferral_sent_ = false;
        sketch_kind_ = {};
        request_.reset();
        partial_.reset();
    }
    /// A message of this epoch has arrived. Returns whether the peer has restarted.
    bool on_epoch(Epoch epoch, Time now) {
        if (epoch == epoch_ || !(Policy::checks_epochs || epoch_ == unknown_epoch)) return false;
        const bool has_restarted = epoch_ != unknown_epoch;
        if (has_restarted) {
            reset(is_neighbour_, epoch);
            // It sends requests by itself, to one neighbour first; but that may not be this one.
            schedule_request(now + ResyncScheduler::head_start);
        }
        epoch_ = epoch;
        return has_restarted;
    }
    /// The peer uses an old epoch of this replica: any message corrects it.
    void on_foreign_epoch(Time now) { timers_.set(Timer::ack, now); }
    /// It is not known what this replica has of the peer. A request is due.
    void become_unknown(Time now) {
        receive_.become_unknown();
        schedule_request(now);
        attempts_ = 0;
    }
    /// It is not known what the peer has.
    void become_probing() { send_.become_probing(); }
    /// The log was truncated behind the peer's position.
    void fall_behind() {
        send_.become_probing();
        unschedule_request();
        attempts_ = 0;
    }
    void schedule_request(Time due) { timers_.set(Timer::request, due); }
    void unschedule_request() { timers_.clear(Timer::request); }
    /// Sends a request to a member that is no neighbour, and requests its digest, too.
    void begin_repair(Time now) {
        schedule_request(now);
        attempts_ = 1;
    }
    void expedite(Duration pause) { send_.expedite(pause); }

    // ---- what was received

    /// The peer has sent `delta`.
    void on_received(const L& delta, const Replica& replica) {
        send_.on_received(delta, replica.log);
    }
    /// A part of the peer's changes was refused, and so is missing from the digest: all that is
    /// missing is requested after a retry limit, then after twice as long, and so on.
    void on_refused(const Options& options, Time now) {
        if (!is_neighbour_ || timers_.is_set(Timer::refused)) return;
        timers_.set(Timer::refused,
                    now + options.retry_limit * (1U << (std::min)(refusals_, most_doublings)));
        ++refusals_;
    }
    /// Changes with a position were joined.
    void on_changes(const Message<L>& message, Replica& replica, ResyncScheduler& scheduler,
                    Time now) {
        const Interval<L>& changes = *message.changes;
        const bool is_opening = changes.first == 0;
        if (Policy::checks_gaps && !is_opening && !receive_.continues_at(changes.first)) {
            ++replica.metrics.gaps;
            if (receive_.is_lost_by_gap()) become_unknown(now);
            return;
        }
        if (message.more)
            scheduler.hold(now + transfer_timeout(replica.options));
        else if (receive_.is_transferring())
            scheduler.hold(Time{});
        receive_.advance(changes.last, is_opening, message.more);
        attempts_ = 0;
        const bool is_awaited = is_opening || message.more;
        timers_.set_by(Timer::ack, is_awaited ? now : now + replica.options.ack_delay);
        if (!message.more && !timers_.is_set(Timer::refused)) refusals_ = 0;
    }
    /// Returns whether the peer's position has changed.
    bool on_ack(Sequence ack, Replica& replica, Time now) {
        if (send_.is_probing()) return false;
        const bool was_in_flight = send_.in_flight();
        const Time sent_at = send_.sent_at();
        if (!send_.on_ack(ack, replica.log)) return false;
        Duration& longest = replica.metrics.longest_ack_lag;
        if (was_in_flight && now > sent_at) longest = (std::max)(longest, now - sent_at);
        return true;
    }
    /// Takes the requests of a message, after its changes were joined.
    void on_requests(const Message<L>& message, const Options& options, ResyncScheduler& scheduler,
                     Time now) {
        if (message.digest) on_request({message.digest, {}}, now);
        if (message.sketch && !message.whole) on_request({{}, message.sketch}, now);
        if (message.changes && message.whole)
            on_full_state(message, now);
        else if (message.changes && message.changes->first == 0)
            partial_.reset();  // the full state that it began to send is not continued
        if (message.wants_digest)
            on_digest_request(/*may_wait=*/message.more, now);
        else if (message.more && !message.changes)
            on_deferral(options, scheduler, now);
    }

    // ---- what is sent

    /// Is there an epoch to correct, or an ack? Then even an empty message is sent.
    bool owes_message() const { return timers_.is_set(Timer::ack); }
    /// A message with all that is due.
    Message<L> compose(Replica& replica, ResyncScheduler& scheduler, Time now) {
        Message<L> message;
        message.from_epoch = replica.epoch;
        message.to_epoch = epoch_;
        message.generation = replica.generation;
        put_ack(replica, message);
        request_refused(replica.options, now);
        if (request_ && !is_deferral_sent_ && Strategy::is_large(replica.state)) {
            is_deferral_sent_ = message.more = true;
            return message;
        }
        if (request_)
            put_answer(replica, message, now);
        else if (!send_.is_probing())
            put_pending(replica, message, now);
        if (is_neighbour_)
            put_request(replica, scheduler, message, now);
        else
            put_repair_request(replica, message, now);
        label(replica, message);
        replica.metrics.template on_sent<Policy>(message);
        return message;
    }

  private:
    /// How long the next piece may take.
    Duration transfer_timeout(const Options& options) const {
        return receive_.is_slow() ? slow_timeout * options.retry_limit : options.retry_limit;
    }
    /// When a request is due: to a neighbour as long as there is need, to others once.
    std::optional<Time> request_deadline(const ResyncScheduler& scheduler) const {
        const auto due = timers_[Timer::request];
        if (!due || (is_neighbour_ && !needs_request())) return std::nullopt;
        return receive_.position() ? *due : (std::max)(*due, scheduler.hold_until());
    }
    /// How long the peer is not sent another request.
    Duration request_pause(Replica& replica, bool is_large) const {
        if (!is_large) return replica.retry_delay(attempts_);
        const bool is_busy = !send_.is_probing() && !send_.is_confirmed();
        return (is_busy ? slow_timeout : large_timeout) * replica.options.retry_limit;
    }

    void on_request(SyncRequest<L> request, Time now) {
        request_ = std::move(request);
        if (request_->sketch) sketch_kind_ = request_->sketch->kind();
        timers_.set(Timer::answer, now);
    }
    /// The full state of the peer is a request for what it lacks, once it has arrived.
    void on_full_state(const Message<L>& message, Time now) {
        if (message.changes->first == 0) partial_ = PartialState<L>{{}, message.sketch};
        if (!partial_) return;
        partial_->state.merge(message.changes->delta);
        if (message.more) return;
        on_request({digest(partial_->state), partial_->sketch}, now);
        partial_.reset();
    }
    /// The peer requests a digest. If it may wait, a request that is under way is enough.
    void on_digest_request(bool may_wait, Time now) {
        owes_digest_ = true;
        if (!may_wait || !is_requesting()) become_unknown(now);
    }
    /// The peer prepares a large answer.
    void on_deferral(const Options& options, ResyncScheduler& scheduler, Time now) {
        receive_.become_transferring();
        scheduler.hold(now + transfer_timeout(options));
    }

    void request_refused(const Options& options, Time now) {
        if (!timers_.is_due(Timer::refused, now)) return;
        if (receive_.is_transferring())
            return timers_.set(Timer::refused, now + options.retry_limit);
        timers_.clear(Timer::refused);
        become_unknown(now);
    }

    void put_ack(Replica& replica, Message<L>& message) {
        if (timers_.is_set(Timer::ack)) message.ack = receive_.position();
        timers_.clear(Timer::ack);
        if constexpr (Strategy::has_fingerprint) {
            // Not of a large state: it takes as long as an answer.
            if (message.ack && !receive_.is_transferring() && receive_.take_fingerprint_due() &&
                !Strategy::is_large(replica.state))
                message.fingerprint = Strategy::fingerprint(replica.state, replica.random.next());
        }
    }
    /// All that the peer lacks by its request. The request may be old, and the answer may be lost:
    /// a known position stays, and a new one counts only once it is acknowledged.
    void put_answer(Replica& replica, Message<L>& message, Time now) {
        ++replica.metrics.answers_sent;
        if (!send_.is_probing() && !send_.is_confirmed())
            message.changes = send_.opening();
        else
            put_new_answer(replica, message, now);
        message.more = send_.has_more();
        request_.reset();
        timers_.clear(Timer::answer);
        is_deferral_sent_ = false;
    }
    void put_new_answer(Replica& replica, Message<L>& message, Time now) {
        const bool is_exact = request_->digest.has_value();
        auto pieces = split<Policy>(Strategy::answer(replica.state, *request_),
                                    replica.options.message_limit);
        if (!is_neighbour_) {
            message.changes = {std::move(pieces.front()), 0, 0};
        } else if (is_exact && send_.state() == decltype(send_)::State::replicating &&
                   pieces.size() == 1) {
            replica.log.seal();
            message.changes = {std::move(pieces.front()), 0, replica.log.end()};
        } else {
            begin_transfer(is_exact ? TransferKind::difference : TransferKind::bucket_difference,
                           std::move(pieces), replica, now);
            schedule_request(now + request_pause(replica, Strategy::is_large(replica.state)));
            message.changes = send_.opening();
        }
    }
    void begin_transfer(TransferKind kind, std::vector<L> pieces, Replica& replica, Time now) {
        const Sequence first = replica.log.reserve(pieces.size());
        send_.begin_transfer(kind, std::move(pieces), first, now);
    }
    void put_pending(Replica& replica, Message<L>& message, Time now) {
        const auto due = send_.deadline(replica.log, replica.options.interval);
        if (!(due && *due <= now) && !send_.has_fresh(replica.log)) return;
        const bool is_again = send_.is_overdue(now);
        const Duration timeout = replica.retry_delay(send_.timeouts() + (is_again ? 1 : 0));
        message.changes = send_.next(replica.log, now, timeout);
        replica.metrics.retransmissions += is_again && message.changes;
        message.more = message.changes && send_.has_more();
    }

    /// Requests what is not known of a neighbour.
    void put_request(Replica& replica, ResyncScheduler& scheduler, Message<L>& message, Time now) {
        const auto due = request_deadline(scheduler);
        // The first request travels in any message. Later ones wait for the answer.
        if (!due || (*due > now && (attempts_ > 0 || receive_.position()))) return;
        // Changes that are sent now are acknowledged, or leave a gap: both show what the peer has.
        const bool is_unknown = !message.changes && !send_.is_confirmed();
        const bool is_large = Strategy::is_large(replica.state);
        schedule_request(now + request_pause(replica, is_large));
        ++attempts_;
        // A digest can be large: a peer that does not answer is asked for its own first. So is
        // every peer if this digest is large: one that has just started has a small one.
        const bool is_too_large = is_unknown && !owes_digest_ && is_large;
        const bool is_probe = is_unknown && (attempts_ > silent_after || is_too_large);
        if (is_probe) send_.expire_transfer(2 * replica.options.retry_limit, now);
        // A peer that is sent the full state answers with what that lacks.
        if (message.changes && send_.kind() != TransferKind::difference) return;
        if (is_unknown && !is_probe && can_send_full_state(replica))
            return put_full_state(replica, message, now);
        message.wants_digest = is_unknown;
        message.more |= is_too_large;
        if (receive_.position() || is_probe) return;
        Strategy::put(replica.state, replica.options, replica.random.next(), message);
        owes_digest_ = false;
        // Large states are compared with one peer after the other. A peer that does not answer at
        // once keeps nobody waiting.
        if (attempts_ == 1 && is_large)
            scheduler.extend_hold(now + large_timeout * replica.options.retry_limit);
    }
    /// Is the full state what an unknown peer is sent? It is where a digest is no smaller: the peer
    /// then has the state, and answers with what it lacks.
    bool can_send_full_state(const Replica& replica) const {
        if (!send_.is_probing()) return send_.kind() != TransferKind::difference;
        return Strategy::digest_is_lossless && Strategy::is_small(replica.state);
    }
    void put_full_state(Replica& replica, Message<L>& message, Time now) {
        if (send_.is_probing())
            begin_transfer(TransferKind::full_state,
                           split<Policy>(replica.state, replica.options.message_limit), replica,
                           now);
        message.changes = send_.opening();
        message.more = send_.has_more();
    }
    /// A member that is no neighbour is sent one request. If this replica began, it requests a
    /// digest, too.
    void put_repair_request(Replica& replica, Message<L>& message, Time now) {
        if (!timers_.is_due(Timer::request, now)) return;
        Strategy::put(replica.state, replica.options, replica.random.next(), message);
        message.wants_digest = std::exchange(attempts_, 0) != 0;
        unschedule_request();
    }

    /// Marks pieces that are more than what the peer lacks.
    void label(const Replica& replica, Message<L>& message) const {
        if (!message.changes || send_.kind() == TransferKind::difference) return;
        message.whole = true;
        if (send_.kind() == TransferKind::bucket_difference && message.changes->first == 0)
            Strategy::put_sketch(replica.state, sketch_kind_, message);
    }
};

}  // namespace crdt::replication

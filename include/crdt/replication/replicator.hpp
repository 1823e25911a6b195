// SPDX-License-Identifier: MIT
//! Replicator: synchronises one lattice with its peers. It does no I/O and reads no clock.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <crdt/detail/failure.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/accept.hpp>
#include <crdt/replication/delta_log.hpp>
#include <crdt/replication/link.hpp>
#include <crdt/replication/link_status.hpp>
#include <crdt/replication/links.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/metrics.hpp>
#include <crdt/replication/options.hpp>
#include <crdt/replication/outgoing.hpp>
#include <crdt/replication/policy.hpp>
#include <crdt/replication/reception.hpp>
#include <crdt/replication/replica_data.hpp>
#include <crdt/replication/time.hpp>

namespace crdt::replication {

/// One replica's end of delta-interval anti-entropy, which makes the states of all replicas equal.
///
/// Each replica appends its own changes to a log. It also appends whatever is new in a received
/// change (redundancy removal, RR). Each of two neighbours first determines what the other has.
/// Then both send the changes of their logs:
///
///     A                                             B
///     |---- digest, state or sketch of A ---------->|   A requests what it lacks
///     |<--- difference, piece by piece -------------|   B answers, and requests in turn
///     |---- ack of each piece --------------------->|   B now has A's position in B's log
///     |<=== changes of both logs, each acked ======>|   without what the receiver has sent (BP)
///
/// Changes that are not acknowledged in time are sent again. Received changes that begin after a
/// gap are joined, but not acknowledged. After three gaps in a row, or if the log was truncated
/// past the peer's position, the two neighbours resynchronise. Every message names the epochs of
/// both replicas. A replica that has lost its log begins a new epoch, so an ack for the lost log
/// never counts for the new log. When everything is acknowledged, nothing is sent. The state
/// machines of a link are in send_progress.hpp and receive_progress.hpp, the requests and answers
/// in resync_*.hpp. See docs/internals/replication.md.
///
/// A replica sends its changes to its neighbours (see overlay.hpp). It passes a received change on
/// if some neighbour does not receive the change from its source (see relay_scheduler.hpp). While a
/// neighbour is silent, the replica resynchronises now and then with a random member that is not a
/// neighbour. So changes reach all members that some path connects.
///
/// Accept (see accept.hpp) may refuse single ranges of a peer's change. A refused range is neither
/// joined nor passed on. It is requested again after Options::retry_limit, then after 2, 4 and so
/// on up to 64 times as long. An ack means that changes were examined, not that all were joined.
/// Own changes are not passed to Accept.
///
/// Use     update() for own changes, on_message() for messages, on_tick() at next_deadline().
///         Deliver the messages of on_tick(). They may be lost, repeated, delayed or reordered
/// Cost    on_message: that of absorb. After an ack, also that of joining the changes in the log
///         that no peer needs separately any more. on_tick: that of joining the pending deltas
/// Source  Almeida, Shoker, Baquero: Delta state replicated data types (JPDC 2018), algorithm 2;
///         Enes, Almeida, Baquero, Leitão: Efficient synchronization of state-based CRDTs (ICDE
///         2019), BP and RR
template <DecomposableLattice L, Key PeerId = std::string, class Policy = replication::Policy,
          AcceptPredicate<L, PeerId> Accept = AcceptAll>
class Replicator {
    using Link = replication::Link<L, PeerId, Policy>;

    ReplicaData<L, PeerId, Policy> replica_;
    Links<L, PeerId, Policy> links_;
    Admission<L, PeerId, Accept> admission_;
    bool running_ = false;

  public:
    /// A message and its receiver.
    using Outgoing = replication::Outgoing<L, PeerId>;

    /// Makes a replica with a bottom state and no peers. It sends nothing before start(). `epoch`
    /// is a number that no earlier run of this replica used, such as a random number. Throws
    /// std::invalid_argument if `epoch` is 0.
    explicit Replicator(Epoch epoch, const Options& options = {}, Accept accept = Accept())
        : replica_(epoch, options), admission_(std::move(accept)) {
        if (epoch == unknown_epoch)
            crdt::detail::throw_or_abort<std::invalid_argument>(
                "Replicator: expected an epoch that was never used, found 0");
        set_interval(options.interval);
    }

    const L& state() const { return replica_.state; }  ///< the state; a change invalidates it
    const Metrics& metrics() const { return replica_.metrics; }  ///< the counts since construction
    /// The deltas that some peer may still lack.
    const DeltaLog<L, PeerId, Policy>& log() const { return replica_.log; }
    /// The received changes that are held back; see relay_scheduler.hpp.
    const Relays<L, PeerId>& relays() const { return links_.relays(); }
    /// Returns everything that is kept for the member `id`, or null if `id` is not a member.
    const Link* link(const PeerId& id) const { return links_.find(id); }
    /// Returns the state of each link, in the order of the members' ids. O(members · log entries).
    std::vector<LinkStatus<PeerId>> links() const { return links_.status(replica_.log); }
    Epoch epoch() const { return replica_.epoch; }                 ///< the epoch of this run
    Generation generation() const { return replica_.generation; }  ///< the generation of the state
    /// The last refusal, with the sender and the reason, or nothing if no change was refused.
    const std::optional<Refusal<PeerId>>& last_refusal() const { return admission_.last_refusal(); }
    /// Calls `mutate(state)`, which changes the state and returns the delta of the change. Appends
    /// the delta to the log and returns it. Throws what `mutate` throws; the replica is then
    /// unchanged. If there is no memory for the log, the peers are resynchronised.
    template <class Mutate>
    L update(Mutate&& mutate) {
        L delta = mutate(replica_.state);
        if (!crdt::detail::attempt([&] { links_.append(delta, std::nullopt, replica_); }))
            links_.fall_back(replica_);
        return delta;
    }
    /// Joins `delta`, which does not come from a peer but, for example, from a store. Returns what
    /// was new in `delta`.
    L merge_local(const L& delta) {
        crdt::detail::OnFailure falling_back([this]() noexcept { links_.fall_back(replica_); });
        L novel = replica_.state.absorb(delta);
        links_.append(novel, std::nullopt, replica_);
        falling_back.dismiss();
        return novel;
    }

    /// Joins `state`, which was loaded from a store. If the replica's state is bottom, `state` is
    /// moved instead of copied. Call it before set_peers().
    void resume(L state) {
        if (replica_.state.is_bottom())
            replica_.state = std::move(state);
        else
            merge_local(state);
    }

    /// Sets the members, without this replica. All members are neighbours.
    void set_peers(const std::vector<PeerId>& members, Time now) {
        set_peers(members, members, now);
    }
    /// Sets the members, without this replica, and the neighbours among them. If A is a neighbour
    /// of B, B must be a neighbour of A. Members that stay keep their positions. For departed
    /// members nothing is kept. Ignores duplicates, and neighbours that are not members.
    void set_peers(const std::vector<PeerId>& members, const std::vector<PeerId>& neighbours,
                   Time now) {
        links_.set_members(members, neighbours, replica_, now);
    }
    /// Call this when the connection to a member is open again. The next on_tick() then sends again
    /// what may have been lost. A new member counts as connected until disconnected().
    void connected(const PeerId& id, Time now) {
        Link* link = links_.find(id);
        if (link != nullptr && !link->is_connected()) link->become_connected(now);
    }
    /// Call this when the connection to a member is closed. Until connected(), no messages to the
    /// member are made. The changes that the member still needs are kept, as for a silent peer.
    void disconnected(const PeerId& id) {
        if (Link* link = links_.find(id)) link->become_disconnected();
    }

    /// Begins to send. The first messages to different neighbours are sent at different times.
    void start(Time now) {
        running_ = true;
        for (auto& [id, link] : links_) link.unschedule_request();
        links_.schedule(replica_, now);
    }
    /// Stops sending, and drops everything that was kept for the peers. So the peers are
    /// resynchronised after the next start(). Changes that arrive are still joined.
    void stop() {
        running_ = false;
        links_.stop(replica_);
    }
    bool running() const { return running_; }  ///< Is it between start() and stop()?

    /// Returns the least time between two messages with changes to one peer.
    Duration interval() const { return replica_.options.interval; }
    /// Sets the interval. A value below one millisecond counts as one millisecond.
    void set_interval(Duration interval) {
        replica_.options.interval = (std::max<Duration>)(interval, std::chrono::milliseconds{1});
    }
    /// Sets the interval, and the delays of acks and retries.
    void set_pace(Duration interval, Duration ack_delay, Duration retry_limit) {
        set_interval(interval);
        replica_.options.ack_delay = ack_delay;
        replica_.options.retry_limit = retry_limit;
    }
    /// Makes the next changes to each peer wait at most `pause` after the previous changes.
    void expedite(Duration pause) { links_.expedite(pause); }
    /// Appends relays() to the log. A peer that then acknowledges the end of the log has everything
    /// that this replica has now. If there is no memory, the peers are resynchronised.
    void pass_on_relays() {
        if (!crdt::detail::attempt([&] { links_.pass_on_all(replica_); }))
            links_.fall_back(replica_);
    }
    /// Makes an ack to the neighbour `id` due at `now`, without the ack delay.
    void acknowledge(const PeerId& id, Time now) {
        Link* link = links_.find(id);
        if (link != nullptr && link->is_neighbour()) link->on_ack_request(now);
    }

    /// Processes a message of the member `from`. Returns what was new, which a durable replica must
    /// store. If memory runs out, throws std::bad_alloc, and the peers are resynchronised. The
    /// state may then have grown, so a durable replica must store all of it before it sends more.
    L on_message(const PeerId& from, const Message<L>& message, Time now) {
        crdt::detail::OnFailure falling_back([this]() noexcept { links_.fall_back(replica_); });
        L novel = Reception<L, PeerId, Policy, Accept>{replica_, links_, admission_, now}.receive(
            from, message);
        falling_back.dismiss();
        return novel;
    }

    /// Declares that the state, for example one from a store, is of this generation.
    void resume_generation(Generation generation) { replica_.generation = generation; }
    /// Calls change(state), which need not be a join, and begins a new epoch. From then on,
    /// messages of another generation are ignored. Log positions continue to increase. So an ack of
    /// the new state is also an ack of all old positions. If `change` throws, nothing else happens.
    void begin_generation(Generation generation, std::invocable<L&> auto&& change, Time now) {
        change(replica_.state);
        replica_.generation = generation;
        replica_.epoch =
            Epoch{hash_combine(static_cast<std::uint64_t>(replica_.epoch), generation) | 1U};
        replica_.log.clear();
        links_.reset(replica_, now);
    }

    /// Returns all messages that are due at `now`. Throws std::bad_alloc as on_message() does.
    std::vector<Outgoing> on_tick(Time now) {
        std::vector<Outgoing> outgoing;
        if (!running_) return outgoing;
        crdt::detail::OnFailure falling_back([this]() noexcept { links_.fall_back(replica_); });
        const bool has_composed = links_.compose_due(replica_, now, outgoing);
        replica_.metrics.messages_sent += outgoing.size();
        if (has_composed) {
            links_.compact(replica_);
            if constexpr (Policy::bounds_log) links_.truncate(replica_, now);
        }
        falling_back.dismiss();
        return outgoing;
    }

    /// Is a peer sending a large portion of its state, or about to do so?
    bool is_catching_up(Time now) const { return now < links_.scheduler().resync_hold_until(); }
    /// Has a neighbour answered a request of this epoch with everything that it had?
    bool is_answered() const { return links_.is_any_answered(); }
    /// Returns when on_tick() is due, or nothing if all is sent and acknowledged, and nothing held.
    std::optional<Time> next_deadline() const {
        return running_ ? links_.deadline(replica_) : std::nullopt;
    }
};

}  // namespace crdt::replication

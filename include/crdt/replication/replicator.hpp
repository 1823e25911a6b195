// SPDX-License-Identifier: MIT
//! Replicator: keeps one lattice in step with its peers. It does no I/O and reads no clock.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <crdt/detail/failure.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>
#include <crdt/replication/accept.hpp>
#include <crdt/replication/delta_log.hpp>
#include <crdt/replication/link.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/metrics.hpp>
#include <crdt/replication/options.hpp>
#include <crdt/replication/policy.hpp>
#include <crdt/replication/replica_data.hpp>
#include <crdt/replication/resync.hpp>
#include <crdt/replication/resync_scheduler.hpp>
#include <crdt/replication/time.hpp>
#include <crdt/replication/timers.hpp>

namespace crdt::replication {

/// A replica's end of delta-interval anti-entropy.
///
/// Each local change, and each new part of a received change (RR), is appended to a log. Each
/// neighbour receives the log from its position on, without the changes that it sent itself (BP,
/// and no echo). A replica without a gap-free view of a neighbour's log sends its digest. This
/// happens at the first contact, after a restart, and when the log was truncated. The neighbour
/// answers with the exact difference, in fragments if it is large. A replica that lacks a position
/// of a neighbour requests the neighbour's digest. Every message names the epochs of both ends, so
/// an ack never counts for another epoch. When all is acknowledged, nothing is sent.
///
/// An answer to a digest has positions of its own. The neighbour counts as caught up only when it
/// has acknowledged the first, so no earlier ack can be mistaken for that one.
///
/// Neighbours (of an overlay, see overlay.hpp) receive the pending deltas. The other members serve
/// for repair: while a neighbour sends nothing, the replica resynchronises with a random other
/// member now and then. So no part of the overlay is cut off while there is another path.
///
/// Accept (see accept.hpp) may refuse a change of a peer. Then it examines each range of the
/// change: refused ranges are left out, the rest is joined and passed on. An ack covers what was
/// examined, so later changes follow as usual; it does not mean that a refused range was joined.
/// The digest that is sent to the neighbour after one retry limit lacks the refused ranges, so they
/// are sent and examined again; then after two, four, and up to 64 retry limits. Until they are
/// accepted, both replicas exchange three messages in each such interval and is_answered() is
/// false. update(), merge_local() and begin_generation() do not call Accept.
///
/// Use     feed it with update(), on_message() and, at next_deadline(), on_tick(); deliver what
///         on_tick() returns. Delivery may lose, repeat, delay and reorder messages.
/// Cost    on_message: that of absorb, and of joining what an ack lets the log join; on_tick: that
///         of joining the pending deltas
/// Source  Almeida, Shoker, Baquero: Delta state replicated data types (JPDC 2018), algorithm 2;
///         Enes, Almeida, Baquero, Leitão: Efficient synchronization of state-based CRDTs (ICDE
///         2019), BP and RR
template <DecomposableLattice L, Key PeerId = std::string, class Policy = replication::Policy,
          AcceptPredicate<L, PeerId> Accept = AcceptAll>
class Replicator {
    using Link = replication::Link<L, PeerId, Policy>;
    using Log = DeltaLog<L, PeerId, Policy>;
    using Strategy = ResyncStrategy<L, Policy>;

    ReplicaData<L, PeerId, Policy> replica_;
    std::map<PeerId, Link> links_;
    ResyncScheduler scheduler_;
    Admission<L, PeerId, Accept> admission_;
    bool running_ = false;

  public:
    /// A message and its receiver.
    struct Outgoing {
        /// The receiver.
        PeerId to;
        /// The message.
        Message<L> message;
    };

    /// Starts with a bottom state and no peers, and sends nothing before start(). `epoch` is a
    /// number that no earlier run of this replica used: random, or counted on disk. Throws
    /// std::invalid_argument if it is 0.
    explicit Replicator(Epoch epoch, const Options& options = {}, Accept accept = Accept())
        : replica_(epoch, options), admission_(std::move(accept)) {
        if (epoch == unknown_epoch)
            crdt::detail::throw_or_abort<std::invalid_argument>(
                "Replicator: expected an epoch that was never used, found 0");
        set_interval(options.interval);
    }

    /// The state. Invalidated by every change.
    const L& state() const { return replica_.state; }
    /// The counters since construction.
    const Metrics& metrics() const { return replica_.metrics; }
    /// The deltas that some peer may still lack.
    const Log& log() const { return replica_.log; }
    /// All that is kept for a member, for inspection; null if it is not a member.
    const Link* link(const PeerId& id) const {
        const auto found = links_.find(id);
        return found == links_.end() ? nullptr : &found->second;
    }
    /// The epoch of this run.
    Epoch epoch() const { return replica_.epoch; }
    /// Where the last refused part came from and why it was refused; none if none was.
    const std::optional<Refusal<PeerId>>& last_refusal() const { return admission_.last_refusal(); }
    /// How often slots were pruned.
    Generation generation() const { return replica_.generation; }

    /// Runs a delta-mutator of the state, appends its delta to the log and returns it. Throws what
    /// `mutate` throws, and is then unchanged. If there is no memory for the log, the peers are
    /// resynchronised.
    template <class Mutate>
    L update(Mutate&& mutate) {
        L delta = mutate(replica_.state);
        if (!crdt::detail::attempt([&] { append_to_log(delta, std::nullopt); })) fall_back();
        return delta;
    }
    /// Joins a change that does not come from a peer, such as one from a store. Returns what was
    /// new.
    L merge_local(const L& delta) {
        crdt::detail::OnFailure falling_back([this]() noexcept { fall_back(); });
        L novel = replica_.state.absorb(delta);
        append_to_log(novel, std::nullopt);
        falling_back.dismiss();
        return novel;
    }

    /// Sets the members, without this replica. All are neighbours.
    void set_peers(const std::vector<PeerId>& members, Time now) {
        set_peers(members, members, now);
    }
    /// Sets the members, without this replica, and the neighbours among them. The relation must be
    /// mutual. Members that stay keep their positions; for departed members nothing is kept.
    /// Duplicates, and neighbours that are not members, are ignored.
    void set_peers(const std::vector<PeerId>& members, const std::vector<PeerId>& neighbours,
                   Time now) {
        const std::set<PeerId> present(members.begin(), members.end());
        const std::set<PeerId> adjacent(neighbours.begin(), neighbours.end());
        for (const PeerId& id : present) links_.try_emplace(id, id);
        std::erase_if(links_, [&](const auto& entry) { return !present.contains(entry.first); });
        for (auto& [id, link] : links_) {
            if (adjacent.contains(id) != link.is_neighbour())
                link.reset(!link.is_neighbour(), link.epoch());
        }
        scheduler_.schedule(links_, replica_.random, now);
        compact_log();
    }

    /// Begins to send, to each neighbour at a moment of its own.
    void start(Time now) {
        running_ = true;
        for (auto& [id, link] : links_) link.unschedule_request();
        scheduler_.schedule(links_, replica_.random, now);
    }
    /// Sends nothing from now on, and keeps nothing for the peers: they are resynchronised by
    /// digest after the next start(). What arrives is still joined.
    void stop() {
        running_ = false;
        for (auto& [id, link] : links_) link.become_probing();
        compact_log();
    }
    /// Between start() and stop()?
    bool running() const { return running_; }

    /// The least time between two messages to one peer.
    Duration interval() const { return replica_.options.interval; }
    /// Sets it, to at least one millisecond.
    void set_interval(Duration interval) {
        replica_.options.interval = (std::max<Duration>)(interval, std::chrono::milliseconds{1});
    }
    /// Sets the interval, with acks and retries that suit it.
    void set_pace(Duration interval, Duration ack_delay, Duration retry_limit) {
        set_interval(interval);
        replica_.options.ack_delay = ack_delay;
        replica_.options.retry_limit = retry_limit;
    }
    /// Sends the pending deltas earlier, once: as soon as `pause` after the previous message. For a
    /// caller that waits for acks.
    void expedite(Duration pause) {
        for (auto& [id, link] : links_) link.expedite(pause);
    }

    /// Processes a received message. Returns what was new: a durable replica must store it. If
    /// memory runs out, throws std::bad_alloc. Then the state may have grown, a durable replica
    /// must store it whole before it sends more, and the peers are resynchronised.
    L on_message(const PeerId& from, const Message<L>& message, Time now) {
        crdt::detail::OnFailure falling_back([this]() noexcept { fall_back(); });
        L novel = receive(from, message, now);
        falling_back.dismiss();
        return novel;
    }

    /// Continues with a state that does not follow from the one before, in a new epoch. Messages of
    /// peers count again when they are of this generation, too.
    void begin_generation(Generation generation, L state, Time now) {
        replica_.generation = generation;
        replica_.state = std::move(state);
        replica_.epoch =
            Epoch{hash_combine(static_cast<std::uint64_t>(replica_.epoch), generation) | 1U};
        replica_.log = Log(replica_.options.message_limit);
        for (auto& [id, link] : links_) link.reset(link.is_neighbour(), link.epoch());
        scheduler_.schedule(links_, replica_.random, now);
    }

    /// All messages that are due. If memory runs out, throws std::bad_alloc; the peers are
    /// resynchronised.
    std::vector<Outgoing> on_tick(Time now) {
        std::vector<Outgoing> outgoing;
        if (!running_) return outgoing;
        crdt::detail::OnFailure falling_back([this]() noexcept { fall_back(); });
        repair_if_due(now);
        bool has_composed = false;
        for (auto& [id, link] : links_) {
            const auto due = link.deadline(replica_, scheduler_);
            if (!due || *due > now) continue;
            has_composed = true;
            const bool is_owed = link.owes_message();
            Message<L> message = link.compose(replica_, scheduler_, now);
            if (is_owed || has_content(message)) outgoing.push_back({id, std::move(message)});
        }
        replica_.metrics.messages_sent += outgoing.size();
        if (has_composed) {
            compact_log();
            if constexpr (Policy::bounds_log) truncate_log(now);
        }
        falling_back.dismiss();
        return outgoing;
    }

    /// Is a peer sending, or about to send, a large part of its state?
    bool is_catching_up(Time now) const { return now < scheduler_.hold_until(); }
    /// Has a neighbour answered this epoch in full? Then this replica has all that the neighbour
    /// had when it answered.
    bool is_answered() const {
        return std::any_of(links_.begin(), links_.end(),
                           [](const auto& entry) { return entry.second.is_answered(); });
    }
    /// When on_tick() has something to do; none if everything is sent and acknowledged.
    std::optional<Time> next_deadline() const {
        if (!running_) return std::nullopt;
        std::optional<Time> next = scheduler_.repair_deadline(links_, replica_.options);
        for (const auto& [id, link] : links_)
            next = earlier(next, link.deadline(replica_, scheduler_));
        return next;
    }

  private:
    /// Memory ran out in the middle of a change, so the positions of the peers are not known any
    /// more: both directions are resynchronised.
    void fall_back() noexcept {
        replica_.log.clear();
        for (auto& [id, link] : links_) {
            link.become_probing();
            if (link.is_neighbour()) link.become_unknown(Time{});
        }
    }

    L receive(const PeerId& from, const Message<L>& message, Time now) {
        Metrics& metrics = replica_.metrics;
        const auto found = links_.find(from);
        if (found == links_.end() || !is_well_formed(message)) return ++metrics.rejected, L{};
        ++metrics.messages_received;
        if (message.generation != replica_.generation) return ++metrics.other_generations, L{};
        Link& link = found->second;
        if (link.on_epoch(message.from_epoch, now)) ++metrics.epoch_changes;
        const bool is_for_this_epoch = message.to_epoch == replica_.epoch || !Policy::checks_epochs;
        if (!is_for_this_epoch && message.to_epoch != unknown_epoch) {
            ++metrics.foreign_epochs;
            link.on_foreign_epoch(now);
        }
        L novel;
        if (message.changes) {
            if (crdt::detail::in_conflict(replica_.state, message.changes->delta))
                ++metrics.conflicts;
            else
                novel = join(from, link, message, is_for_this_epoch, now);
        }
        if (message.ack && is_for_this_epoch && link.on_ack(*message.ack, replica_, now))
            compact_log();
        if (message.fingerprint) compare(*message.fingerprint);
        link.on_requests(message, replica_.options, scheduler_, now);
        return novel;
    }
    /// Could a correct replica have sent this?
    bool is_well_formed(const Message<L>& message) const {
        if (message.from_epoch == unknown_epoch) return false;
        if (message.changes && message.changes->first > message.changes->last) return false;
        if (message.sketch && !Strategy::uses_sketches) return false;
        if (!message.ack) return true;
        return *message.ack != 0 &&
               (message.to_epoch != replica_.epoch || *message.ack <= replica_.log.end());
    }
    L join(const PeerId& from, Link& link, const Message<L>& message, bool is_for_this_epoch,
           Time now) {
        const L& delta = message.changes->delta;
        Metrics& metrics = replica_.metrics;
        const std::uint64_t refused = metrics.refused;
        std::optional<L> accepted;
        L novel = admission_.absorb(replica_.state, delta, from, accepted, metrics.refused);
        if (metrics.refused != refused) link.on_refused(replica_.options, now);
        const L& joined = accepted ? *accepted : delta;
        append_to_log(Policy::removes_redundancy || novel.is_bottom() ? novel : joined, from);
        link.on_received(delta, replica_);
        // What brings this replica up to date is passed on at once, before others request it.
        if (!novel.is_bottom() &&
            (message.changes->first == 0 || link.receiving().is_transferring()))
            expedite_others(link);
        metrics.on_received(delta, joined, novel);
        // A full state is the same for every epoch of this replica.
        if ((is_for_this_epoch || message.whole) && link.is_neighbour() &&
            message.changes->last != 0)
            link.on_changes(message, replica_, scheduler_, now);
        return novel;
    }
    void expedite_others(const Link& source) {
        for (auto& [id, link] : links_) {
            if (&link != &source) link.expedite(Duration::zero());
        }
    }
    void compare(const Fingerprint& theirs) {
        if constexpr (Strategy::has_fingerprint) {
            const Fingerprint own = Strategy::fingerprint(replica_.state, theirs.key);
            replica_.metrics.divergences +=
                own.digest == theirs.digest && own.state != theirs.state;
        }
    }

    static bool has_content(const Message<L>& message) {
        return message.ack || message.changes || message.digest || message.sketch ||
               message.wants_digest || message.more;
    }

    void append_to_log(const L& delta, const std::optional<PeerId>& origin) {
        if (delta.is_bottom()) return;
        // A peer whose position is not known will be resynchronised: it needs no log.
        const bool is_needed = std::any_of(links_.begin(), links_.end(), [](const auto& entry) {
            return !entry.second.sending().is_probing();
        });
        if (is_needed) replica_.log.append(delta, origin);
    }
    void compact_log() {
        std::vector<typename Log::Cursor> cursors;
        for (const auto& [id, link] : links_) {
            if (link.sending().is_probing()) continue;
            for (auto& cursor : link.sending().cursors()) cursors.push_back(std::move(cursor));
        }
        replica_.log.compact(cursors);
    }
    /// Keeps the log within its limit. A peer that is left behind is resynchronised.
    void truncate_log(Time now) {
        if (!replica_.log.truncate(replica_.options.log_limit)) return;
        ++replica_.metrics.truncations;
        for (auto& [id, link] : links_) {
            const auto& sending = link.sending();
            if (!sending.is_probing() && sending.position() < replica_.log.begin())
                link.fall_behind();
        }
        scheduler_.schedule(links_, replica_.random, now);
    }
    void repair_if_due(Time now) {
        const auto due = scheduler_.repair_deadline(links_, replica_.options);
        if (!due || *due > now) return;
        scheduler_.repair(links_, replica_.random, replica_.options, now);
        ++replica_.metrics.repairs;
    }
};

}  // namespace crdt::replication

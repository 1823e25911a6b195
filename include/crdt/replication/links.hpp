// SPDX-License-Identifier: MIT
//! Links: the links to all members. They determine which changes stay in the log.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/delta_log.hpp>
#include <crdt/replication/link.hpp>
#include <crdt/replication/link_status.hpp>
#include <crdt/replication/outgoing.hpp>
#include <crdt/replication/relay_scheduler.hpp>
#include <crdt/replication/replica_data.hpp>
#include <crdt/replication/resync_scheduler.hpp>
#include <crdt/replication/time.hpp>
#include <crdt/replication/timers.hpp>

namespace crdt::replication {

/// Contains one link for each member, and keeps in the log the changes that some link needs.
/// append() adds changes to the log. compact() and truncate() drop changes.
template <DecomposableLattice L, class PeerId, class Policy>
class Links {
    using Link = replication::Link<L, PeerId, Policy>;
    using Replica = ReplicaData<L, PeerId, Policy>;
    using Table = std::map<PeerId, Link>;
    using Cursors = std::vector<typename DeltaLog<L, PeerId, Policy>::Cursor>;

    Table links_;
    RelayScheduler<L, PeerId, Policy> relays_;
    ResyncScheduler scheduler_;

  public:
    typename Table::iterator begin() { return links_.begin(); }
    typename Table::iterator end() { return links_.end(); }
    typename Table::const_iterator begin() const { return links_.begin(); }
    typename Table::const_iterator end() const { return links_.end(); }
    /// Returns the link to the member `id`, or null if `id` is not a member.
    Link* find(const PeerId& id) {
        const auto found = links_.find(id);
        return found == links_.end() ? nullptr : &found->second;
    }
    const Link* find(const PeerId& id) const {
        const auto found = links_.find(id);
        return found == links_.end() ? nullptr : &found->second;
    }
    ResyncScheduler& scheduler() { return scheduler_; }
    const ResyncScheduler& scheduler() const { return scheduler_; }
    /// The received changes that are not passed on yet.
    const Relays<L, PeerId>& relays() const { return relays_.relays(); }

    /// Returns the state of each link, in the order of the members' ids.
    std::vector<LinkStatus<PeerId>> status(const DeltaLog<L, PeerId, Policy>& log) const {
        std::vector<LinkStatus<PeerId>> all;
        for (const auto& [id, link] : links_) {
            const auto& sending = link.sending();
            const InFlight& in_flight = sending.unacknowledged();
            all.push_back({id, link.is_neighbour(), link.is_connected(), link.is_silent(),
                           sending.state(), link.receiving().state(), in_flight.count(),
                           sending.cost_held(log), in_flight.since(), link.traffic()});
        }
        return all;
    }
    bool is_any_answered() const {
        return std::any_of(links_.begin(), links_.end(),
                           [](const auto& entry) { return entry.second.is_answered(); });
    }
    /// Returns when the next message or repair is due.
    std::optional<Time> deadline(const Replica& replica) const {
        std::optional<Time> next =
            earlier(relays().deadline(), scheduler_.repair_deadline(links_, replica.options));
        for (const auto& [id, link] : links_)
            next = earlier(next, link.deadline(replica, scheduler_));
        return next;
    }

    /// Replaces the members and the neighbours among them. The link to a member that stays keeps
    /// its data. But if the member becomes a neighbour or ceases to be one, its link is reset.
    void set_members(const std::vector<PeerId>& members, const std::vector<PeerId>& neighbours,
                     Replica& replica, Time now) {
        pass_on_all(replica);
        const std::set<PeerId> present(members.begin(), members.end());
        const std::set<PeerId> adjacent(neighbours.begin(), neighbours.end());
        for (const PeerId& id : present) links_.try_emplace(id, id);
        std::erase_if(links_, [&](const auto& entry) { return !present.contains(entry.first); });
        for (auto& [id, link] : links_) {
            if (adjacent.contains(id) != link.is_neighbour())
                link.reset(!link.is_neighbour(), link.epoch());
        }
        relays_.set_neighbours(links_);
        schedule(replica, now);
        compact(replica);
    }
    /// Schedules a request on each link that needs a request and has none scheduled.
    void schedule(Replica& replica, Time now) { scheduler_.schedule(links_, replica.random, now); }
    /// Resets every link, and schedules the requests.
    void reset(Replica& replica, Time now) {
        relays_.clear();
        for (auto& [id, link] : links_) link.reset(link.is_neighbour(), link.epoch());
        schedule(replica, now);
    }
    /// Appends all messages that are due to `outgoing`. Returns true iff something was due on a
    /// link.
    bool compose_due(Replica& replica, Time now, std::vector<Outgoing<L, PeerId>>& outgoing) {
        repair_if_due(replica, now);
        pass_on(replica, now);
        bool has_composed = false;
        for (auto& [id, link] : links_) {
            link.note_waiting(replica, now);
            const auto due = link.deadline(replica, scheduler_);
            if (!due || *due > now) continue;
            has_composed = true;
            auto message = link.compose(replica, scheduler_, now);
            if (!message) continue;
            if (Policy::holds_relays && link.is_neighbour())
                relays_.announce(links_, id, link, *message);
            outgoing.push_back({id, std::move(*message)});
        }
        return has_composed;
    }
    /// Makes the next changes to each peer wait at most `pause`. Leaves out the link `except`, if
    /// it is not null.
    void expedite(Duration pause, const Link* except = nullptr) {
        for (auto& [id, link] : links_) {
            if (&link != except) link.expedite(pause);
        }
    }
    /// Memory ran out in the middle of a change, so the positions of the peers are not known any
    /// more. Drops the log. Both directions of each link will be resynchronised.
    void fall_back(Replica& replica) noexcept {
        replica.log.clear();
        relays_.clear();
        for (auto& [id, link] : links_) {
            link.become_probing();
            if (link.is_neighbour()) link.become_unknown(Time{});
        }
    }

    /// Appends a change to the log. Does nothing if all peers will be resynchronised anyway.
    void append(const L& delta, const std::optional<PeerId>& origin, Replica& replica) {
        if (delta.is_bottom()) return;
        const bool is_needed = std::any_of(links_.begin(), links_.end(), [](const auto& entry) {
            return !entry.second.sending().is_probing();
        });
        if (!is_needed) return;
        replica.log.append(delta, origin);
        if (replica.log.unsealed_cost() > replica.options.eager_cost) expedite(Duration::zero());
        if constexpr (Policy::bounds_log) bound_unsent(replica);
    }
    /// Appends `delta` to the log, or holds it back; see RelayScheduler. `delta` is what was new in
    /// the changes of `message`, and costs at most `cost`.
    void append_received(L delta, const PeerId& origin, std::size_t cost, const Message<L>& message,
                         Replica& replica, Time now) {
        if (!relays_.may_hold(links_, origin, message.from_epoch, *message.changes))
            return append(delta, origin, replica);
        relays_.hold(std::move(delta), origin, cost, message, replica, now);
        if (relays().cost() > replica.options.message_limit) pass_on_all(replica);
    }
    /// The peer of `link` has announced the positions `followed` in the logs of others.
    void on_followed(Link& link, const LogPositions& followed, Replica& replica) {
        replica.metrics.relays_spared += relays_.on_followed(links_, link, followed);
    }
    /// Appends to the log all changes that are held back.
    void pass_on_all(Replica& replica) {
        pass_on(replica, (Time::max)());
        relays_.clear();  // also the empty queues of members that have left
    }
    /// Drops all changes that wait to be sent or passed on.
    void stop(Replica& replica) {
        for (auto& [id, link] : links_) link.become_probing();
        relays_.clear();
        compact(replica);
    }
    /// Drops the changes that no link needs. Joins the changes that no link needs separately.
    void compact(Replica& replica) {
        if (replica.log.size() == 0) return;
        Cursors cursors;
        cursors.reserve(2 * links_.size());
        for (const auto& [id, link] : links_)
            if (!link.sending().is_probing()) link.sending().append_to(cursors);
        replica.log.compact(cursors);
    }
    /// Keeps the log within its limit by dropping the oldest changes. Peers that still need a
    /// dropped change are resynchronised.
    void truncate(Replica& replica, Time now) {
        if (!truncate(replica)) return;
        for_each_behind(replica, [](Link& link) { link.fall_behind(); });
        schedule(replica, now);
    }

  private:
    /// Appends to the log the changes that are held back and due at `now`.
    void pass_on(Replica& replica, Time now) {
        relays_.release(links_, replica, now, [&](const L& delta, const PeerId& origin) {
            append(delta, origin, replica);
        });
    }
    /// If a repair is due, schedules a request to a random member that is not a neighbour.
    void repair_if_due(Replica& replica, Time now) {
        const auto due = scheduler_.repair_deadline(links_, replica.options);
        if (!due || *due > now) return;
        scheduler_.repair(links_, replica.random, replica.options, now);
        ++replica.metrics.repairs;
    }
    /// Keeps the changes that wait only for closed connections within the limit of the log. These
    /// changes are not sealed, because nothing is sent to the peers. truncate() drops only sealed
    /// changes, so the changes are sealed here.
    void bound_unsent(Replica& replica) {
        const auto exceeds_limit = [&] {
            return replica.log.unsealed_cost() > replica.options.log_limit;
        };
        if (!exceeds_limit() || is_pending_for_connected(replica)) return;
        compact(replica);
        if (!exceeds_limit()) return;
        replica.log.seal();
        if (truncate(replica)) for_each_behind(replica, [](Link& link) { link.become_probing(); });
    }
    bool is_pending_for_connected(const Replica& replica) const {
        Cursors cursors;
        for (const auto& [id, link] : links_)
            if (link.is_connected() && !link.sending().is_probing())
                link.sending().append_to(cursors);
        return std::any_of(cursors.begin(), cursors.end(), [&](const auto& cursor) {
            return replica.log.has_pending(cursor.position, cursor.peer);
        });
    }
    static bool truncate(Replica& replica) {
        const bool is_truncated = replica.log.truncate(replica.options.log_limit);
        if (is_truncated) ++replica.metrics.truncations;
        return is_truncated;
    }
    /// Calls visit(link) for each peer that still needs a dropped change.
    template <class Visit>
    void for_each_behind(const Replica& replica, Visit&& visit) {
        for (auto& [id, link] : links_) {
            const auto& sending = link.sending();
            if (!sending.is_probing() && sending.position() < replica.log.begin()) visit(link);
        }
    }
};

}  // namespace crdt::replication

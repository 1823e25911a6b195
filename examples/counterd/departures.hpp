// SPDX-License-Identifier: MIT
//! Departures: decides which replicas have departed, so that their slots can be pruned.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <crdt/nats/members.hpp>
#include <crdt/replication/time.hpp>

#include "counters.hpp"

namespace counterd {

/// Decides which incarnations have departed. The incarnations of this node and of the members are
/// active. An inactive incarnation has departed for one of three reasons:
///
///     superseded  if its node has returned with another incarnation, after `settling`
///     silent      if no heartbeat has named it for `forget_after`, unless that is 0
///     dismissed   if an operator has declared it
///
/// This class has no clock and sends nothing.
class Departures {
    using Time = crdt::replication::Time;
    using Duration = crdt::replication::Duration;
    using Ids = std::set<ReplicaId>;

    Duration forget_after_;
    /// The last incarnation of each node that was a member.
    std::map<std::string, ReplicaId> last_;
    /// The inactive incarnations that have written something, each with the time when it became
    /// inactive.
    std::map<ReplicaId, Time> inactive_since_;
    Ids superseded_, dismissed_, active_;

  public:
    /// All messages of a process that has ended arrive within this time.
    static constexpr Duration settling = crdt::nats::Member::down_after;
    /// At most this many nodes are recorded. The incarnations of other nodes are never superseded,
    /// only silent.
    static constexpr std::size_t max_nodes = 4096;

    explicit Departures(Duration forget_after) : forget_after_(forget_after) {}

    /// Records that `node` is a member with this incarnation. Call it for each incarnation, also
    /// for one that is already replaced by the next: it may have written something.
    void enter(const std::string& node, ReplicaId incarnation) {
        const auto last = last_.find(node);
        if (last == last_.end()) {
            if (last_.size() < max_nodes) last_.emplace(node, incarnation);
        } else if (last->second != incarnation) {
            superseded_.insert(last->second);
            last->second = incarnation;
        }
    }
    /// Records the members and `own`, the incarnations of this node. Returns true iff the set of
    /// active incarnations has changed.
    bool set_active(const std::map<std::string, crdt::nats::Member>& members, const Ids& own) {
        Ids active = own;
        for (const auto& [node, member] : members) {
            active.insert(member.incarnation);
            superseded_.erase(member.incarnation);
            dismissed_.erase(member.incarnation);
        }
        if (active == active_) return false;
        active_ = std::move(active);
        return true;
    }
    /// Records an earlier incarnation of this node.
    void supersede(ReplicaId id) { superseded_.insert(id); }
    /// Records which replicas have written something.
    void set_writers(const Ids& writers, Time now) {
        std::erase_if(inactive_since_, [&](const auto& entry) {
            return !writers.contains(entry.first) || active_.contains(entry.first);
        });
        for (const ReplicaId id : writers)
            if (!active_.contains(id)) inactive_since_.try_emplace(id, now);
        const auto is_over = [&](ReplicaId id) {
            return !writers.contains(id) && !active_.contains(id);
        };
        std::erase_if(superseded_, is_over);
        std::erase_if(dismissed_, is_over);
    }

    /// Returns the last incarnation of a node, if it is known.
    std::optional<ReplicaId> last_of(const std::string& node) const {
        const auto last = last_.find(node);
        return last == last_.end() ? std::nullopt : std::optional(last->second);
    }
    bool is_active(ReplicaId id) const { return active_.contains(id); }
    bool is_inactive_writer(ReplicaId id) const { return inactive_since_.contains(id); }
    /// Declares that an inactive writer has departed. Call it when an operator or another member
    /// has declared this.
    void dismiss(ReplicaId id) { dismissed_.insert(id); }

    /// Returns the writers that have departed, in order.
    std::vector<ReplicaId> departed(Time now) const {
        std::vector<ReplicaId> ids;
        for (const auto& [id, since] : inactive_since_)
            if (const auto due = due_at(id, since); due && *due <= now) ids.push_back(id);
        return ids;
    }
    /// Returns when the next writer departs.
    std::optional<Time> next_deadline(Time now) const {
        std::optional<Time> next;
        for (const auto& [id, since] : inactive_since_)
            if (const auto due = due_at(id, since); due && *due > now)
                next = std::min(next.value_or(*due), *due);
        return next;
    }

  private:
    std::optional<Time> due_at(ReplicaId id, Time since) const {
        if (dismissed_.contains(id)) return since;
        if (superseded_.contains(id)) return since + settling;
        if (forget_after_ > Duration{}) return since + forget_after_;
        return std::nullopt;
    }
};

}  // namespace counterd

// SPDX-License-Identifier: MIT
//! Members: the other nodes of a cluster, according to their heartbeats.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <crdt/replication/options.hpp>

namespace crdt::nats {

/// Another node, according to its last heartbeat.
struct Member {
    /// In a small cluster, a member is down if no heartbeat has arrived for longer than this.
    static constexpr replication::Duration down_after = std::chrono::milliseconds{5000};

    std::uint64_t incarnation = 0;  ///< the id under which its replica writes
    replication::Time seen{};       ///< when its last heartbeat arrived
    /// If no heartbeat arrives for longer than this, the member is down.
    replication::Duration timeout = down_after;

    /// Is the member down at `now`?
    bool is_down(replication::Time now) const { return now > seen && now - seen > timeout; }
};

/// The other nodes of a cluster. A node is a member from its first heartbeat until it leaves, or
/// until no heartbeat has arrived for too long. Not thread-safe.
///
/// Every node receives the heartbeats of all other nodes. So in a cluster with more than
/// `most_per_second` other nodes, each node sends fewer heartbeats. A node then receives about
/// `most_per_second` heartbeats per second.
class Members {
    std::map<std::string, Member> members_;

    replication::Duration timeout() const {
        return (std::max)(Member::down_after, lost_heartbeats * interval());
    }

  public:
    /// The time between two heartbeats of a node in a small cluster.
    static constexpr replication::Duration shortest_interval = std::chrono::milliseconds{1000};
    /// The number of heartbeats that a node receives per second, at most.
    static constexpr std::size_t most_per_second = 8;
    /// A node is down at the earliest when this number of its heartbeats is missing.
    static constexpr int lost_heartbeats = 3;

    /// Returns the time between two heartbeats of a node in a cluster of this size.
    replication::Duration interval() const {
        const auto seconds = (members_.size() + most_per_second - 1) / most_per_second;
        return shortest_interval *
               static_cast<replication::Duration::rep>((std::max)(seconds, std::size_t{1}));
    }
    /// The maximal number of members. Heartbeats of further nodes are ignored.
    static constexpr std::size_t max_members = 1024;

    /// Does a member other than `node` have the incarnation `incarnation`? O(members).
    bool is_taken(std::uint64_t incarnation, const std::string& node) const {
        return std::any_of(members_.begin(), members_.end(), [&](const auto& member) {
            return member.second.incarnation == incarnation && member.first != node;
        });
    }
    /// Records a heartbeat of `node`, which arrived at `now`. Returns true if `node` is a new
    /// member. Precondition: no other member has the incarnation `incarnation`. O(log members).
    bool on_heartbeat(const std::string& node, std::uint64_t incarnation, replication::Time now) {
        if (members_.size() >= max_members && !members_.contains(node)) return false;
        const auto [entry, is_new] = members_.try_emplace(node);
        entry->second = {incarnation, now, timeout()};
        return is_new;
    }
    /// Removes `node`. Returns true if `node` was a member.
    bool remove(const std::string& node) { return members_.erase(node) != 0; }
    /// Removes each member that is down and from which no heartbeat has arrived for longer than
    /// `limit`. Returns true if it has removed any member. O(members).
    bool expire(replication::Duration limit, replication::Time now) {
        return std::erase_if(members_, [&](const auto& entry) {
                   const Member& member = entry.second;
                   return member.is_down(now) && now - member.seen > limit;
               }) != 0;
    }

    /// Returns the incarnation in the last heartbeat of `node`, or 0 if it is no member.
    std::uint64_t incarnation_of(const std::string& node) const {
        const auto found = members_.find(node);
        return found == members_.end() ? 0 : found->second.incarnation;
    }
    /// Returns the members by name.
    const std::map<std::string, Member>& all() const { return members_; }
    /// Returns the names of the members in ascending order. O(members).
    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& [name, member] : members_) names.push_back(name);
        return names;
    }
};

}  // namespace crdt::nats

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
    /// A member without a heartbeat for longer than this is down, in a small cluster.
    static constexpr replication::Duration down_after = std::chrono::milliseconds{5000};

    std::uint64_t incarnation = 0;  ///< the id under which its replica writes
    replication::Time seen{};       ///< when its last heartbeat arrived
    /// Without a heartbeat for longer than this, it is down.
    replication::Duration timeout = down_after;

    /// Returns whether it is down at `now`.
    bool is_down(replication::Time now) const { return now > seen && now - seen > timeout; }
};

/// The other nodes of a cluster. A node stops being a member when it leaves, or when its heartbeats
/// stop for too long. Not thread-safe.
///
/// Every node receives the heartbeats of all others. So in a cluster of more than `most_per_second`
/// other nodes, each sends fewer of them, and a node receives about that number per second.
class Members {
    std::map<std::string, Member> members_;

    replication::Duration timeout() const {
        return (std::max)(Member::down_after, lost_heartbeats * interval());
    }

  public:
    /// The time between two heartbeats of a node in a small cluster.
    static constexpr replication::Duration shortest_interval = std::chrono::milliseconds{1000};
    /// The heartbeats that a node receives per second, at most.
    static constexpr std::size_t most_per_second = 8;
    /// A node is not down before this many of its heartbeats are missing.
    static constexpr int lost_heartbeats = 3;

    /// The time between two heartbeats of a node.
    replication::Duration interval() const {
        const auto seconds = (members_.size() + most_per_second - 1) / most_per_second;
        return shortest_interval *
               static_cast<replication::Duration::rep>((std::max)(seconds, std::size_t{1}));
    }
    /// Heartbeats of further nodes are ignored.
    static constexpr std::size_t max_members = 1024;

    /// Returns whether a member other than `node` has this incarnation. O(members).
    bool is_taken(std::uint64_t incarnation, const std::string& node) const {
        return std::any_of(members_.begin(), members_.end(), [&](const auto& member) {
            return member.second.incarnation == incarnation && member.first != node;
        });
    }
    /// Records a heartbeat. Returns true iff the member is new. Precondition: no other member has
    /// this incarnation. O(log members).
    bool on_heartbeat(const std::string& node, std::uint64_t incarnation, replication::Time now) {
        if (members_.size() >= max_members && !members_.contains(node)) return false;
        const auto [entry, is_new] = members_.try_emplace(node);
        entry->second = {incarnation, now, timeout()};
        return is_new;
    }
    /// Removes a node that leaves. Returns true iff it was a member.
    bool remove(const std::string& node) { return members_.erase(node) != 0; }
    /// Removes all members without a heartbeat for longer than `limit`, unless they are not even
    /// down. Returns true iff there were any. O(members).
    bool expire(replication::Duration limit, replication::Time now) {
        return std::erase_if(members_, [&](const auto& entry) {
                   const Member& member = entry.second;
                   return member.is_down(now) && now - member.seen > limit;
               }) != 0;
    }

    /// The members by name.
    const std::map<std::string, Member>& all() const { return members_; }
    /// The names of the members, in order. O(members).
    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& [name, member] : members_) names.push_back(name);
        return names;
    }
};

}  // namespace crdt::nats

// SPDX-License-Identifier: MIT
//! Members: who is there, as far as their signs of life tell.
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

/// Another node, as it was last heard.
struct Member {
    std::uint64_t incarnation = 0;  ///< its replica's id
    replication::Time seen{};     ///< when

    /// A member that is silent for longer counts as down.
    static constexpr replication::Duration down_after = std::chrono::milliseconds{5000};
    /// Does it at this time?
    bool is_down(replication::Time now) const { return now > seen && now - seen > down_after; }
};

/// The other nodes of a cluster. Those that say goodbye, or are silent for too long, are gone.
class Members {
    std::map<std::string, Member> members_;

  public:
    /// More than these are not listened to.
    static constexpr std::size_t most = 1024;

    /// Is `incarnation` that of a member other than `node`?
    bool is_taken(std::uint64_t incarnation, const std::string& node) const {
        return std::any_of(members_.begin(), members_.end(), [&](const auto& member) {
            return member.second.incarnation == incarnation && member.first != node;
        });
    }
    /// Takes a sign of life. True if the member is new. Precondition: the incarnation is not taken.
    bool hear(const std::string& node, std::uint64_t incarnation, replication::Time now) {
        if (members_.size() >= most && !members_.contains(node)) return false;
        const auto [entry, is_new] = members_.try_emplace(node);
        entry->second = {incarnation, now};
        return is_new;
    }
    /// True if it was one.
    bool leave(const std::string& node) { return members_.erase(node) != 0; }
    /// Those that were not heard since `before` are gone. True if there were any.
    bool forget(replication::Time before) {
        return std::erase_if(members_,
                             [&](const auto& member) { return member.second.seen < before; }) != 0;
    }

    /// By their names.
    const std::map<std::string, Member>& all() const { return members_; }
    /// Their names, in order.
    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& [name, member] : members_) names.push_back(name);
        return names;
    }
};

}  // namespace crdt::nats

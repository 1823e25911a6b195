// SPDX-License-Identifier: MIT
//! Address: the names of a cluster and a node, and the subjects made of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/lattice/hash.hpp>
#include <crdt/nats/handle.hpp>

// The subjects of the cluster C:
//
//     crdt.C.peer.TO.FROM     messages of the engine
//     crdt.C.confirm.TO.FROM  FROM requests that TO acknowledges its messages at once
//     crdt.C.hello.NODE       heartbeats
//
// The subject alone identifies the sender. The server's permissions must allow a node to publish
// only to crdt.C.peer.*.NODE, crdt.C.confirm.*.NODE and crdt.C.hello.NODE of these subjects. Then a
// node cannot send in the name of another.

namespace crdt::nats {

/// Returns whether `text` is a valid name of a cluster or a node: 1 to 32 of [a-z0-9_-].
inline bool is_name(std::string_view text) {
    constexpr std::size_t max_size = 32;
    return !text.empty() && text.size() <= max_size &&
           std::all_of(text.begin(), text.end(), [](char letter) {
               return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
                      letter == '_' || letter == '-';
           });
}

/// The token of `subject` after the last dot.
inline std::string_view last_token(std::string_view subject) {
    return subject.substr(subject.rfind('.') + 1);
}

/// The address of a node. Each subject is a new string.
class Address {
    std::string cluster_, node_;

  public:
    /// Throws NatsError unless is_name() accepts both.
    Address(std::string cluster, std::string node)
        : cluster_(std::move(cluster)), node_(std::move(node)) {
        for (const std::string* name : {&cluster_, &node_}) {
            if (!is_name(*name))
                throw NatsError("invalid name '" + *name + "': expected 1 to 32 of a-z 0-9 _ -");
        }
    }

    /// The cluster's name.
    const std::string& cluster() const { return cluster_; }
    /// The node's name.
    const std::string& node() const { return node_; }
    /// A hash of the cluster's name, which frames contain.
    std::uint64_t cluster_id() const { return hash_value(std::string_view(cluster_)); }

    /// The prefix of all subjects of the cluster.
    std::string prefix() const { return "crdt." + cluster_ + "."; }
    /// The subject for messages from this node to `to`. `channel` is "peer" for those of the
    /// engine.
    std::string to_peer(const std::string& to, const std::string& channel = "peer") const {
        return prefix() + channel + "." + to + "." + node_;
    }
    /// The subject, with a wildcard, of messages from peers to this node.
    std::string from_peers(const std::string& channel = "peer") const {
        return prefix() + channel + "." + node_ + ".*";
    }
    /// The subject of this node's heartbeats.
    std::string own_heartbeat() const { return prefix() + "hello." + node_; }
    /// The subject, with a wildcard, of all heartbeats of the cluster.
    std::string all_heartbeats() const { return prefix() + "hello.*"; }
};

}  // namespace crdt::nats

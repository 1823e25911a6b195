// SPDX-License-Identifier: MIT
//! Address: the names of a cluster and of a node, and the subjects that contain these names.
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
//     crdt.C.confirm.TO.FROM  FROM requests an immediate ack of its messages from TO
//     crdt.C.hello.NODE       heartbeats
//
// Only the subject identifies the sender. So the permissions of the server must allow the node NODE
// to publish to only three subjects: crdt.C.peer.*.NODE, crdt.C.confirm.*.NODE and
// crdt.C.hello.NODE. With these permissions, a node cannot send in the name of another node.

namespace crdt::nats {

/// Is `text` a valid name of a cluster or of a node? A name has 1 to 32 characters of [a-z0-9_-].
inline bool is_name(std::string_view text) {
    constexpr std::size_t max_size = 32;
    return !text.empty() && text.size() <= max_size &&
           std::all_of(text.begin(), text.end(), [](char letter) {
               return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
                      letter == '_' || letter == '-';
           });
}

/// Returns the text after the last dot of `subject`.
inline std::string_view last_token(std::string_view subject) {
    return subject.substr(subject.rfind('.') + 1);
}

/// The address of a node. Each function for a subject returns a new string.
class Address {
    std::string cluster_, node_;

  public:
    /// Makes the address of `node` in `cluster`. Throws NatsError if one of them is not a valid
    /// name; see is_name().
    Address(std::string cluster, std::string node)
        : cluster_(std::move(cluster)), node_(std::move(node)) {
        for (const std::string* name : {&cluster_, &node_}) {
            if (!is_name(*name))
                throw NatsError("invalid name '" + *name + "': expected 1 to 32 of a-z 0-9 _ -");
        }
    }

    /// Returns the name of the cluster.
    const std::string& cluster() const { return cluster_; }
    /// Returns the name of the node.
    const std::string& node() const { return node_; }
    /// Returns a hash of the name of the cluster. Frames contain this hash.
    std::uint64_t cluster_id() const { return hash_value(std::string_view(cluster_)); }

    /// Returns the prefix of all subjects of the cluster.
    std::string prefix() const { return "crdt." + cluster_ + "."; }
    /// Returns the subject of messages from this node to the node `to`. The messages of the engine
    /// have the channel "peer".
    std::string to_peer(const std::string& to, const std::string& channel = "peer") const {
        return prefix() + channel + "." + to + "." + node_;
    }
    /// Returns the subject, with a wildcard, of messages from all peers to this node.
    std::string from_peers(const std::string& channel = "peer") const {
        return prefix() + channel + "." + node_ + ".*";
    }
    /// Returns the subject of the heartbeats of this node.
    std::string own_heartbeat() const { return prefix() + "hello." + node_; }
    /// Returns the subject, with a wildcard, of all heartbeats of the cluster.
    std::string all_heartbeats() const { return prefix() + "hello.*"; }
};

}  // namespace crdt::nats

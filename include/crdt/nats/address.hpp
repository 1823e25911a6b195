// SPDX-License-Identifier: MIT
//! Address: a node of a cluster, and the subjects that follow from its name.
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
//     crdt.C.hello.NODE       signs of life
//
// Who speaks is told by the subject alone. Permissions of the server keep a node from speaking as
// another: it may publish crdt.C.peer.*.NODE and crdt.C.hello.NODE, and no others of these.

namespace crdt::nats {

/// May a cluster, or a node, have this name? 1 to 32 of [a-z0-9_-].
inline bool is_name(std::string_view text) {
    constexpr std::size_t longest = 32;
    return !text.empty() && text.size() <= longest &&
           std::all_of(text.begin(), text.end(), [](char letter) {
               return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
                      letter == '_' || letter == '-';
           });
}

/// Behind the last dot.
inline std::string_view last_token(std::string_view subject) {
    return subject.substr(subject.rfind('.') + 1);
}

/// Who a node is.
class Address {
    std::string cluster_, node_;

  public:
    /// Throws Error unless both are names.
    Address(std::string cluster, std::string node)
        : cluster_(std::move(cluster)), node_(std::move(node)) {
        for (const std::string* name : {&cluster_, &node_}) {
            if (!is_name(*name)) throw Error("no name: '" + *name + "'; 1 to 32 of a-z 0-9 _ -");
        }
    }

    /// The cluster's name.
    const std::string& cluster() const { return cluster_; }
    /// The node's name.
    const std::string& node() const { return node_; }
    /// For frames; a hash of the cluster's name.
    std::uint64_t cluster_id() const { return hash_value(std::string_view(cluster_)); }

    /// What all subjects of the cluster begin with.
    std::string prefix() const { return "crdt." + cluster_ + "."; }
    /// What this node sends to `to`.
    std::string to_peer(const std::string& to) const {
        return prefix() + "peer." + to + "." + node_;
    }
    /// What this node is sent by peers.
    std::string from_peers() const { return prefix() + "peer." + node_ + ".*"; }
    /// Where this node gives signs of life.
    std::string own_hello() const { return prefix() + "hello." + node_; }
    /// Where all do.
    std::string all_hellos() const { return prefix() + "hello.*"; }
};

}  // namespace crdt::nats

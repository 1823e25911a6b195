// SPDX-License-Identifier: MIT
//! KV: a client of Maelstrom's key-value services (seq-kv, lin-kv).
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include <crdt/maelstrom/node.hpp>

namespace crdt::maelstrom {

/// Reads, writes and compares-and-swaps the keys of one service. An Answer that is an error with an
/// indefinite code (a time-out among them) leaves open whether the operation took place.
class KV {
    Node* node_;
    std::string service_;
    Duration timeout_;

    void call(nlohmann::json body, Node::Callback done) {
        node_->call(service_, std::move(body), timeout_, std::move(done));
    }

  public:
    /// `service` is seq-kv or one of its kin. `node` must outlive this.
    KV(Node& node, std::string service, Duration timeout = std::chrono::milliseconds{1000})
        : node_(&node), service_(std::move(service)), timeout_(timeout) {}

    /// The answer's body has the "value".
    void read(const std::string& key, Node::Callback done) {
        call({{"type", "read"}, {"key", key}}, std::move(done));
    }
    /// Sets the value, whatever it was.
    void write(const std::string& key, nlohmann::json value, Node::Callback done) {
        call({{"type", "write"}, {"key", key}, {"value", std::move(value)}}, std::move(done));
    }
    /// Writes `to` where `from` is, or where nothing is.
    void cas(const std::string& key, nlohmann::json from, nlohmann::json to, Node::Callback done) {
        call({{"type", "cas"},
              {"key", key},
              {"from", std::move(from)},
              {"to", std::move(to)},
              {"create_if_not_exists", true}},
             std::move(done));
    }
};

}  // namespace crdt::maelstrom

// SPDX-License-Identifier: MIT
//! KV: a client of Maelstrom's key-value services (seq-kv, lin-kv).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <crdt/codec/json/writer.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/maelstrom/node.hpp>

namespace crdt::maelstrom {

/// Reads, writes and compare-and-swaps the keys of one service. Each function sends a request, and
/// `done` receives the answer or the error. After an error with an indefinite code, such as a
/// timeout, the service may or may not have carried out the operation.
class KV {
    Node* node_;
    std::string service_;
    Duration timeout_;

    template <class WriteFields>
    void call(std::string_view type, const std::string& key, WriteFields&& write_fields,
              PendingCalls::Callback done) {
        node_->call(
            service_, type,
            [&](json::Writer& body) {
                body.member("key").string(key);
                write_fields(body);
            },
            timeout_, std::move(done));
    }

  public:
    /// Makes a client of `service`, such as seq-kv. Each call waits at most `timeout` for its
    /// answer. `node` must outlive this object.
    KV(Node& node, std::string service, Duration timeout = std::chrono::milliseconds{1000})
        : node_(&node), service_(std::move(service)), timeout_(timeout) {}

    /// Reads the value of `key`. The body of the answer has the member "value".
    void read(const std::string& key, PendingCalls::Callback done) {
        call(
            "read", key, [](json::Writer&) {}, std::move(done));
    }
    /// Sets the value of `key` to `value`, whatever the old value was.
    template <Serializable T>
    void write(const std::string& key, const T& value, PendingCalls::Callback done) {
        call(
            "write", key, [&](json::Writer& body) { serialize(body.member("value"), value); },
            std::move(done));
    }
    /// If `key` has no value, or its value is `from`, sets the value to `to`. Otherwise the answer
    /// is an error. If `from` is empty and `key` has a value, the answer is an error, too.
    template <Serializable T>
    void cas(const std::string& key, const std::type_identity_t<std::optional<T>>& from,
             const T& to, PendingCalls::Callback done) {
        call(
            "cas", key,
            [&](json::Writer& body) {
                body.member("create_if_not_exists").boolean(true);
                auto old = body.member("from");
                old.option(from.has_value());
                if (from) serialize(old, *from);
                serialize(body.member("to"), to);
            },
            std::move(done));
    }
};

}  // namespace crdt::maelstrom

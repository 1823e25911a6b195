// SPDX-License-Identifier: MIT
//! HeldMessages: the messages that are published while there is no connection.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/nats/connection_settings.hpp>
#include <crdt/nats/handle.hpp>

namespace crdt::nats::detail {

/// Publishes `bytes` on `subject`. If `reply` is not empty, it is the subject on which a reply is
/// expected.
inline natsStatus publish(natsConnection* connection, const std::string& subject,
                          const std::string& reply, std::string_view bytes) {
    const auto size = static_cast<int>(bytes.size());
    return reply.empty() ? natsConnection_Publish(connection, subject.c_str(), bytes.data(), size)
                         : natsConnection_PublishRequest(connection, subject.c_str(), reply.c_str(),
                                                         bytes.data(), size);
}

/// Messages in the order of their publication. Together they have at most max_bytes.
class HeldMessages {
    struct Message {
        std::string subject, reply, bytes;
    };
    std::vector<Message> messages_;
    std::size_t bytes_ = 0;

  public:
    /// The maximal size of all subjects and payloads together, in bytes.
    static constexpr std::size_t max_bytes = reconnect_buffer;

    /// Stores a message. If there is no room for it, returns false.
    bool hold(const std::string& subject, const std::string& reply, std::string_view bytes) {
        const std::size_t size = subject.size() + reply.size() + bytes.size();
        if (size > max_bytes - bytes_) return false;
        messages_.push_back({subject, reply, std::string(bytes)});
        bytes_ += size;
        return true;
    }
    /// Publishes all messages on `connection`, and removes them. Returns the number of messages
    /// that could not be published.
    std::size_t publish_all(natsConnection* connection) {
        std::size_t failed = 0;
        for (const auto& [subject, reply, bytes] : std::exchange(messages_, {}))
            failed += publish(connection, subject, reply, bytes) == NATS_OK ? 0U : 1U;
        bytes_ = 0;
        return failed;
    }
};

}  // namespace crdt::nats::detail

// SPDX-License-Identifier: MIT
//! Outgoing: the messages that are published and not yet written to the socket.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/nats/connection_settings.hpp>
#include <crdt/nats/handle.hpp>
#include <crdt/nats/held_messages.hpp>

namespace crdt::nats::detail {

/// Limits the messages that wait to be written. If the owner polls, it also holds the messages that
/// are published during an outage, and those that the owner collects.
class Outgoing {
    bool owner_polls_, is_over_ = false;
    /// The size of the messages that the C library has and that are not written.
    std::size_t unwritten_ = 0;
    HeldMessages outage_{};
    std::optional<HeldMessages> collected_{};

  public:
    /// The maximal number of bytes that wait to be written, if the owner polls. It is also the
    /// limit of the messages that are collected.
    static constexpr std::size_t max_unwritten = std::size_t{1} << 26U;

    explicit Outgoing(bool owner_polls) : owner_polls_(owner_polls) {}

    /// Makes publish() collect messages until they are taken.
    void collect() {
        if (!collected_) collected_.emplace();
    }
    /// Moves the collected messages to `empty`. The next ones are collected, too.
    void take_collected(HeldMessages& empty) {
        if (collected_) std::swap(*collected_, empty);
    }
    std::size_t size_of_collected() const { return collected_ ? collected_->size_in_bytes() : 0; }

    /// Publishes or collects a message. If `reply` is not empty, it is the subject on which a reply
    /// is expected. `connection` is null during an outage.
    natsStatus publish(natsConnection* connection, const std::string& subject,
                       const std::string& reply, std::string_view bytes) {
        if (!collected_) return publish_now(connection, subject, reply, bytes);
        return status_of(collected_->hold(subject, reply, bytes, max_unwritten));
    }
    /// Publishes a message, even if messages are collected.
    natsStatus publish_now(natsConnection* connection, const std::string& subject,
                           const std::string& reply, std::string_view bytes) {
        if (owner_polls_ && connection != nullptr && bytes.size() > max_unwritten - unwritten_)
            return NATS_INSUFFICIENT_BUFFER;
        const natsStatus status = connection == nullptr
                                      ? NATS_CONNECTION_CLOSED
                                      : pass_on(connection, subject, reply, bytes);
        if (status == NATS_OK && owner_polls_) unwritten_ += bytes.size();
        if (status != NATS_CONNECTION_CLOSED || !owner_polls_ || is_over_) return status;
        return status_of(outage_.hold(subject, reply, bytes, reconnect_buffer));
    }
    /// Call this when everything is written, or when the connection is lost.
    void on_empty() { unwritten_ = 0; }
    /// Call this when no server accepts the client any more. Then nothing is held for the outage.
    void give_up() { is_over_ = true; }
    /// Publishes the messages of the outage. Returns how many could not be published.
    std::size_t end_outage(natsConnection* connection) {
        std::size_t failed = 0;
        outage_.publish_all([&](const auto& subject, const auto& reply, const auto& bytes) {
            failed += pass_on(connection, subject, reply, bytes) == NATS_OK ? 0U : 1U;
        });
        return failed;
    }

  private:
    static natsStatus status_of(bool has_room) {
        return has_room ? NATS_OK : NATS_INSUFFICIENT_BUFFER;
    }
    static natsStatus pass_on(natsConnection* connection, const std::string& subject,
                              const std::string& reply, std::string_view bytes) {
        const auto size = static_cast<int>(bytes.size());
        return reply.empty()
                   ? natsConnection_Publish(connection, subject.c_str(), bytes.data(), size)
                   : natsConnection_PublishRequest(connection, subject.c_str(), reply.c_str(),
                                                   bytes.data(), size);
    }
};

}  // namespace crdt::nats::detail

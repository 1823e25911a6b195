// SPDX-License-Identifier: MIT
//! Membership: sends heartbeats and receives those of the other nodes.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/expected.hpp>
#include <crdt/codec/frame.hpp>
#include <crdt/nats/address.hpp>
#include <crdt/nats/connection.hpp>
#include <crdt/nats/gossip_options.hpp>
#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/members.hpp>
#include <crdt/nats/message.hpp>
#include <crdt/nats/subscription.hpp>
#include <crdt/replication/incarnation.hpp>
#include <crdt/replication/options.hpp>
#include <crdt/system/clock.hpp>
#include <crdt/system/log_level.hpp>

namespace crdt::nats {

namespace detail {

/// Returns the value in a frame of the cluster, or the error.
template <class T>
Expected<T> decode_frame(std::string_view bytes, std::uint64_t cluster_id) {
    const auto payload = frame::decode(bytes, cluster_id);
    if (!payload) return payload.error();
    return binary::try_decode_value<T>(*payload);
}

/// Counts a malformed message, and logs one in a thousand.
inline void drop(const NatsMessage& message, const std::string& why, GossipMetrics& metrics,
                 const Connection::Log& log) {
    if (metrics.malformed++ % 1000 == 0)
        log(system::LogLevel::warning, std::string(message.subject()) + ": dropped: " + why +
                                           " (number " + std::to_string(metrics.malformed) + ")");
}

}  // namespace detail

/// The membership of one node. A heartbeat is a frame with the incarnation of its sender. The
/// incarnation 0 means that the sender leaves. Each node sends a heartbeat once per second. It also
/// sends one at once after the first heartbeat of a new member, and after a reconnection.
///
/// Threads  one thread, that of Mailbox::deliver()
/// Errors   the constructor throws NatsError if the connection is closed
class Membership {
    using Time = replication::Time;
    using Duration = replication::Duration;

    Connection* connection_;
    Address self_;
    const replication::Incarnation* incarnation_;
    Duration expire_after_;
    Connection::Log log_;
    std::function<void(Time)> on_change_;
    GossipMetrics* metrics_;
    Members members_;
    Time heartbeat_at_{};
    std::uint64_t reconnects_ = 0;
    bool has_reincarnated_ = false;
    Subscription heartbeats_;

  public:
    /// The time between two heartbeats.
    static constexpr Duration interval = std::chrono::milliseconds{1000};

    /// Calls on_change(now) when the set of members has changed. `connection`, `mailbox`,
    /// `incarnation` and `metrics` must outlive this object.
    Membership(Connection& connection, Mailbox& mailbox, Address self,
               const replication::Incarnation& incarnation, Duration expire_after,
               Connection::Log log, GossipMetrics& metrics, std::function<void(Time)> on_change)
        : connection_(&connection),
          self_(std::move(self)),
          incarnation_(&incarnation),
          expire_after_(expire_after),
          log_(std::move(log)),
          on_change_(std::move(on_change)),
          metrics_(&metrics),
          heartbeats_(connection, mailbox, self_.all_heartbeats(),
                      [this](const NatsMessage& message) { on_heartbeat(message); }) {}
    Membership(const Membership&) = delete;
    Membership& operator=(const Membership&) = delete;

    /// The other nodes.
    const Members& members() const { return members_; }
    /// The number of heartbeats that a full mailbox has dropped.
    std::uint64_t dropped() const { return heartbeats_.dropped(); }

    /// When tick() is due.
    Time next_deadline() const { return heartbeat_at_; }
    /// Sends a heartbeat and removes expired members, if tick() is due or the connection is new.
    void tick(Time now) {
        if (now < heartbeat_at_ && connection_->reconnects() == reconnects_) return;
        reconnects_ = connection_->reconnects();
        send(incarnation_->lasting());
        heartbeat_at_ = now + interval;
        if (now.time_since_epoch() > expire_after_ && members_.expire(now - expire_after_))
            on_change_(now);
    }
    /// Removes a member, as if it had left.
    void remove(const std::string& node, Time now) {
        if (members_.remove(node)) on_change_(now);
    }
    /// Makes the next tick() announce the new incarnation.
    void on_reincarnation() {
        has_reincarnated_ = true;
        heartbeat_at_ = {};
    }
    /// Announces that this node leaves. Members remove it.
    void leave() { send(0); }

  private:
    void send(std::uint64_t incarnation) {
        connection_->publish(self_.own_heartbeat(),
                             frame::encode(binary::encode_value(incarnation), self_.cluster_id()));
    }

    void drop(const NatsMessage& message, const std::string& why) {
        detail::drop(message, why, *metrics_, log_);
    }
    void on_heartbeat(const NatsMessage& message) {
        const std::string from(last_token(message.subject()));
        const auto incarnation =
            detail::decode_frame<std::uint64_t>(message.data(), self_.cluster_id());
        if (!incarnation) return drop(message, incarnation.error().to_string());
        if (!is_name(from)) return drop(message, "the subject ends in no valid node name");
        if (from == self_.node()) return on_own_heartbeat(*incarnation);
        if (is_own(*incarnation) || members_.is_taken(*incarnation, from))
            return reject(from, *incarnation);
        const Time now = system::monotonic_now();
        const bool changed = *incarnation == 0 ? members_.remove(from)
                                               : members_.on_heartbeat(from, *incarnation, now);
        if (!changed) return;
        on_change_(now);
        // The next tick() sends a heartbeat at once, for the new member.
        if (*incarnation != 0) heartbeat_at_ = now;
    }
    /// A node also receives its own heartbeats. After a reincarnation, those with the previous
    /// incarnation may still arrive.
    void on_own_heartbeat(std::uint64_t incarnation) {
        if (incarnation == incarnation_->lasting() || incarnation == 0 || has_reincarnated_) return;
        if (metrics_->duplicate_nodes++ == 0)
            log_(system::LogLevel::error, "another node has the name " + self_.node());
    }
    bool is_own(std::uint64_t incarnation) const {
        return incarnation == incarnation_->current() || incarnation == incarnation_->lasting();
    }
    /// Rejects a heartbeat with the incarnation of another node. Otherwise peers could not
    /// distinguish the writes of the two nodes. A BoundedCounter's rights that were transferred to
    /// one node could be used by both.
    void reject(const std::string& node, std::uint64_t incarnation) {
        if (metrics_->duplicate_incarnations++ % 1000 == 0)
            log_(system::LogLevel::error,
                 "heartbeat of " + node + " rejected: its incarnation " +
                     std::to_string(incarnation) +
                     " is that of another node. Is its file a copy? (number " +
                     std::to_string(metrics_->duplicate_incarnations) + ")");
    }
};

}  // namespace crdt::nats

// SPDX-License-Identifier: MIT
//! Membership: sends heartbeats, and receives the heartbeats of the other nodes.
#pragma once

#include <algorithm>
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

/// Returns the T in the frame `bytes`. If `bytes` is not a valid frame of the cluster, or the frame
/// contains no valid T, returns the error.
template <class T>
Expected<T> decode_frame(std::string_view bytes, std::uint64_t cluster_id) {
    const auto payload = frame::decode(bytes, cluster_id);
    if (!payload) return payload.error();
    return binary::try_decode_value<T>(*payload);
}

/// Counts a malformed message. Logs every thousandth one, beginning with the first.
inline void drop_malformed(const NatsMessage& message, const std::string& why,
                           GossipMetrics& metrics, const Connection::Log& log) {
    if (metrics.malformed++ % 1000 == 0)
        log(system::LogLevel::warning, std::string(message.subject()) + ": dropped: " + why +
                                           " (number " + std::to_string(metrics.malformed) + ")");
}

/// The heartbeats of one node, and the members according to the heartbeats of the other nodes. A
/// heartbeat is a frame with the incarnation of its sender. The incarnation 0 means that the sender
/// leaves. A heartbeat with a reply subject requests a heartbeat of every node. A node makes such a
/// request at its start and after a reconnection. A node sends a heartbeat after each
/// Members::interval(), after the first heartbeat of a new member, and on request.
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
    std::function<void(const std::string&, std::uint64_t)> on_incarnation_;
    GossipMetrics* metrics_;
    Members members_;
    Time heartbeat_at_{}, sent_at_{};
    std::uint64_t reconnects_ = 0;
    bool requests_others_ = true;
    bool has_reincarnated_ = false;
    Subscription heartbeats_;

  public:
    /// The shortest time between two heartbeats that are sent on request.
    static constexpr Duration shortest_pause = std::chrono::milliseconds{100};

    /// Subscribes to the heartbeats of the cluster of `self`. Calls on_change(now) when the set of
    /// members has changed, and on_incarnation(node, its incarnation) for each heartbeat that makes
    /// a node a member or changes its incarnation. `connection`, `mailbox`, `incarnation` and
    /// `metrics` must outlive this object.
    Membership(Connection& connection, Mailbox& mailbox, Address self,
               const replication::Incarnation& incarnation, Duration expire_after,
               Connection::Log log, GossipMetrics& metrics, std::function<void(Time)> on_change,
               std::function<void(const std::string&, std::uint64_t)> on_incarnation)
        : connection_(&connection),
          self_(std::move(self)),
          incarnation_(&incarnation),
          expire_after_(expire_after),
          log_(std::move(log)),
          on_change_(std::move(on_change)),
          on_incarnation_(std::move(on_incarnation)),
          metrics_(&metrics),
          heartbeats_(connection, mailbox, self_.all_heartbeats(),
                      [this](const NatsMessage& message) { on_heartbeat(message); }) {}
    Membership(const Membership&) = delete;
    Membership& operator=(const Membership&) = delete;

    /// Returns the members: the other nodes of the cluster.
    const Members& members() const { return members_; }
    /// Returns the number of heartbeats that were dropped because the queue was full.
    std::uint64_t dropped() const { return heartbeats_.dropped(); }

    /// Returns the time when tick() is due.
    Time next_deadline() const { return heartbeat_at_; }
    /// If tick() is due or the connection is new, sends a heartbeat and removes expired members.
    void tick(Time now) {
        const bool is_reconnected = connection_->reconnects() != reconnects_;
        if (now < heartbeat_at_ && !is_reconnected) return;
        reconnects_ = connection_->reconnects();
        send(incarnation_->lasting(), std::exchange(requests_others_, false) || is_reconnected);
        sent_at_ = now;
        heartbeat_at_ = now + members_.interval();
        if (members_.expire(expire_after_, now)) on_change_(now);
    }
    /// Removes the member `node`, as if that node had left.
    void remove(const std::string& node, Time now) {
        if (members_.remove(node)) on_change_(now);
    }
    /// Makes the next tick() announce the new incarnation.
    void on_reincarnation() {
        has_reincarnated_ = true;
        heartbeat_at_ = {};
    }
    /// Announces that this node leaves. The other nodes then remove it from their members.
    void leave() { send(0, false); }

  private:
    void send(std::uint64_t incarnation, bool requests_others) {
        const std::string subject = self_.own_heartbeat();
        const std::string bytes =
            frame::encode(binary::encode_value(incarnation), self_.cluster_id());
        if (requests_others)
            connection_->request(subject, subject, bytes);
        else
            connection_->publish(subject, bytes);
    }

    void drop(const NatsMessage& message, const std::string& why) {
        drop_malformed(message, why, *metrics_, log_);
    }
    void on_heartbeat(const NatsMessage& message) {
        const std::string from(last_token(message.subject()));
        const auto incarnation = decode_frame<std::uint64_t>(message.data(), self_.cluster_id());
        if (!incarnation) return drop(message, incarnation.error().to_string());
        if (!is_name(from)) return drop(message, "the subject ends in no valid node name");
        if (from == self_.node()) return on_own_heartbeat(*incarnation);
        if (is_own(*incarnation) || members_.is_taken(*incarnation, from))
            return reject(from, *incarnation);
        const Time now = system::monotonic_now();
        const std::uint64_t before = members_.incarnation_of(from);
        const bool changed = *incarnation == 0 ? members_.remove(from)
                                               : members_.on_heartbeat(from, *incarnation, now);
        if (changed) on_change_(now);
        if (*incarnation == 0) return;
        if (members_.incarnation_of(from) != before) on_incarnation_(from, *incarnation);
        // Makes the next tick() send a heartbeat. The new member must receive this heartbeat before
        // other messages of this node, because a node drops messages of nodes that are not its
        // members.
        if (changed) heartbeat_at_ = now;
        if (!message.reply().empty())
            heartbeat_at_ = (std::min)(heartbeat_at_, (std::max)(now, sent_at_ + shortest_pause));
    }
    /// Handles a heartbeat with the name of this node. This node or a duplicate may have sent the
    /// heartbeat. After a reincarnation, heartbeats that this node sent with the previous
    /// incarnation may still arrive.
    void on_own_heartbeat(std::uint64_t incarnation) {
        if (incarnation == incarnation_->lasting() || incarnation == 0 || has_reincarnated_) return;
        if (metrics_->duplicate_nodes++ == 0)
            log_(system::LogLevel::error, "another node has the name " + self_.node());
    }
    bool is_own(std::uint64_t incarnation) const {
        return incarnation == incarnation_->current() || incarnation == incarnation_->lasting();
    }
    /// Rejects a heartbeat of `node` with the incarnation of another node. If both nodes were
    /// members, peers could not distinguish the writes of the two nodes. For example, both could
    /// use the rights of a BoundedCounter that were transferred to one of them.
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

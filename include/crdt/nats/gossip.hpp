// SPDX-License-Identifier: MIT
//! Gossip: replicates a lattice among the nodes of a cluster over NATS.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/frame.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/nats/address.hpp>
#include <crdt/nats/connection.hpp>
#include <crdt/nats/fragments.hpp>
#include <crdt/nats/gossip_options.hpp>
#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/members.hpp>
#include <crdt/nats/membership.hpp>
#include <crdt/nats/message.hpp>
#include <crdt/nats/subscription.hpp>
#include <crdt/replication/accept.hpp>
#include <crdt/replication/duplicate_identity.hpp>
#include <crdt/replication/incarnation.hpp>
#include <crdt/replication/message_serializer.hpp>
#include <crdt/replication/overlay.hpp>
#include <crdt/replication/replicator.hpp>
#include <crdt/replication/size_in_bytes.hpp>
#include <crdt/system/clock.hpp>
#include <crdt/system/fresh.hpp>
#include <crdt/system/log_level.hpp>

namespace crdt::nats {

/// A lattice whose replica ids are std::uint64_t, or that has no replica ids.
template <class L>
concept NumbersReplicas = !requires {
    typename L::id_type;
}
|| std::same_as<typename L::id_type, std::uint64_t>;

/// Connects a Replicator to NATS. It chooses the subjects, encodes frames, splits them into
/// fragments, and keeps the membership by heartbeats.
///
/// The id of this replica is incarnation(), at first a fresh number. After resume() and a
/// confirmation, it is the stored incarnation. Writes under an earlier incarnation remain valid.
///
/// Use      call tick() when next_deadline() is due and after each Mailbox::deliver(). A change
///          that must be durable before peers receive it must be stored before the next tick()
/// Threads  one thread, that of Mailbox::deliver()
/// Errors   malformed messages, unknown senders and duplicate identities are counted and logged;
///          exceptions of callbacks pass through Mailbox::deliver()
template <DecomposableLattice L>
    requires NumbersReplicas<L>
class Gossip {
  public:
    /// Refuses changes of peers; see replication::AcceptPredicate.
    using Accept = std::function<std::optional<std::string>(const L& state, const L& change,
                                                            const std::string& from)>;

  private:
    using Time = replication::Time;
    using Duration = replication::Duration;
    using PeerMessage = replication::Message<L>;
    using DuplicateIdentityDetector = replication::DuplicateIdentityDetector<L, std::uint64_t>;

    /// The unfinished frame of a member.
    struct Traffic {
        Reassembler reassembler;
        bool is_too_long_logged = false;
    };

    Connection* connection_;
    Address self_;
    GossipOptions options_;
    Connection::Log log_;
    replication::Replicator<L, std::string, SizeInBytes, Accept> replicator_;
    replication::Incarnation incarnation_;
    std::map<std::string, Traffic> traffic_;
    detail::MalformedMessages malformed_;
    GossipMetrics metrics_;
    std::function<void(const L&)> on_arrival_, on_growth_;
    std::function<void(std::uint64_t)> on_reincarnation_;
    Subscription peers_;
    Membership membership_;

  public:
    /// The time between two heartbeats.
    static constexpr Duration heartbeat_interval = Membership::interval;
    /// The least time between two expedited messages to one peer.
    static constexpr Duration min_pause = std::chrono::milliseconds{5};

    /// Subscribes to the subjects of `self`. `connection` and `mailbox` must outlive this object.
    /// `log` is called by the thread of Mailbox::deliver(). Throws NatsError if the connection is
    /// closed. Refusals of `accept` are counted in replication_metrics().
    Gossip(Connection& connection, Mailbox& mailbox, Address self, const GossipOptions& options,
           Connection::Log log, Accept accept = replication::AcceptAll{})
        : connection_(&connection),
          self_(std::move(self)),
          options_(options),
          log_(log),
          replicator_(replication::Epoch{system::fresh_number()}, options.replication,
                      std::move(accept)),
          incarnation_(static_cast<std::uint64_t>(replicator_.epoch())),
          malformed_(log),
          peers_(connection, mailbox, self_.from_peers(),
                 [this](const NatsMessage& message) { on_peer_message(message); }),
          membership_(connection, mailbox, self_, incarnation_, options.expire_after, log,
                      [this](Time now) { update_peers(now); }) {
        replicator_.start(system::monotonic_now());
    }
    Gossip(const Gossip&) = delete;
    Gossip& operator=(const Gossip&) = delete;

    /// Joins `state`, which this node has stored together with `incarnation`. The replica writes
    /// under this incarnation after a peer has confirmed that `state` has all writes of the
    /// incarnation that the peer has.
    void resume(std::uint64_t incarnation, const L& state) {
        incarnation_.resume(incarnation);
        replicator_.merge_local(state);
    }
    /// Confirms the stored incarnation without a peer. The caller guarantees that the stored state
    /// is not an old copy.
    void confirm() { incarnation_.confirm(); }
    /// Sets the callback for each received change. The callback runs before the change is joined,
    /// so the state still contains the content that the change removes.
    void on_arrival(std::function<void(const L&)> action) { on_arrival_ = std::move(action); }
    /// Sets the callback for each growth of the state by received changes.
    void on_growth(std::function<void(const L&)> action) { on_growth_ = std::move(action); }
    /// Sets the callback for a new incarnation of this replica. The incarnation changes if a peer
    /// has writes under the current incarnation that this state lacks.
    void on_reincarnation(std::function<void(std::uint64_t)> action) {
        on_reincarnation_ = std::move(action);
    }

    /// The address of this node.
    const Address& self() const { return self_; }
    /// The id that this replica writes under.
    std::uint64_t incarnation() const { return incarnation_.current(); }
    /// The incarnation to store. Heartbeats contain it, too. It is the stored incarnation, whether
    /// confirmed or not. If no incarnation is stored, it is incarnation().
    std::uint64_t lasting_incarnation() const { return incarnation_.lasting(); }
    /// The state of this replica.
    const L& state() const { return replicator_.state(); }
    /// The other nodes.
    const Members& members() const { return membership_.members(); }
    /// The counts of the engine.
    const replication::Metrics& replication_metrics() const { return replicator_.metrics(); }
    /// The counts of this binding.
    GossipMetrics metrics() const {
        const MembershipMetrics membership = membership_.metrics();
        GossipMetrics result = metrics_;
        result.malformed = malformed_.count() + membership.malformed;
        result.duplicate_nodes = membership.duplicate_nodes;
        result.duplicate_incarnations = membership.duplicate_incarnations;
        result.dropped = peers_.dropped() + membership.dropped;
        return result;
    }

    /// Runs a delta-mutator of the state and returns the delta. Throws what the mutator throws; the
    /// state is then unchanged.
    template <class Mutate>
    L update(Mutate&& mutate) {
        return replicator_.update(std::forward<Mutate>(mutate));
    }

    /// Sends pending deltas after min_pause instead of the interval. Call this when a caller waits
    /// for acks.
    void expedite() { replicator_.expedite(min_pause); }

    /// When tick() is due.
    Time next_deadline() const {
        const Time heartbeat = membership_.next_deadline();
        return (std::min)(heartbeat, replicator_.next_deadline().value_or(heartbeat));
    }
    /// Sends all messages and heartbeats that are due.
    void tick() {
        const Time now = system::monotonic_now();
        membership_.tick(now);
        for (const auto& outgoing : replicator_.on_tick(now)) send(outgoing.to, outgoing.message);
    }
    /// Returns whether all members have acknowledged this state, as far as this node has received
    /// acks.
    bool is_quiet() const { return !replicator_.next_deadline(); }
    /// Returns whether a member is sending, or about to send, a large part of its state.
    bool is_catching_up() const { return replicator_.is_catching_up(system::monotonic_now()); }
    /// Stops replication and announces that this node leaves. The other members delete the data
    /// that they keep for it.
    void leave() {
        replicator_.stop();
        membership_.leave();
    }

  private:
    void update_peers(Time now) {
        std::erase_if(traffic_,
                      [&](const auto& entry) { return !members().all().contains(entry.first); });
        const auto names = members().names();
        const auto adjacent = replication::neighbours(names, self_.node(), options_.overlay);
        set_pace((std::max)(adjacent.size(), std::size_t{1}));
        replicator_.set_peers(names, adjacent, now);
    }
    /// Multiplies the intervals by the number of neighbours, because the neighbours take turns.
    /// Raises the retry time, too, because a retry is useless before the ack is due.
    void set_pace(std::size_t neighbours) {
        const replication::Options& one = options_.replication;
        const Duration ack_delay = one.ack_delay * neighbours;
        replicator_.set_pace(one.interval * neighbours, ack_delay,
                             (std::max)(one.retry_limit, 3 * ack_delay));
    }

    void send(const std::string& to, const PeerMessage& message) {
        const std::string payload = binary::encode_value(message);
        const std::size_t size = payload.size() + frame::overhead;
        if (size > Reassembler::max_frame_size) return log_too_long(to, "to", size);
        const std::string frame = frame::encode(payload, self_.cluster_id());
        metrics_.bytes_sent += frame.size();
        const std::string subject = self_.to_peer(to);
        fragment(frame, connection_->max_payload(),
                 [&](const std::string& part) { connection_->publish(subject, part); });
    }

    /// Counts a frame that cannot be sent or received. Logs the first one per peer.
    void log_too_long(const std::string& peer, const char* direction, std::size_t size) {
        ++metrics_.too_long;
        if (std::exchange(traffic_[peer].is_too_long_logged, true)) return;
        log_(system::LogLevel::error, std::string("frame ") + direction + ' ' + peer +
                                          " dropped: it has " + std::to_string(size) +
                                          " bytes, the limit is " +
                                          std::to_string(Reassembler::max_frame_size) +
                                          "; further ones are dropped without a log line");
    }

    void on_peer_message(const NatsMessage& message) {
        const std::string from(last_token(message.subject()));
        // Fragments of unknown senders are not stored. A node becomes a member by its first
        // heartbeat.
        if (!members().all().contains(from)) return void(++metrics_.unknown_senders);
        const auto bytes = traffic_[from].reassembler.add(message.data());
        if (!bytes) return;
        // Only the first fragment contains the length.
        const auto length = message.data().starts_with('\0') ? frame::length(*bytes) : std::nullopt;
        if (length && *length > Reassembler::max_frame_size)
            return log_too_long(from, "from", *length);
        const auto received = detail::decode_frame<PeerMessage>(*bytes, self_.cluster_id());
        if (!received) return malformed_.add(message, received.error().to_string());
        metrics_.bytes_received += bytes->size();
        if (on_arrival_ && received->changes) on_arrival_(received->changes->delta);
        const DuplicateIdentityDetector detector(state(), incarnation_.lasting());
        const L growth = replicator_.on_message(from, *received, system::monotonic_now());
        if (detector.detects(state(), growth))
            reincarnate();
        else if (DuplicateIdentityDetector::can_detect && replicator_.is_answered())
            incarnation_.confirm();
        if (on_growth_ && !growth.is_bottom()) on_growth_(growth);
    }

    /// Changes the incarnation. Another process has written under the current one, or an earlier
    /// run has written more than was stored. Further writes under the current incarnation could be
    /// mistaken for these writes.
    void reincarnate() {
        const std::uint64_t before = incarnation_.lasting();
        incarnation_.renew(system::fresh_number());
        ++metrics_.reincarnations;
        log_(system::LogLevel::warning,
             "peers have writes of incarnation " + std::to_string(before) +
                 " that this node lacks: an old copy of its state, or a duplicate node? "
                 "Continuing as incarnation " +
                 std::to_string(incarnation()));
        if (on_reincarnation_) on_reincarnation_(incarnation());
        membership_.on_reincarnation();
    }
};

}  // namespace crdt::nats

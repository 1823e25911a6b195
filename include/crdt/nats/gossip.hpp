// SPDX-License-Identifier: MIT
//! Gossip: replicates a lattice among the nodes of a cluster over NATS.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <crdt/codec/binary.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/nats/address.hpp>
#include <crdt/nats/connection.hpp>
#include <crdt/nats/gossip_events.hpp>
#include <crdt/nats/gossip_options.hpp>
#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/members.hpp>
#include <crdt/nats/membership.hpp>
#include <crdt/nats/message.hpp>
#include <crdt/nats/neighbours.hpp>
#include <crdt/nats/peer_frames.hpp>
#include <crdt/nats/subscription.hpp>
#include <crdt/replication/accept.hpp>
#include <crdt/replication/endpoint.hpp>
#include <crdt/replication/message_serializer.hpp>
#include <crdt/replication/overlay.hpp>
#include <crdt/replication/size_in_bytes.hpp>
#include <crdt/system/clock.hpp>
#include <crdt/system/fresh.hpp>
#include <crdt/system/log_level.hpp>

namespace crdt::nats {

/// Connects an Endpoint to NATS: chooses subjects, encodes messages as frames, splits frames into
/// fragments, and determines the members by heartbeats.
///
/// The replica writes under the id incarnation(), which is fresh at first. After resume() and a
/// confirmation it is the stored incarnation. Writes under an earlier incarnation remain valid.
///
/// Compile  the members that run the engine are not inline: an explicit instantiation compiles each
///          of them once
/// Use      call tick() when next_deadline() is due and after each Mailbox::deliver(). A change
///          that must be durable first must be so before tick(), or see Connection::collect()
/// Threads  one thread, that of Mailbox::deliver()
/// Errors   malformed messages, unknown senders and duplicate identities are counted and logged;
///          exceptions of callbacks pass through Mailbox::deliver()
template <NumbersReplicas L>
class Gossip : public GossipEvents<L> {
  public:
    /// Accepts or refuses a change of a peer; see replication::AcceptPredicate.
    using Accept = std::function<std::optional<std::string>(const L& state, const L& change,
                                                            const std::string& from)>;

  private:
    using Time = replication::Time;
    using Duration = replication::Duration;
    using PeerMessage = replication::Message<L>;

    /// The functions that the endpoint calls.
    struct Host {
        Gossip* gossip;

        static std::uint64_t replica_id(std::uint64_t incarnation) { return incarnation; }
        static std::uint64_t fresh_incarnation() { return system::fresh_number(); }
        void on_arrival(const L& delta) const { gossip->arrived(delta); }
        void on_growth(const L& delta) const { gossip->grown(delta); }
        void on_reincarnation(std::uint64_t before) const {
            gossip->announce_reincarnation(before);
        }
    };

    Connection* connection_;
    Address self_;
    GossipOptions options_;
    Connection::Log log_;
    GossipMetrics metrics_;
    Host host_{this};
    replication::Endpoint<L, std::string, Host, SizeInBytes, Accept> endpoint_;
    PeerFrames frames_;
    Neighbours neighbours_;
    Subscription peers_, confirmations_;
    Membership membership_;

  public:
    /// The shortest time between two messages to one peer after expedite().
    static constexpr Duration min_pause = std::chrono::microseconds{250};

    /// Subscribes to the subjects of `self`, and starts. `connection` and `mailbox` must outlive
    /// this object. The thread of Mailbox::deliver() calls `log`. Throws NatsError if the
    /// connection is closed. The engine counts the refusals of `accept`; see endpoint().
    Gossip(Connection& connection, Mailbox& mailbox, Address self, const GossipOptions& options,
           Connection::Log log, Accept accept = replication::AcceptAll{});
    Gossip(const Gossip&) = delete;
    Gossip& operator=(const Gossip&) = delete;

    /// Joins `state`. Precondition: `state` was stored under `incarnation`. If `state` is an old
    /// copy, peers have writes under `incarnation` that it lacks. When a peer has confirmed that it
    /// has no such writes, the replica writes under `incarnation` again.
    void resume(std::uint64_t incarnation, L state) {
        endpoint_.resume(incarnation, std::move(state));
    }
    /// Confirms the stored incarnation without a peer. The caller guarantees that the stored state
    /// is not an old copy.
    void confirm() { endpoint_.confirm(); }
    /// Returns the generation of the state; see replication/pruning.hpp.
    replication::Generation generation() const { return endpoint_.generation(); }
    /// Declares that the state that resume() received has the generation `generation`.
    void resume_generation(replication::Generation generation) {
        endpoint_.resume_generation(generation);
    }
    /// Calls change(state), which prunes the state; see Replicator::begin_generation().
    void begin_generation(replication::Generation generation, std::invocable<L&> auto&& change) {
        endpoint_.begin_generation(generation, change, system::monotonic_now());
    }
    /// Continues under a fresh incarnation, because peers have pruned the current one.
    void abandon_incarnation() { endpoint_.abandon_incarnation(); }
    /// Removes `node`, as if it had left. Its next heartbeat makes it a member again.
    void remove_member(const std::string& node) {
        membership_.remove(node, system::monotonic_now());
    }

    const Address& self() const { return self_; }  ///< the address of this node
    /// Returns the id under which this replica writes.
    std::uint64_t incarnation() const { return endpoint_.incarnation().current(); }
    /// Returns the incarnation that the owner must store, and that heartbeats contain. If one is
    /// stored, it is the stored one, even if unconfirmed. Otherwise it is incarnation().
    std::uint64_t lasting_incarnation() const { return endpoint_.incarnation().lasting(); }
    const L& state() const { return endpoint_.state(); }              ///< the state of this replica
    const Members& members() const { return membership_.members(); }  ///< the other nodes
    /// Returns the endpoint, for its counts and links, and to see whether this node is current.
    const auto& endpoint() const { return endpoint_; }
    /// Returns the counts of this object.
    GossipMetrics metrics() const {
        GossipMetrics result = metrics_;
        result.reincarnations = endpoint_.reincarnations();
        result.dropped = peers_.dropped() + membership_.dropped();
        return result;
    }

    /// Calls `mutate`, which changes the state and returns the delta. Returns this delta. Throws
    /// what `mutate` throws; the state is then unchanged.
    template <class Mutate>
    L update(Mutate&& mutate) {
        return endpoint_.update(std::forward<Mutate>(mutate));
    }

    /// Makes pending deltas due min_pause after the last message, instead of after the interval.
    void expedite() { endpoint_.expedite(min_pause); }
    /// Appends the held-back changes (see RelayScheduler) to the log, so position() includes them.
    void pass_on_relays() { endpoint_.pass_on_relays(); }
    /// Calls expedite(), and requests acks of the pending deltas. For a caller that waits for acks.
    void request_acks() {
        expedite();
        neighbours_.request_acks();
    }
    /// Returns the position in the log after all changes so far, for acknowledged().
    replication::Sequence position() const { return endpoint_.replicator().log().end(); }
    /// Returns how many neighbours have acknowledged all changes before `position`. O(neighbours).
    std::size_t acknowledged(replication::Sequence position) const {
        return neighbours_.acknowledged(endpoint_.replicator(), position);
    }
    /// Returns the time when tick() is due.
    Time next_deadline() const {
        const Time heartbeat = membership_.next_deadline();
        return (std::min)(heartbeat, endpoint_.next_deadline().value_or(heartbeat));
    }
    /// Sends all messages and heartbeats that are due.
    void tick();
    /// Have all members acknowledged this state, according to the acks that this node has received?
    bool is_quiet() const { return !endpoint_.next_deadline(); }
    /// Stops replication and announces the departure. Other nodes then store nothing for this node.
    void leave() {
        endpoint_.stop();
        membership_.leave();
    }

  private:
    void update_peers(Time now) {
        frames_.keep_only(
            [this](const std::string& node) { return members().all().contains(node); });
        const auto names = members().names();
        neighbours_ = Neighbours(replication::neighbours(names, self_.node(), options_.overlay));
        const auto paced = options_.paced(neighbours_.names().size());
        endpoint_.set_pace(paced.interval, paced.ack_delay, paced.retry_limit);
        endpoint_.set_peers(names, neighbours_.names(), now);
    }
    void on_peer_message(const NatsMessage& message);
    void announce_reincarnation(std::uint64_t before) {
        log_(system::LogLevel::warning, reincarnation_text(before, incarnation()));
        this->reincarnated(incarnation());
        membership_.on_reincarnation();
    }
};

template <NumbersReplicas L>
Gossip<L>::Gossip(Connection& connection, Mailbox& mailbox, Address self,
                  const GossipOptions& options, Connection::Log log, Accept accept)
    : connection_(&connection),
      self_(std::move(self)),
      options_(options),
      log_(std::move(log)),
      endpoint_(host_, replication::Epoch{system::fresh_number()}, options.replication,
                std::move(accept)),
      frames_(connection, self_, log_, metrics_),
      peers_(connection, mailbox, self_.from_peers(),
             [this](const NatsMessage& message) { on_peer_message(message); }),
      confirmations_(connection, mailbox, self_.from_peers("confirm"),
                     [this](const NatsMessage& message) {
                         endpoint_.acknowledge(std::string(last_token(message.subject())),
                                               system::monotonic_now());
                     }),
      membership_(
          connection, mailbox, self_, endpoint_.incarnation(), options.expire_after, log_, metrics_,
          [this](Time now) { update_peers(now); },
          [this](const auto&... each) { this->member_incarnation(each...); }) {
    endpoint_.start(system::monotonic_now());
}

template <NumbersReplicas L>
void Gossip<L>::tick() {
    const Time now = system::monotonic_now();
    membership_.tick(now);
    endpoint_.tick(now, [this](const std::string& to, const PeerMessage& message) {
        frames_.send(to, binary::encode_value(message));
        // The request for an ack is sent after the changes, so the ack includes them.
        if (message.changes && neighbours_.take_ack_request(to))
            connection_->publish(self_.to_peer(to, "confirm"), {});
    });
}

template <NumbersReplicas L>
void Gossip<L>::on_peer_message(const NatsMessage& message) {
    const std::string from(last_token(message.subject()));
    // Fragments are stored only for members. A node is a member from its first heartbeat on.
    if (!members().all().contains(from)) return void(++metrics_.unknown_senders);
    const auto bytes = frames_.receive(from, message.data());
    if (!bytes) return;
    const auto received = decode_frame<PeerMessage>(*bytes, self_.cluster_id());
    if (!received) return drop_malformed(message, received.error().to_string(), metrics_, log_);
    metrics_.bytes_received += bytes->size();
    if (received->generation != generation()) this->other_generation(from, received->generation);
    endpoint_.receive(from, *received, system::monotonic_now());
    this->message_received();
}

}  // namespace crdt::nats

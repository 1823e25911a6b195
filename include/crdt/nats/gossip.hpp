// SPDX-License-Identifier: MIT
//! Gossip: a replicated lattice among the nodes of a cluster that NATS connects.
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
#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/members.hpp>
#include <crdt/nats/message.hpp>
#include <crdt/nats/pieces.hpp>
#include <crdt/nats/subscription.hpp>
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

/// Its replicas are numbers, if it tells replicas apart.
template <class L>
concept NumbersReplicas = !requires {
    typename L::id_type;
}
|| std::same_as<typename L::id_type, std::uint64_t>;

/// What gossip is told when it begins.
struct GossipOptions {
    /// Of the engine. The epoch is drawn anew. Interval and ack delay are for each neighbour that
    /// there is: under load, so many messages a second leave a node, however many neighbours it
    /// has.
    replication::Options replication{};
    /// Whom to gossip with; the same for all nodes.
    replication::OverlayOptions overlay{};
    /// Who is silent for so long is no member any more.
    replication::Duration forget_after = std::chrono::milliseconds{600'000};
};

/// Counts since construction.
struct GossipMetrics {
    std::uint64_t bytes_sent = 0;      ///< in frames to peers
    std::uint64_t bytes_received = 0;  ///< in frames from them
    std::uint64_t malformed = 0;       ///< messages that were none, or of another cluster
    std::uint64_t strangers = 0;       ///< messages of who is no member (yet)
    std::uint64_t twins = 0;           ///< signs of life of another node with this name
    std::uint64_t taken = 0;           ///< those of others under an incarnation that is in use
    std::uint64_t too_long = 0;        ///< frames to peers, and of them, beyond Assembly::longest
    std::uint64_t reincarnations = 0;  ///< see on_reincarnation()
    std::uint64_t dropped = 0;         ///< messages of peers lost here, as the mailbox was full
};

/// Binds a Replicator to a connection: subjects, frames, and members, who are found by the signs of
/// life that each gives once a second.
///
/// Replicas are numbers. This one's is its incarnation(), which is this life until a stored one is
/// confirmed, see resume(); what an earlier incarnation wrote stays its own.
///
/// Use     call tick() whenever next_deadline() has come and after Mailbox::deliver(), in one
///         thread. What is to be durable before peers hear of it must be so before tick().
template <DecomposableLattice L>
    requires NumbersReplicas<L>
class Gossip {
    using Time = replication::Time;
    using Duration = replication::Duration;
    using PeerMessage = replication::Message<L>;
    using DuplicateIdentityDetector = replication::DuplicateIdentityDetector<L, std::uint64_t>;

    Connection* connection_;
    Address self_;
    GossipOptions options_;
    Connection::Log log_;
    replication::Replicator<L, std::string, SizeInBytes> replicator_;
    replication::Incarnation incarnation_;
    Members members_;
    /// What is kept for a member.
    struct Traffic {
        Assembly arriving;
        bool told_too_long = false;
    };
    std::map<std::string, Traffic> traffic_;
    GossipMetrics metrics_;
    Time hello_at_{};
    std::uint64_t reconnects_ = 0;
    std::function<void(const L&)> on_arrival_, on_growth_;
    std::function<void(std::uint64_t)> on_reincarnation_;
    Subscription peers_, hellos_;

  public:
    /// How often it gives a sign of life.
    static constexpr Duration hello_interval = std::chrono::milliseconds{1000};
    /// Between two messages to one peer that are hastened.
    static constexpr Duration least_pause = std::chrono::milliseconds{5};

    /// `connection` and `mailbox` must outlive this. Throws Error if the connection is closed.
    Gossip(Connection& connection, Mailbox& mailbox, Address self, const GossipOptions& options,
           Connection::Log log)
        : connection_(&connection),
          self_(std::move(self)),
          options_(options),
          log_(std::move(log)),
          replicator_(replication::Epoch{system::fresh_number()}, options.replication),
          incarnation_(static_cast<std::uint64_t>(replicator_.epoch())),
          peers_(connection, mailbox, self_.from_peers(),
                 [this](const Message& message) { hear_peer(message); }),
          hellos_(connection, mailbox, self_.all_hellos(),
                  [this](const Message& message) { hear_hello(message); }) {
        replicator_.start(system::monotonic_now());
    }
    Gossip(const Gossip&) = delete;
    Gossip& operator=(const Gossip&) = delete;

    /// Goes on from `state`, which was stored by `incarnation`; as that one, as soon as a peer has
    /// confirmed that it knows no more of it than `state` says.
    void resume(std::uint64_t incarnation, const L& state) {
        incarnation_.resume(incarnation);
        replicator_.merge_local(state);
    }
    /// Takes the word of somebody who knows that the stored state is no old copy.
    void confirm() { incarnation_.confirm(); }
    /// Hands over the changes that a peer sends, before they are joined: what they remove is there
    /// yet.
    void on_arrival(std::function<void(const L&)> action) { on_arrival_ = std::move(action); }
    /// Hands over whatever the state grows by because of peers.
    void on_growth(std::function<void(const L&)> action) { on_growth_ = std::move(action); }
    /// Tells whenever this replica takes another incarnation, because peers know of writes of the
    /// one it had that it does not.
    void on_reincarnation(std::function<void(std::uint64_t)> action) {
        on_reincarnation_ = std::move(action);
    }

    /// This node.
    const Address& self() const { return self_; }
    /// This replica's id: what it writes under.
    std::uint64_t incarnation() const { return incarnation_.current(); }
    /// The one that hellos name, and that it keeps: a stored one, even before it is confirmed.
    std::uint64_t lasting_incarnation() const { return incarnation_.lasting(); }
    const L& state() const { return replicator_.state(); }
    /// The other nodes.
    const Members& members() const { return members_; }
    /// Those of the engine.
    const replication::Metrics& replication_metrics() const { return replicator_.metrics(); }
    GossipMetrics metrics() const {
        GossipMetrics result = metrics_;
        result.dropped = peers_.dropped() + hellos_.dropped();
        return result;
    }

    /// Runs a delta-mutator of the state. Returns the delta; throws what it throws.
    template <class Mutate>
    L update(Mutate&& mutate) {
        return replicator_.update(std::forward<Mutate>(mutate));
    }

    /// Somebody waits for the others to have what is new: the next news wait for no interval.
    void expedite() { replicator_.expedite(least_pause); }

    /// When tick() has something to do next.
    Time next_deadline() const {
        return (std::min)(hello_at_, replicator_.next_deadline().value_or(hello_at_));
    }
    /// Says what is due, to peers and to all.
    void tick() {
        const Time now = system::monotonic_now();
        if (now >= hello_at_ || connection_->reconnects() != reconnects_) say_hello(now);
        for (const auto& outgoing : replicator_.on_tick(now)) send(outgoing.to, outgoing.message);
    }
    /// Do all members, as far as known, have all that there is here?
    bool is_quiet() const { return !replicator_.next_deadline(); }
    /// Is a member about to send much that is not here yet, or in the middle of that?
    bool is_catching_up() const { return replicator_.is_catching_up(system::monotonic_now()); }
    /// Says goodbye: peers keep nothing for this node from now on, until it comes again.
    void leave() {
        replicator_.stop();
        hello(0);
    }

  private:
    // A hello is a frame with the incarnation, or with 0 at a goodbye.

    void hello(std::uint64_t incarnation) {
        connection_->publish(self_.own_hello(),
                             frame::encode(binary::encode_value(incarnation), self_.cluster_id()));
    }
    void say_hello(Time now) {
        reconnects_ = connection_->reconnects();
        hello(incarnation_.lasting());
        hello_at_ = now + hello_interval;
        if (now.time_since_epoch() > options_.forget_after && members_.forget(now - options_.forget_after)) meet(now);
    }

    void hear_hello(const Message& message) {
        const std::string from(last_token(message.subject()));
        const auto incarnation = open<std::uint64_t>(message.data());
        if (!incarnation) return drop(message, incarnation.error().to_string());
        if (!is_name(from)) return drop(message, "not the name of a node");
        if (from == self_.node()) return hear_myself(*incarnation);
        if (is_own(*incarnation) || members_.is_taken(*incarnation, from))
            return refuse(from, *incarnation);
        const Time now = system::monotonic_now();
        const bool changed =
            *incarnation == 0 ? members_.leave(from) : members_.hear(from, *incarnation, now);
        if (!changed) return;
        meet(now);
        // Who is new is not to wait for the next one.
        if (*incarnation != 0) hello_at_ = now;
    }
    /// Hellos come back to who sent them; not those of an earlier incarnation.
    void hear_myself(std::uint64_t incarnation) {
        if (incarnation == incarnation_.lasting() || incarnation == 0 ||
            metrics_.reincarnations > 0)
            return;
        if (metrics_.twins++ == 0)
            log_(system::LogLevel::error, "another node has the name " + self_.node());
    }
    bool is_own(std::uint64_t incarnation) const {
        return incarnation == incarnation_.current() || incarnation == incarnation_.lasting();
    }
    /// Two nodes that write as one would count for one: rights that are given to either, for both.
    void refuse(const std::string& node, std::uint64_t incarnation) {
        if (metrics_.taken++ % 1000 == 0)
            log_(system::LogLevel::error,
                 node + " is refused: it claims " + std::to_string(incarnation) +
                     ", the incarnation of another node. Is its file a copy? (number " +
                     std::to_string(metrics_.taken) + ")");
    }
    void meet(Time now) {
        std::erase_if(traffic_,
                      [&](const auto& entry) { return !members_.all().contains(entry.first); });
        const auto names = members_.names();
        const auto adjacent = replication::neighbours(names, self_.node(), options_.overlay);
        keep_pace(std::max<std::size_t>(adjacent.size(), 1));
        replicator_.set_peers(names, adjacent, now);
    }
    /// Each neighbour has its turn. A retry is no use before the turn of the ack could come.
    void keep_pace(std::size_t neighbours) {
        const replication::Options& one = options_.replication;
        const Duration ack_delay = one.ack_delay * neighbours;
        replicator_.set_pace(one.interval * neighbours, ack_delay,
                             (std::max)(one.retry_limit, 3 * ack_delay));
    }

    void send(const std::string& to, const PeerMessage& message) {
        const std::string payload = binary::encode_value(message);
        const std::size_t size = payload.size() + frame::overhead;
        if (size > Assembly::longest) return note_too_long(to, "to", size);
        const std::string frame = frame::encode(payload, self_.cluster_id());
        metrics_.bytes_sent += frame.size();
        const std::string subject = self_.to_peer(to);
        cut(frame, connection_->max_payload(),
            [&](const std::string& piece) { connection_->publish(subject, piece); });
    }

    /// What a peer needs and cannot get is told at once, and once a peer.
    void note_too_long(const std::string& peer, const char* direction, std::size_t size) {
        ++metrics_.too_long;
        if (std::exchange(traffic_[peer].told_too_long, true)) return;
        log_(system::LogLevel::error, std::string("a frame ") + direction + ' ' + peer + " has " +
                                          std::to_string(size) + " bytes, more than " +
                                          std::to_string(Assembly::longest) +
                                          ": it is dropped, as are others like it");
    }

    void hear_peer(const Message& message) {
        const std::string from(last_token(message.subject()));
        // Nothing is kept for strangers: they say hello first.
        if (!members_.all().contains(from)) return void(++metrics_.strangers);
        const auto bytes = traffic_[from].arriving.add(message.data());
        if (!bytes) return;
        // The length stands in the first piece alone.
        const auto length = message.data().starts_with('\0') ? frame::length(*bytes) : std::nullopt;
        if (length && *length > Assembly::longest) return note_too_long(from, "of", *length);
        const auto said = open<PeerMessage>(*bytes);
        if (!said) return drop(message, said.error().to_string());
        metrics_.bytes_received += bytes->size();
        if (on_arrival_ && said->changes) on_arrival_(said->changes->delta);
        const DuplicateIdentityDetector known(state(), incarnation_.lasting());
        const L growth = replicator_.on_message(from, *said, system::monotonic_now());
        if (known.detects(state(), growth))
            reincarnate();
        else if (DuplicateIdentityDetector::can_detect && replicator_.is_answered())
            incarnation_.confirm();
        if (on_growth_ && !growth.is_bottom()) on_growth_(growth);
    }

    template <class T>
    Expected<T> open(std::string_view bytes) const {
        const auto payload = frame::decode(bytes, self_.cluster_id());
        if (!payload) return payload.error();
        return binary::try_decode_value<T>(*payload);
    }
    void drop(const Message& message, const std::string& why) {
        if (metrics_.malformed++ % 1000 == 0)
            log_(system::LogLevel::warning, std::string(message.subject()) + ": dropped: " + why +
                                                " (number " + std::to_string(metrics_.malformed) +
                                                ")");
    }

    /// Somebody else, or a life whose state is not all there, has written as this incarnation:
    /// whatever it writes from now on could be taken for what they wrote.
    void reincarnate() {
        const std::uint64_t before = incarnation_.lasting();
        incarnation_.renew(system::fresh_number());
        ++metrics_.reincarnations;
        log_(system::LogLevel::warning,
             std::to_string(before) +
                 " has written what is not known here: an old copy of its state, or a twin? Going "
                 "on as " +
                 std::to_string(incarnation()));
        if (on_reincarnation_) on_reincarnation_(incarnation());
        hello_at_ = {};
    }
};

}  // namespace crdt::nats

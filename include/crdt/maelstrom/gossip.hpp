// SPDX-License-Identifier: MIT
//! Gossip: a replicated lattice on a Maelstrom node.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/json/reader.hpp>
#include <crdt/codec/json/writer.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/maelstrom/node.hpp>
#include <crdt/replication/accept.hpp>
#include <crdt/replication/duplicate_identity.hpp>
#include <crdt/replication/incarnation.hpp>
#include <crdt/replication/message_serializer.hpp>
#include <crdt/replication/overlay.hpp>
#include <crdt/replication/policy.hpp>
#include <crdt/replication/replicator.hpp>
#include <crdt/system/fresh.hpp>

namespace crdt::maelstrom {

/// Estimates the cost of a delta without encoding it: 16 bytes for each range of parts, in the
/// units of replication::Options. A line exceeds the limit of the event loop only if the parts have
/// 4 kB on average. Digests are encoded to get their exact size, because they are sent rarely.
struct EstimatedBytes : replication::Policy {
    /// Returns the estimate.
    template <DecomposableLattice L>
    static std::size_t cost(const L& state) {
        return std::size_t{16} * range_count(state);
    }
    /// Returns the size in the binary codec.
    template <Serializable Digest>
    static std::size_t digest_cost(const Digest& digest) {
        return binary::size(digest);
    }
};

/// The gossip scheduler. It connects a Replicator to a node's messages, clock and peers.
///
/// The scheduler starts at the first message after init, or after settling_time at the latest. Some
/// nodes may start late, even after the first client request. If a node sends to a node that has
/// not started, Maelstrom drops all further messages of the sender.
template <DecomposableLattice L>
class Gossip {
  public:
    /// Refuses changes of peers; see replication::AcceptPredicate.
    using Accept = std::function<std::optional<std::string>(const L& state, const L& change,
                                                            const std::string& from)>;

  private:
    Node* node_;
    replication::Replicator<L, std::string, EstimatedBytes, Accept> replicator_;
    replication::Incarnation incarnation_;
    std::string replica_id_;
    using DuplicateIdentityDetector = replication::DuplicateIdentityDetector<L, std::string>;

    std::function<void(const L&)> on_growth_;
    std::function<void(std::uint64_t)> on_reincarnation_;
    std::uint64_t reincarnations_ = 0;
    std::uint64_t malformed_ = 0;
    std::uint64_t refused_ = 0;
    /// The latest time to start. Empty if the scheduler has started, or if init has not arrived.
    std::optional<Time> settled_at_;

    void receive(const std::string& from, const Body& body) {
        const auto message = body.try_decode_with([](json::Reader& in) {
            in.member("type");  // read before, to choose this handler
            return deserialize<replication::Message<L>>(in);
        });
        if (!message)
            return node_->log().warn_throttled(malformed_,
                                               "gossip dropped: " + message.error().to_string());
        const DuplicateIdentityDetector detector(state(), name_of(incarnation_.lasting()));
        const std::uint64_t refused = metrics().refused;
        const L growth = replicator_.on_message(from, *message, node_->now());
        if (metrics().refused != refused)
            node_->log().warn_throttled(
                refused_, "change of " + from + " refused: " + replicator_.last_refusal()->reason);
        if (detector.detects(state(), growth))
            reincarnate();
        else if (DuplicateIdentityDetector::can_detect && replicator_.is_answered())
            confirm();
        if (on_growth_ && !growth.is_bottom()) on_growth_(growth);
    }

    std::string name_of(std::uint64_t incarnation) const {
        return node_->id() + '.' + std::to_string(incarnation);
    }
    /// Called after a peer has sent everything that it had, and had no writes of the stored
    /// incarnation that this replica lacks.
    void confirm() {
        if (!incarnation_.is_pending()) return;
        incarnation_.confirm();
        replica_id_ = name_of(incarnation_.current());
    }
    /// Changes the incarnation. Another process has written under the current one, or an earlier
    /// run has written more than was stored. Further writes under the current incarnation could be
    /// mistaken for these writes.
    void reincarnate() {
        const std::string before = name_of(incarnation_.lasting());
        incarnation_.renew(system::fresh_number());
        replica_id_ = name_of(incarnation_.current());
        ++reincarnations_;
        node_->log()(LogLevel::warning,
                     "peers have writes of " + before +
                         " that this node lacks: an old copy of its state, or a duplicate node? "
                         "Continuing as " +
                         replica_id());
        if (on_reincarnation_) on_reincarnation_(incarnation_.current());
    }

    std::optional<Time> deadline() const {
        if (settled_at_) return node_->has_received() ? node_->now() : settled_at_;
        return replicator_.next_deadline();
    }

    void tick() {
        if (settled_at_) start();
        for (const auto& outgoing : replicator_.on_tick(node_->now())) {
            node_->send(outgoing.to, "gossip",
                        [&](json::Writer& body) { serialize(body, outgoing.message); });
        }
    }

  public:
    /// The longest wait for a first message.
    static constexpr Duration settling_time = std::chrono::milliseconds{2000};

    /// `node` must outlive this object. The epoch must be a number that no run of this node has
    /// used before. It is also the incarnation. Throws std::invalid_argument if the epoch is 0.
    /// Each refusal of `accept` is counted in metrics() and logged.
    Gossip(Node& node, replication::Epoch epoch, const replication::Options& options = {},
           const replication::OverlayOptions& overlay = {},
           Accept accept = replication::AcceptAll{})
        : node_(&node),
          replicator_(epoch, options, std::move(accept)),
          incarnation_(static_cast<std::uint64_t>(epoch)) {
        node.on_peer("gossip",
                     [this](const std::string& from, const Body& body) { receive(from, body); });
        node.on_init([this, overlay] {
            replica_id_ = name_of(incarnation_.current());
            set_neighbours(replication::neighbours(node_->peers(), node_->id(), overlay));
            settled_at_ = node_->now() + settling_time;
        });
        node.add_timer([this] { return deadline(); }, [this] { tick(); });
    }
    Gossip(const Gossip&) = delete;
    Gossip& operator=(const Gossip&) = delete;

    /// Starts to gossip now, without waiting for a message.
    void start() {
        settled_at_.reset();
        replicator_.start(node_->now());
    }
    /// Stops sending. Received deltas are still joined. O(1).
    void stop() {
        settled_at_.reset();
        replicator_.stop();
    }
    /// Replaces the neighbours that the overlay has chosen. Neighbourhood must be mutual.
    void set_neighbours(const std::vector<std::string>& neighbours) {
        replicator_.set_peers(node_->peers(), neighbours, node_->now());
    }

    /// The least time between two messages to one peer.
    Duration interval() const { return replicator_.interval(); }
    /// Changes interval(); at least a millisecond.
    void set_interval(Duration interval) { replicator_.set_interval(interval); }

    /// The id that this replica writes under: the node and its incarnation. It is empty before
    /// init. The incarnation is fresh until a stored one is confirmed; see resume(). Writes of an
    /// earlier incarnation stay in their own slot. So everything still counts exactly once after a
    /// restart without the state.
    const std::string& replica_id() const { return replica_id_; }
    /// The incarnation under which this replica writes. It is the stored incarnation after a peer
    /// has confirmed it, and a fresh one before.
    std::uint64_t incarnation() const { return incarnation_.current(); }
    /// Joins `state`, which this node has stored together with `incarnation`. The replica writes
    /// under this incarnation after a peer has confirmed that `state` has all writes of the
    /// incarnation that the peer has. Without peers, the replica writes under it at once.
    void resume(std::uint64_t incarnation, const L& state) {
        incarnation_.resume(incarnation);
        join(state);
        if (node_->peers().empty()) confirm();
    }
    /// Sets the callback for each growth of the state by received changes.
    void on_growth(std::function<void(const L&)> action) { on_growth_ = std::move(action); }

    /// Sets the callback for each change of the incarnation. The incarnation changes if peers have
    /// writes under the current incarnation that this replica lacks.
    void on_reincarnation(std::function<void(std::uint64_t)> action) {
        on_reincarnation_ = std::move(action);
    }
    /// The number of changes of the incarnation.
    std::uint64_t reincarnations() const { return reincarnations_; }

    /// The state of this replica.
    const L& state() const { return replicator_.state(); }
    /// The counts of what the replicator sent and received.
    const replication::Metrics& metrics() const { return replicator_.metrics(); }
    /// The number of messages that could not be read.
    std::uint64_t malformed() const { return malformed_; }
    /// Runs a delta-mutator of the state and returns the delta. Throws what the mutator throws.
    template <class Mutate>
    L update(Mutate&& mutate) {
        return replicator_.update(std::forward<Mutate>(mutate));
    }
    /// Joins a change that does not come from a peer, such as one from a store.
    L join(const L& delta) { return replicator_.merge_local(delta); }
};

}  // namespace crdt::maelstrom

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
#include <crdt/replication/endpoint.hpp>
#include <crdt/replication/link_status.hpp>
#include <crdt/replication/message_serializer.hpp>
#include <crdt/replication/overlay.hpp>
#include <crdt/replication/policy.hpp>
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

/// The gossip scheduler. It connects an Endpoint to a node's messages, clock and peers.
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
    /// The functions of this binding that the endpoint calls.
    struct Host {
        Gossip* gossip;

        std::string replica_id(std::uint64_t incarnation) const {
            return gossip->node_->id() + '.' + std::to_string(incarnation);
        }
        std::uint64_t fresh_incarnation() const { return system::fresh_number(); }
        void on_growth(const L& delta) const {
            if (gossip->on_growth_) gossip->on_growth_(delta);
        }
        void on_reincarnation(std::uint64_t before) const {
            gossip->announce_reincarnation(before);
        }
    };

    Node* node_;
    Host host_;
    replication::Endpoint<L, std::string, Host, EstimatedBytes, Accept> endpoint_;
    std::string replica_id_;
    std::function<void(const L&)> on_growth_;
    std::function<void(std::uint64_t)> on_reincarnation_;
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
        const std::uint64_t refused = metrics().refused;
        endpoint_.receive(from, *message, node_->now());
        refresh_id();
        if (metrics().refused != refused)
            node_->log().warn_throttled(
                refused_,
                "change of " + from + " refused: " + endpoint_.replicator().last_refusal()->reason);
    }
    void refresh_id() { replica_id_ = host_.replica_id(incarnation()); }
    void announce_reincarnation(std::uint64_t before) {
        refresh_id();
        node_->log()(LogLevel::warning,
                     "peers have writes of " + host_.replica_id(before) +
                         " that this node lacks: an old copy of its state, or a duplicate node? "
                         "Continuing as " +
                         replica_id());
        if (on_reincarnation_) on_reincarnation_(incarnation());
    }

    std::optional<Time> deadline() const {
        if (settled_at_) return node_->has_received() ? node_->now() : settled_at_;
        return endpoint_.next_deadline();
    }

    void tick() {
        if (settled_at_) start();
        endpoint_.tick(node_->now(), [this](const std::string& to, const auto& message) {
            node_->send(to, "gossip", [&](json::Writer& body) { serialize(body, message); });
        });
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
        : node_(&node), host_{this}, endpoint_(host_, epoch, options, std::move(accept)) {
        node.on_peer("gossip",
                     [this](const std::string& from, const Body& body) { receive(from, body); });
        node.on_init([this, overlay] {
            refresh_id();
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
        endpoint_.start(node_->now());
    }
    /// Stops sending. Received deltas are still joined. O(1).
    void stop() {
        settled_at_.reset();
        endpoint_.stop();
    }
    /// Replaces the neighbours that the overlay has chosen. Neighbourhood must be mutual.
    void set_neighbours(const std::vector<std::string>& neighbours) {
        endpoint_.set_peers(node_->peers(), neighbours, node_->now());
    }

    /// The least time between two messages to one peer.
    Duration interval() const { return endpoint_.replicator().interval(); }
    /// Changes interval(); at least a millisecond.
    void set_interval(Duration interval) { endpoint_.set_interval(interval); }

    /// The id that this replica writes under: the node and its incarnation. It is empty before
    /// init. The incarnation is fresh until a stored one is confirmed; see resume(). Writes of an
    /// earlier incarnation stay in their own slot. So everything still counts exactly once after a
    /// restart without the state.
    const std::string& replica_id() const { return replica_id_; }
    /// The incarnation that it writes under: the stored one once it is confirmed, otherwise a fresh
    /// one.
    std::uint64_t incarnation() const { return endpoint_.incarnation().current(); }
    /// Joins `state`. Precondition: `state` was stored under `incarnation`. The replica writes
    /// under that incarnation once a peer has confirmed that it has no more writes of it than
    /// `state`. Without peers, it does so at once.
    void resume(std::uint64_t incarnation, const L& state) {
        endpoint_.resume(incarnation, state);
        if (node_->peers().empty()) endpoint_.confirm();
        refresh_id();
    }
    /// Sets the callback for each growth of the state by received changes.
    void on_growth(std::function<void(const L&)> action) { on_growth_ = std::move(action); }

    /// Sets the callback for each reincarnation. It receives the new incarnation, which it must
    /// store. This happens if a peer has writes that this replica lacks: under the stored
    /// incarnation while that waits for a confirmation, and under the current one afterwards.
    void on_reincarnation(std::function<void(std::uint64_t)> action) {
        on_reincarnation_ = std::move(action);
    }
    /// The number of changes of the incarnation.
    std::uint64_t reincarnations() const { return endpoint_.reincarnations(); }

    /// The state of this replica.
    const L& state() const { return endpoint_.state(); }
    /// The counts of what the replicator sent and received.
    const replication::Metrics& metrics() const { return endpoint_.replicator().metrics(); }
    /// The state of the link to each peer.
    std::vector<replication::LinkStatus<std::string>> links() const {
        return endpoint_.replicator().links();
    }
    /// Has a peer brought this node up to date since its start? False without peers.
    bool is_current() const { return endpoint_.is_current(); }
    /// The number of messages that could not be read.
    std::uint64_t malformed() const { return malformed_; }
    /// Runs a delta-mutator of the state and returns the delta. Throws what the mutator throws.
    template <class Mutate>
    L update(Mutate&& mutate) {
        return endpoint_.update(std::forward<Mutate>(mutate));
    }
    /// Joins a change that does not come from a peer, such as one from a store.
    L join(const L& delta) { return endpoint_.join(delta); }
};

}  // namespace crdt::maelstrom

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

/// Estimates the size of a delta without encoding it, as 16 bytes for each range. The limits of
/// replication::Options count these bytes. A line can be longer than the event loop accepts only if
/// the parts have more than 4 kB on average. Digests are sent rarely, so they are encoded to get
/// their exact size.
struct EstimatedBytes : replication::Policy {
    /// Returns the estimated size of `state` in bytes.
    template <DecomposableLattice L>
    static std::size_t cost(const L& state) {
        return std::size_t{16} * range_count(state);
    }
    /// Returns the size of `digest` in the binary codec, in bytes.
    template <Serializable Digest>
    static std::size_t digest_cost(const Digest& digest) {
        return binary::size(digest);
    }
};

/// Replicates a lattice between the nodes of a network. It connects a replication::Endpoint to the
/// messages, the clock and the peers of a Node.
///
/// If a node sends to a node that has not started, Maelstrom drops all further messages of the
/// sender. Until the first client request, some nodes may not have started. So the gossip starts
/// only when the first message after init arrives. If no message arrives, the gossip starts after
/// settling_time.
template <DecomposableLattice L>
class Gossip {
  public:
    /// Accepts or refuses a change of a peer; see replication::AcceptPredicate.
    using Accept = std::function<std::optional<std::string>(const L& state, const L& change,
                                                            const std::string& from)>;

  private:
    /// The functions that the endpoint calls.
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
    /// The latest time to start. Empty before init, and after the start.
    std::optional<Time> settled_at_;

    void receive(const std::string& from, const Body& body) {
        const auto message = body.try_decode_with([](json::Reader& in) {
            in.member("type");  // the node has read it before, to choose this handler
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
    /// The longest time from init to the start of the gossip.
    static constexpr Duration settling_time = std::chrono::milliseconds{2000};

    /// Adds gossip to `node`, which must outlive this object. `epoch` must be a number that no run
    /// of this node has used before. `epoch` is also the first incarnation. Throws
    /// std::invalid_argument if `epoch` is 0. If `accept` refuses a change, the refusal is logged
    /// and counted in metrics().
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

    /// Starts the gossip immediately, without waiting for a message.
    void start() {
        settled_at_.reset();
        endpoint_.start(node_->now());
    }
    /// Stops sending. Received deltas are still joined. O(1).
    void stop() {
        settled_at_.reset();
        endpoint_.stop();
    }
    /// Replaces the neighbours that the overlay has chosen. If a is a neighbour of b, b must be a
    /// neighbour of a.
    void set_neighbours(const std::vector<std::string>& neighbours) {
        endpoint_.set_peers(node_->peers(), neighbours, node_->now());
    }

    /// Returns the shortest time between two messages to the same peer.
    Duration interval() const { return endpoint_.replicator().interval(); }
    /// Changes interval() to `interval`, which must be at least a millisecond.
    void set_interval(Duration interval) { endpoint_.set_interval(interval); }

    /// Returns the id under which this replica writes. It consists of the id of the node and the
    /// incarnation. The id is empty before init. The incarnation is fresh until a stored one is
    /// confirmed; see resume(). Writes under an earlier incarnation keep their own slot. So after a
    /// restart without the state, every write still counts exactly once.
    const std::string& replica_id() const { return replica_id_; }
    /// Returns the incarnation under which this replica writes: the stored one after it is
    /// confirmed, otherwise a fresh one.
    std::uint64_t incarnation() const { return endpoint_.incarnation().current(); }
    /// Joins `state`. Precondition: `state` was stored under `incarnation`. If a peer has writes
    /// under `incarnation` that `state` lacks, `state` is an old copy. When a peer has confirmed
    /// that it has no such writes, the replica writes under `incarnation` again. If there are no
    /// peers, the replica does so immediately.
    void resume(std::uint64_t incarnation, const L& state) {
        endpoint_.resume(incarnation, state);
        if (node_->peers().empty()) endpoint_.confirm();
        refresh_id();
    }
    /// Sets the callback that runs when received changes make the state grow. The callback receives
    /// the delta that was new.
    void on_growth(std::function<void(const L&)> action) { on_growth_ = std::move(action); }

    /// Sets the callback that runs when the replica changes its incarnation. The callback receives
    /// the new incarnation and must store it. The replica changes its incarnation if a peer has
    /// writes under this incarnation that the replica lacks. But while a stored incarnation waits
    /// for its confirmation, only writes under the stored incarnation count.
    void on_reincarnation(std::function<void(std::uint64_t)> action) {
        on_reincarnation_ = std::move(action);
    }
    /// Returns how often the incarnation has changed.
    std::uint64_t reincarnations() const { return endpoint_.reincarnations(); }

    /// Returns the state of this replica.
    const L& state() const { return endpoint_.state(); }
    /// Returns the counts of what the replicator has sent and received.
    const replication::Metrics& metrics() const { return endpoint_.replicator().metrics(); }
    /// Returns the status of the link to each peer.
    std::vector<replication::LinkStatus<std::string>> links() const {
        return endpoint_.replicator().links();
    }
    /// Has a peer brought this node up to date since the node started? Is false if there are no
    /// peers.
    bool is_current() const { return endpoint_.is_current(); }
    /// Returns the number of received messages that could not be decoded.
    std::uint64_t malformed() const { return malformed_; }
    /// Calls `mutate`, which changes the state and returns the delta. Returns the delta. Throws
    /// what `mutate` throws.
    template <class Mutate>
    L update(Mutate&& mutate) {
        return endpoint_.update(std::forward<Mutate>(mutate));
    }
    /// Joins `delta`, which comes from another source than a peer, for example from a store.
    /// Returns the delta that was new.
    L join(const L& delta) { return endpoint_.join(delta); }
};

}  // namespace crdt::maelstrom

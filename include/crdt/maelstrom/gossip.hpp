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

/// Weighs a delta by a guess, for which nothing is encoded: 16 bytes for each join-irreducible
/// part, in the units of replication::Options. A line that is longer than an event loop takes would
/// need parts of 4 kB on average. Digests, which are sent seldom, are measured.
struct EstimatedBytes : replication::Policy {
    /// The guess.
    template <DecomposableLattice L>
    static std::size_t cost(const L& state) {
        return std::size_t{16} * range_count(state);
    }
    /// The bytes of the binary form.
    template <Serializable Digest>
    static std::size_t digest_cost(const Digest& digest) {
        return binary::size(digest);
    }
};

/// The gossip scheduler: binds a Replicator to a node's messages, clock and peers.
///
/// It starts when somebody has spoken to the node since init, or after a while: the network mutes a
/// node that speaks to one it does not know yet, and before the first client comes some may not be
/// up.
template <DecomposableLattice L>
class Gossip {
  public:
    /// Refuses changes of peers, see replication::AcceptPredicate.
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
    /// Until then, or until somebody is heard, it waits for the network; none: it does not wait.
    std::optional<Time> settled_at_;

    void receive(const std::string& from, const Body& body) {
        const auto message = body.try_decode_with([](json::Reader& in) {
            in.member("type");  // which has led here
            return deserialize<replication::Message<L>>(in);
        });
        if (!message)
            return node_->log().warn_throttled(malformed_,
                                               "gossip dropped: " + message.error().to_string());
        const DuplicateIdentityDetector known(state(), name_of(incarnation_.lasting()));
        const std::uint64_t refused = metrics().refused;
        const L growth = replicator_.on_message(from, *message, node_->now());
        if (metrics().refused != refused)
            node_->log().warn_throttled(
                refused_, "change of " + from + " refused: " + replicator_.last_refusal()->reason);
        if (known.detects(state(), growth))
            reincarnate();
        else if (DuplicateIdentityDetector::can_detect && replicator_.is_answered())
            confirm();
        if (on_growth_ && !growth.is_bottom()) on_growth_(growth);
    }

    std::string name_of(std::uint64_t incarnation) const {
        return node_->id() + '.' + std::to_string(incarnation);
    }
    /// A peer has said all that it had, and it knew no more of the stored incarnation.
    void confirm() {
        if (!incarnation_.is_pending()) return;
        incarnation_.confirm();
        replica_id_ = name_of(incarnation_.current());
    }
    /// Somebody else, or a life whose state is not all there, has written as this incarnation:
    /// whatever it writes from now on could be taken for what they wrote.
    void reincarnate() {
        const std::string before = name_of(incarnation_.lasting());
        incarnation_.renew(system::fresh_number());
        replica_id_ = name_of(incarnation_.current());
        ++reincarnations_;
        node_->log()(LogLevel::warning,
                     before +
                         " has written what is not known here: an old copy of its state, or a "
                         "twin? Going on as " +
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
    /// How long it waits for somebody to speak.
    static constexpr Duration settling_time = std::chrono::milliseconds{2000};

    /// `node` must outlive this. The epoch is a number that no run of this node has used before; it
    /// is the incarnation, too. Throws std::invalid_argument if it is 0. Each refusal of `accept`
    /// is counted in metrics() and logged.
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

    /// Begins to gossip now, without waiting for anybody.
    void start() {
        settled_at_.reset();
        replicator_.start(node_->now());
    }
    /// Sends nothing any more; deltas that arrive are still joined. O(1).
    void stop() {
        settled_at_.reset();
        replicator_.stop();
    }
    /// Gossips with these from now on, in place of the overlay's neighbours. It must be mutual.
    void set_neighbours(const std::vector<std::string>& neighbours) {
        replicator_.set_peers(node_->peers(), neighbours, node_->now());
    }

    /// The least time between two messages to one peer.
    Duration interval() const { return replicator_.interval(); }
    /// Changes interval(); at least a millisecond.
    void set_interval(Duration interval) { replicator_.set_interval(interval); }

    /// What this replica writes under, empty before init: the node and its incarnation, which is
    /// this life until a stored one is confirmed, see resume(). What an earlier incarnation added
    /// stays in its own slot, so a restart without its state can not count anything twice or not at
    /// all.
    const std::string& replica_id() const { return replica_id_; }
    /// This life's incarnation, or the one that it goes on as.
    std::uint64_t incarnation() const { return incarnation_.current(); }
    /// Goes on from `state`, which was stored by `incarnation`; as that one, as soon as a peer has
    /// confirmed that it knows no more of it than `state` says, or at once if there are no peers.
    void resume(std::uint64_t incarnation, const L& state) {
        incarnation_.resume(incarnation);
        join(state);
        if (node_->peers().empty()) confirm();
    }
    /// Hands over whatever the state grows by because of peers.
    void on_growth(std::function<void(const L&)> action) { on_growth_ = std::move(action); }

    /// Tells whenever this replica takes another incarnation, because peers know of writes of the
    /// one it had that it does not.
    void on_reincarnation(std::function<void(std::uint64_t)> action) {
        on_reincarnation_ = std::move(action);
    }
    /// How often that was.
    std::uint64_t reincarnations() const { return reincarnations_; }

    /// The state of this replica.
    const L& state() const { return replicator_.state(); }
    /// Counts of what the replicator sent and received.
    const replication::Metrics& metrics() const { return replicator_.metrics(); }
    /// Messages that could not be read.
    std::uint64_t malformed() const { return malformed_; }
    /// Runs a delta-mutator of the state. Returns the delta; throws what it throws.
    template <class Mutate>
    L update(Mutate&& mutate) {
        return replicator_.update(std::forward<Mutate>(mutate));
    }
    /// Joins a change that came from elsewhere, a store for one.
    L join(const L& delta) { return replicator_.merge_local(delta); }
};

}  // namespace crdt::maelstrom

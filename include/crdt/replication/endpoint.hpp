// SPDX-License-Identifier: MIT
//! Endpoint: a replicator and its incarnation. Every binding to a transport uses an Endpoint.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/accept.hpp>
#include <crdt/replication/duplicate_identity.hpp>
#include <crdt/replication/incarnation.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/options.hpp>
#include <crdt/replication/policy.hpp>
#include <crdt/replication/replicator.hpp>
#include <crdt/replication/time.hpp>

namespace crdt::replication {

/// The functions that an Endpoint calls. A binding to a transport implements them.
///
///     host.replica_id(n)            returns the id under which incarnation n writes
///     host.fresh_incarnation()      returns a number that was never used as an incarnation
///     host.on_growth(delta)         the state has grown by `delta`; a durable host stores it
///     host.on_reincarnation(before) peers have writes of the incarnation `before` that the
///                                   replica lacks; it continues under another incarnation
///
/// A host may also have a function host.on_arrival(delta). The Endpoint calls it when a peer has
/// sent `delta`, before `delta` is joined.
template <class Host, class L>
concept EndpointHost = requires(Host& host, const L& delta, std::uint64_t incarnation) {
    host.replica_id(incarnation);
    { host.fresh_incarnation() } -> std::convertible_to<std::uint64_t>;
    host.on_growth(delta);
    host.on_reincarnation(incarnation);
};

/// A replica on a network. It writes under an incarnation, detects a second replica that writes
/// under the same incarnation, and exchanges changes with its peers. A binding adds framing,
/// membership and a clock.
///
/// Order    receive() passes received changes to host.on_growth(). update() returns own changes.
///          No change is sent before the next tick(). So if a host stores all these changes before
///          it calls tick(), no peer receives a change that a crash can undo
/// Threads  one thread; the host's functions run inside receive()
/// Errors   those of Replicator, and what the host's functions throw
template <DecomposableLattice L, Key PeerId, EndpointHost<L> Host,
          class Policy = replication::Policy, class Accept = AcceptAll>
class Endpoint {
    using Replicator = replication::Replicator<L, PeerId, Policy, Accept>;
    using ReplicaId = std::decay_t<decltype(std::declval<Host&>().replica_id(std::uint64_t{}))>;
    using Detector = DuplicateIdentityDetector<L, ReplicaId>;

    Host* host_;
    Replicator replicator_;
    Incarnation incarnation_;
    std::uint64_t reincarnations_ = 0;
    bool is_current_ = false;

  public:
    /// `host` must outlive the endpoint. `epoch` is a number that no earlier run of this replica
    /// has used. It is also the first incarnation. Throws std::invalid_argument if `epoch` is 0.
    Endpoint(Host& host, Epoch epoch, const Options& options, Accept accept = Accept())
        : host_(&host),
          replicator_(epoch, options, std::move(accept)),
          incarnation_(static_cast<std::uint64_t>(epoch)) {}

    /// The engine, for its state, metrics and links.
    const Replicator& replicator() const { return replicator_; }
    /// The state of this replica. Invalidated by every change.
    const L& state() const { return replicator_.state(); }
    /// The incarnation of this replica. It is part of the id under which the replica writes.
    const Incarnation& incarnation() const { return incarnation_; }
    /// Returns how often the replica has abandoned its incarnation. It does so if peers have writes
    /// of the incarnation that the replica lacks, and in abandon_incarnation().
    std::uint64_t reincarnations() const { return reincarnations_; }
    /// Has a peer brought this replica up to date since its start? If so, this replica has
    /// everything that the peer had when the peer answered. False without peers.
    bool is_current() const { return is_current_; }

    /// Joins `state`. Precondition: `state` was stored under `incarnation`. The replica first
    /// writes under a fresh incarnation. When a peer has brought the replica up to date and has no
    /// writes of `incarnation` that `state` lacks, the replica writes under `incarnation` again. If
    /// such writes cannot be detected for the type L (see DuplicateIdentityDetector), only
    /// confirm() makes the replica use `incarnation` again. Call resume() before set_peers().
    void resume(std::uint64_t incarnation, L state) {
        incarnation_.resume(incarnation);
        replicator_.resume(std::move(state));
    }
    /// Confirms the stored incarnation without a peer. The caller guarantees that the stored state
    /// is not an old copy.
    void confirm() { incarnation_.confirm(); }
    /// Calls `mutate(state)`, which changes the state and returns the delta of the change. Returns
    /// the delta. Throws what `mutate` throws; the state is then unchanged.
    template <class Mutate>
    L update(Mutate&& mutate) {
        return replicator_.update(std::forward<Mutate>(mutate));
    }
    /// Joins `delta`, a change that does not come from a peer. Returns what was new in `delta`.
    L join(const L& delta) { return replicator_.merge_local(delta); }

    /// Sets the members and the neighbours among them. See Replicator::set_peers().
    void set_peers(const std::vector<PeerId>& members, const std::vector<PeerId>& neighbours,
                   Time now) {
        replicator_.set_peers(members, neighbours, now);
    }
    /// Call this when the connection to a member is open again. See Replicator::connected().
    void connected(const PeerId& peer, Time now) { replicator_.connected(peer, now); }
    /// Call this when the connection to a member is closed. See Replicator::disconnected().
    void disconnected(const PeerId& peer) { replicator_.disconnected(peer); }
    /// Begins to send.
    void start(Time now) { replicator_.start(now); }
    /// Stops sending. Received changes are still joined.
    void stop() { replicator_.stop(); }
    /// Sets the least time between two messages with changes to one peer.
    void set_interval(Duration interval) { replicator_.set_interval(interval); }
    /// Sets the interval, and the delays of acks and retries. See Options.
    void set_pace(Duration interval, Duration ack_delay, Duration retry_limit) {
        replicator_.set_pace(interval, ack_delay, retry_limit);
    }
    /// Makes the next changes to each peer due `pause` after the previous changes, if `pause` is
    /// shorter than the interval. Use it while a client waits for acks.
    void expedite(Duration pause) { replicator_.expedite(pause); }
    /// Passes on the received changes that are held back. See Replicator::pass_on_relays().
    void pass_on_relays() { replicator_.pass_on_relays(); }
    /// Sends an ack to a neighbour that waits for it. See Replicator::acknowledge().
    void acknowledge(const PeerId& peer, Time now) { replicator_.acknowledge(peer, now); }

    /// Returns the generation, which identifies the prunings of the state; see pruning.hpp.
    Generation generation() const { return replicator_.generation(); }
    /// Declares that the resumed state is of this generation. Call it before set_peers().
    void resume_generation(Generation generation) { replicator_.resume_generation(generation); }
    /// Calls change(state), which prunes the state. See Replicator::begin_generation().
    void begin_generation(Generation generation, std::invocable<L&> auto&& change, Time now) {
        replicator_.begin_generation(generation, change, now);
    }
    /// Abandons the incarnation, because peers have pruned it. See Incarnation::reset().
    void abandon_incarnation() { reincarnate(); }

    /// Processes a message that the member `from` has sent.
    void receive(const PeerId& from, const Message<L>& message, Time now) {
        if constexpr (requires(const L& delta) { host_->on_arrival(delta); }) {
            if (message.changes) host_->on_arrival(message.changes->delta);
        }
        const Detector detector(state(), host_->replica_id(incarnation_.lasting()));
        const L growth = replicator_.on_message(from, message, now);
        is_current_ |= replicator_.is_answered();
        if (detector.detects(state(), growth))
            reincarnate();
        else if (Detector::can_detect && replicator_.is_answered())
            confirm();
        if (!growth.is_bottom()) host_->on_growth(growth);
    }
    /// Returns when tick() must be called next, or nothing if everything is sent and acknowledged.
    std::optional<Time> next_deadline() const { return replicator_.next_deadline(); }
    /// Calls send(peer, message) for each message that is due at `now`.
    template <class Send>
    void tick(Time now, Send&& send) {
        for (const auto& outgoing : replicator_.on_tick(now)) send(outgoing.to, outgoing.message);
    }

  private:
    /// Changes the incarnation. Either another process has written under this incarnation, or an
    /// earlier run has written more than was stored. Further writes under the incarnation could be
    /// mistaken for those writes.
    void reincarnate() {
        const std::uint64_t before = incarnation_.lasting();
        incarnation_.reset(host_->fresh_incarnation());
        ++reincarnations_;
        host_->on_reincarnation(before);
    }
};

}  // namespace crdt::replication

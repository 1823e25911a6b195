// SPDX-License-Identifier: MIT
//! Pruning: prunes the slots of departed replicas from the counters.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <crdt/nats/connection.hpp>
#include <crdt/nats/gossip_options.hpp>
#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/message.hpp>
#include <crdt/nats/peer_frames.hpp>
#include <crdt/nats/subscription.hpp>
#include <crdt/replication/pruning.hpp>

#include "counter_store.hpp"
#include "counters.hpp"
#include "departures.hpp"
#include "gossip.hpp"
#include "metrics.hpp"

namespace counterd {

/// The functions of this node that its Pruner calls; see crdt::replication::PruningHost.
class PruningNode {
    using Message = crdt::replication::PruningMessage<Counters>;

    Gossip* gossip_;
    CounterStore* store_;
    crdt::nats::Connection::Log log_;
    Duration forget_after_;
    Time began_ = monotonic_now();
    std::uint64_t lost_ = 0;

    std::vector<ReplicaId> own_of(const Message& commit) const;
    void report_loss(const std::vector<ReplicaId>& own);

  public:
    PruningNode(Gossip& gossip, CounterStore& store, Duration forget_after,
                crdt::nats::Connection::Log log)
        : gossip_(&gossip), store_(&store), log_(std::move(log)), forget_after_(forget_after) {}

    const Counters& state() const { return gossip_->state(); }
    crdt::replication::Generation generation() const { return gossip_->generation(); }
    Counters collapse(const Counters& written, const std::vector<ReplicaId>& writers) const;
    void begin(const Message& commit, const std::function<void(Counters&)>& change, Time now);
    Counters start_over();
    /// Returns how many prunings of this node have lost adds that only this node had.
    std::uint64_t lost() const { return lost_; }
};

/// Connects a Pruner and Departures to NATS and to the store. The subjects between nodes are
///
///     crdt.C.prune.TO.FROM     messages of the pruner
///
/// Errors  store errors pass through; an invalid message is counted and dropped
class Pruning {
    using Message = crdt::replication::PruningMessage<Counters>;
    using Pruner = crdt::replication::Pruner<Counters, PruningNode, std::string>;

    Gossip* gossip_;
    CounterStore* store_;
    crdt::nats::Connection::Log log_;
    PruningNode node_;
    Departures departures_;
    crdt::nats::GossipMetrics metrics_;
    std::uint64_t unfit_ = 0;
    crdt::nats::PeerFrames frames_;
    Pruner pruner_;
    std::vector<std::string> members_;
    Time examine_at_{}, active_at_{};
    crdt::nats::Subscription subscription_;

    void on_peer_message(const crdt::nats::NatsMessage& message);
    void agree(const std::vector<ReplicaId>& writers, Time now);
    void set_active();
    void examine(Time now);
    template <class Step>
    void run(Step&& step);

  public:
    /// If `forget_after` is not 0, a replica without a heartbeat for this time has departed. All
    /// references must outlive this object.
    Pruning(crdt::nats::Connection& connection, crdt::nats::Mailbox& mailbox, Gossip& gossip,
            CounterStore& store, Duration forget_after, crdt::nats::Connection::Log log);
    Pruning(const Pruning&) = delete;
    Pruning& operator=(const Pruning&) = delete;

    /// Examines the members and the writers if this is due, and sends all messages of the pruner
    /// that are due.
    void tick(Time now);
    Time next_deadline() const;
    /// Returns whether slots are collected for a pruning. No counter may be reset meanwhile.
    bool is_collecting() const { return pruner_.is_collecting(monotonic_now()); }
    /// Declares that a node, or an incarnation in digits, has departed. Returns the incarnation.
    /// Throws Error if it is not known, has written nothing, or is active.
    ReplicaId dismiss(const std::string& node_or_incarnation);
    Metrics metrics() const;
};

}  // namespace counterd

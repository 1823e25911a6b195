// SPDX-License-Identifier: MIT
//! LimitsChecker: checks that what replicas keep and send is bounded, durable and needed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <unordered_set>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/hash.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/options.hpp>

namespace crdt::sim {

/// Checks the bounds of every buffer, and that no message contains too much. `Replicator` is the
/// engine of the replicas.
///
///     a message             costs at most twice the limit, and contains only durable changes, none
///                           of which came from the receiver
///     the log               is within its limit; no entry spans a position that a pending ack can
///                           name
///     announced positions   are at most 16 for each peer
///     changes held back     cost at most as much as a message
///     pieces                of a transfer are as few as the limit of messages allows
///     received-since-send   is kept for a peer only while changes wait to be sent to the peer
///     an idle replica       keeps nothing for its peers
///
/// Call each member function when the event in its comment happens. A check returns a text about
/// the error, or null.
template <DecomposableLattice L, class Replicator, class Policy>
class LimitsChecker {
    using Message = replication::Message<L>;
    using Sequence = replication::Sequence;

    /// The greatest number of acks that can be pending for one peer. The log keeps the boundaries
    /// that these acks name.
    static constexpr std::size_t max_announced = 16;
    /// If a change has more parts than this, its parts are not compared one by one.
    static constexpr std::size_t max_parts = 64;

    /// The data of messages from one replica to another, in one epoch of the other replica.
    struct Link {
        replication::Epoch epoch = replication::unknown_epoch;
        /// The end positions of messages that were sent and can be acknowledged.
        std::vector<Sequence> announced = {};
        /// The hashes of the parts that were new when the other replica sent them.
        std::unordered_set<std::uint64_t> received = {};
    };
    /// The size of a replica's log at the last check, and the links of the replica.
    struct Known {
        Sequence end = 0;
        std::size_t size = 0, cost = 0;
        std::vector<Link> links = {};
    };

    replication::Options options_;
    std::vector<Known> replicas_ = {};

    Known& known(std::size_t replica) {
        if (replicas_.size() <= replica) replicas_.resize(replica + 1);
        return replicas_[replica];
    }
    Link& link(std::size_t replica, std::size_t peer, replication::Epoch epoch) {
        std::vector<Link>& links = known(replica).links;
        if (links.size() <= peer) links.resize(peer + 1);
        if (links[peer].epoch != epoch) links[peer] = {epoch};
        return links[peer];
    }

    template <class Sending>
    static const char* check_kept(const Replicator& engine, std::size_t peer,
                                  const Sending& sending) {
        if (sending.unacknowledged().announced().size() > max_announced)
            return "too many announced positions";
        if (!sending.received_since_send().is_bottom() &&
            !engine.log().has_pending(sending.position(), peer))
            return "keeps what it received, and has nothing to send";
        return nullptr;
    }

  public:
    /// Makes a checker. `options` are the options of all replicas.
    explicit LimitsChecker(const replication::Options& options) : options_(options) {}

    /// The replica has crashed or left.
    void clear(std::size_t replica) {
        known(replica) = {};
        for (Known& other : replicas_) {
            if (replica < other.links.size()) other.links[replica] = {};
        }
    }
    /// The replica has dropped the member `peer` from its view, so it keeps nothing for this
    /// member.
    void clear_link(std::size_t replica, std::size_t peer) {
        link(replica, peer, replication::unknown_epoch) = {};
    }

    /// The replica has received a message of `from`. The message has added `novel` to the state.
    const char* on_received(std::size_t replica, const Replicator& engine, std::size_t from,
                            const L& novel) {
        const auto* peer = engine.link(from);
        if (peer == nullptr) return nullptr;
        Link& own = link(replica, from, peer->epoch());
        if (part_count(novel) <= max_parts) {
            decompose(novel,
                      [&](const L& part) { own.received.insert(crdt::detail::hash_of(part)); });
        }
        return peer->sending().is_probing() ? nullptr : check_kept(engine, from, peer->sending());
    }

    /// The replica sends a message. `durable` is its durable state.
    const char* check_sent(std::size_t replica, const Replicator& engine, std::size_t to,
                           const Message& message, const L& durable) {
        const auto* peer = engine.link(to);
        if (peer == nullptr) return "sends to a replica that is not a member";
        if (!(durable == engine.state())) return "sends before its state is durable";
        if (!message.changes) return nullptr;
        const auto& changes = *message.changes;
        if (range_count(changes.delta) > 2 * options_.message_limit)
            return "a message is over its limit";
        if (!changes.delta.leq(durable)) return "sends what it does not have";
        const auto& sending = peer->sending();
        if (sending.is_probing()) return nullptr;
        Link& own = link(replica, to, peer->epoch());
        if (!own.announced.empty() && changes.first != own.announced.back()) own.announced.clear();
        if (changes.first == 0) return nullptr;
        own.announced.push_back(changes.last);
        if (own.announced.size() > max_announced) own.announced.erase(own.announced.begin());
        if (sending.is_transferring()) return nullptr;
        if (!changes.more_pieces && !sending.received_since_send().is_bottom())
            return "keeps what it received before it sent everything";
        if (!Policy::removes_redundancy || !Policy::avoids_back_propagation) return nullptr;
        if (part_count(changes.delta) > max_parts) return nullptr;
        bool is_new = true;
        decompose(changes.delta, [&](const L& part) {
            is_new = is_new && !own.received.contains(crdt::detail::hash_of(part));
        });
        return is_new ? nullptr : "sends a change back to its source";
    }

    /// The engine of the replica has changed. `peers` are the members that can be its peers.
    /// `changes` is the number of changes that all replicas have made so far. `has_ticked` is true
    /// if on_tick() has changed the engine.
    const char* check_log(std::size_t replica, const Replicator& engine,
                          const std::vector<std::size_t>& peers, std::size_t changes,
                          bool has_ticked) {
        Known& now = known(replica);
        const auto& log = engine.log();
        if (log.cost() > options_.log_limit) return "the log is over its limit";
        if (engine.relays().cost() > options_.message_limit) return "too much is held back";
        const std::size_t reserved = has_ticked ? log.end() - now.end : 0;
        if (reserved > 2 * peers.size()) {
            // Each change cuts a range of a digest at most twice. A transfer that is made piece by
            // piece reserves twice as many positions as the state has ranges.
            const std::size_t ranges = range_count(engine.state()) + 2 * changes;
            if (reserved > peers.size() * (2 * ranges + 3)) return "a transfer in too many pieces";
        }
        const bool has_changed = log.size() != now.size || log.cost() != now.cost;
        now.end = log.end();
        now.size = log.size();
        now.cost = log.cost();
        if (!has_changed && !has_ticked) return nullptr;
        for (const std::size_t peer : peers) {
            const auto* entry = engine.link(peer);
            if (entry == nullptr) continue;
            Link& own = link(replica, peer, entry->epoch());
            const auto& sending = entry->sending();
            if (sending.is_probing()) {
                own.announced.clear();
                continue;
            }
            if (const char* wrong = check_kept(engine, peer, sending)) return wrong;
            // Acks that have timed out are not expected any more.
            if (!sending.in_flight()) own.announced.clear();
            std::erase_if(own.announced, [&](Sequence end) { return end <= sending.position(); });
            for (const Sequence end : own.announced) {
                if (!log.is_boundary(end)) return "joins changes across an announced position";
            }
        }
        return nullptr;
    }

    /// Checks a replica that has nothing to send.
    static const char* check_idle(const Replicator& engine, const std::vector<std::size_t>& peers) {
        if (engine.log().size() != 0) return "idle, but the log is not empty";
        if (!engine.relays().empty()) return "idle, but holds changes back";
        for (const std::size_t peer : peers) {
            const auto* entry = engine.link(peer);
            if (entry == nullptr) continue;
            if (entry->has_request()) return "idle, but a request is not answered";
            if (entry->sending().is_probing()) continue;
            if (entry->sending().is_transferring()) return "idle, but keeps pieces for a peer";
            if (!entry->sending().received_since_send().is_bottom())
                return "idle, but keeps what it received";
        }
        return nullptr;
    }
};

}  // namespace crdt::sim

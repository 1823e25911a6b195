// SPDX-License-Identifier: MIT
//! Reception: processes a message of a peer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>
#include <crdt/replication/accept.hpp>
#include <crdt/replication/link.hpp>
#include <crdt/replication/links.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/metrics.hpp>
#include <crdt/replication/replica_data.hpp>
#include <crdt/replication/resync.hpp>
#include <crdt/replication/time.hpp>

namespace crdt::replication {

/// Processes the messages of peers. No other code lets a message change this replica. receive()
/// checks the message, joins its changes and appends them to the log. Then it passes the ack to the
/// sending end of the link, and records the requests. It sends no answer, because on_tick()
/// composes all messages.
template <DecomposableLattice L, class PeerId, class Policy, class Accept>
struct Reception {
    using Link = replication::Link<L, PeerId, Policy>;
    using Strategy = ResyncStrategy<L, Policy>;

    ReplicaData<L, PeerId, Policy>& replica;
    Links<L, PeerId, Policy>& links;
    Admission<L, PeerId, Accept>& admission;
    Time now;

    /// Processes `message` of the member `from`. Returns what was new. If the message or its
    /// changes are ignored, increments the metric that names the reason.
    L receive(const PeerId& from, const Message<L>& message) {
        Metrics& metrics = replica.metrics;
        Link* const link = links.find(from);
        if (link == nullptr || !is_well_formed(message)) return ++metrics.rejected, L{};
        ++metrics.messages_received;
        if (message.generation != replica.generation) return ++metrics.other_generations, L{};
        const std::size_t cost = message.changes ? Policy::cost(message.changes->delta) : 0;
        link->on_message(cost, now);
        if (link->on_epoch(message.from_epoch, now)) ++metrics.epoch_changes;
        const bool is_for_this_epoch = message.to_epoch == replica.epoch || !Policy::checks_epochs;
        if (!is_for_this_epoch && message.to_epoch != unknown_epoch) {
            ++metrics.foreign_epochs;
            link->on_foreign_epoch(now);
        }
        L novel;
        if (message.changes) {
            if (crdt::detail::in_conflict(replica.state, message.changes->delta))
                ++metrics.conflicts;
            else
                novel = join(from, *link, message, cost, is_for_this_epoch);
        }
        if (message.ack && is_for_this_epoch && link->on_ack(*message.ack, replica, now)) {
            links.compact(replica);
            // Changes that compact() has joined can cost more than before, so the limit is checked
            // again.
            if constexpr (Policy::bounds_log) links.truncate(replica, now);
        }
        if (link->is_neighbour()) links.on_followed(*link, message.followed, replica);
        if (message.fingerprint) compare(*message.fingerprint);
        link->on_requests(message, replica, links.scheduler(), now);
        return novel;
    }

  private:
    /// Could a correct replica have sent this message?
    bool is_well_formed(const Message<L>& message) const {
        if (message.from_epoch == unknown_epoch) return false;
        if (message.changes && !message.changes->is_well_formed()) return false;
        if (!Strategy::uses_sketches &&
            (message.sketch || (message.changes && message.changes->sketch)))
            return false;
        if (!message.ack) return true;
        return *message.ack != 0 &&
               (message.to_epoch != replica.epoch || *message.ack <= replica.log.end());
    }
    L join(const PeerId& from, Link& link, const Message<L>& message, std::size_t cost,
           bool is_for_this_epoch) {
        const L& delta = message.changes->delta;
        Metrics& metrics = replica.metrics;
        const std::uint64_t refused = metrics.refused;
        std::optional<L> accepted;
        L novel = admission.absorb(replica.state, delta, from, accepted, metrics.refused);
        if (metrics.refused != refused) link.on_refused(replica.options, now);
        const L& joined = accepted ? *accepted : delta;
        links.append_received(Policy::removes_redundancy || novel.is_bottom() ? novel : joined,
                              from, cost, message, replica, now);
        // If all of `delta` was new, none of it can be pending for the peer.
        if (!(novel == delta)) link.on_received(delta, replica);
        // Changes that bring this replica up to date are passed on without a pause, before other
        // peers request them.
        if (!novel.is_bottom() &&
            (message.changes->is_opening() || link.receiving().is_transferring()))
            links.expedite(Duration::zero(), &link);
        metrics.on_received(delta, joined, novel);
        // A full state or a bucket difference does not depend on the epoch of this replica, so its
        // positions always count.
        if ((is_for_this_epoch || message.changes->requests_answer()) && link.is_neighbour() &&
            message.changes->has_position())
            link.on_changes(*message.changes, replica, links.scheduler(), now);
        return novel;
    }
    void compare(const Fingerprint& theirs) {
        if constexpr (Strategy::has_fingerprint) {
            const Fingerprint own = Strategy::fingerprint(replica.state, theirs.key);
            replica.metrics.divergences += own.digest == theirs.digest && own.state != theirs.state;
        }
    }
};

}  // namespace crdt::replication

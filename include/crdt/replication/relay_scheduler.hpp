// SPDX-License-Identifier: MIT
//! RelayScheduler: decides which received changes are passed on to the other neighbours, and when.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/relays.hpp>
#include <crdt/replication/replica_data.hpp>
#include <crdt/replication/time.hpp>

namespace crdt::replication {

/// The source of a received change is the neighbour that sent it to this replica. Often the source
/// sends the change to the other neighbours too, because neighbours of one replica are often
/// neighbours of one another. So this scheduler first holds the change back. Each neighbour
/// announces its positions in the logs of others; see Message::followed. When all neighbours have
/// announced that they have the change, this replica need not pass it on, and drops it. Otherwise,
/// two to three intervals after the change was received, this replica passes it on to the
/// neighbours that have not announced it. So the change also arrives if its source crashes or is
/// disconnected.
///
/// A neighbour follows a log if it has announced a position in the log. If some neighbour does not
/// follow the log of the source, the change is not held back.
template <DecomposableLattice L, class PeerId, class Policy>
class RelayScheduler {
    using Replica = ReplicaData<L, PeerId, Policy>;

    Relays<L, PeerId> relays_;
    std::vector<PeerId> neighbours_;

  public:
    /// The changes that are held back.
    const Relays<L, PeerId>& relays() const { return relays_; }
    /// Sets the neighbours to those of `links`.
    template <class Links>
    void set_neighbours(const Links& links) {
        neighbours_.clear();
        for (const auto& [id, link] : links)
            if (link.is_neighbour()) neighbours_.push_back(id);
    }
    /// Drops all changes that are held back.
    void clear() noexcept { relays_.clear(); }

    /// `changes` are from the log of `origin` in `epoch`. Returns true iff they may be held back:
    /// they belong to no transfer, some other neighbour needs this replica's log, and all such
    /// neighbours follow the log of `origin`.
    template <class Links>
    bool may_hold(const Links& links, const PeerId& origin, Epoch epoch,
                  const Changes<L>& changes) const {
        const Sequence least = least_position(links, origin, epoch);
        return Policy::holds_relays && changes.has_position() &&
               changes.kind == TransferKind::none && least != 0 && least != no_receiver;
    }
    /// Holds `delta` back. It is what was new in the changes of `message`, and it costs at most
    /// `cost`. Precondition: may_hold().
    void hold(L delta, const PeerId& origin, std::size_t cost, const Message<L>& message,
              Replica& replica, Time now) {
        if (delta.is_bottom()) return;
        const Duration interval = replica.options.interval;
        const Time due = now + 2 * interval + random_below(replica.random, interval);
        relays_.hold(origin,
                     {message.from_epoch, message.changes->last, std::move(delta), cost, due});
    }
    /// Calls append(delta, origin) for each change that is due at `now`. This replica need not send
    /// the change to the neighbours that have announced it.
    template <class Links, class Append>
    void release(Links& links, const Replica& replica, Time now, Append&& append) {
        relays_.release(now, [&](const PeerId& origin, const auto& relay) {
            append(relay.delta, origin);
            for_each_receiver(links, origin, [&](auto& link) {
                if (link.followed().position(relay.epoch) >= relay.last)
                    link.on_received(relay.delta, replica);
            });
        });
    }

    /// The peer of `link` has announced the positions `followed` in the logs of others. Drops the
    /// changes that all neighbours now have, and returns the number of dropped changes.
    template <class Links, class Link>
    std::uint64_t on_followed(const Links& links, Link& link, const LogPositions& followed) {
        std::uint64_t dropped = 0;
        for (const PeerId& origin : neighbours_) {
            const Link& source = links.find(origin)->second;
            const auto announced = followed.find(source.epoch());
            if (announced == followed.end() || &source == &link) continue;
            link.followed().on_received(announced->first, announced->second);
            dropped +=
                relays_.drop(origin, source.epoch(), least_position(links, origin, source.epoch()));
        }
        if (link.followed().size() > neighbours_.size()) drop_old_epochs(links, link);
        return dropped;
    }
    /// `message` is sent to the neighbour `to`. Puts this replica's positions in the logs of its
    /// other neighbours into the message.
    template <class Links, class Link>
    void announce(const Links& links, const PeerId& to, Link& link, Message<L>& message) const {
        for (const PeerId& origin : neighbours_) {
            const Link& source = links.find(origin)->second;
            if (origin != to && source.epoch() != unknown_epoch && source.is_answered())
                link.followed().announce(source.epoch(), *source.receiving().position(),
                                         message.followed);
        }
    }

  private:
    static constexpr Sequence no_receiver = (std::numeric_limits<Sequence>::max)();

    /// Calls visit(link) for the link to each receiver. The receivers are the neighbours that need
    /// this replica's log, except `origin`.
    template <class Links, class Visit>
    void for_each_receiver(Links& links, const PeerId& origin, Visit&& visit) const {
        for (const PeerId& id : neighbours_) {
            auto& link = links.find(id)->second;
            if (id != origin && link.needs_log()) visit(link);
        }
    }
    /// `epoch` is an epoch of `origin`. Returns the position in the log of `epoch` before which all
    /// receivers have everything. Returns 0 if some receiver does not follow this log, and
    /// `no_receiver` if there are no receivers.
    template <class Links>
    Sequence least_position(const Links& links, const PeerId& origin, Epoch epoch) const {
        Sequence least = no_receiver;
        for_each_receiver(links, origin, [&](const auto& link) {
            least = (std::min)(least, link.followed().position(epoch));
        });
        return least;
    }
    template <class Links, class Link>
    void drop_old_epochs(const Links& links, Link& link) const {
        link.followed().keep_only([&](Epoch epoch) {
            return std::any_of(neighbours_.begin(), neighbours_.end(), [&](const PeerId& id) {
                return links.find(id)->second.epoch() == epoch;
            });
        });
    }
};

}  // namespace crdt::replication

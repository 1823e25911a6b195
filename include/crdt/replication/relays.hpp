// SPDX-License-Identifier: MIT
//! Relays: received changes that are passed on only if a neighbour does not have them in time.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/time.hpp>
#include <crdt/replication/timers.hpp>

namespace crdt::replication {

/// The changes that a RelayScheduler holds back. This replica has received and joined them, and has
/// not passed them on yet. The origin of a change is the neighbour that sent the change from its
/// log.
template <DecomposableLattice L, class PeerId>
class Relays {
  public:
    /// A change of a neighbour's log.
    struct Relay {
        Epoch epoch;       ///< the epoch of the log
        Sequence last;     ///< the position after the change
        L delta;           ///< what was new in the change
        std::size_t cost;  ///< an upper bound of the cost of `delta`
        Time due;          ///< when the change is passed on
    };

  private:
    /// The changes of each origin, in the order in which they were received.
    std::map<PeerId, std::deque<Relay>> relays_;
    std::size_t cost_ = 0;

    void pop_front(std::deque<Relay>& relays) {
        cost_ -= relays.front().cost;
        relays.pop_front();
    }

  public:
    /// Is no change held back?
    bool empty() const { return !deadline(); }
    /// Returns an upper bound of the cost of all changes.
    std::size_t cost() const { return cost_; }
    /// Returns when the next change is due, or nothing if there are no changes.
    std::optional<Time> deadline() const {
        std::optional<Time> next;
        for (const auto& [origin, relays] : relays_)
            if (!relays.empty()) next = earlier(next, relays.front().due);
        return next;
    }
    /// The join of all changes.
    L join() const {
        L all;
        for (const auto& [origin, relays] : relays_)
            for (const Relay& relay : relays) all.merge(relay.delta);
        return all;
    }

    /// Adds `relay`, which is a change of the log of `origin`.
    void hold(const PeerId& origin, Relay relay) {
        cost_ += relay.cost;
        relays_[origin].push_back(std::move(relay));
    }
    /// All neighbours have everything before `position` in the log of `origin` in `epoch`. Drops
    /// the changes before `position`, and returns the number of dropped changes.
    std::size_t drop(const PeerId& origin, Epoch epoch, Sequence position) {
        const auto found = relays_.find(origin);
        if (found == relays_.end()) return 0;
        auto& relays = found->second;
        std::size_t count = 0;
        for (; !relays.empty() && relays.front().epoch == epoch && relays.front().last <= position;
             ++count)
            pop_front(relays);
        return count;
    }
    /// Calls pass_on(origin, relay) for each change that is due at `now`, and then drops the
    /// change.
    template <class PassOn>
    void release(Time now, PassOn&& pass_on) {
        for (auto& [origin, relays] : relays_) {
            for (; !relays.empty() && relays.front().due <= now; pop_front(relays))
                pass_on(origin, relays.front());
        }
    }
    /// Drops all changes.
    void clear() noexcept {
        relays_.clear();
        cost_ = 0;
    }
};

}  // namespace crdt::replication

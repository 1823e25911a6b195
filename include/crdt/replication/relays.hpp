// SPDX-License-Identifier: MIT
//! Relays: received changes that are passed on only if a neighbour does not get them otherwise.
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
/// not passed them on. Each change is from the log of a neighbour, its origin.
template <DecomposableLattice L, class PeerId>
class Relays {
  public:
    /// A change of a neighbour's log.
    struct Relay {
        Epoch epoch;       ///< the epoch of the log
        Sequence last;     ///< the position after the change
        L delta;           ///< what was new in it
        std::size_t cost;  ///< the cost of `delta`, at most
        Time due;          ///< when it is passed on
    };

  private:
    /// By the neighbour that has sent them, in the order in which they were received.
    std::map<PeerId, std::deque<Relay>> relays_;
    std::size_t cost_ = 0;

    void pop_front(std::deque<Relay>& relays) {
        cost_ -= relays.front().cost;
        relays.pop_front();
    }

  public:
    /// Are there no changes?
    bool empty() const { return !deadline(); }
    /// The most that all changes cost.
    std::size_t cost() const { return cost_; }
    /// When the next change is due.
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

    /// Keeps a change of the log of `origin`.
    void hold(const PeerId& origin, Relay relay) {
        cost_ += relay.cost;
        relays_[origin].push_back(std::move(relay));
    }
    /// All neighbours have received the log of `origin` in `epoch` up to `position`. Returns the
    /// number of changes that were dropped.
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
    /// Calls pass_on(origin, relay) for each change that is due, and drops it.
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

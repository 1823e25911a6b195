// SPDX-License-Identifier: MIT
//! Ledger: every update of a simulated run, and what it may be held to.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>

namespace crdt::sim {

template <DecomposableLattice L>
struct Update {
    std::size_t replica = 0;
    L delta = {};
    /// The irreducible ones of the delta.
    std::vector<L> parts = {};
    bool acknowledged = false;
    /// It has been on somebody's disk; then, on nobody's any more.
    bool durable = false;
    bool destroyed = false;
    /// It was lost before it was durable, and nobody may ever have heard of it.
    bool vanished = false;
};

template <DecomposableLattice L>
class Ledger {
    std::vector<Update<L>> updates_;

  public:
    const std::vector<Update<L>>& updates() const { return updates_; }

    /// Returns the number that the update is known by.
    std::size_t enter(std::size_t replica, L delta, bool acknowledged) {
        Update<L> update;
        update.replica = replica;
        decompose(delta, [&](const L& part) { update.parts.push_back(part); });
        update.delta = std::move(delta);
        update.acknowledged = acknowledged;
        updates_.push_back(std::move(update));
        return updates_.size() - 1;
    }
    /// It was made by a replica that does not know what it has written before: it may be taken for
    /// that.
    void distrust(std::size_t update) { updates_[update].destroyed = true; }
    void commit(std::size_t update) {
        updates_[update].acknowledged = updates_[update].durable = true;
    }
    void keep(std::size_t update) { updates_[update].durable = true; }
    /// Of the update there is only what `disk` has of it.
    void tear(std::size_t update, const L& disk) {
        Update<L>& torn = updates_[update];
        std::erase_if(torn.parts, [&](const L& part) { return !part.leq(disk); });
        torn.delta = L{};
        for (const L& part : torn.parts) torn.delta.merge(part);
        torn.vanished = torn.parts.empty();
        torn.durable = !torn.vanished;
    }
    void lose(std::size_t update) { updates_[update].vanished = true; }

    /// Some disk has gone: an update of which `is_on_disk` knows no copy may be lost.
    template <class Predicate>
    void destroy_unless(Predicate&& is_on_disk) {
        for (Update<L>& update : updates_)
            update.destroyed |= update.durable && !is_on_disk(update.delta);
    }

    /// The replica whose acknowledged update `state` lacks though it was not destroyed.
    std::optional<std::size_t> betrayed_by(const L& state) const {
        for (const Update<L>& update : updates_) {
            if (update.acknowledged && !update.destroyed && !update.delta.leq(state))
                return update.replica;
        }
        return std::nullopt;
    }
    /// Is `state` the join of those parts of updates that it holds, and of nothing else? Then
    /// replicas to which the same was delivered have the same state.
    bool explains(const L& state) const {
        L held;
        for (const Update<L>& update : updates_) {
            if (update.vanished) continue;
            for (const L& part : update.parts) {
                if (part.leq(state)) held.merge(part);
            }
        }
        return held == state;
    }
    /// All that a state can be made of.
    L written() const {
        L all;
        for (const Update<L>& update : updates_) {
            if (!update.vanished) all.merge(update.delta);
        }
        return all;
    }
};

}  // namespace crdt::sim

// SPDX-License-Identifier: MIT
//! StateChecker: checks that states consist of updates, and that no acknowledged update is lost.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <crdt/codec/binary.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/hash.hpp>

namespace crdt::sim {

/// An update of a simulated run.
template <DecomposableLattice L>
struct Update {
    std::size_t replica = 0;    ///< the replica that made it
    L delta = {};               ///< its delta, or what a torn write has left of its delta
    bool acknowledged = false;  ///< whether the client has an acknowledgement
    bool durable = false;       ///< whether it was durable somewhere
    bool destroyed = false;     ///< whether all durable copies were lost, so it may be missing
    bool vanished = false;      ///< whether it was lost before it was durable, so no state has it
};

/// Records all updates of a run. A state must consist of parts of these updates.
///
/// Call each member function when the event in its comment happens. A check returns a text about
/// the error, or null. A change is checked when a state gains it, so the cost of a check depends
/// only on the change.
template <DecomposableLattice L>
class StateChecker {
    /// If an update has more parts than this, its parts are not recorded one by one.
    static constexpr std::size_t max_parts = 64;

    std::vector<Update<L>> updates_ = {};
    /// The hashes of the parts of updates, each with the number of updates that contain the part.
    std::unordered_map<std::uint64_t, std::size_t> parts_ = {};
    /// `large_` is the join of the updates without recorded parts. `all_` is the join of all
    /// updates.
    L large_ = {}, all_ = {};

    void record(const L& delta) {
        all_.merge(delta);
        if (part_count(delta) > max_parts)
            large_.merge(delta);
        else
            decompose(delta, [&](const L& part) { ++parts_[crdt::detail::hash_of(part)]; });
    }
    /// Records all updates again, after some have vanished.
    void record_again() {
        parts_.clear();
        large_ = all_ = L{};
        for (const Update<L>& update : updates_) {
            if (!update.vanished) record(update.delta);
        }
    }
    bool is_written(const L& part) const {
        return parts_.contains(crdt::detail::hash_of(part)) || part.leq(large_);
    }

  public:
    /// All updates, in their order.
    const std::vector<Update<L>>& updates() const { return updates_; }
    /// The join of all updates that have not vanished.
    const L& all() const { return all_; }

    /// Records an update and returns its number. If `trusted` is false, the update can be lost,
    /// because its writer may have used the same id for another update.
    std::size_t add(std::size_t replica, const L& delta, bool acknowledged, bool trusted = true) {
        record(delta);
        updates_.push_back({replica, delta, acknowledged, false, !trusted, false});
        return updates_.size() - 1;
    }
    /// The update is durable, and its client has an acknowledgement.
    void acknowledge(std::size_t update) {
        updates_[update].acknowledged = updates_[update].durable = true;
    }
    /// A replica has crashed before these updates were acknowledged. `durable` is the durable state
    /// of the replica after the crash.
    void crash(const std::vector<std::size_t>& updates, const L& durable) {
        for (const std::size_t number : updates) {
            Update<L>& update = updates_[number];
            // Keeps only the parts of the update that `durable` contains.
            update.delta = difference(update.delta, difference(update.delta, durable));
            update.durable = !update.delta.is_bottom();
            update.vanished = !update.durable;
        }
        if (!updates.empty()) record_again();
    }
    /// Durable data was lost. Marks each durable update as destroyed if is_durable(delta) is false.
    template <class Predicate>
    void mark_destroyed(Predicate&& is_durable) {
        for (Update<L>& update : updates_) {
            if (update.durable && !update.destroyed) update.destroyed = !is_durable(update.delta);
        }
    }

    /// A state has grown by `novel`.
    const char* check_gained(const L& novel) const {
        if (part_count(novel) > max_parts)
            return novel.leq(all_) ? nullptr : "a state contains what was not written";
        bool written = true;
        decompose(novel, [&](const L& part) { written = written && is_written(part); });
        return written ? nullptr : "a state is not made of parts of updates";
    }
    /// Checks that `state` is `recorded`, the join of everything that the replica has gained.
    static const char* check_growth(const L& state, const L& recorded) {
        return state == recorded ? nullptr : "a state is not what it was and what it received";
    }
    /// If two states are equal, checks that their hashes and their bytes are equal, too.
    static const char* check_equal(const L& a, const L& b) {
        if (!(a == b)) return nullptr;
        if (crdt::detail::hash_of(a) != crdt::detail::hash_of(b))
            return "equal states have different hashes";
        if (binary::encode_value(a) != binary::encode_value(b))
            return "equal states have different bytes";
        return nullptr;
    }
    /// Checks the state at the end of a run.
    const char* check_final(const L& state) const {
        if (!state.leq(all_)) return "the final state contains what was not written";
        const bool complete =
            std::all_of(updates_.begin(), updates_.end(), [&](const Update<L>& update) {
                return !update.acknowledged || update.destroyed || update.delta.leq(state);
            });
        return complete ? nullptr : "an acknowledged update is lost";
    }
};

}  // namespace crdt::sim

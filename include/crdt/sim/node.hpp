// SPDX-License-Identifier: MIT
//! Node: one simulated replica.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/overlay.hpp>
#include <crdt/replication/replicator.hpp>
#include <crdt/sim/clock.hpp>
#include <crdt/sim/storage.hpp>

namespace crdt::sim {

/// A replica with its clock and its storage. The engine exists only while the replica runs.
template <DecomposableLattice L, class Policy>
class Node {
  public:
    /// The engine.
    using Replicator = replication::Replicator<L, std::size_t, Policy>;

    std::optional<Replicator> engine = {};      ///< none while the replica does not run
    std::uint64_t run = 0;                      ///< counts the starts
    Storage<L> storage = {};                    ///< what survives a crash
    Clock clock = {};                           ///< the clock that the engine reads
    bool uses_next_version = false;             ///< whether frames of the next version are sent
    Time paused_until{};                        ///< the replica does nothing before this time
    std::optional<Time> tick_at = {};           ///< when on_tick() is due
    std::vector<std::size_t> unacknowledged{};  ///< its updates that are not durable yet
    std::optional<std::size_t> dropped = {};    ///< the member that is missing in its view

    /// Whether the replica runs and is not paused.
    bool is_active(Time now) const { return engine && paused_until <= now; }
    /// Returns the id under which the replica writes. No other replica and no other incarnation has
    /// this id.
    std::size_t writer(std::size_t index) const { return index + 1000 * storage.incarnation(); }
    /// Returns the time that the clock of the replica shows at `now`.
    Time local(Time now) const { return clock.local(now); }

    /// Starts the replica with its durable state, in the new epoch `epoch`. It has no peers yet.
    void start(replication::Epoch epoch, const replication::Options& options) {
        ++run;
        tick_at.reset();
        dropped.reset();
        engine.emplace(epoch, options);
        engine->merge_local(storage.state());
    }
    /// Makes the replica crash. `kind` determines what its storage contains afterwards.
    void crash(CrashKind kind, crdt::Random& random) {
        storage.crash(kind, random);
        engine.reset();
    }
    /// Sets the members of the engine: all except the replica itself and the dropped member. If
    /// `twice` is true, each member is listed twice.
    void set_members(std::vector<std::size_t> members, std::size_t self,
                     const replication::OverlayOptions& overlay, bool twice, Time now) {
        std::erase(members, self);
        auto adjacent = replication::neighbours(members, self, overlay);
        if (dropped) std::erase(members, *dropped);
        if (twice) {
            members.insert(members.end(), members.rbegin(), members.rend());
            adjacent.insert(adjacent.end(), adjacent.rbegin(), adjacent.rend());
        }
        engine->set_peers(members, adjacent, local(now));
    }
    /// Returns when on_tick() must be called, or nothing if this call is already scheduled.
    std::optional<Time> reschedule(Time now) {
        const auto deadline = engine ? engine->next_deadline() : std::nullopt;
        if (!deadline) return std::nullopt;
        const Time at = (std::max)(clock.global(now, *deadline), paused_until);
        if (tick_at && *tick_at <= at) return std::nullopt;
        tick_at = at;
        return at;
    }
};

}  // namespace crdt::sim

// SPDX-License-Identifier: MIT
//! Clock: the clock of a simulated replica, which jumps ahead and runs fast.
#pragma once

#include <crdt/replication/time.hpp>

namespace crdt::sim {

using replication::Duration;
using replication::Time;

/// Maps the time of the simulation to the time that a replica reads, and back.
struct Clock {
    /// How far the clock is ahead of the simulation's time.
    Duration offset{};
    /// How much faster the clock runs, in per mille.
    unsigned drift = 0;

    /// Returns the time that the clock shows at `now`.
    Time local(Time now) const { return now + now.time_since_epoch() / 1000 * drift + offset; }
    /// Returns the time of the simulation at which the clock shows `at`, or a slightly later time.
    Time global(Time now, Time at) const {
        const Time ahead = local(now);
        return at <= ahead ? now : now + (at - ahead);
    }
};

}  // namespace crdt::sim

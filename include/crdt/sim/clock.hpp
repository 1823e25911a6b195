// SPDX-License-Identifier: MIT
//! Clock: a simulated replica's own, which leaps and runs fast.
#pragma once

#include <crdt/replication/options.hpp>

namespace crdt::sim {

using replication::Time;

struct Clock {
    Time offset = 0;
    /// In per mille.
    Time drift = 0;

    Time local(Time now) const { return now + now / 1000 * drift + offset; }
    /// When it shows `at`, or a little later.
    Time global(Time now, Time at) const {
        const Time ahead = local(now);
        return at <= ahead ? now : now + (at - ahead);
    }
};

}  // namespace crdt::sim

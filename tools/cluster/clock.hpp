// SPDX-License-Identifier: MIT
//! The run's clock: monotonic, and zero when the run begins.
#pragma once

#include <crdt/system/clock.hpp>

#include "history.hpp"

namespace cluster {

class Clock {
    crdt::replication::Time start_ = crdt::system::monotonic_now();

  public:
    Micros now() const { return static_cast<Micros>(crdt::system::monotonic_now() - start_); }
};

}  // namespace cluster

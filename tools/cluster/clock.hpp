// SPDX-License-Identifier: MIT
//! The clock of a run: monotonic, zero when the run begins.
#pragma once

#include <crdt/system/clock.hpp>

#include "history.hpp"

namespace cluster {

class Clock {
    crdt::replication::Time start_ = crdt::system::monotonic_now();

  public:
    Micros now() const { return (crdt::system::monotonic_now() - start_).count(); }
};

}  // namespace cluster

// SPDX-License-Identifier: MIT
//! The machine's steady clock, as a time point of the engine.
#pragma once

#include <chrono>

#include <crdt/replication/time.hpp>

namespace crdt::system {

/// Returns the time of std::chrono::steady_clock, which never decreases.
inline replication::Time monotonic_now() {
    return replication::Time{std::chrono::duration_cast<replication::Duration>(
        std::chrono::steady_clock::now().time_since_epoch())};
}

}  // namespace crdt::system

// SPDX-License-Identifier: MIT
//! The machine's clock, in the engine's unit.
#pragma once

#include <chrono>

#include <crdt/replication/options.hpp>

namespace crdt::system {

/// A clock that does not go back.
inline replication::Time monotonic_now() {
    const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<replication::Time>(
        std::chrono::duration_cast<std::chrono::microseconds>(since_start).count());
}

}  // namespace crdt::system

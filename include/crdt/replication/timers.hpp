// SPDX-License-Identifier: MIT
//! TimerTable: the points in time at which something is due on one link.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include <crdt/replication/time.hpp>

namespace crdt::replication {

/// Returns the earlier of `a` and `b`. If only one is set, returns that one. If neither is set,
/// returns nothing.
inline std::optional<Time> earlier(std::optional<Time> a, std::optional<Time> b) {
    return !a || (b && *b < *a) ? b : a;
}

/// The actions that can be due on a link.
enum class Timer : std::size_t {
    ack,      ///< an acknowledgement that waits for a message to carry it
    request,  ///< a request to the peer for what this replica lacks
    answer,   ///< the answer to a request of the peer
    refused   ///< a repeated request for changes that Accept refused
};

/// Stores the time at which each timer is due. A timer that is not set is never due.
class TimerTable {
    std::array<std::optional<Time>, 4> due_{};

    std::optional<Time>& at(Timer timer) { return due_[static_cast<std::size_t>(timer)]; }

  public:
    /// Returns the time at which `timer` is due, or nothing if it is not set.
    std::optional<Time> operator[](Timer timer) const {
        return due_[static_cast<std::size_t>(timer)];
    }
    /// Is `timer` set?
    bool is_set(Timer timer) const { return (*this)[timer].has_value(); }
    /// Is `timer` set, and is it due at `now`?
    bool is_due(Timer timer, Time now) const { return is_set(timer) && *(*this)[timer] <= now; }

    /// Sets `timer` to `due`. Replaces an earlier setting.
    void set(Timer timer, Time due) { at(timer) = due; }
    /// Sets `timer` to `due`. If `timer` is already set to an earlier time, it keeps that time.
    void set_by(Timer timer, Time due) { at(timer) = earlier(at(timer), due); }
    /// Unsets `timer`, so that it is never due.
    void clear(Timer timer) { at(timer).reset(); }
};

}  // namespace crdt::replication

// SPDX-License-Identifier: MIT
//! TimerTable: the points in time at which something is due on one link.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include <crdt/replication/time.hpp>

namespace crdt::replication {

/// Returns the earlier of two points in time. Each may be missing.
inline std::optional<Time> earlier(std::optional<Time> a, std::optional<Time> b) {
    return !a || (b && *b < *a) ? b : a;
}

/// The actions that can be due on a link.
enum class Timer : std::size_t {
    ack,      ///< an acknowledgement that waits for a message to travel in
    request,  ///< a request to the peer for what this replica lacks
    answer,   ///< the answer to a request of the peer
    refused   ///< another request for changes that Accept refused
};

/// When each timer is due. A timer that is not set is never due.
class TimerTable {
    std::array<std::optional<Time>, 4> due_{};

    std::optional<Time>& at(Timer timer) { return due_[static_cast<std::size_t>(timer)]; }

  public:
    /// When `timer` is due, or nothing if it is not set.
    std::optional<Time> operator[](Timer timer) const {
        return due_[static_cast<std::size_t>(timer)];
    }
    /// Is `timer` set?
    bool is_set(Timer timer) const { return (*this)[timer].has_value(); }
    /// Is `timer` set, and is it due at `now`?
    bool is_due(Timer timer, Time now) const { return is_set(timer) && *(*this)[timer] <= now; }

    /// Sets `timer`, whatever it was set to before.
    void set(Timer timer, Time due) { at(timer) = due; }
    /// Sets `timer` unless it is due before.
    void set_by(Timer timer, Time due) { at(timer) = earlier(at(timer), due); }
    /// `timer` is not due any more.
    void clear(Timer timer) { at(timer).reset(); }
};

}  // namespace crdt::replication

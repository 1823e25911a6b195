// SPDX-License-Identifier: MIT
//! Duration and Time: durations and points in time, as the engine uses them.
#pragma once

#include <chrono>
#include <cstdint>

#include <crdt/random.hpp>

namespace crdt::replication {

/// A span of time. All coarser chrono durations convert to it.
using Duration = std::chrono::microseconds;

/// The clock type for points in time that the caller passes. The engine reads no clock: the caller
/// passes the current time to each call, and must never pass an earlier time to the same object
/// later. The compiler rejects code that mixes points in time of different clock types.
struct CallerClock {
    using duration = Duration;                                ///< its resolution
    using rep = duration::rep;                                ///< of a Duration
    using period = duration::period;                          ///< of a Duration
    using time_point = std::chrono::time_point<CallerClock>;  ///< a Time
    static constexpr bool is_steady = true;                   ///< it never decreases
};

/// A point in time of the caller's clock, counted from any origin, e.g. the start of the process.
using Time = CallerClock::time_point;

/// Returns a uniformly random duration in [0, bound); zero if `bound` is not positive.
inline Duration random_below(Random& random, Duration bound) {
    if (bound <= Duration::zero()) return Duration::zero();
    return Duration{
        static_cast<Duration::rep>(random.below(static_cast<std::uint64_t>(bound.count())))};
}

}  // namespace crdt::replication

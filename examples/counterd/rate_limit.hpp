// SPDX-License-Identifier: MIT
//! RateLimit: a limit of requests per second.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <crdt/replication/time.hpp>

namespace counterd {

/// A token bucket. After a pause, it admits as many requests as the limit for one second.
class RateLimit {
    using Time = crdt::replication::Time;
    using Duration = crdt::replication::Duration;
    static constexpr Duration second = std::chrono::milliseconds{1000};

    Duration cost_;
    Duration spare_ = second;
    Time last_{};

  public:
    /// Admits `per_second` requests per second on average, or all requests if `per_second` is 0.
    explicit RateLimit(std::uint64_t per_second)
        : cost_(per_second == 0
                    ? Duration{}
                    : std::max<Duration>(second / static_cast<Duration::rep>(per_second),
                                         Duration{1})) {}

    bool admit(Time now) {
        spare_ = std::min(second, spare_ + (now - last_));
        last_ = now;
        if (spare_ < cost_) return false;
        spare_ -= cost_;
        return true;
    }
};

}  // namespace counterd

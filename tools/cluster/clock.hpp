// SPDX-License-Identifier: MIT
//! The clock of a run: monotonic, zero when the run begins.
#pragma once

#include <chrono>

#include "history.hpp"

namespace cluster {

class Clock {
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();

  public:
    Micros now() const {
        const auto elapsed = std::chrono::steady_clock::now() - start_;
        return std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count();
    }
};

}  // namespace cluster

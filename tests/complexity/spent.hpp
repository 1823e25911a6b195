// SPDX-License-Identifier: MIT
//! What operations have cost so far, in numbers that a busy machine does not change.
#pragma once

#include <cstddef>

struct Cost {
    std::size_t comparisons = 0;
    std::size_t allocations = 0;
    std::size_t bytes = 0;
};

inline Cost spent;

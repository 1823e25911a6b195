// SPDX-License-Identifier: MIT
//! The cost of all operations so far, in counts that do not depend on the load of the machine.
#pragma once

#include <cstddef>

struct Cost {
    std::size_t comparisons = 0;
    std::size_t allocations = 0;
    std::size_t bytes = 0;
};

inline Cost spent;

// SPDX-License-Identifier: MIT
//! The memory that this thread has allocated.
#pragma once

#include <cstddef>

namespace bench {

/// The number of allocations, and the bytes that are still allocated, as the allocator rounds them.
struct Spent {
    std::size_t allocations = 0;
    std::size_t bytes = 0;
};
extern thread_local Spent spent;

}  // namespace bench

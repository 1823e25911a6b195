// SPDX-License-Identifier: MIT
//! Makes an allocation fail at the request of a test.
#pragma once

#include <cstddef>
#include <new>

namespace support {

/// The number of allocations of this thread that still succeed before one fails. If it is negative,
/// none fails.
inline thread_local long allocations_left = -1;

/// Runs `action` and lets its `index`-th allocation fail, counted from 0. Returns true iff `action`
/// made that allocation. It then ended with std::bad_alloc, or continued without the memory.
template <class Action>
bool fails_allocation(long index, Action&& action) {
    struct Disarm {
        ~Disarm() { allocations_left = -1; }
    };
    const Disarm disarm;
    allocations_left = index;
    try {
        action();
    } catch (const std::bad_alloc&) {
        return true;
    }
    return allocations_left < 0;
}

}  // namespace support

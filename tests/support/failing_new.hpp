// SPDX-License-Identifier: MIT
//! An allocation that fails when a test requests it.
#pragma once

#include <cstddef>
#include <new>

namespace support {

/// How many more allocations of this thread succeed before one fails; none fails while negative.
inline thread_local long allocations_left = -1;

/// Runs `action` with its `index`-th allocation failing, counted from 0. True iff it came to that:
/// `action` then ended with std::bad_alloc, or did without.
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

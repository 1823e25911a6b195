// SPDX-License-Identifier: MIT
//! The bytes that are allocated, as the allocator rounds them.
#pragma once

#include <cstddef>

namespace bench {

struct Memory {
    std::size_t live = 0;
    std::size_t peak = 0;
};
extern Memory memory;

}  // namespace bench

// SPDX-License-Identifier: MIT
//! Returns memory that the allocator keeps to the operating system.
#pragma once

#include <cstdlib>  // defines __GLIBC__
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace counterd {

/// Returns the memory that is free now to the operating system. Call it when much was freed that
/// will not be needed soon. It takes time in proportion to the memory of the process. Has an effect
/// only with glibc.
inline void return_free_memory() {
#ifdef __GLIBC__
    ::malloc_trim(0);
#endif
}

}  // namespace counterd

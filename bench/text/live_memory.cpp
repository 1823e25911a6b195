// SPDX-License-Identifier: MIT
//! Counts the bytes that are allocated, for the benchmark of texts.
#include "live_memory.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

#include <malloc.h>

namespace bench {

Memory memory;

}  // namespace bench

void* operator new(std::size_t size) {
    void* const place = std::malloc(size);
    if (place == nullptr) throw std::bad_alloc();
    bench::memory.live += malloc_usable_size(place);
    if (bench::memory.live > bench::memory.peak) bench::memory.peak = bench::memory.live;
    return place;
}
void operator delete(void* place) noexcept {
    if (place == nullptr) return;
    bench::memory.live -= malloc_usable_size(place);
    std::free(place);
}
void operator delete(void* place, std::size_t) noexcept { operator delete(place); }

// SPDX-License-Identifier: MIT
//! Counts allocations.
#include "spent.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

#include <malloc.h>

namespace bench {

thread_local Spent spent;

}  // namespace bench

void* operator new(std::size_t size) {
    void* const memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) throw std::bad_alloc();
    ++bench::spent.allocations;
    bench::spent.bytes += malloc_usable_size(memory);
    return memory;
}
void operator delete(void* memory) noexcept {
    if (memory != nullptr) bench::spent.bytes -= malloc_usable_size(memory);
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

// SPDX-License-Identifier: MIT
//! An operator new for the whole program. A test can make one call of it fail.
#include "support/failing_new.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

void* operator new(std::size_t size) {
    if (support::allocations_left >= 0 && support::allocations_left-- == 0) throw std::bad_alloc();
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}
// The standard library's version does the same. A sanitizer's version uses memory of another kind,
// so it is replaced, too.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    if (support::allocations_left >= 0 && support::allocations_left-- == 0) return nullptr;
    return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

// SPDX-License-Identifier: MIT
//! The whole program's operator new, of which a test can have one call fail.
#include "support/failing_new.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

void* operator new(std::size_t size) {
    if (support::allocations_left >= 0 && support::allocations_left-- == 0) throw std::bad_alloc();
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}
// That of the library does the same, but a sanitizer's has memory of another kind.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    if (support::allocations_left >= 0 && support::allocations_left-- == 0) return nullptr;
    return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

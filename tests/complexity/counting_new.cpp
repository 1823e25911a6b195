// SPDX-License-Identifier: MIT
//! The whole program's operator new, which counts. In a file of its own: a compiler that sees
//! through one half of a pair takes the other half for a mistake.
#include <cstddef>
#include <cstdlib>
#include <new>

#include "spent.hpp"

void* operator new(std::size_t size) {
    ++spent.allocations;
    spent.bytes += size;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}
// That of the library does the same, but a sanitizer's has memory of another kind.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    ++spent.allocations;
    spent.bytes += size;
    return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

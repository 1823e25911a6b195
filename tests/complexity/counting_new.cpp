// SPDX-License-Identifier: MIT
//! An operator new that counts, for the whole program. It is in a separate file, because a compiler
//! that inlines only new or only delete warns about a mismatch.
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
// The standard library's version does the same. A sanitizer's version uses memory of another kind,
// so it is replaced, too.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    ++spent.allocations;
    spent.bytes += size;
    return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

// SPDX-License-Identifier: MIT
//! allocate, try_allocate and deallocate: memory for values that are constructed later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <stdexcept>

#include <crdt/detail/failure.hpp>

namespace crdt::detail {

template <class T>
inline constexpr bool is_overaligned = alignof(T) > __STDCPP_DEFAULT_NEW_ALIGNMENT__;

/// Allocates memory for `count` values, at most 2^32 - 1. Throws std::bad_alloc or
/// std::length_error.
template <class T>
T* allocate(std::size_t count) {
    if (count > (std::numeric_limits<std::uint32_t>::max)())
        throw_or_abort<std::length_error>("SmallVector: too many values");
    if constexpr (is_overaligned<T>)
        return static_cast<T*>(::operator new (count * sizeof(T), std::align_val_t{alignof(T)}));
    else
        return static_cast<T*>(::operator new(count * sizeof(T)));
}

/// Like allocate(), but returns null if the allocation fails.
template <class T>
T* try_allocate(std::size_t count) noexcept {
    if (count > (std::numeric_limits<std::uint32_t>::max)()) return nullptr;
    if constexpr (is_overaligned<T>)
        return static_cast<T*>(
            ::operator new (count * sizeof(T), std::align_val_t{alignof(T)}, std::nothrow));
    else
        return static_cast<T*>(::operator new(count * sizeof(T), std::nothrow));
}

template <class T>
void deallocate(T* memory) {
    if constexpr (is_overaligned<T>)
        ::operator delete (memory, std::align_val_t{alignof(T)});
    else
        ::operator delete(memory);
}

}  // namespace crdt::detail

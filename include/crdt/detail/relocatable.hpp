// SPDX-License-Identifier: MIT
//! Relocatable: values that are moved by copying their bytes.
#pragma once

#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include <crdt/detail/cpp20.hpp>

namespace crdt::detail {

/// Can a T be moved by copying its bytes, without a destructor call for the old object? A type
/// declares this with `is_relocatable`. A type with pointers into itself cannot be moved in this
/// way.
template <class T>
concept Relocatable =
    (std::is_trivially_copy_constructible_v<T> && std::is_trivially_destructible_v<T>) || requires {
    requires T::is_relocatable;
};

/// Destroys `count` values.
template <class T>
void destroy(T* from, std::size_t count) {
    if constexpr (!std::is_trivially_destructible_v<T>) {
        for (std::size_t i = 0; i < count; ++i) from[i].~T();
    }
}

/// Moves values from `from` to `to`, and destroys the old values. The two memory ranges must not
/// overlap.
template <class T>
void relocate(T* to, T* from, std::size_t count) {
    if constexpr (Relocatable<T>) {
        if (count != 0)
            std::memcpy(static_cast<void*>(to), static_cast<void*>(from), count * sizeof(T));
    } else {
        for (std::size_t i = 0; i < count; ++i) {
            ::new (static_cast<void*>(to + i)) T(std::move(from[i]));
            from[i].~T();
        }
    }
}

}  // namespace crdt::detail

// SPDX-License-Identifier: MIT
//! min, max, equal_rows: replacements for functions of <algorithm>. The innermost headers use them,
//! because <algorithm> is a large header.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include <crdt/detail/cpp20.hpp>

namespace crdt::detail {

template <class T>
constexpr T(min)(T a, std::type_identity_t<T> b) {
    return b < a ? b : a;
}
template <class T>
constexpr T(max)(T a, std::type_identity_t<T> b) {
    return a < b ? b : a;
}

/// Are two rows of `count` values equal?
template <class T>
bool equal_rows(const T* a, const T* b, std::size_t count) {
    if constexpr (std::integral<T>) {
        return count == 0 || std::memcmp(a, b, count * sizeof(T)) == 0;
    } else {
        for (std::size_t i = 0; i < count; ++i) {
            if (!(a[i] == b[i])) return false;
        }
        return true;
    }
}

}  // namespace crdt::detail

// SPDX-License-Identifier: MIT
//! count_before: a binary search, which has no branches if keys are numbers.
#pragma once

#include <concepts>
#include <cstddef>

#include <crdt/detail/cpp20.hpp>

namespace crdt::detail {

/// Returns how many of the keys come before `key`. Precondition: the keys ascend. O(log n).
template <class K, class Sought>
std::size_t count_before(const K* keys, std::size_t size, const Sought& key) {
    const K* from = keys;
    while (size > 1) {
        const std::size_t half = size / 2;
        bool before = from[half - 1] < key;
        if constexpr (std::integral<K>) {
#ifdef __GNUC__
            // Hides the value from the compiler, which would otherwise make a branch. The processor
            // would predict every second branch wrong.
            asm("" : "+r"(before));
#endif
            from += half & (std::size_t{0} - static_cast<std::size_t>(before));
        } else {
            from += before ? half : 0;
        }
        size -= half;
    }
    return static_cast<std::size_t>(from - keys) + (size == 1 && *from < key ? 1 : 0);
}

}  // namespace crdt::detail

// SPDX-License-Identifier: MIT
//! count_before and count_before_each: binary searches. If keys are numbers, these do not branch.
#pragma once

#include <concepts>
#include <cstddef>

#include <crdt/detail/cpp20.hpp>

namespace crdt::detail {

/// Returns how many of the keys come before `key`. Precondition: the keys are in ascending order.
/// O(log n).
template <class K, class Sought>
std::size_t count_before(const K* keys, std::size_t size, const Sought& key) {
    const K* from = keys;
    while (size > 1) {
        const std::size_t half = size / 2;
        bool before = from[half - 1] < key;
        if constexpr (std::integral<K>) {
#ifdef __GNUC__
            // Hides the value from the compiler, which would otherwise make a branch. The processor
            // would mispredict about half of these branches.
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

/// Searches `count` keys at the same time, each in its own row. The row rows[i] has sizes[i] keys.
/// Sets counts[i] to the number of keys in this row that come before keys[i]. Each step of a search
/// may wait for memory. All searches take each step together, so they wait at the same time.
template <std::integral K>
void count_before_each(const K* const* rows, const std::size_t* sizes, const K* keys,
                       std::size_t count, std::size_t* counts) {
    std::size_t longest = 1;
    for (std::size_t i = 0; i < count; ++i) {
        counts[i] = 0;
        longest = longest < sizes[i] ? sizes[i] : longest;
    }
    // `left` is the size of the range that is left to search in the longest row. In a shorter row,
    // a step beyond the end of the row does nothing.
    for (std::size_t left = longest; left > 0; left = left > 1 ? left - left / 2 : 0) {
        const std::size_t half = left > 1 ? left / 2 : 1;
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t next = counts[i] + half;
            const bool is_inside = next <= sizes[i];
            bool before = rows[i][is_inside ? next - 1 : 0] < keys[i];
#ifdef __GNUC__
            asm("" : "+r"(before));
#endif
            counts[i] = (is_inside & before) ? next : counts[i];
        }
    }
}

}  // namespace crdt::detail

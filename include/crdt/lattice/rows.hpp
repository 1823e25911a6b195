// SPDX-License-Identifier: MIT
//! Rows of states: joined and compared many at a time where they are numbers in memory.
#pragma once

#include <concepts>
#include <cstddef>
#include <type_traits>

#include <crdt/detail/rows.hpp>

namespace crdt::detail {

/// Says that an L is `count` numbers of `type` side by side, each joined as the larger one. The
/// primary template says nothing: an L is then joined by its own merge().
template <class L>
struct NumbersOf {};

/// Bytes of 0 and 1 are numbers as any other.
template <class T>
using NumberOf = std::conditional_t<std::same_as<T, bool>, unsigned char, T>;

template <class L>
concept RowOfNumbers = requires {
    typename NumbersOf<L>::type;
    requires sizeof(L) == NumbersOf<L>::count * sizeof(typename NumbersOf<L>::type);
};

template <RowOfNumbers L>
auto numbers(L* states) {
    return reinterpret_cast<typename NumbersOf<L>::type*>(states);
}
template <RowOfNumbers L>
auto numbers(const L* states) {
    return reinterpret_cast<const typename NumbersOf<L>::type*>(states);
}

/// Joins each state of `theirs` into that of `mine`. True iff one grew.
template <class L>
bool merge_rows(L* mine, const L* theirs, std::size_t size) {
    if constexpr (RowOfNumbers<L>) {
        return rows::raise(numbers(mine), numbers(theirs), size * NumbersOf<L>::count);
    } else {
        bool grew = false;
        for (std::size_t i = 0; i < size; ++i) grew |= mine[i].merge(theirs[i]);
        return grew;
    }
}

/// Is each state of `mine` below that of `theirs`?
template <class L>
bool rows_leq(const L* mine, const L* theirs, std::size_t size) {
    if constexpr (RowOfNumbers<L>) {
        return !rows::would_rise(numbers(theirs), numbers(mine), size * NumbersOf<L>::count);
    } else {
        for (std::size_t i = 0; i < size; ++i) {
            if (!mine[i].leq(theirs[i])) return false;
        }
        return true;
    }
}

}  // namespace crdt::detail

// SPDX-License-Identifier: MIT
//! Rows of states: joined and compared many at a time where they are numbers in memory.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <crdt/detail/checked.hpp>
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
        const std::size_t count = size * NumbersOf<L>::count;
        return rows::raise(numbers(mine), numbers(theirs), count, rows::width_for(count));
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
        const std::size_t count = size * NumbersOf<L>::count;
        return !rows::would_rise(numbers(theirs), numbers(mine), count, rows::width_for(count));
    } else {
        for (std::size_t i = 0; i < size; ++i) {
            if (!mine[i].leq(theirs[i])) return false;
        }
        return true;
    }
}

/// Adds up each of the numbers that an L is made of, exactly: adds to sums[place<Index, L>()].
template <RowOfNumbers L>
void sum_rows(const L* states, std::size_t size, WideSum (&sums)[NumbersOf<L>::count]) {
    const auto* const table = numbers(states);
    if constexpr (std::same_as<typename NumbersOf<L>::type, std::uint64_t>) {
        rows::sum(table, size, sums, rows::width_for(size * NumbersOf<L>::count));
    } else {
        for (std::size_t i = 0; i < size * NumbersOf<L>::count; ++i)
            sums[i % NumbersOf<L>::count].add(table[i]);
    }
}

/// Where among the numbers of an L its component `Index` is: tuples may stand either way round.
template <std::size_t Index, RowOfNumbers L>
std::size_t place() {
    static const L sample{};
    const void* const component = &sample.template get<Index>();
    return static_cast<std::size_t>(static_cast<const typename NumbersOf<L>::type*>(component) -
                                    numbers(&sample));
}

}  // namespace crdt::detail

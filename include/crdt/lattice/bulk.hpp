// SPDX-License-Identifier: MIT
//! Joins and compares rows of states. States that are numbers in memory are processed many at a
//! time.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <crdt/detail/checked.hpp>
#include <crdt/detail/simd.hpp>

namespace crdt::detail {

/// The traits of an L that consists of `count` numbers of `type`, and whose join keeps the larger
/// number of each pair. Any other L has no such traits, and is joined by its own merge().
template <class L>
struct packed_traits {};

/// A bool is joined as a byte of 0 or 1.
template <class T>
using packed_number = std::conditional_t<std::same_as<T, bool>, unsigned char, T>;

template <class L>
concept Packed = requires {
    typename packed_traits<L>::type;
    requires sizeof(L) == packed_traits<L>::count * sizeof(typename packed_traits<L>::type);
};

template <Packed L>
auto numbers(L* states) {
    return reinterpret_cast<typename packed_traits<L>::type*>(states);
}
template <Packed L>
auto numbers(const L* states) {
    return reinterpret_cast<const typename packed_traits<L>::type*>(states);
}

/// Joins each state of `theirs` into the state of `mine` at the same position. Returns true iff a
/// state grew.
template <class L>
bool bulk_merge(L* mine, const L* theirs, std::size_t size) {
    if constexpr (Packed<L>) {
        const std::size_t count = size * packed_traits<L>::count;
        return simd::max_into(numbers(mine), numbers(theirs), count, simd::isa_for(count));
    } else {
        bool grew = false;
        for (std::size_t i = 0; i < size; ++i) grew |= mine[i].merge(theirs[i]);
        return grew;
    }
}

/// Is each state of `mine` below the state of `theirs` at the same position?
template <class L>
bool bulk_leq(const L* mine, const L* theirs, std::size_t size) {
    if constexpr (Packed<L>) {
        const std::size_t count = size * packed_traits<L>::count;
        return !simd::any_greater(numbers(theirs), numbers(mine), count, simd::isa_for(count));
    } else {
        for (std::size_t i = 0; i < size; ++i) {
            if (!mine[i].leq(theirs[i])) return false;
        }
        return true;
    }
}

/// Adds up the numbers of all states without overflow. Component `Index` of each L is added to
/// sums[place<Index, L>()].
template <Packed L>
void bulk_sum(const L* states, std::size_t size, WideSum (&sums)[packed_traits<L>::count]) {
    const auto* const table = numbers(states);
    if constexpr (std::same_as<typename packed_traits<L>::type, std::uint64_t>) {
        simd::sum(table, size, sums, simd::isa_for(size * packed_traits<L>::count));
    } else {
        for (std::size_t i = 0; i < size * packed_traits<L>::count; ++i)
            sums[i % packed_traits<L>::count].add(table[i]);
    }
}

/// Returns the position of component `Index` among the numbers of an L. Standard libraries store
/// the components of tuples in different orders.
template <std::size_t Index, Packed L>
std::size_t place() {
    static const L sample{};
    const void* const component = &sample.template get<Index>();
    return static_cast<std::size_t>(static_cast<const typename packed_traits<L>::type*>(component) -
                                    numbers(&sample));
}

}  // namespace crdt::detail

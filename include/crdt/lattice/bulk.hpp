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
#include <crdt/detail/sums.hpp>

namespace crdt::detail {

/// The traits of a lattice with states that consist of `count` numbers of type `type`. The join
/// keeps the larger of two numbers at the same position, as in Max. For all other lattices this
/// struct is empty, and bulk_merge() calls merge() for each state.
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
        return simd::max_into(numbers(mine), numbers(theirs), count);
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
        return !simd::any_greater(numbers(theirs), numbers(mine), count);
    } else {
        for (std::size_t i = 0; i < size; ++i) {
            if (!mine[i].leq(theirs[i])) return false;
        }
        return true;
    }
}

/// Adds up the numbers of all states of a map without overflow. Component `Index` of each L is
/// added to sums[place<Index, L>()].
///
/// If there are many 64-bit numbers, first adds up in 64 bits. If such a sum may have overflowed,
/// adds up again in 128 bits.
template <class Map, Packed L = typename Map::mapped_type>
void bulk_sum(const Map& map, WideSum (&sums)[packed_traits<L>::count]) {
    constexpr std::size_t width = packed_traits<L>::count;
    if constexpr (std::same_as<typename packed_traits<L>::type, std::uint64_t> && 8 % width == 0) {
        if (map.size() > 16) {
            simd::Sums quick;
            map.visit_rows([&](const auto*, const L* states, std::size_t count) {
                quick.add(numbers(states), count * width);
            });
            if (quick.are_exact()) {
                for (std::size_t i = 0; i < width; ++i) sums[i].add(quick.of(i, width));
                return;
            }
        }
    }
    map.visit_rows([&](const auto*, const L* states, std::size_t count) {
        const auto* const table = numbers(states);
        for (std::size_t i = 0; i < count * width; ++i) sums[i % width].add(table[i]);
    });
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

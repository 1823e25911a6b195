// SPDX-License-Identifier: MIT
//! Max: the largest value so far.
#pragma once

#include <concepts>
#include <cstddef>

#include <crdt/lattice/bulk.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/total_order.hpp>

namespace crdt {

/// The order of Max, upwards from the least value.
template <Chain T>
struct Ascending {
    /// Returns the bottom, which is the least value.
    static constexpr T bottom() { return (Bounds<T>::min)(); }
    /// Is `a` below `b`?
    static constexpr bool less(const T& a, const T& b) { return a < b; }
};

/// The largest value so far. See TotalOrder.
///
/// Order   <=;  join: the larger value;  bottom: the least value of T
template <Chain T>
using Max = TotalOrder<T, Ascending<T>>;

template <std::integral T>
struct detail::packed_traits<Max<T>> {
    using type = packed_number<T>;
    static constexpr std::size_t count = 1;
};

}  // namespace crdt

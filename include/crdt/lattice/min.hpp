// SPDX-License-Identifier: MIT
//! Min: the smallest value so far.
#pragma once

#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/total_order.hpp>

namespace crdt {

/// The order of Min, downwards from the greatest value.
template <BoundedChain T>
struct Descending {
    /// Returns the bottom, which is the greatest value.
    static constexpr T bottom() { return (Bounds<T>::max)(); }
    /// Is `a` below `b` in this order? It is if `a` is greater.
    static constexpr bool less(const T& a, const T& b) { return b < a; }
};

/// The smallest value so far. See TotalOrder.
///
/// Order   >=;  join: the smaller value;  bottom: the greatest value of T
template <BoundedChain T>
using Min = TotalOrder<T, Descending<T>>;

}  // namespace crdt

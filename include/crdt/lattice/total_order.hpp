// SPDX-License-Identifier: MIT
//! TotalOrder: a total order as a lattice. Max and Min are its two directions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <crdt/detail/copied_whole.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt {

/// The lattice of a total order, in the direction that `Order` gives.
///
/// State   one value
/// Order   `Order::less`;  join: the greater value;  bottom: `Order::bottom()`
/// Cost    O(1) for all operations on values of fixed size; every state but bottom is one
///         join-irreducible part
template <class T, class Order>
class TotalOrder {
    detail::CopiedWhole<T> value_{Order::bottom()};

  public:
    /// The type of values.
    using value_type = T;
    /// true, because the states are totally ordered.
    static constexpr bool is_chain = true;

    /// Makes the bottom, which is `Order::bottom()`.
    TotalOrder() = default;
    /// Makes the state with the value `value`.
    constexpr explicit TotalOrder(T value) : value_(std::move(value)) {}

    /// Returns the value.
    constexpr const T& value() const { return value_.value; }

    /// If `value` is greater in the order than the current value, advances to `value`. Returns the
    /// delta, which is bottom if the state has not changed. O(1).
    constexpr TotalOrder advance(T value) { return absorb(TotalOrder(std::move(value))); }

    /// this := the greater of the two values in the order. Returns true iff this grew.
    constexpr bool merge(const TotalOrder& other) {
        if (other.leq(*this)) return false;
        value_ = other.value_;
        return true;
    }
    /// Merges `other`. Returns the delta: the new value, or bottom if this state has not grown.
    constexpr TotalOrder absorb(const TotalOrder& other) {
        TotalOrder delta = other;  // copied before anything changes
        if (!merge(delta)) return TotalOrder();
        return delta;
    }
    /// Is the value of `other` equal, or greater in the order?
    constexpr bool leq(const TotalOrder& other) const {
        return !Order::less(other.value(), value());
    }
    /// Is the value the bottom of the order?
    constexpr bool is_bottom() const { return value() == Order::bottom(); }

    /// Are the values equal?
    friend bool operator==(const TotalOrder&, const TotalOrder&) = default;
    /// Returns Δ(a, b): `a`, or bottom if a ⊑ b.
    friend constexpr TotalOrder difference(const TotalOrder& a, const TotalOrder& b) {
        return a.leq(b) ? TotalOrder() : a;
    }
    /// Returns the state itself.
    friend constexpr TotalOrder digest(const TotalOrder& a) { return a; }
    /// Returns 1, or 0 for bottom. Every other state is one join-irreducible part.
    friend constexpr std::size_t part_count(const TotalOrder& a) { return a.is_bottom() ? 0 : 1; }
    /// Returns a stable hash of the value.
    friend constexpr std::uint64_t hash_value(const TotalOrder& a) {
        return detail::hash_of(a.value());
    }
    /// Calls visit(a), unless `a` is bottom.
    template <class Visit>
    friend constexpr void decompose(const TotalOrder& a, Visit&& visit) {
        if (!a.is_bottom()) visit(a);
    }
};

}  // namespace crdt

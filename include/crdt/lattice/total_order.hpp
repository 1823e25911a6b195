// SPDX-License-Identifier: MIT
//! TotalOrder: a total order as a lattice; Max and Min are its two directions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <crdt/lattice/concepts.hpp>

namespace crdt {

/// The lattice of a total order, in the direction that `Order` gives.
///
/// State   one value
/// Order   `Order::less`;  join: the later of the two;  bottom: `Order::bottom()`
/// Cost    O(1) for all operations on values of fixed size; every state but bottom is irreducible
template <class T, class Order>
class TotalOrder {
    T value_ = Order::bottom();

  public:
    using value_type = T;
    static constexpr bool is_chain = true;

    TotalOrder() = default;
    /// The state of that value.
    constexpr explicit TotalOrder(T value) : value_(std::move(value)) {}

    constexpr const T& value() const { return value_; }

    /// Moves up to `value` if that is further on. Returns the delta: bottom if it was not.
    constexpr TotalOrder advance(T value) { return absorb(TotalOrder(std::move(value))); }

    constexpr bool merge(const TotalOrder& other) {
        if (other.leq(*this)) return false;
        value_ = T(other.value_);
        return true;
    }
    constexpr TotalOrder absorb(const TotalOrder& other) {
        TotalOrder delta = other;  // copied before anything changes
        if (!merge(delta)) return TotalOrder();
        return delta;
    }
    constexpr bool leq(const TotalOrder& other) const { return !Order::less(other.value_, value_); }
    constexpr bool is_bottom() const { return value_ == Order::bottom(); }

    friend bool operator==(const TotalOrder&, const TotalOrder&) = default;
    friend constexpr TotalOrder difference(const TotalOrder& a, const TotalOrder& b) {
        return a.leq(b) ? TotalOrder() : a;
    }
    friend constexpr TotalOrder digest(const TotalOrder& a) { return a; }
    friend constexpr std::size_t part_count(const TotalOrder& a) { return a.is_bottom() ? 0 : 1; }
    friend constexpr std::uint64_t hash_value(const TotalOrder& a) {
        return detail::hash_of(a.value_);
    }
    template <class Visit>
    friend constexpr void decompose(const TotalOrder& a, Visit&& visit) {
        if (!a.is_bottom()) visit(a);
    }
};

}  // namespace crdt

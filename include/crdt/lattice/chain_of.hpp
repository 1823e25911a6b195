// SPDX-License-Identifier: MIT
//! ChainOf: a total order as a lattice; Max and Min are its two directions.
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
class ChainOf {
    T value_ = Order::bottom();

  public:
    using value_type = T;
    static constexpr bool is_chain = true;

    ChainOf() = default;
    /// The state of that value.
    constexpr explicit ChainOf(T value) : value_(std::move(value)) {}

    constexpr const T& value() const { return value_; }

    /// Moves up to `value` if that is further on. Returns the delta: bottom if it was not.
    constexpr ChainOf advance(T value) { return absorb(ChainOf(std::move(value))); }

    constexpr bool merge(const ChainOf& other) {
        if (other.leq(*this)) return false;
        value_ = T(other.value_);
        return true;
    }
    constexpr ChainOf absorb(const ChainOf& other) {
        ChainOf delta = other;  // copied before anything changes
        if (!merge(delta)) return ChainOf();
        return delta;
    }
    constexpr bool leq(const ChainOf& other) const { return !Order::less(other.value_, value_); }
    constexpr bool is_bottom() const { return value_ == Order::bottom(); }

    friend bool operator==(const ChainOf&, const ChainOf&) = default;
    friend constexpr ChainOf difference(const ChainOf& a, const ChainOf& b) {
        return a.leq(b) ? ChainOf() : a;
    }
    friend constexpr ChainOf digest(const ChainOf& a) { return a; }
    friend constexpr std::size_t part_count(const ChainOf& a) { return a.is_bottom() ? 0 : 1; }
    friend constexpr std::uint64_t hash_value(const ChainOf& a) {
        return detail::hash_of(a.value_);
    }
    template <class Visit>
    friend constexpr void decompose(const ChainOf& a, Visit&& visit) {
        if (!a.is_bottom()) visit(a);
    }
};

}  // namespace crdt

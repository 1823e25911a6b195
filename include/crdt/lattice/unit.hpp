// SPDX-License-Identifier: MIT
//! Unit: the lattice with one state.
#pragma once

#include <cstddef>
#include <cstdint>

#include <crdt/lattice/concepts.hpp>

namespace crdt {

/// The lattice with bottom as its only state, for places where only presence counts: the upper side
/// of a LinearSum, the content at a dot.
///
/// State   one, which is bottom
/// Cost    none
struct Unit {
    /// true: one state is in order.
    static constexpr bool is_chain = true;
    /// true: the state never changes.
    static constexpr bool is_written_once = true;

    /// Does nothing; false.
    constexpr bool merge(const Unit&) { return false; }
    /// Does nothing; bottom.
    constexpr Unit absorb(const Unit&) { return {}; }
    /// true.
    constexpr bool leq(const Unit&) const { return true; }
    /// true.
    constexpr bool is_bottom() const { return true; }

    /// true.
    friend bool operator==(const Unit&, const Unit&) = default;
    /// Bottom.
    friend constexpr Unit difference(const Unit&, const Unit&) { return {}; }
    /// The state.
    friend constexpr Unit digest(const Unit&) { return {}; }
    /// 0.
    friend constexpr std::size_t part_count(const Unit&) { return 0; }
    /// A constant.
    friend constexpr std::uint64_t hash_value(const Unit&) { return hash_combine(0, 0); }
    /// Calls nothing: bottom has no parts.
    template <class Visit>
    friend constexpr void decompose(const Unit&, Visit&&) {}
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! Unit: the lattice with one state.
#pragma once

#include <cstddef>
#include <cstdint>

#include <crdt/lattice/concepts.hpp>

namespace crdt {

/// The lattice with bottom as its only state. It is used where only the presence of a state
/// matters, such as the upper side of a LinearSum, or the content at a dot.
///
/// State   one, which is bottom
/// Cost    none
struct Unit {
    /// true, because a single state is totally ordered.
    static constexpr bool is_chain = true;
    /// true, because the state never changes.
    static constexpr bool is_written_once = true;

    /// Does nothing and returns false.
    constexpr bool merge(const Unit&) { return false; }
    /// Does nothing and returns bottom.
    constexpr Unit absorb(const Unit&) { return {}; }
    /// Returns true.
    constexpr bool leq(const Unit&) const { return true; }
    /// Returns true.
    constexpr bool is_bottom() const { return true; }

    /// Returns true.
    friend bool operator==(const Unit&, const Unit&) = default;
    /// Returns bottom.
    friend constexpr Unit difference(const Unit&, const Unit&) { return {}; }
    /// Returns the state.
    friend constexpr Unit digest(const Unit&) { return {}; }
    /// Returns 0.
    friend constexpr std::size_t part_count(const Unit&) { return 0; }
    /// Returns a constant.
    friend constexpr std::uint64_t hash_value(const Unit&) { return hash_combine(0, 0); }
    /// Does nothing, because bottom has no parts.
    template <class Visit>
    friend constexpr void decompose(const Unit&, Visit&&) {}
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! Unit: the lattice of one state.
#pragma once

#include <cstddef>
#include <cstdint>

#include <crdt/lattice/concepts.hpp>

namespace crdt {

/// The lattice that has nothing but its bottom: for a place where only presence counts.
///
/// State   one;  order, join: trivial;  bottom: it
struct Unit {
    static constexpr bool is_chain = true;
    static constexpr bool is_written_once = true;

    constexpr bool merge(const Unit&) { return false; }
    constexpr Unit absorb(const Unit&) { return {}; }
    constexpr bool leq(const Unit&) const { return true; }
    constexpr bool is_bottom() const { return true; }

    friend bool operator==(const Unit&, const Unit&) = default;
    friend constexpr Unit difference(const Unit&, const Unit&) { return {}; }
    friend constexpr Unit digest(const Unit&) { return {}; }
    friend constexpr std::size_t part_count(const Unit&) { return 0; }
    friend constexpr std::uint64_t hash_value(const Unit&) { return hash_combine(0, 0); }
    template <class Visit>
    friend constexpr void decompose(const Unit&, Visit&&) {}
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! Cursor: a place in a text that stays where it is while the text around it changes.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include <crdt/causal/dot.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/sequence/origin.hpp>

namespace crdt {

/// A place between two code points of a text. It stays beside one of them, also when that one is
/// erased. It has a Serializer, so that editors can show the cursors of others.
template <ReplicaId Id = std::string>
struct Cursor {
    /// The code point beside which the cursor stays. If its sequence is 0, the cursor is at the
    /// start of the text (left) or at its end (right).
    Dot<Id> dot{};
    /// The side of the cursor on which that code point is.
    Side side = Side::left;

    /// Are both at the same place?
    friend bool operator==(const Cursor&, const Cursor&) = default;
    /// Orders by dot, then by side. This is not the order in the text.
    friend std::strong_ordering operator<=>(const Cursor& a, const Cursor& b) {
        const std::strong_ordering order = a.dot <=> b.dot;
        return order != 0 ? order : a.side <=> b.side;
    }
    /// Returns a stable hash.
    friend std::uint64_t hash_value(const Cursor& cursor) {
        return hash_combine(hash_value(cursor.dot), cursor.side == Side::left ? 0 : 1);
    }
};

namespace detail {

template <ReplicaId Id>
inline constexpr bool is_value_of_library<Cursor<Id>> = true;

}  // namespace detail

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! Cursor: a place in a text that stays beside its code point while the text around it changes.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include <crdt/causal/dot.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/sequence/origin.hpp>

namespace crdt {

/// A place between two code points of a text. The cursor stays beside one of them, even after that
/// code point is erased. A cursor has a Serializer, so that an editor can send it, and other
/// editors can show it.
template <ReplicaId Id = std::string>
struct Cursor {
    /// The dot of the code point beside which the cursor stays. If its sequence is 0, the cursor is
    /// at the start of the text if `side` is left, and at the end if `side` is right.
    Dot<Id> dot{};
    /// The side of the cursor on which the code point is. Left: the cursor is after the code point.
    Side side = Side::left;

    /// Do both have the same code point and the same side?
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

// SPDX-License-Identifier: MIT
//! Origin: the place in a sequence at which a slot was inserted.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include <crdt/causal/dot.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt {

/// A side of a slot or of a cursor.
enum class Side : bool {
    left,   ///< Before the slot or the cursor.
    right,  ///< After the slot or the cursor.
};

/// The place in a sequence at which a slot was inserted: a parent, and the side of the parent. The
/// origins of all slots make a tree. The in-order walk of this tree is the order of the sequence.
///
/// Source  Weidner, Kleppmann: The Art of the Fugue: Minimizing Interleaving in Collaborative Text
///         Editing (2023)
template <ReplicaId Id = std::string>
struct Origin {
    /// The dot of the parent slot. If its sequence is 0, the parent is the start of the list.
    Dot<Id> parent{};
    /// The side of the parent. If the parent is the start of the list, the side is right.
    Side side = Side::right;

    /// Is the parent the start of the list?
    bool is_start() const { return parent.sequence == 0; }

    /// Do both have the same parent and the same side?
    friend bool operator==(const Origin&, const Origin&) = default;
    /// Orders by parent, then by side. This is not the order of the sequence.
    friend std::strong_ordering operator<=>(const Origin& a, const Origin& b) {
        const std::strong_ordering order = a.parent <=> b.parent;
        return order != 0 ? order : a.side <=> b.side;
    }
    /// Returns a stable hash.
    friend std::uint64_t hash_value(const Origin& origin) {
        return hash_combine(hash_value(origin.parent), origin.side == Side::left ? 0 : 1);
    }
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! Piece: consecutive slots of one replica with the same status, as a value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <crdt/detail/indirect.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/sequence/origin.hpp>
#include <crdt/sequence/slice.hpp>

namespace crdt::detail {

/// Consecutive slots of one replica with the same status, as in a Slice. A Slice refers to a
/// sequence, but a Piece owns its ids and its text.
template <ReplicaId Id>
struct Piece {
    ReplicaName<Id> replica{};
    std::uint64_t first = 0, last = 0;         // 0 if there are no slots
    Indirect<ReplicaName<Id>> other_parent{};  // the replica of the parent, if not `replica`
    std::uint64_t parent = 0;
    Side side = Side::right;
    Side direction = Side::right;
    SlotStatus status{};
    std::string text{};

    Piece() = default;
    Piece(const Slice<Id>& slice, std::string& buffer) { assign(slice, buffer); }

    /// Copies the slots of `slice`. Precondition: this piece is empty. `buffer` is a scratch
    /// string.
    void assign(const Slice<Id>& slice, std::string& buffer) {
        replica = *slice.replica;
        first = slice.first;
        last = slice.last;
        status = slice.status;
        if (status.has_origin) {
            if (slice.parent != 0) set_parent_replica(*slice.parent_replica);
            parent = slice.parent;
            side = slice.side;
            direction = slice.direction;
        }
        if (status.content == SlotContent::value) text = slice.text_in(buffer);
    }

    bool empty() const { return first == 0; }
    const ReplicaName<Id>& parent_replica() const { return other_parent ? *other_parent : replica; }
    void set_parent_replica(const ReplicaName<Id>& id) {
        if (!(id == replica)) other_parent = Indirect<ReplicaName<Id>>(id);
    }
    /// Can the slots be stored as one run? They cannot if there are several slots, and the first
    /// one was inserted beside the dot before it on the side opposite to `direction`.
    bool is_one_run() const {
        return !status.has_origin || first == last || side == direction || parent == 0 ||
               parent != first - 1 || other_parent;
    }
    Slice<Id> slice() const {
        return {&replica, first, last,      status, &parent_replica(),
                parent,   side,  direction, text,   nullptr};
    }
};

}  // namespace crdt::detail

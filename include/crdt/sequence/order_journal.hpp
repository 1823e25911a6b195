// SPDX-License-Identifier: MIT
//! OrderJournal: a record of the changes of the visible text while slots are added.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <crdt/detail/lazy.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt::detail {

/// A change of the visible text. It replaces a range of code points by the text `inserted`. The
/// range begins at the index `index` and has `erased` code points.
struct OrderChange {
    std::uint64_t index = 0;
    std::uint64_t erased = 0;
    std::string inserted{};
};

template <ReplicaId Id>
class OrderIndex;

/// A record of the changes of the visible text. An OrderIndex writes into the journal that
/// OrderIndex::set_journal() received.
template <ReplicaId Id>
struct OrderJournal {
    std::vector<OrderChange> changes{};
    /// If a change moves slots, it is not added to `changes`, and the index of the order is
    /// dropped. `retired` is then this index. It contains the order after all changes in `changes`.
    /// If no change has moved slots, `retired` is empty.
    Lazy<OrderIndex<Id>> retired{};
    /// Are changes missing here, because memory ran out?
    bool is_lost = false;
};

}  // namespace crdt::detail

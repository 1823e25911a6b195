// SPDX-License-Identifier: MIT
//! OrderJournal: a record of the changes of the visible text while slots are added.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <crdt/detail/lazy.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt::detail {

/// A change of the visible text: at `index`, `erased` code points are replaced by `inserted`.
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
    /// The order directly after `changes`. Empty, unless a later change moved slots. Such a change
    /// drops the order, and is not in `changes`.
    Lazy<OrderIndex<Id>> retired{};
    /// Are changes missing here, because memory ran out?
    bool is_lost = false;
};

}  // namespace crdt::detail

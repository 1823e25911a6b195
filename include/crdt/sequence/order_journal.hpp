// SPDX-License-Identifier: MIT
//! OrderJournal: the changes of the visible text while slots are added.
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

/// The changes of the visible text, while a journal is set.
template <ReplicaId Id>
struct OrderJournal {
    std::vector<OrderChange> changes{};
    /// The order after these changes, if a later change moved slots so that another order was made.
    Lazy<OrderIndex<Id>> retired{};
    /// Did memory run out, so that changes are missing here?
    bool is_lost = false;
};

}  // namespace crdt::detail

// SPDX-License-Identifier: MIT
//! conflicts: checks, before a join, whether two states are in conflict.
#pragma once

#include <crdt/detail/cpp20.hpp>

namespace crdt::detail {

/// A lattice with states that can be in conflict. Two states are in conflict if both contain the
/// same write, but with different contents. That happens only if two replicas write under one id. A
/// join of such states loses a write, and replicas may then differ permanently. So receivers check
/// for conflicts before they join.
///
/// Cost    conflicts() costs as much as merge()
template <class L>
concept CanConflict = requires(const L& state) {
    conflicts(state, state);
};

template <class L>
constexpr bool in_conflict(const L& a, const L& b) {
    if constexpr (CanConflict<L>) return conflicts(a, b);
    return false;
}

}  // namespace crdt::detail

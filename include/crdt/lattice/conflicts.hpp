// SPDX-License-Identifier: MIT
//! conflicts: do two states contradict each other? A question to ask before a join.
#pragma once

#include <crdt/detail/cpp20.hpp>

namespace crdt::detail {

/// A state that can contradict another: where both hold one write, with two contents. That
/// happens only when two replicas act under one id. A join of such states loses a write, and may
/// leave replicas apart; so receivers ask first. Complexity: that of merge.
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

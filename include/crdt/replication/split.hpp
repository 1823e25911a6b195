// SPDX-License-Identifier: MIT
//! split: a state in pieces that each fit into a message.
#pragma once

#include <cstddef>
#include <vector>

#include <crdt/lattice/concepts.hpp>

namespace crdt::replication {

/// Returns one or more states that join to `state`. None costs more than `limit`, unless it is a
/// single range (see decompose_by_ranges). Each of them alone is a safe delta. O(n log n).
template <class Policy, DecomposableLattice L>
std::vector<L> split(const L& state, std::size_t limit) {
    if (Policy::cost(state) <= limit) return {state};
    std::vector<L> pieces(1);
    std::size_t load = 0;
    decompose_by_ranges(state, [&](const L& range) {
        const std::size_t cost = Policy::cost(range);
        if (load != 0 && load + cost > limit) {
            pieces.emplace_back();
            load = 0;
        }
        pieces.back().merge(range);
        load += cost;
    });
    return pieces;
}

}  // namespace crdt::replication

// SPDX-License-Identifier: MIT
//! split: divides a state into pieces, each of which fits into one message.
#pragma once

#include <cstddef>
#include <vector>

#include <crdt/lattice/concepts.hpp>

namespace crdt::replication {

/// Divides `state` into one or more states. Their join is `state`. Each of them costs at most
/// `limit`, or is a single range (see decompose_by_ranges). Each of them is a valid delta, so a
/// peer may join it without the other states. O(n log n).
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

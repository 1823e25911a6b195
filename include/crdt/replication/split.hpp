// SPDX-License-Identifier: MIT
//! split: a state in pieces that each fit into a message.
#pragma once

#include <cstddef>
#include <vector>

#include <crdt/lattice/concepts.hpp>

namespace crdt::replication {

/// States that join to `state`, none heavier than `limit` unless it is a single join-irreducible
/// part; at least one. Any of them alone is a safe delta. O(n log n) of the weights of the parts.
template <class Policy, DecomposableLattice L>
std::vector<L> split(const L& state, std::size_t limit) {
    if (Policy::weigh(state) <= limit) return {state};
    std::vector<L> pieces(1);
    std::size_t load = 0;
    decompose(state, [&](const L& part) {
        const std::size_t weight = Policy::weigh(part);
        if (load != 0 && load + weight > limit) {
            pieces.emplace_back();
            load = 0;
        }
        pieces.back().merge(part);
        load += weight;
    });
    return pieces;
}

}  // namespace crdt::replication

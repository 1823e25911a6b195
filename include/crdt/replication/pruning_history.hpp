// SPDX-License-Identifier: MIT
//! PruningHistory: which writers were pruned lately, and in which generation.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/hash.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/replication/message.hpp>

namespace crdt::replication {

/// Returns how many prunings led to a generation.
constexpr std::uint64_t prunings(Generation generation) { return generation >> 32U; }
/// Returns a generation that follows `generation`. If two parts of a cluster cannot reach each
/// other, each may begin a generation. Different nonces make the two generations different. The
/// larger generation counts as the later generation.
constexpr Generation next_generation(Generation generation, std::uint64_t nonce) {
    const std::uint64_t mixed = hash_combine(nonce, generation);
    return (prunings(generation) + 1) << 32U | (mixed & 0xFFFF'FFFFU);
}

/// The writers that were pruned lately, each with the generation that its pruning began. A history
/// is a lattice, so it can be a component of the pruned state, and be stored with that state.
template <Key Writer>
using PruningHistory = MapOf<Writer, Max<Generation>>;

/// Returns the last generation of a history, or 0 if it is empty. O(n).
template <Key Writer>
Generation last_generation(const PruningHistory<Writer>& history) {
    Generation last = 0;
    for (const auto& [writer, generation] : history) last = (std::max)(last, generation.value());
    return last;
}

/// Drops the writers of the earliest generations until `history` has at most `limit` writers or
/// only one generation. O(n) for each dropped generation.
template <Key Writer>
void shorten(PruningHistory<Writer>& history, std::size_t limit) {
    const Generation last = last_generation<Writer>(history);
    while (history.size() > limit) {
        Generation first = last;
        for (const auto& [writer, generation] : history)
            first = (std::min)(first, generation.value());
        if (first == last) return;
        PruningHistory<Writer> rest;
        for (const auto& [writer, generation] : history) {
            if (generation.value() != first) rest.append(writer, generation);
        }
        history = std::move(rest);
    }
}

/// Adds `writers`, with the generation that their pruning began, and returns the new history. If it
/// has more than `limit` writers, drops those of the earliest generations; see shorten().
template <Key Writer>
PruningHistory<Writer> extended(PruningHistory<Writer> history, const std::vector<Writer>& writers,
                                Generation generation, std::size_t limit) {
    for (const Writer& writer : writers)
        history.merge(PruningHistory<Writer>{{writer, Max<Generation>(generation)}});
    shorten<Writer>(history, limit);
    return history;
}

/// Does the history contain all writers that were pruned after `generation`? O(n).
template <Key Writer>
bool covers(const PruningHistory<Writer>& history, Generation generation) {
    return std::any_of(history.begin(), history.end(), [&](const auto& entry) {
        return prunings(entry.second.value()) <= prunings(generation) + 1;
    });
}

}  // namespace crdt::replication

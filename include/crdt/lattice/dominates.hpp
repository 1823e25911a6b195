// SPDX-License-Identifier: MIT
//! covers: the order of states, as far as their digests tell, which is exactly.
#pragma once

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

#include <crdt/lattice/column_map.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt {

// dominates(digest(a), digest(b)) == b.leq(a): who has `a` needs nothing of `b`. A digest of a form
// of its own comes with a dominates() of its own; these are those of the other forms. O(n).

/// Of a state that is its own digest.
template <Lattice L>
constexpr bool dominates(const L& a, const L& b) {
    return b.leq(a);
}
/// Of "is it written?".
constexpr bool dominates(bool a, bool b) { return a || !b; }
template <class K, class Digest>
bool dominates(const ColumnMap<K, Digest>& a, const ColumnMap<K, Digest>& b);
/// Of components, one by one.
template <class... Digest>
constexpr bool dominates(const std::tuple<Digest...>& a, const std::tuple<Digest...>& b) {
    return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        return (dominates(std::get<Index>(a), std::get<Index>(b)) && ...);
    }
    (std::index_sequence_for<Digest...>{});
}
/// Of a map, key by key.
template <class K, class Digest>
bool dominates(const ColumnMap<K, Digest>& a, const ColumnMap<K, Digest>& b) {
    return std::all_of(b.begin(), b.end(), [&](const auto& entry) {
        const auto mine = a.find(entry.first);
        return mine != a.end() && dominates(mine->second, entry.second);
    });
}

}  // namespace crdt

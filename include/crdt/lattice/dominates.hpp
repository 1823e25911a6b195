// SPDX-License-Identifier: MIT
//! dominates: compares states by their digests alone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

#include <crdt/lattice/column_map.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt {

// For two states, dominates(digest(a), digest(b)) is equal to b.leq(a): does `a` contain everything
// that `b` contains? Some digests, such as LexDigest, have their own dominates(). The overloads
// here are for all other digests. O(n).

/// Compares two states of a lattice in which the digest is the state itself, such as Max.
template <Lattice L>
constexpr bool dominates(const L& a, const L& b) {
    return b.leq(a);
}
/// Compares digests of a WriteOnce. The digest is true if the value is written.
constexpr bool dominates(bool a, bool b) { return a || !b; }
template <class K, class Digest>
bool dominates(const ColumnMap<K, Digest>& a, const ColumnMap<K, Digest>& b);
/// Compares digests of a Product, component by component.
template <class... Digest>
constexpr bool dominates(const std::tuple<Digest...>& a, const std::tuple<Digest...>& b) {
    return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        return (dominates(std::get<Index>(a), std::get<Index>(b)) && ...);
    }
    (std::index_sequence_for<Digest...>{});
}
/// Compares digests of a MapOf, key by key.
template <class K, class Digest>
bool dominates(const ColumnMap<K, Digest>& a, const ColumnMap<K, Digest>& b) {
    return std::all_of(b.begin(), b.end(), [&](const auto& entry) {
        const auto mine = a.find(entry.first);
        return mine != a.end() && dominates(mine->second, entry.second);
    });
}

}  // namespace crdt

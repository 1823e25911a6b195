// SPDX-License-Identifier: MIT
//! search_columns: finds several keys of a ColumnMap at the same time.
#pragma once

#include <concepts>
#include <cstddef>

#include <crdt/detail/branchless.hpp>
#include <crdt/lattice/column_map.hpp>

namespace crdt::detail {

/// Is it faster to walk along a map of `size` entries than to search `keys` keys in it?
constexpr bool are_many(std::size_t keys, std::size_t size) { return keys > size / 8; }

/// The greatest number of keys in one call of search_columns().
inline constexpr std::size_t most_at_once = 16;

/// Sets positions[i] to the first entry with a key not less than keys[i]. If the leaf that can have
/// keys[i] has no such entry, sets positions[i] to the end of this leaf. All searches take each
/// step together, so they wait for memory at the same time. Precondition: the map is not empty.
template <std::integral K, class V>
void search_columns(const ColumnMap<K, V>& map, const K* keys, std::size_t count,
                    typename ColumnMap<K, V>::const_iterator* positions) {
    const auto& leaves = map.leaves();
    const K* rows[most_at_once] = {};
    std::size_t sizes[most_at_once] = {}, places[most_at_once];
    for (std::size_t i = 0; i < count; ++i) {
        rows[i] = leaves.firsts().data();
        sizes[i] = leaves.firsts().size();
    }
    if (leaves.size() > 1) count_before_each(rows, sizes, keys, count, places);
    for (std::size_t i = 0; i < count; ++i) {
        const auto* leaf = leaves.begin();
        if (leaves.size() > 1) leaf = leaves.leaf_at(places[i], keys[i]);
        positions[i] = {leaf, 0};
        rows[i] = leaf->keys.data();
        sizes[i] = leaf->size();
    }
    count_before_each(rows, sizes, keys, count, places);
    for (std::size_t i = 0; i < count; ++i) positions[i] = {positions[i].leaf(), places[i]};
}

/// Does `position`, which search_columns() has found, have an entry with this `key`?
template <class Position>
bool is_at(Position position, const auto& key) {
    return position.slot() < position.leaf()->size() && position.key() == key;
}

}  // namespace crdt::detail

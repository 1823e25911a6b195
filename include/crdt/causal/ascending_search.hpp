// SPDX-License-Identifier: MIT
//! AscendingSearch: finds many keys of a ColumnMap in ascending order.
#pragma once

#include <cstddef>

#include <crdt/lattice/column_map.hpp>
#include <crdt/lattice/search_columns.hpp>

namespace crdt::detail {

/// Finds the values of many keys in a map. Each key must be greater than the key before. If there
/// are many keys, at() walks along the map. Otherwise at() searches for each key.
template <class K, class V>
class AscendingSearch {
    const ColumnMap<K, V>* map_;
    typename ColumnMap<K, V>::const_iterator next_;
    bool walks_;

  public:
    /// `map` must outlive this object. `keys` is the number of keys that will be searched.
    AscendingSearch(const ColumnMap<K, V>& map, std::size_t keys)
        : map_(&map), next_(map.begin()), walks_(are_many(keys, map.size())) {}

    /// Returns the value of `key`, or a default value if the map lacks `key`.
    const V& at(const K& key) {
        static const V none{};
        if (walks_)
            while (next_ != map_->end() && next_.key() < key) ++next_;
        else
            next_ = map_->lower_bound(key);
        return next_ != map_->end() && next_.key() == key ? next_.value() : none;
    }
};

}  // namespace crdt::detail

// SPDX-License-Identifier: MIT
//! ColumnAppender: makes a ColumnMap from many entries in ascending order.
#pragma once

#include <cstddef>
#include <utility>

#include <crdt/detail/min_max.hpp>
#include <crdt/lattice/column_map.hpp>

namespace crdt {

/// Appends many entries to an empty map, leaf by leaf. finish() appends the last leaf.
template <class K, class V>
class ColumnAppender {
    using Map = ColumnMap<K, V>;

    Map& map_;
    typename Map::Leaf leaf_{};
    std::size_t room_ = 0, expected_;

    void make_room() {
        map_.append(std::exchange(leaf_, typename Map::Leaf()));
        room_ = map_.leaves().fill_limit();
        if (expected_ != 0) room_ = (detail::min)(room_, expected_);
        expected_ -= (detail::min)(room_, expected_);
        leaf_.reserve_exactly(room_);
    }

  public:
    /// Makes an appender to `map`, which must be empty. `expected` is the number of entries, or 0
    /// if this number is not known. Memory is allocated for one leaf at a time, and not for more
    /// entries than are expected.
    explicit ColumnAppender(Map& map, std::size_t expected = 0) : map_(map), expected_(expected) {}
    /// Appends an entry. Precondition: `key` is greater than all keys that were appended.
    template <class Key, class Value>
    void push_back(Key&& key, Value&& value) {
        if (leaf_.size() == room_) make_room();
        leaf_.keys.append_in_room(std::forward<Key>(key));
        leaf_.values.append_in_room(std::forward<Value>(value));
    }
    /// Appends the entries of the last leaf. The caller calls finish() once, at the end.
    void finish() {
        leaf_.shrink();
        map_.append(std::move(leaf_));
    }
};

}  // namespace crdt

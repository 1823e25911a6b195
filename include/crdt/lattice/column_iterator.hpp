// SPDX-License-Identifier: MIT
//! ColumnIterator: a position in a ColumnMap.
#pragma once

#include <cstddef>
#include <iterator>
#include <utility>

#include <crdt/detail/leaf.hpp>
#include <crdt/lattice/entry.hpp>

namespace crdt {

/// Visits the entries of a ColumnMap in ascending order of the keys. The iterator is bidirectional,
/// and every change of the map invalidates it.
template <class K, class V, std::size_t Room>
class ColumnIterator {
    using Leaf = detail::Leaf<K, V, Room>;

    const Leaf* leaf_ = nullptr;
    std::size_t slot_ = 0;

  public:
    /// A copy of an entry.
    using value_type = std::pair<K, V>;
    /// An Entry. It is const, so that `for (auto& [key, value] : map)` compiles.
    using reference = const Entry<K, const V&>;
    /// Works as a pointer to an entry.
    using pointer = detail::EntryPointer<Entry<K, const V&>>;
    /// The standard library needs this type.
    using difference_type = std::ptrdiff_t;
    /// Bidirectional.
    using iterator_category = std::bidirectional_iterator_tag;

    /// Makes an iterator of no map.
    ColumnIterator() = default;
    /// Makes an iterator at entry `slot` of `leaf`.
    ColumnIterator(const Leaf* leaf, std::size_t slot) : leaf_(leaf), slot_(slot) {}
    /// Returns the leaf that has the entry.
    const Leaf* leaf() const { return leaf_; }
    /// Returns the index of the entry in its leaf.
    std::size_t slot() const { return slot_; }

    /// Returns the key.
    const K& key() const { return leaf_->keys[slot_]; }
    /// Returns the value.
    const V& value() const { return leaf_->values[slot_]; }
    /// Returns the entry.
    reference operator*() const { return {key(), value()}; }
    /// Returns the entry.
    pointer operator->() const { return {{key(), value()}}; }
    /// Goes to the next entry.
    ColumnIterator& operator++() {
        if (++slot_ == leaf_->size()) {
            ++leaf_;
            slot_ = 0;
        }
        return *this;
    }
    /// Goes to the entry before.
    ColumnIterator& operator--() {
        if (slot_ == 0) slot_ = (--leaf_)->size();
        --slot_;
        return *this;
    }
    /// Goes to the next entry, and returns the old position.
    ColumnIterator operator++(int) {
        ColumnIterator before = *this;
        ++*this;
        return before;
    }
    /// Goes to the entry before, and returns the old position.
    ColumnIterator operator--(int) {
        ColumnIterator before = *this;
        --*this;
        return before;
    }
    /// Are both at the same entry?
    friend bool operator==(const ColumnIterator&, const ColumnIterator&) = default;
};

}  // namespace crdt

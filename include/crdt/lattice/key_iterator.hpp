// SPDX-License-Identifier: MIT
//! KeyIterator: visits the keys of a map.
#pragma once

#include <cstddef>
#include <iterator>
#include <type_traits>

#include <crdt/detail/cpp20.hpp>

namespace crdt {

/// The iterator of a set. The set is stored as a map with the elements as keys. The iterator is
/// bidirectional, and every change of the set invalidates it.
template <class Entry>
class KeyIterator {
    Entry entry_{};

  public:
    /// The type of keys, which are the elements of the set.
    using value_type =
        std::remove_cvref_t<typename std::iterator_traits<Entry>::value_type::first_type>;
    /// The type of `*iterator`.
    using reference = const value_type&;
    /// The type of `iterator->`.
    using pointer = const value_type*;
    /// The standard library needs this type.
    using difference_type = std::ptrdiff_t;
    /// Bidirectional.
    using iterator_category = std::bidirectional_iterator_tag;

    /// Makes an iterator of no container.
    KeyIterator() = default;
    /// Makes an iterator at `entry`.
    explicit KeyIterator(Entry entry) : entry_(entry) {}

    /// Returns the key.
    reference operator*() const { return entry_->first; }
    /// Gives access to the members of the key.
    pointer operator->() const { return &entry_->first; }
    /// Goes to the next key.
    KeyIterator& operator++() {
        ++entry_;
        return *this;
    }
    /// Goes to the key before.
    KeyIterator& operator--() {
        --entry_;
        return *this;
    }
    /// Goes to the next key, and returns the old position.
    KeyIterator operator++(int) {
        KeyIterator before = *this;
        ++*this;
        return before;
    }
    /// Goes to the key before, and returns the old position.
    KeyIterator operator--(int) {
        KeyIterator before = *this;
        --*this;
        return before;
    }
    /// Are both at the same position?
    friend bool operator==(const KeyIterator&, const KeyIterator&) = default;
};

}  // namespace crdt

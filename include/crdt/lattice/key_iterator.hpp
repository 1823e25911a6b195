// SPDX-License-Identifier: MIT
//! KeyIterator: visits the keys of a map.
#pragma once

#include <cstddef>
#include <iterator>
#include <type_traits>

#include <crdt/detail/cpp20.hpp>

namespace crdt {

/// The iterator of a set that is kept as a map from elements: bidirectional, invalidated by every
/// change of the set.
template <class Entry>
class KeyIterator {
    Entry entry_{};

  public:
    /// What the iterator shows, as a value.
    using value_type =
        std::remove_cvref_t<typename std::iterator_traits<Entry>::value_type::first_type>;
    /// What `*iterator` is.
    using reference = const value_type&;
    /// What `iterator->` goes through.
    using pointer = const value_type*;
    /// For the standard library.
    using difference_type = std::ptrdiff_t;
    /// Bidirectional.
    using iterator_category = std::bidirectional_iterator_tag;

    /// An iterator of no container.
    KeyIterator() = default;
    /// At that entry.
    explicit KeyIterator(Entry entry) : entry_(entry) {}

    /// The key.
    reference operator*() const { return entry_->first; }
    /// The same, for its members.
    pointer operator->() const { return &entry_->first; }
    /// Goes to the next one.
    KeyIterator& operator++() {
        ++entry_;
        return *this;
    }
    /// Goes to the one before.
    KeyIterator& operator--() {
        --entry_;
        return *this;
    }
    /// The same; returns where it was.
    KeyIterator operator++(int) {
        KeyIterator before = *this;
        ++*this;
        return before;
    }
    /// The same; returns where it was.
    KeyIterator operator--(int) {
        KeyIterator before = *this;
        --*this;
        return before;
    }
    /// Are both at one place?
    friend bool operator==(const KeyIterator&, const KeyIterator&) = default;
};

}  // namespace crdt

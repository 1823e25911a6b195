// SPDX-License-Identifier: MIT
//! KeyIterator: walks a map and shows its keys.
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
    using value_type =
        std::remove_cvref_t<typename std::iterator_traits<Entry>::value_type::first_type>;
    using reference = const value_type&;
    using pointer = const value_type*;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::bidirectional_iterator_tag;

    KeyIterator() = default;
    /// Of that entry's key.
    explicit KeyIterator(Entry entry) : entry_(entry) {}

    reference operator*() const { return entry_->first; }
    pointer operator->() const { return &entry_->first; }
    KeyIterator& operator++() {
        ++entry_;
        return *this;
    }
    KeyIterator& operator--() {
        --entry_;
        return *this;
    }
    KeyIterator operator++(int) {
        KeyIterator before = *this;
        ++*this;
        return before;
    }
    KeyIterator operator--(int) {
        KeyIterator before = *this;
        --*this;
        return before;
    }
    friend bool operator==(const KeyIterator&, const KeyIterator&) = default;
};

}  // namespace crdt

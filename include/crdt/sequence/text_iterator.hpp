// SPDX-License-Identifier: MIT
//! TextIterator: visits the code points of a Text.
#pragma once

#include <cstddef>
#include <iterator>

#include <crdt/lattice/concepts.hpp>
#include <crdt/sequence/dot_sequence.hpp>

namespace crdt {

/// The iterator of a Text. It visits the code points in the order of the text. `*iterator` is O(log
/// n). ++ is O(1), plus O(1) for each range of erased slots that it passes. Every change of the
/// text invalidates the iterator.
template <ReplicaId Id>
class TextIterator {
    using Columns = detail::SequenceColumns<Id>;
    using Place = detail::OrderTree::Place;

    const Columns* columns_ = nullptr;
    Place place_{};  // empty at the end of the text

    void skip_erased() {
        while (place_ && !place_.span().is_visible) {
            place_.offset = place_.span().length - 1;
            place_ = detail::OrderTree::next(place_);
        }
    }

    template <class Self, ReplicaId OtherId>
    friend class TextReader;
    TextIterator(const Columns& columns, const Place& place) : columns_(&columns), place_(place) {
        skip_erased();
    }

  public:
    /// The type of code points.
    using value_type = char32_t;
    /// `*iterator` returns a code point by value.
    using reference = char32_t;
    /// There is no pointer to a code point.
    using pointer = void;
    /// The standard library needs this type.
    using difference_type = std::ptrdiff_t;
    /// For std::ranges this is a forward iterator.
    using iterator_concept = std::forward_iterator_tag;
    /// For the algorithms of C++17 this is only an input iterator, because `*iterator` is not a
    /// reference.
    using iterator_category = std::input_iterator_tag;

    /// Makes an iterator at the end of every text.
    TextIterator() = default;

    /// Returns the code point.
    reference operator*() const {
        return columns_->line(place_.span().line).letters.at(place_.number());
    }
    /// Goes to the next code point.
    TextIterator& operator++() {
        place_ = detail::OrderTree::next(place_);
        skip_erased();
        return *this;
    }
    /// Goes to the next code point, and returns the old position.
    TextIterator operator++(int) {
        TextIterator before = *this;
        ++*this;
        return before;
    }
    /// Are both iterators at the end, or at the same code point?
    friend bool operator==(const TextIterator& a, const TextIterator& b) {
        return a.place_.leaf == b.place_.leaf && a.place_.slot == b.place_.slot &&
               a.place_.offset == b.place_.offset;
    }
};

}  // namespace crdt

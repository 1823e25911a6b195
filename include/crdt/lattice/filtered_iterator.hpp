// SPDX-License-Identifier: MIT
//! FilteredIterator: visits the visible entries of a map.
#pragma once

#include <cstddef>
#include <iterator>
#include <type_traits>

#include <crdt/detail/cpp20.hpp>
#include <crdt/lattice/entry.hpp>

namespace crdt {

/// The iterator of a container in which some entries are hidden. `Show` is a type with
/// `is_visible(entry)` and `operator()(entry)`. `*iterator` returns the result of operator(). The
/// iterator is bidirectional, and every change of the container invalidates it. ++ is O(1) plus
/// O(1) for each hidden entry that it passes.
template <class Base, class Show>
class FilteredIterator {
    Base at_{}, end_{};
    Show show_{};

    void skip() {
        while (at_ != end_ && !show_.is_visible(*at_)) ++at_;
    }

  public:
    /// The type of `*iterator`.
    using reference = std::invoke_result_t<const Show&, typename Base::reference>;
    /// The type of a copy of `*iterator`.
    using value_type = std::remove_cvref_t<reference>;
    /// The standard library needs this type.
    using difference_type = std::ptrdiff_t;
    /// The type of `iterator->`.
    using pointer =
        std::conditional_t<std::is_reference_v<reference>, std::add_pointer_t<reference>,
                           detail::EntryPointer<std::remove_cv_t<reference>>>;
    /// Bidirectional.
    using iterator_category = std::bidirectional_iterator_tag;

    /// Makes an iterator of no container.
    FilteredIterator() = default;
    /// Makes an iterator at the first visible entry from `at` on.
    FilteredIterator(Base at, Base end, Show show) : at_(at), end_(end), show_(show) { skip(); }

    /// Returns the result of Show for the entry.
    reference operator*() const { return show_(*at_); }
    /// Gives access to the members of `*iterator`.
    pointer operator->() const {
        if constexpr (std::is_reference_v<reference>)
            return &**this;
        else
            return {**this};
    }
    /// Goes to the next visible entry.
    FilteredIterator& operator++() {
        ++at_;
        skip();
        return *this;
    }
    /// Goes to the visible entry before. Precondition: there is a visible entry before.
    FilteredIterator& operator--() {
        do --at_;
        while (!show_.is_visible(*at_));
        return *this;
    }
    /// Goes to the next visible entry, and returns the old position.
    FilteredIterator operator++(int) {
        FilteredIterator before = *this;
        ++*this;
        return before;
    }
    /// Goes to the visible entry before, and returns the old position.
    FilteredIterator operator--(int) {
        FilteredIterator before = *this;
        --*this;
        return before;
    }
    /// Are both at the same position?
    friend bool operator==(const FilteredIterator& a, const FilteredIterator& b) {
        return a.at_ == b.at_;
    }
};

}  // namespace crdt

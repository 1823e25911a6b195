// SPDX-License-Identifier: MIT
//! FilteredIterator: visits the visible entries of a map.
#pragma once

#include <cstddef>
#include <iterator>
#include <type_traits>

#include <crdt/detail/cpp20.hpp>
#include <crdt/lattice/entry.hpp>

namespace crdt {

/// The iterator of a container in which some entries are hidden. `Show` is a value with
/// `is_visible(entry)` and `operator()(entry)`, which returns what `*iterator` is. Bidirectional,
/// invalidated by every change of the container; ++ is O(1) for each hidden entry it passes.
template <class Base, class Show>
class FilteredIterator {
    Base at_{}, end_{};
    Show show_{};

    void skip() {
        while (at_ != end_ && !show_.is_visible(*at_)) ++at_;
    }

  public:
    /// What `*iterator` is.
    using reference = std::invoke_result_t<const Show&, typename Base::reference>;
    /// What the iterator shows, as a value.
    using value_type = std::remove_cvref_t<reference>;
    /// For the standard library.
    using difference_type = std::ptrdiff_t;
    /// What `iterator->` goes through.
    using pointer =
        std::conditional_t<std::is_reference_v<reference>, std::add_pointer_t<reference>,
                           detail::EntryPointer<std::remove_cv_t<reference>>>;
    /// Bidirectional.
    using iterator_category = std::bidirectional_iterator_tag;

    /// An iterator of no container.
    FilteredIterator() = default;
    /// At the first visible entry from `at` on.
    FilteredIterator(Base at, Base end, Show show) : at_(at), end_(end), show_(show) { skip(); }

    /// What Show makes of the entry.
    reference operator*() const { return show_(*at_); }
    /// The same, for its members.
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
    /// Goes to the visible entry before. There must be one.
    FilteredIterator& operator--() {
        do --at_;
        while (!show_.is_visible(*at_));
        return *this;
    }
    /// The same; returns where it was.
    FilteredIterator operator++(int) {
        FilteredIterator before = *this;
        ++*this;
        return before;
    }
    /// The same; returns where it was.
    FilteredIterator operator--(int) {
        FilteredIterator before = *this;
        --*this;
        return before;
    }
    /// Are both at one place?
    friend bool operator==(const FilteredIterator& a, const FilteredIterator& b) {
        return a.at_ == b.at_;
    }
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! FilteredIterator: walks a map past the entries of which nothing is visible.
#pragma once

#include <cstddef>
#include <iterator>
#include <type_traits>

#include <crdt/detail/cpp20.hpp>
#include <crdt/lattice/entry.hpp>

namespace crdt {

/// The iterator of a container some of whose entries are hidden. `Show` is a value with
/// `is_visible(entry)` and `operator()(entry)`, which gives what `*iterator` is. Bidirectional,
/// invalidated by every change of the container; ++ is O(1) past each hidden entry.
template <class Base, class Show>
class FilteredIterator {
    Base at_{}, end_{};
    Show show_{};

    void skip() {
        while (at_ != end_ && !show_.is_visible(*at_)) ++at_;
    }

  public:
    using reference = std::invoke_result_t<const Show&, typename Base::reference>;
    using value_type = std::remove_cvref_t<reference>;
    using difference_type = std::ptrdiff_t;
    using pointer =
        std::conditional_t<std::is_reference_v<reference>, std::add_pointer_t<reference>,
                           detail::EntryPointer<std::remove_cv_t<reference>>>;
    using iterator_category = std::bidirectional_iterator_tag;

    FilteredIterator() = default;
    /// At the first visible entry from `at` on.
    FilteredIterator(Base at, Base end, Show show) : at_(at), end_(end), show_(show) { skip(); }

    reference operator*() const { return show_(*at_); }
    pointer operator->() const {
        if constexpr (std::is_reference_v<reference>)
            return &**this;
        else
            return {**this};
    }
    FilteredIterator& operator++() {
        ++at_;
        skip();
        return *this;
    }
    FilteredIterator& operator--() {
        do --at_;
        while (!show_.is_visible(*at_));
        return *this;
    }
    FilteredIterator operator++(int) {
        FilteredIterator before = *this;
        ++*this;
        return before;
    }
    FilteredIterator operator--(int) {
        FilteredIterator before = *this;
        --*this;
        return before;
    }
    friend bool operator==(const FilteredIterator& a, const FilteredIterator& b) {
        return a.at_ == b.at_;
    }
};

}  // namespace crdt

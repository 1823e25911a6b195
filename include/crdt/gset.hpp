// SPDX-License-Identifier: MIT
//! GSet: a grow-only set.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <cstddef>
#include <initializer_list>
#include <string_view>

#include <crdt/detail/range_of.hpp>
#include <crdt/lattice/composed.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/key_iterator.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/max.hpp>

namespace crdt {

/// This primary template is chosen if the template arguments are not valid. It does not compile,
/// and the compiler prints the reason.
template <class Element>
class GSet : detail::Refused<detail::flaw_of_keys<Element>(), Element> {};  // prints why

/// A grow-only set: elements are inserted and never erased.
///
/// State       the elements, as a map from each element to true
/// Order       inclusion;  join: union;  bottom: the empty set
/// Concurrent  all inserts stay
/// Cost        insert, contains, find O(log n); size O(1); merge as MapOf
/// Errors      only errors of elements and of allocations
/// Iterators   in ascending order, invalidated by every change;  Threads  as a standard container
/// Source      Shapiro, Preguiça, Baquero, Zawirski: A comprehensive study of Convergent and
///             Commutative Replicated Data Types (INRIA 7506, 2011), 3.3.1
///
/// Example (tests/examples/gset.cpp):
///     crdt::GSet<int> a, b;
///     a.insert(7);
///     b.insert(8);
///     a.merge(b);  // a.size() == 2
template <Key Element>
class GSet<Element> : public Composed<GSet<Element>, MapOf<Element, Max<bool>>> {
  public:
    /// The type of elements.
    using value_type = Element;
    /// Visits the elements in ascending order.
    using const_iterator = KeyIterator<typename MapOf<Element, Max<bool>>::const_iterator>;
    /// The same as const_iterator: elements cannot be changed in place.
    using iterator = const_iterator;
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "gset";

    /// Makes the empty set.
    GSet() = default;
    /// Makes the set of these elements. O(n log n).
    GSet(std::initializer_list<Element> elements) : GSet(elements.begin(), elements.end()) {}
    /// Makes the set of the elements of a range. O(n log n).
    template <detail::RangeOf<Element, GSet> Range>
    explicit GSet(Range&& range) : GSet(std::begin(range), std::end(range)) {}
    /// Makes the set of the elements from `first` to `last`. O(n log n).
    template <class Iterator, class Sentinel>
    GSet(Iterator first, Sentinel last) {
        for (; first != last; ++first) insert(*first);
    }

    /// Inserts `element` and returns the delta: the element, or bottom if the element was in the
    /// set already. O(log n).
    GSet insert(const Element& element) {
        return this->mutate([&](auto& elements) {
            return elements.update(element, [](Max<bool>& there) { return there.advance(true); });
        });
    }

    /// Is `element` in the set? O(log n).
    bool contains(const auto& element) const { return this->lattice().contains(element); }
    /// Returns 1 if `element` is in the set, else 0. O(log n).
    std::size_t count(const auto& element) const { return contains(element) ? 1 : 0; }
    /// Returns the position of `element`, or end() if `element` is not in the set. O(log n).
    const_iterator find(const auto& element) const {
        return const_iterator(this->lattice().find(element));
    }
    /// Returns the number of elements. O(1).
    std::size_t size() const { return this->lattice().size(); }
    /// Is there no element?
    bool empty() const { return size() == 0; }
    /// Returns the position of the first element.
    const_iterator begin() const { return const_iterator(this->lattice().begin()); }
    /// Returns the position past the last element.
    const_iterator end() const { return const_iterator(this->lattice().end()); }
};

}  // namespace crdt

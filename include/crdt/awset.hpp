// SPDX-License-Identifier: MIT
//! AWSet: an observed-remove set in which concurrent inserts win.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_map.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/detail/range_of.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/key_iterator.hpp>

namespace crdt {

/// The read-only members of an AWSet. The set and its views derive from this class.
template <class Self, Key Element, ReplicaId Id>
class AWSetReader {
    const auto& elements() const { return static_cast<const Self&>(*this).store(); }

  public:
    /// The type of elements.
    using value_type = Element;
    /// Visits the elements in ascending order.
    using const_iterator = KeyIterator<typename DotMap<Element, DotSet<Id>>::const_iterator>;
    /// The same as const_iterator: elements cannot be changed in place.
    using iterator = const_iterator;

    /// Is `element` in the set? O(log n).
    bool contains(const auto& element) const { return elements().contains(element); }
    /// Returns 1 if `element` is in the set, else 0. O(log n).
    std::size_t count(const auto& element) const { return contains(element) ? 1 : 0; }
    /// Returns the position of `element`, or end() if `element` is not in the set. O(log n).
    const_iterator find(const auto& element) const {
        return const_iterator(elements().find(element));
    }
    /// Returns the number of elements. O(1).
    std::size_t size() const { return elements().size(); }
    /// Is there no element?
    bool empty() const { return size() == 0; }
    /// Returns the position of the first element.
    const_iterator begin() const { return const_iterator(elements().begin()); }
    /// Returns the position past the last element.
    const_iterator end() const { return const_iterator(elements().end()); }
};

/// This primary template is chosen if the template arguments are not valid. It does not compile,
/// and the compiler prints the reason.
template <class Element, class Id = std::string>
class AWSet : detail::Refused<detail::flaw_of_keys<Element, Id>(), Element, Id> {};  // prints why

/// An add-wins set, also known as observed-remove set (ORSet).
///
/// State       the causal context, and for each element the dots of its current inserts
/// Order       the order of Causal;  join: an erase removes the inserts that the erasing replica
///             has received
/// Bottom      no elements, empty context
/// Concurrent  an insert and an erase of one element: the insert wins
/// Cost        memory for the current elements and a few ranges of context per replica, no
///             tombstones; insert, erase, find O(log n); size O(1)
/// Errors      insert throws std::overflow_error when the replica has used all 2^64 - 1 dots; the
///             state is then unchanged
/// Iterators   in ascending order, invalidated by every change;  Threads  as a standard container
/// Source      Bieniusa et al.: An optimized conflict-free replicated set (2012); Almeida, Shoker,
///             Baquero: Delta state replicated data types (JPDC 2018), 7.4
///
/// Example (tests/examples/awset.cpp):
///     crdt::AWSet<std::string> a;
///     a.insert("a", "milk");
///     crdt::AWSet<std::string> b = a;
///     a.erase("milk");
///     b.insert("b", "milk");
///     a.merge(b);  // a.contains("milk")
template <Key Element, ReplicaId Id>
class AWSet<Element, Id> : public CausalType<AWSet<Element, Id>, DotMap<Element, DotSet<Id>>>,
                           public AWSetReader<AWSet<Element, Id>, Element, Id> {
  public:
    /// The base class with the read-only members. Views of a value in a map or a record use it too.
    template <class Self>
    using Reader = AWSetReader<Self, Element, Id>;
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "awset";

    /// Makes the empty set.
    AWSet() = default;
    /// Makes the set in which `id` has inserted these elements. O(n log n).
    AWSet(const Id& id, std::initializer_list<Element> elements) {
        for (const Element& element : elements) insert(id, element);
    }
    /// Makes the set in which `id` has inserted the elements of a range. O(n log n).
    template <detail::RangeOf<Element, AWSet> Range>
    AWSet(const Id& id, Range&& range) {
        for (const auto& element : range) insert(id, element);
    }

    /// Inserts `element` and returns the delta: one new dot, which replaces the earlier dots of
    /// `element`. O(log n). Throws std::overflow_error after 2^64 - 1 writes of `id`; the state is
    /// then unchanged.
    AWSet insert(const Id& id, const Element& element) {
        return this->replace(element, DotSet<Id>(this->context().next(id)));
    }
    /// Erases all inserts of `element` that this replica has received. Returns the delta, which is
    /// bottom if `element` is not in the set. O(log n).
    AWSet erase(const Element& element) { return this->replace(element, DotSet<Id>()); }
    /// Erases all elements and returns the delta. O(n).
    AWSet clear() { return this->change(this->store().dots()); }
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! Bag: a multiset, in which concurrent inserts all count.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_map.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/detail/range_of.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/entry.hpp>
#include <crdt/lattice/filtered_iterator.hpp>

namespace crdt {

/// The read-only members of a Bag. The bag and its views derive from this class.
template <class Self, Key Element, ReplicaId Id>
class BagReader {
    using Store = DotMap<Element, DotSet<Id>>;

    struct Show {
        static bool is_visible(const auto&) { return true; }
        const Entry<Element, std::size_t> operator()(const auto& entry) const {
            return {entry.first, entry.second.size()};
        }
    };
    const Store& elements() const { return static_cast<const Self&>(*this).store(); }

  public:
    /// An element and its count.
    using value_type = Entry<Element, std::size_t>;
    /// Visits each different element with its count.
    using const_iterator = FilteredIterator<typename Store::const_iterator, Show>;
    /// The same as const_iterator: elements cannot be changed in place.
    using iterator = const_iterator;

    /// Returns how often `element` is in the bag, limited to the greatest std::size_t.
    /// O(log n + ranges of `element`).
    std::size_t count(const auto& element) const { return elements().at(element).size(); }
    /// Is `element` in the bag at least once? O(log n).
    bool contains(const auto& element) const { return elements().contains(element); }
    /// Returns the position of `element` and its count, or end() if `element` is not in the bag.
    /// O(log n).
    const_iterator find(const auto& element) const {
        return const_iterator(elements().find(element), elements().end(), {});
    }
    /// Returns the number of different elements. O(1).
    std::size_t size() const { return elements().size(); }
    /// Returns the number of occurrences of all elements, limited to the greatest std::size_t.
    /// O(ranges).
    std::size_t total() const { return elements().dots().size(); }
    /// Is there no element?
    bool empty() const { return size() == 0; }
    /// Returns the position of the first element, with its count.
    const_iterator begin() const { return {elements().begin(), elements().end(), {}}; }
    /// Returns the position past the last element.
    const_iterator end() const { return {elements().end(), elements().end(), {}}; }
};

/// This primary template is chosen if the template arguments are not valid. It does not compile,
/// and the compiler prints the reason.
template <class Element, class Id = std::string>
class Bag : detail::Refused<detail::flaw_of_keys<Element, Id>(), Element, Id> {};  // prints why

/// An add-wins bag (multiset): each occurrence of an element is a separate event.
///
/// State       the causal context, and for each element its current occurrences
/// Order       the order of Causal;  join: an erase removes only the occurrences that the erasing
///             replica chose
/// Bottom      no elements, empty context
/// Concurrent  all inserts count. A replica first erases occurrences that it inserted itself, and
///             then occurrences of other replicas. If two replicas erase the same occurrence, the
///             count decreases by 1
/// Cost        consecutive occurrences that one replica inserted are stored as one range; insert,
///             erase O(ranges of the element + log n); size O(1)
/// Errors      insert throws std::overflow_error when the replica has used all 2^64 - 1 dots; erase
///             throws std::out_of_range if the bag has too few occurrences; the state is then
///             unchanged
/// Iterators   in ascending order, invalidated by every change;  Threads  as a standard container
/// Source      an AWSet (Bieniusa et al. 2012) in which an insert keeps the earlier inserts
///
/// Example (tests/examples/bag.cpp):
///     crdt::Bag<std::string> a, b;
///     a.insert("a", "nail", 100);
///     b.insert("b", "nail", 20);
///     a.merge(b);
///     a.erase("a", "nail", 30);  // a.count("nail") == 90
template <Key Element, ReplicaId Id>
class Bag<Element, Id> : public CausalType<Bag<Element, Id>, DotMap<Element, DotSet<Id>>>,
                         public BagReader<Bag<Element, Id>, Element, Id> {
    using Store = DotMap<Element, DotSet<Id>>;

    /// Chooses `count` of `dots`: first dots of `id`, then dots of other replicas.
    static DotSet<Id> choose(const DotSet<Id>& dots, const Id& id, std::size_t count) {
        DotSet<Id> chosen;
        const auto choose_from = [&](const DotRange<Id>& range) {
            if (count == 0) return;
            const std::uint64_t length =
                std::min<std::uint64_t>(count, range.last - range.first + 1);
            chosen.add({range.replica, range.first, range.first + (length - 1)});
            count -= static_cast<std::size_t>(length);
        };
        const DotSet<Id> own =
            intersection(dots, DotSet<Id>(DotRange<Id>{
                                   dots.name(id), 1, (std::numeric_limits<std::uint64_t>::max)()}));
        own.visit(choose_from);
        difference(dots, own).visit(choose_from);
        return chosen;
    }

  public:
    /// The base class with the read-only members. Views of a value in a map or a record use it too.
    template <class Self>
    using Reader = BagReader<Self, Element, Id>;
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "bag";

    /// Makes the empty bag.
    Bag() = default;
    /// Makes the bag in which `id` has inserted these elements, each as often as it is in
    /// `elements`.
    Bag(const Id& id, std::initializer_list<Element> elements) {
        for (const Element& element : elements) insert(id, element);
    }
    /// Makes the bag in which `id` has inserted the elements of a range.
    template <detail::RangeOf<Element, Bag> Range>
    Bag(const Id& id, Range&& range) {
        for (const auto& element : range) insert(id, element);
    }

    /// Inserts `element` `count` times and returns the delta. O(log n). Throws std::overflow_error
    /// if the replica has fewer than `count` dots left; the state is then unchanged.
    Bag insert(const Id& id, const Element& element, std::size_t count = 1) {
        if (count == 0) return {};
        const Dot<Id> first = this->context().next(id);
        if (count - 1 > (std::numeric_limits<std::uint64_t>::max)() - first.sequence)
            detail::throw_or_abort<std::overflow_error>(
                "Bag::insert: the replica has fewer than count dots left");
        const DotSet<Id> added({first.replica, first.sequence, first.sequence + (count - 1)});
        DotSet<Id> next = this->store().at(element);
        next.merge(added);
        return this->revise(element, std::move(next), Causal(Store(element, added)));
    }
    /// Erases `count` occurrences of `element`: first occurrences that `id` inserted, and then
    /// occurrences of other replicas. Returns the delta. O(ranges log n). Throws std::out_of_range
    /// if the bag contains fewer occurrences; the state is then unchanged.
    Bag erase(const Id& id, const Element& element, std::size_t count = 1) {
        if (count > this->count(element))
            detail::throw_or_abort<std::out_of_range>(
                "Bag::erase: the bag has fewer than count occurrences of the element");
        const DotSet<Id>& present = this->store().at(element);
        DotSet<Id> chosen = choose(present, id, count);
        return this->revise(element, difference(present, chosen), Causal(Store(), chosen));
    }
    /// Erases all elements and returns the delta. O(n).
    Bag clear() { return this->change(this->store().dots()); }
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! RWSet: a set in which concurrent erases win.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/count_around_join.hpp>
#include <crdt/causal/dot_map.hpp>
#include <crdt/detail/cached_count.hpp>
#include <crdt/detail/range_of.hpp>
#include <crdt/dwflag.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/filtered_iterator.hpp>
#include <crdt/lattice/write_once.hpp>

namespace crdt {

/// The read-only members of an RWSet. The set and its views derive from this class.
template <class Self, Key Element, ReplicaId Id>
class RWSetReader {
    using Flag = DWFlag<Id>;
    using Store = DotMap<Element, typename Flag::store_type>;

    struct Show {
        static bool is_visible(const auto& entry) { return Flag::enabled_in(entry.second); }
        const Element& operator()(const auto& entry) const { return entry.first; }
    };
    const Store& writes() const { return static_cast<const Self&>(*this).store(); }

  public:
    /// The type of elements.
    using value_type = Element;
    /// Visits the elements in ascending order.
    using const_iterator = FilteredIterator<typename Store::const_iterator, Show>;
    /// The same as const_iterator: elements cannot be changed in place.
    using iterator = const_iterator;

    /// Is `element` in the set? O(log n).
    bool contains(const auto& element) const { return Flag::enabled_in(writes().at(element)); }
    /// Returns 1 if `element` is in the set, else 0. O(log n).
    std::size_t count(const auto& element) const { return contains(element) ? 1 : 0; }
    /// Returns the position of `element`, or end() if `element` is not in the set. O(log n).
    const_iterator find(const auto& element) const {
        if (!contains(element)) return end();
        return const_iterator(writes().find(element), writes().end(), {});
    }
    /// Returns the number of elements. O(n). RWSet::size() is faster.
    std::size_t size() const {
        return static_cast<std::size_t>(std::count_if(
            writes().begin(), writes().end(), [](const auto& e) { return Show::is_visible(e); }));
    }
    /// Is there no element? O(1), plus O(1) for each erased element before the first element.
    bool empty() const { return begin() == end(); }
    /// Returns the position of the first element.
    const_iterator begin() const { return const_iterator(writes().begin(), writes().end(), {}); }
    /// Returns the position past the last element.
    const_iterator end() const { return const_iterator(writes().end(), writes().end(), {}); }
};

/// This primary template is chosen if the template arguments are not valid. It does not compile,
/// and the compiler prints the reason.
template <class Element, class Id = std::string>
class RWSet : detail::Refused<detail::flaw_of_keys<Element, Id>(), Element, Id> {};  // prints why

/// A remove-wins set: a map from elements to disable-wins flags.
///
/// State       the causal context, and for each element its current inserts and erases
/// Order       the order of Causal;  join: a replica's write of an element replaces those writes of
///             the element that the replica has received
/// Bottom      no elements, empty context
/// Concurrent  an insert and an erase of one element: the erase wins
/// Cost        an erased element keeps the dot of its erase until the element is inserted again, or
///             until reset(); insert, erase, find O(log n); size O(1), but O(n) once after a large
///             merge
/// Errors      insert and erase throw std::overflow_error when the replica has used all 2^64 - 1
///             dots; the state is then unchanged
/// Iterators   in ascending order, invalidated by every change;  Threads  as a standard container
/// Source      Almeida, Shoker, Baquero: Delta state replicated data types (JPDC 2018), 7.4
///
/// Example (tests/examples/rwset.cpp):
///     crdt::RWSet<std::string> a;
///     a.insert("a", "guest");
///     crdt::RWSet<std::string> b = a;
///     a.insert("a", "guest");
///     b.erase("b", "guest");
///     a.merge(b);  // !a.contains("guest")
template <Key Element, ReplicaId Id>
class RWSet<Element, Id>
    : public CausalType<RWSet<Element, Id>, DotMap<Element, typename DWFlag<Id>::store_type>>,
      public RWSetReader<RWSet<Element, Id>, Element, Id> {
    using Flag = DWFlag<Id>;
    using Base = CausalType<RWSet, DotMap<Element, typename Flag::store_type>>;

    detail::CachedCount size_;

    template <class Join>
    auto around_join(const RWSet& other, Join&& join) {
        return detail::count_around_join(
            size_, *this, other, [](const auto& flag) { return Flag::enabled_in(flag); }, join);
    }
    RWSet write(const Id& id, const Element& element, bool there) {
        return size_.around([&] { return this->count(element); },
                            [&] {
                                return this->replace(
                                    element, typename Flag::store_type(this->context().next(id),
                                                                       WriteOnce<bool>(there)));
                            });
    }

  public:
    /// The base class with the read-only members. Views of a value in a map or a record use it too.
    template <class Self>
    using Reader = RWSetReader<Self, Element, Id>;
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "rwset";
    /// true, because a set looks empty when all its elements are erased, although its store has the
    /// erases.
    static constexpr bool has_hidden_states = true;

    /// Makes the empty set.
    RWSet() = default;
    /// Makes the set in which `id` has inserted these elements. O(n log n).
    RWSet(const Id& id, std::initializer_list<Element> elements) {
        for (const Element& element : elements) insert(id, element);
    }
    /// Makes the set in which `id` has inserted the elements of a range. O(n log n).
    template <detail::RangeOf<Element, RWSet> Range>
    RWSet(const Id& id, Range&& range) {
        for (const auto& element : range) insert(id, element);
    }

    /// Inserts `element` and returns the delta. O(log n). Throws std::overflow_error after 2^64 - 1
    /// writes of `id`; the state is then unchanged.
    RWSet insert(const Id& id, const Element& element) { return write(id, element, true); }
    /// Erases `element` and returns the delta. The delta is not bottom even if the element is not
    /// in the set, since a concurrent insert of the element may exist. O(log n). Throws as insert()
    /// does.
    RWSet erase(const Id& id, const Element& element) { return write(id, element, false); }
    /// Erases each element of the set and returns the delta. O(n log n). Throws as insert()
    /// does; the state is then unchanged.
    RWSet clear(const Id& id) {
        RWSet next = *this, delta;
        for (const Element& element : *this) delta.merge(next.erase(id, element));
        *this = std::move(next);
        return delta;
    }
    /// Undoes all inserts and erases that this replica has received. Concurrent inserts and erases
    /// stay. Returns the delta. O(n).
    RWSet reset(const Id& id) {
        size_.invalidate();
        return Base::reset(id);
    }

    /// this := this ⊔ other. Returns true iff this grew. See Composed.
    bool merge(const RWSet& other) {
        return around_join(other, [&] { return Base::merge(other); });
    }
    /// Merges `other`. Returns the delta: the part of `other` that this state lacked. See Composed.
    RWSet absorb(const RWSet& other) {
        return around_join(other, [&] { return Base::absorb(other); });
    }

    /// Returns the number of elements. O(1), but O(n) once after reset(), or after a merge of more
    /// than an eighth of the elements.
    std::size_t size() const {
        return size_.get_or([this] { return Reader<RWSet>::size(); });
    }
    /// Is there no element? Costs as much as size().
    bool empty() const { return size() == 0; }
    /// Does `store` have no visible element? It may still have erases.
    static bool is_empty(const typename RWSet::store_type& store) {
        return std::all_of(store.begin(), store.end(),
                           [](const auto& entry) { return Flag::is_empty(entry.second); });
    }
};

}  // namespace crdt

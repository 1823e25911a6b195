// SPDX-License-Identifier: MIT
//! TwoPhaseSet: a set with permanent removals.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string_view>

#include <crdt/detail/cached_count.hpp>
#include <crdt/detail/range_of.hpp>
#include <crdt/lattice/composed.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/filtered_iterator.hpp>
#include <crdt/lattice/linear_sum.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/search_columns.hpp>
#include <crdt/lattice/unit.hpp>

namespace crdt {

/// This primary template is chosen if the template arguments are not valid. It does not compile,
/// and the compiler prints the reason.
template <class Element>
class TwoPhaseSet : detail::Refused<detail::flaw_of_keys<Element>(), Element> {};  // prints why

/// A set in which an element can be inserted once and erased once. The erase is permanent.
///
/// State       for each element that was ever inserted, whether it is in the set or was erased
/// Order       element by element: never inserted < in the set < erased;  join: the greater of the
///             two;  bottom: no elements
/// Concurrent  an erase wins over concurrent and later inserts of the element
/// Cost        every element that was ever inserted stays in the state; insert, erase, find
///             O(log n); size O(1), but O(n) once after a large merge
/// Errors      only errors of elements and of allocations
/// Iterators   in ascending order, invalidated by every change;  Threads  as a standard container
/// Source      Shapiro, Preguiça, Baquero, Zawirski: A comprehensive study of Convergent and
///             Commutative Replicated Data Types (INRIA 7506, 2011), 3.3.2
///
/// Example (tests/examples/two_phase_set.cpp):
///     crdt::TwoPhaseSet<int> a;
///     a.insert(7);
///     crdt::TwoPhaseSet<int> b = a;
///     b.erase(7);
///     a.insert(7);
///     a.merge(b);  // !a.contains(7)
template <Key Element>
class TwoPhaseSet<Element>
    : public Composed<TwoPhaseSet<Element>, MapOf<Element, LinearSum<Max<bool>, Unit>>> {
    using Phase = LinearSum<Max<bool>, Unit>;
    using Phases = MapOf<Element, Phase>;
    using Base = Composed<TwoPhaseSet, Phases>;

    detail::CachedCount size_;

    static bool is_there(const Phase& phase) { return !phase.is_upper() && !phase.is_bottom(); }

    struct Show {
        static bool is_visible(const auto& entry) { return is_there(entry.second); }
        const Element& operator()(const auto& entry) const { return entry.first; }
    };

    /// Calls `join`, which joins `other` into this set. Returns the result of `join`. If `other`
    /// has few elements, updates the cached number of elements.
    template <class Join>
    auto around_join(const TwoPhaseSet& other, Join&& join) {
        const Phases& theirs = other.lattice();
        if (!size_.is_known() || detail::are_many(theirs.size(), this->lattice().size()))
            return size_.around_join(join);
        return size_.around(
            [&] {
                return static_cast<std::size_t>(
                    std::count_if(theirs.begin(), theirs.end(),
                                  [&](const auto& entry) { return contains(entry.first); }));
            },
            join);
    }
    TwoPhaseSet advance(const Element& element, const Phase& phase) {
        return size_.around([&] { return count(element); },
                            [&] {
                                return this->mutate([&](auto& phases) {
                                    return phases.update(element, [&](Phase& current) {
                                        return current.absorb(phase);
                                    });
                                });
                            });
    }

  public:
    /// The type of elements.
    using value_type = Element;
    /// Visits the elements in ascending order.
    using const_iterator = FilteredIterator<typename Phases::const_iterator, Show>;
    /// The same as const_iterator: elements cannot be changed in place.
    using iterator = const_iterator;
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "two_phase_set";

    /// Makes the empty set.
    TwoPhaseSet() = default;
    /// Makes the set of these elements. O(n log n).
    TwoPhaseSet(std::initializer_list<Element> elements)
        : TwoPhaseSet(elements.begin(), elements.end()) {}
    /// Makes the set of the elements of a range. O(n log n).
    template <detail::RangeOf<Element, TwoPhaseSet> Range>
    explicit TwoPhaseSet(Range&& range) : TwoPhaseSet(std::begin(range), std::end(range)) {}
    /// Makes the set of the elements from `first` to `last`. O(n log n).
    template <class Iterator, class Sentinel>
    TwoPhaseSet(Iterator first, Sentinel last) {
        for (; first != last; ++first) insert(*first);
    }

    /// Inserts `element` and returns the delta, which is bottom if the element is in the set or was
    /// erased. O(log n).
    TwoPhaseSet insert(const Element& element) {
        return advance(element, Phase::from_lower(Max<bool>(true)));
    }
    /// Erases `element` permanently and returns the delta, which is bottom if the element is not in
    /// the set. O(log n).
    TwoPhaseSet erase(const Element& element) {
        return contains(element) ? advance(element, Phase::from_upper({})) : TwoPhaseSet();
    }

    /// this := this ⊔ other. Returns true iff this grew. See Composed.
    bool merge(const TwoPhaseSet& other) {
        return around_join(other, [&] { return Base::merge(other); });
    }
    /// Merges `other`. Returns the delta: the part of `other` that this state lacked. See Composed.
    TwoPhaseSet absorb(const TwoPhaseSet& other) {
        return around_join(other, [&] { return Base::absorb(other); });
    }

    /// Is `element` in the set? O(log n).
    bool contains(const auto& element) const { return is_there(this->lattice().at(element)); }
    /// Returns 1 if `element` is in the set, else 0. O(log n).
    std::size_t count(const auto& element) const { return contains(element) ? 1 : 0; }
    /// Returns the position of `element`, or end() if `element` is not in the set. O(log n).
    const_iterator find(const auto& element) const {
        if (!contains(element)) return end();
        return const_iterator(this->lattice().find(element), this->lattice().end(), {});
    }
    /// Returns the number of elements. O(1), but O(n) once after a merge of more than an
    /// eighth of the elements.
    std::size_t size() const {
        return size_.get_or([this] {
            std::size_t count = 0;
            for (const auto& entry : this->lattice()) count += is_there(entry.second);
            return count;
        });
    }
    /// Is there no element? Costs as much as size().
    bool empty() const { return size() == 0; }
    /// Returns the position of the first element.
    const_iterator begin() const {
        return const_iterator(this->lattice().begin(), this->lattice().end(), {});
    }
    /// Returns the position past the last element.
    const_iterator end() const {
        return const_iterator(this->lattice().end(), this->lattice().end(), {});
    }
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! Antichain: the maximal elements of a partial order.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <stdexcept>
#include <utility>
#include <vector>

#include <crdt/detail/failure.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt {

/// A type with a partial order `a.leq(b)` and any total order `a < b`. An Antichain keeps its
/// elements in the total order.
template <class P>
concept PartialOrder = Key<P> && requires(const P& a, const P& b) {
    { a.leq(b) } -> std::same_as<bool>;
};

/// The maximal elements of a partial order: the inserted elements that are not below another
/// inserted element.
///
/// State   elements, none of which is below another
/// Order   a ⊑ b: each element of a is below an element of b;  join: the maximal elements of a and
///         b together;  bottom: no elements
/// Source  Baquero, Almeida, Cunha, Ferreira: Composition in state-based replicated data types
///         (Bulletin of the EATCS 123, 2017): M(P)
/// Cost    merge, leq, difference of m elements against n: O(m n) comparisons; antichains of
///         concurrent writes are short
/// Errors  insert throws std::length_error if there would be more than max_size elements; the state
///         is then unchanged. A join may have more than max_size elements. Such a state is valid,
///         but the codecs neither write nor read it, because a decoder would have to compare all
///         pairs of elements to validate it. The state shrinks when an insert adds an element above
///         several others
template <PartialOrder P>
class Antichain {
    std::vector<P> elements_;  // ascending in P's total order

    bool dominates(const P& element) const {
        return std::any_of(elements_.begin(), elements_.end(),
                           [&](const P& mine) { return element.leq(mine); });
    }

    bool is_above_one(const P& element) const {
        return std::any_of(elements_.begin(), elements_.end(),
                           [&](const P& mine) { return mine.leq(element); });
    }
    /// Replaces all elements below `element` by `element`. Precondition: `element` is not below
    /// another element. If an allocation fails, throws and changes nothing.
    void replace_below(P element) {
        if (elements_.size() == elements_.capacity()) elements_.reserve(2 * elements_.size() + 1);
        const auto kept = std::remove_if(elements_.begin(), elements_.end(),
                                         [&](const P& mine) { return mine.leq(element); });
        elements_.erase(kept, elements_.end());
        elements_.insert(std::lower_bound(elements_.begin(), elements_.end(), element),
                         std::move(element));
    }

  public:
    /// The type of elements.
    using value_type = P;
    /// Visits the elements in ascending order of `<`.
    using const_iterator = typename std::vector<P>::const_iterator;
    /// insert() makes at most this many elements. The codecs write and read at most this many.
    static constexpr std::size_t max_size = 1024;

    /// Makes the empty antichain.
    Antichain() = default;
    /// A copy.
    Antichain(const Antichain&) = default;
    /// Moves the elements. The other antichain is then empty.
    Antichain(Antichain&&) = default;
    /// Copies `other`. If an allocation fails, throws and changes nothing.
    Antichain& operator=(const Antichain& other) { return *this = Antichain(other); }
    /// Moves the elements. The other antichain is then empty.
    Antichain& operator=(Antichain&&) = default;

    /// Returns the position of the first element.
    const_iterator begin() const { return elements_.begin(); }
    /// Returns the position past the last element.
    const_iterator end() const { return elements_.end(); }
    /// Returns the number of elements. O(1).
    std::size_t size() const { return elements_.size(); }

    /// Inserts `element` and removes the elements below it. Returns the delta, which is bottom if
    /// `element` is below another element, or equal to it. O(n). Throws std::length_error if there
    /// are max_size elements and none of them is below `element`; the state is then unchanged.
    Antichain insert(P element) {
        Antichain delta;
        if (dominates(element)) return delta;
        if (size() >= max_size && !is_above_one(element))
            detail::throw_or_abort<std::length_error>(
                "Antichain::insert: expected at most 1024 maximal elements, found one more");
        delta.elements_.push_back(element);
        replace_below(std::move(element));
        return delta;
    }

    /// this := the maximal elements of both antichains. Returns true iff this grew. O(m n).
    bool merge(const Antichain& other) { return !absorb(other).is_bottom(); }
    /// Merges `other`. Returns what was new to this state: difference(other, this state before).
    Antichain absorb(const Antichain& other) {
        Antichain delta = difference(other, *this);
        for (const P& element : delta) replace_below(element);
        return delta;
    }
    /// Is each element of this antichain below an element of `other`? O(m n).
    bool leq(const Antichain& other) const {
        return std::all_of(begin(), end(), [&](const P& mine) { return other.dominates(mine); });
    }
    /// Is there no element?
    bool is_bottom() const { return elements_.empty(); }

    /// Do both have the same elements?
    friend bool operator==(const Antichain&, const Antichain&) = default;
    /// Returns the elements of `a` that are not below an element of `b`. O(m n).
    friend Antichain difference(const Antichain& a, const Antichain& b) {
        Antichain result;
        std::copy_if(a.begin(), a.end(), std::back_inserter(result.elements_),
                     [&](const P& element) { return !b.dominates(element); });
        return result;
    }
    /// Returns the antichain itself.
    friend Antichain digest(const Antichain& a) { return a; }
    /// Returns the number of elements. Each element is a join-irreducible part. O(1).
    friend std::size_t part_count(const Antichain& a) { return a.size(); }
    /// Returns a stable hash: equal states have the same hash on every platform.
    friend std::uint64_t hash_value(const Antichain& a) {
        std::uint64_t hash = a.size();
        for (const P& element : a) hash = hash_combine(hash, detail::hash_of(element));
        return hash;
    }
    /// For each element, calls visit(antichain) with an antichain of only this element.
    template <class Visit>
    friend void decompose(const Antichain& a, Visit&& visit) {
        for (const P& element : a) {
            Antichain single;
            single.elements_.push_back(element);
            visit(std::as_const(single));
        }
    }
};

}  // namespace crdt

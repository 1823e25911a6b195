// SPDX-License-Identifier: MIT
//! Antichain: the greatest elements seen of a partial order.
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

/// A partial order `a.leq(b)`, and a total order `a < b` of any kind, in which states are kept.
template <class P>
concept PartialOrder = Key<P> && requires(const P& a, const P& b) {
    { a.leq(b) } -> std::same_as<bool>;
};

/// The antichains of a partial order: of the elements seen, those that no other one is above.
///
/// State   elements of which none is below another
/// Order   a ⊑ b: each of a is below one of b;  join: the maximal ones of both;  bottom: none
/// Source  Baquero, Almeida, Cunha, Ferreira: Composition in state-based replicated data types
///         (Bulletin of the EATCS 123, 2017): M(P)
/// Cost    merge, leq, difference of m elements against n: O(m n) comparisons; antichains of
///         concurrent writes are short
/// Errors  insert throws std::length_error beyond greatest_size elements, and changes nothing then.
///         A join may have more. It is a state like any other, but the codecs neither write nor
///         read it: to see that no element is below another takes all pairs. An element above some
///         of them makes it smaller.
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
    /// Puts an element that none covers in the place of those below it. Whole, or not at all.
    void replace_below(P element) {
        if (elements_.size() == elements_.capacity()) elements_.reserve(2 * elements_.size() + 1);
        const auto kept = std::remove_if(elements_.begin(), elements_.end(),
                                         [&](const P& mine) { return mine.leq(element); });
        elements_.erase(kept, elements_.end());
        elements_.insert(std::lower_bound(elements_.begin(), elements_.end(), element),
                         std::move(element));
    }

  public:
    using value_type = P;
    using const_iterator = typename std::vector<P>::const_iterator;
    /// How many elements insert() makes at most, and the codecs write and read.
    static constexpr std::size_t greatest_size = 1024;

    Antichain() = default;

    const_iterator begin() const { return elements_.begin(); }
    const_iterator end() const { return elements_.end(); }
    std::size_t size() const { return elements_.size(); }

    /// Adds an element; those below it go. Returns the delta: bottom if it is below one. Throws
    /// std::length_error if there are greatest_size and none goes; unchanged then. O(n).
    Antichain insert(P element) {
        Antichain delta;
        if (dominates(element)) return delta;
        if (size() >= greatest_size && !is_above_one(element))
            detail::throw_or_abort<std::length_error>(
                "Antichain::insert: there are 1024 maximal elements");
        delta.elements_.push_back(element);
        replace_below(std::move(element));
        return delta;
    }

    bool merge(const Antichain& other) { return !absorb(other).is_bottom(); }
    Antichain absorb(const Antichain& other) {
        Antichain delta = difference(other, *this);
        for (const P& element : delta) replace_below(element);
        return delta;
    }
    bool leq(const Antichain& other) const {
        return std::all_of(begin(), end(), [&](const P& mine) { return other.dominates(mine); });
    }
    bool is_bottom() const { return elements_.empty(); }

    friend bool operator==(const Antichain&, const Antichain&) = default;
    friend Antichain difference(const Antichain& a, const Antichain& b) {
        Antichain result;
        std::copy_if(a.begin(), a.end(), std::back_inserter(result.elements_),
                     [&](const P& element) { return !b.dominates(element); });
        return result;
    }
    friend Antichain digest(const Antichain& a) { return a; }
    friend std::size_t part_count(const Antichain& a) { return a.size(); }
    friend std::uint64_t hash_value(const Antichain& a) {
        std::uint64_t hash = a.size();
        for (const P& element : a) hash = hash_combine(hash, detail::hash_of(element));
        return hash;
    }
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

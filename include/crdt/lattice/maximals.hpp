// SPDX-License-Identifier: MIT
//! Maximals: the greatest elements seen of a partial order.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <stdexcept>
#include <utility>
#include <vector>

#include <crdt/detail/raise.hpp>
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
class Maximals {
    std::vector<P> elements_;  // ascending in P's total order

    bool covers(const P& element) const {
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

    Maximals() = default;

    const_iterator begin() const { return elements_.begin(); }
    const_iterator end() const { return elements_.end(); }
    std::size_t size() const { return elements_.size(); }

    /// Adds an element; those below it go. Returns the delta: bottom if it is below one. Throws
    /// std::length_error if there are greatest_size and none goes; unchanged then. O(n).
    Maximals insert(P element) {
        Maximals delta;
        if (covers(element)) return delta;
        if (size() >= greatest_size && !is_above_one(element))
            detail::raise<std::length_error>("Maximals::insert: there are 1024 maximal elements");
        delta.elements_.push_back(element);
        replace_below(std::move(element));
        return delta;
    }

    bool merge(const Maximals& other) { return !absorb(other).is_bottom(); }
    Maximals absorb(const Maximals& other) {
        Maximals delta = difference(other, *this);
        for (const P& element : delta) replace_below(element);
        return delta;
    }
    bool leq(const Maximals& other) const {
        return std::all_of(begin(), end(), [&](const P& mine) { return other.covers(mine); });
    }
    bool is_bottom() const { return elements_.empty(); }

    friend bool operator==(const Maximals&, const Maximals&) = default;
    friend Maximals difference(const Maximals& a, const Maximals& b) {
        Maximals result;
        std::copy_if(a.begin(), a.end(), std::back_inserter(result.elements_),
                     [&](const P& element) { return !b.covers(element); });
        return result;
    }
    friend Maximals digest(const Maximals& a) { return a; }
    friend std::size_t part_count(const Maximals& a) { return a.size(); }
    friend std::uint64_t hash_value(const Maximals& a) {
        std::uint64_t hash = a.size();
        for (const P& element : a) hash = hash_combine(hash, detail::hash_of(element));
        return hash;
    }
    template <class Visit>
    friend void decompose(const Maximals& a, Visit&& visit) {
        for (const P& element : a) {
            Maximals single;
            single.elements_.push_back(element);
            visit(std::as_const(single));
        }
    }
};

}  // namespace crdt

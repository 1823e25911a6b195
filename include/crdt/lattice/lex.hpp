// SPDX-License-Identifier: MIT
//! Lex: a state with a rank. The higher rank wins.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>
#include <crdt/lattice/dominates.hpp>

namespace crdt {

/// The digest of a Lex.
template <class First, class SecondDigest>
struct LexDigest {
    /// The rank.
    First first{};
    /// The digest of the state.
    SecondDigest second{};
    /// Are the two digests equal?
    friend bool operator==(const LexDigest&, const LexDigest&) = default;
    /// Does the state of `a` contain everything that the state of `b` contains?
    friend constexpr bool dominates(const LexDigest& a, const LexDigest& b) {
        return !a.first.leq(b.first) || (a.first == b.first && dominates(a.second, b.second));
    }
};

/// The lexicographic product: a state with a rank. The higher rank wins.
///
/// State   a rank and a state
/// Order   by rank, then by state;  join: the pair with the higher rank. If the ranks are equal,
///         the rank with the join of the states;  bottom: both bottoms
/// Source  Baquero, Almeida, Cunha, Ferreira: Composition in state-based replicated data types
///         (Bulletin of the EATCS 123, 2017). Ranks must be totally ordered: if neither of two
///         ranks were higher, their pairs would have no join
/// Cost    that of the second component; a copy of the pair if the other rank is higher
template <ChainLattice First, DecomposableLattice Second>
class Lex {
    First first_;
    Second second_;

    constexpr bool is_outranked_by(const Lex& other) const { return !other.first_.leq(first_); }
    /// Returns this rank with `second`, or bottom if `second` is bottom.
    constexpr Lex with(Second second) const {
        return second.is_bottom() ? Lex() : Lex(first_, std::move(second));
    }

    template <class By>
    constexpr std::size_t count() const {
        const std::size_t parts = By::count(second_);
        return parts == 0 && !is_bottom() ? 1 : parts;
    }
    template <class By, class Visit>
    constexpr void visit_parts(Visit& visit) const {
        if (second_.is_bottom()) {
            if (!first_.is_bottom()) visit(*this);
            return;
        }
        By::decompose_each(second_, [&](const Second& part) { visit(Lex(first_, part)); });
    }

  public:
    /// Are the pairs totally ordered? They are if the states are.
    static constexpr bool is_chain = ChainLattice<Second>;
    /// The type that digest() returns.
    using Digest = LexDigest<First, DigestOf<Second>>;

    /// Makes the pair of both bottoms.
    Lex() = default;
    /// Makes the pair of a rank and a state.
    constexpr Lex(First first, Second second)
        : first_(std::move(first)), second_(std::move(second)) {}

    /// A copy.
    constexpr Lex(const Lex&) = default;
    /// Moves the state. The other object can then only be assigned to or destroyed.
    constexpr Lex(Lex&&) = default;
    /// Copies `other`. If an allocation fails, throws and changes nothing.
    constexpr Lex& operator=(const Lex& other) { return *this = Lex(other); }
    /// Moves; see the move constructor.
    constexpr Lex& operator=(Lex&&) = default;

    /// Returns the rank.
    constexpr const First& first() const { return first_; }
    /// Returns the state.
    constexpr const Second& second() const { return second_; }

    /// this := the pair with the higher rank. If the ranks are equal, joins the states. Returns
    /// true iff this grew.
    constexpr bool merge(const Lex& other) {
        if (is_outranked_by(other)) return *this = Lex(other), true;
        return first_ == other.first_ && second_.merge(other.second_);
    }
    /// Merges `other`. Returns what was new to this state: difference(other, this state before).
    constexpr Lex absorb(const Lex& other) {
        if (is_outranked_by(other)) {
            Lex delta = other;  // copied before anything changes
            *this = Lex(other);
            return delta;
        }
        if (!(first_ == other.first_)) return Lex();
        Lex delta(first_, Second());
        delta.second_ = second_.absorb(other.second_);
        if (delta.second_.is_bottom()) return Lex();
        return delta;
    }
    /// Is this rank lower than the rank of `other`? If the ranks are equal: is this state below the
    /// state of `other`?
    constexpr bool leq(const Lex& other) const {
        return is_outranked_by(other) || (first_ == other.first_ && second_.leq(other.second_));
    }
    /// Are the rank and the state both bottom?
    constexpr bool is_bottom() const { return first_.is_bottom() && second_.is_bottom(); }

    /// Are the ranks and the states equal?
    friend bool operator==(const Lex&, const Lex&) = default;
    /// Are the ranks equal, and the states in conflict?
    friend constexpr bool conflicts(const Lex& a,
                                    const Lex& b) requires detail::CanConflict<Second> {
        return a.first_ == b.first_ && conflicts(a.second_, b.second_);
    }
    /// Returns Δ(a, b). If the rank of `a` is higher, returns `a`. At equal ranks, returns the
    /// rank with the difference of the states. Otherwise returns bottom.
    friend constexpr Lex difference(const Lex& a, const Lex& b) {
        if (b.is_outranked_by(a)) return a;
        return a.first_ == b.first_ ? a.with(difference(a.second_, b.second_)) : Lex();
    }
    /// Returns Δ(a, b), computed from the digest of `b`.
    friend constexpr Lex difference(const Lex& a, const Digest& b) {
        if (!a.first_.leq(b.first)) return a;
        return a.first_ == b.first ? a.with(difference(a.second_, b.second)) : Lex();
    }
    /// Returns the rank and the digest of the state.
    friend constexpr Digest digest(const Lex& a) { return {a.first_, digest(a.second_)}; }
    /// Returns the number of parts of the inner state. If that state is bottom but the rank is not,
    /// returns 1.
    friend constexpr std::size_t part_count(const Lex& a) {
        return a.template count<detail::ByParts>();
    }
    /// Returns how often decompose_by_ranges() calls visit.
    friend constexpr std::size_t range_count(const Lex& a) {
        return a.template count<detail::ByRanges>();
    }
    /// Returns a stable hash: equal states have the same hash on every platform.
    friend constexpr std::uint64_t hash_value(const Lex& a) {
        return hash_combine(detail::hash_of(a.first_), detail::hash_of(a.second_));
    }
    /// Calls visit(pair) for each part of the state. The pair consists of the rank of `a` and this
    /// part.
    template <class Visit>
    friend constexpr void decompose(const Lex& a, Visit&& visit) {
        a.template visit_parts<detail::ByParts>(visit);
    }
    /// Like decompose(), but calls visit only once for each range of parts that the state stores as
    /// one unit.
    template <class Visit>
    friend constexpr void decompose_by_ranges(const Lex& a, Visit&& visit) {
        a.template visit_parts<detail::ByRanges>(visit);
    }
};

}  // namespace crdt

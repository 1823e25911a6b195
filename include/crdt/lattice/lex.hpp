// SPDX-License-Identifier: MIT
//! Lex: a state under a rank; the higher rank wins.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>
#include <crdt/lattice/dominates.hpp>

namespace crdt {

/// What Lex's digest holds: the rank, and the digest of the state.
template <class First, class SecondDigest>
struct LexDigest {
    /// The rank.
    First first{};
    /// The digest of the state.
    SecondDigest second{};
    friend bool operator==(const LexDigest&, const LexDigest&) = default;
    friend constexpr bool dominates(const LexDigest& a, const LexDigest& b) {
        return !a.first.leq(b.first) || (a.first == b.first && dominates(a.second, b.second));
    }
};

/// The lexicographic product of a chain and a lattice.
///
/// State   a rank and a state
/// Order   by rank, then by state;  join: the pair of the higher rank, or of equal rank the join
///         of the states;  bottom: both bottoms
/// Source  Baquero, Almeida, Cunha, Ferreira: Composition in state-based replicated data types
///         (Bulletin of the EATCS 123, 2017). Were the rank not a chain, there would be no join.
/// Cost    that of the second component; copying the pair where the rank is higher
template <ChainLattice First, DecomposableLattice Second>
class Lex {
    First first_;
    Second second_;

    constexpr bool is_outranked_by(const Lex& other) const { return !other.first_.leq(first_); }
    /// This rank with `second`; bottom if that says nothing.
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
    static constexpr bool is_chain = ChainLattice<Second>;
    using Digest = LexDigest<First, DigestOf<Second>>;

    Lex() = default;
    /// A state under a rank.
    constexpr Lex(First first, Second second)
        : first_(std::move(first)), second_(std::move(second)) {}

    /// A copy.
    constexpr Lex(const Lex&) = default;
    /// The same state; the other may then be assigned to or end, and no more.
    constexpr Lex(Lex&&) = default;
    /// All of it or, if there is no memory, nothing.
    constexpr Lex& operator=(const Lex& other) { return *this = Lex(other); }
    /// The same.
    constexpr Lex& operator=(Lex&&) = default;

    /// The rank.
    constexpr const First& first() const { return first_; }
    /// The state.
    constexpr const Second& second() const { return second_; }

    constexpr bool merge(const Lex& other) {
        if (is_outranked_by(other)) return *this = Lex(other), true;
        return first_ == other.first_ && second_.merge(other.second_);
    }
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
    constexpr bool leq(const Lex& other) const {
        return is_outranked_by(other) || (first_ == other.first_ && second_.leq(other.second_));
    }
    constexpr bool is_bottom() const { return first_.is_bottom() && second_.is_bottom(); }

    friend bool operator==(const Lex&, const Lex&) = default;
    friend constexpr bool conflicts(const Lex& a,
                                    const Lex& b) requires detail::CanConflict<Second> {
        return a.first_ == b.first_ && conflicts(a.second_, b.second_);
    }
    friend constexpr Lex difference(const Lex& a, const Lex& b) {
        if (b.is_outranked_by(a)) return a;
        return a.first_ == b.first_ ? a.with(difference(a.second_, b.second_)) : Lex();
    }
    friend constexpr Lex difference(const Lex& a, const Digest& b) {
        if (!a.first_.leq(b.first)) return a;
        return a.first_ == b.first ? a.with(difference(a.second_, b.second)) : Lex();
    }
    friend constexpr Digest digest(const Lex& a) { return {a.first_, digest(a.second_)}; }
    friend constexpr std::size_t part_count(const Lex& a) {
        return a.template count<detail::ByParts>();
    }
    friend constexpr std::size_t range_count(const Lex& a) {
        return a.template count<detail::ByRanges>();
    }
    friend constexpr std::uint64_t hash_value(const Lex& a) {
        return hash_combine(detail::hash_of(a.first_), detail::hash_of(a.second_));
    }
    template <class Visit>
    friend constexpr void decompose(const Lex& a, Visit&& visit) {
        a.template visit_parts<detail::ByParts>(visit);
    }
    template <class Visit>
    friend constexpr void decompose_by_ranges(const Lex& a, Visit&& visit) {
        a.template visit_parts<detail::ByRanges>(visit);
    }
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! LinearSum: one lattice on top of another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>
#include <crdt/lattice/dominates.hpp>

namespace crdt {

/// The digest of a LinearSum: the digest of the side that the state is on.
template <class LowerDigest, class UpperDigest>
struct LinearSumDigest {
    /// Is the state on the upper side?
    bool is_upper = false;
    /// The digest of the lower state.
    LowerDigest lower{};
    /// The digest of the upper state.
    UpperDigest upper{};
    /// Are the two digests equal?
    friend bool operator==(const LinearSumDigest&, const LinearSumDigest&) = default;
    /// Does the state of `a` contain everything that the state of `b` contains?
    friend constexpr bool dominates(const LinearSumDigest& a, const LinearSumDigest& b) {
        if (a.is_upper != b.is_upper) return a.is_upper;
        return a.is_upper ? dominates(a.upper, b.upper) : dominates(a.lower, b.lower);
    }
};

/// The linear sum of two lattices: every upper state is above every lower one.
///
/// State   a state of one of the two lattices
/// Order   that of each side, and lower before upper;  join: the upper state. If both states are on
///         one side, their join;  bottom: the bottom of Lower
/// Source  Davey, Priestley: Introduction to Lattices and Order (2002), 1.24
/// Cost    that of the lattice on the side of the state
template <DecomposableLattice Lower, DecomposableLattice Upper>
class LinearSum {
    bool is_upper_ = false;
    Lower lower_;  // bottom if is_upper_
    Upper upper_;  // bottom unless is_upper_

    static constexpr LinearSum upper_or_bottom(Upper upper) {
        return upper.is_bottom() ? LinearSum() : from_upper(std::move(upper));
    }
    /// Returns everything in `a` that another sum lacks. `is_upper` is the side of the other sum.
    /// `lower` and `upper` are its states, or the digests of its states.
    static constexpr LinearSum difference_of(const LinearSum& a, bool is_upper, const auto& lower,
                                             const auto& upper) {
        if (a.is_upper_ != is_upper) return a.is_upper_ ? a : LinearSum();
        return is_upper ? upper_or_bottom(difference(a.upper_, upper))
                        : from_lower(difference(a.lower_, lower));
    }

    template <class By>
    constexpr std::size_t count() const {
        if (!is_upper_) return By::count(lower_);
        return upper_.is_bottom() ? 1 : By::count(upper_);
    }
    template <class By, class Visit>
    constexpr void visit_parts(Visit& visit) const {
        if (!is_upper_) {
            By::decompose_each(lower_, [&](const Lower& part) { visit(from_lower(part)); });
        } else if (upper_.is_bottom()) {
            visit(*this);
        } else {
            By::decompose_each(upper_, [&](const Upper& part) { visit(from_upper(part)); });
        }
    }

  public:
    /// Are both sides totally ordered?
    static constexpr bool is_chain = ChainLattice<Lower> && ChainLattice<Upper>;
    /// The type that digest() returns.
    using Digest = LinearSumDigest<DigestOf<Lower>, DigestOf<Upper>>;

    /// Makes the bottom of the lower side.
    LinearSum() = default;
    /// A copy.
    constexpr LinearSum(const LinearSum&) = default;
    /// Moves the state. The other object can then only be assigned to or destroyed.
    constexpr LinearSum(LinearSum&&) = default;
    /// Copies `other`. If an allocation fails, throws and changes nothing.
    constexpr LinearSum& operator=(const LinearSum& other) { return *this = LinearSum(other); }
    /// Moves; see the move constructor.
    constexpr LinearSum& operator=(LinearSum&&) = default;

    /// Makes a state of the lower side.
    static constexpr LinearSum from_lower(Lower state) {
        LinearSum sum;
        sum.lower_ = std::move(state);
        return sum;
    }
    /// Makes a state of the upper side.
    static constexpr LinearSum from_upper(Upper state) {
        LinearSum sum;
        sum.is_upper_ = true;
        sum.upper_ = std::move(state);
        return sum;
    }

    /// Is the state on the upper side?
    constexpr bool is_upper() const { return is_upper_; }
    /// Returns the state of the lower side, which is bottom if the sum is on the upper side.
    constexpr const Lower& lower() const { return lower_; }
    /// Returns the state of the upper side, which is bottom if the sum is on the lower side.
    constexpr const Upper& upper() const { return upper_; }

    /// this := this ⊔ other. The result is the state on the upper side. If both states are on one
    /// side, the result is their join. Returns true iff this grew.
    constexpr bool merge(const LinearSum& other) {
        if (is_upper_ == other.is_upper_)
            return is_upper_ ? upper_.merge(other.upper_) : lower_.merge(other.lower_);
        if (is_upper_) return false;
        *this = LinearSum(other);
        return true;
    }
    /// Merges `other`. Returns what was new to this state: difference(other, this state before).
    constexpr LinearSum absorb(const LinearSum& other) {
        if (is_upper_ != other.is_upper_) {
            LinearSum delta = other;  // copied before anything changes
            if (!merge(delta)) return LinearSum();
            return delta;
        }
        return is_upper_ ? upper_or_bottom(upper_.absorb(other.upper_))
                         : from_lower(lower_.absorb(other.lower_));
    }
    /// Is this on the lower side and `other` on the upper side? If both are on one side: is this
    /// below `other`?
    constexpr bool leq(const LinearSum& other) const {
        if (is_upper_ != other.is_upper_) return other.is_upper_;
        return is_upper_ ? upper_.leq(other.upper_) : lower_.leq(other.lower_);
    }
    /// Is this the bottom of the lower side?
    constexpr bool is_bottom() const { return !is_upper_ && lower_.is_bottom(); }

    /// Are both on the same side and in equal states?
    friend bool operator==(const LinearSum&, const LinearSum&) = default;
    /// Are the lower states or the upper states in conflict?
    friend constexpr bool conflicts(const LinearSum& a,
                                    const LinearSum& b) requires(detail::CanConflict<Lower> ||
                                                                 detail::CanConflict<Upper>) {
        return detail::in_conflict(a.lower_, b.lower_) || detail::in_conflict(a.upper_, b.upper_);
    }
    /// Returns Δ(a, b): the least d with d ⊔ b = a ⊔ b.
    friend constexpr LinearSum difference(const LinearSum& a, const LinearSum& b) {
        return difference_of(a, b.is_upper_, b.lower_, b.upper_);
    }
    /// Returns Δ(a, b), computed from the digest of `b`.
    friend constexpr LinearSum difference(const LinearSum& a, const Digest& b) {
        return difference_of(a, b.is_upper, b.lower, b.upper);
    }
    /// Returns the side and the digest of the state.
    friend constexpr Digest digest(const LinearSum& a) {
        return {a.is_upper_, digest(a.lower_), digest(a.upper_)};
    }
    /// Returns the number of parts of the state. The bottom of the upper side is one part, because
    /// it is above all lower states.
    friend constexpr std::size_t part_count(const LinearSum& a) {
        return a.template count<detail::ByParts>();
    }
    /// Returns how often decompose_by_ranges() calls visit.
    friend constexpr std::size_t range_count(const LinearSum& a) {
        return a.template count<detail::ByRanges>();
    }
    /// Returns a stable hash: equal states have the same hash on every platform.
    friend constexpr std::uint64_t hash_value(const LinearSum& a) {
        return a.is_upper_ ? hash_combine(1, detail::hash_of(a.upper_))
                           : hash_combine(0, detail::hash_of(a.lower_));
    }
    /// Calls visit(part) for each join-irreducible part of `a`.
    template <class Visit>
    friend constexpr void decompose(const LinearSum& a, Visit&& visit) {
        a.template visit_parts<detail::ByParts>(visit);
    }
    /// Like decompose(), but calls visit only once for each range of parts that the state stores as
    /// one unit.
    template <class Visit>
    friend constexpr void decompose_by_ranges(const LinearSum& a, Visit&& visit) {
        a.template visit_parts<detail::ByRanges>(visit);
    }
};

}  // namespace crdt

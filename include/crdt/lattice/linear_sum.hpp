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

/// What LinearSum's digest holds: that of the side which the state is on.
template <class LowerDigest, class UpperDigest>
struct LinearSumDigest {
    /// Which side.
    bool is_upper = false;
    /// Of the lower side.
    LowerDigest lower{};
    /// Of the upper side.
    UpperDigest upper{};
    friend bool operator==(const LinearSumDigest&, const LinearSumDigest&) = default;
    friend constexpr bool dominates(const LinearSumDigest& a, const LinearSumDigest& b) {
        if (a.is_upper != b.is_upper) return a.is_upper;
        return a.is_upper ? dominates(a.upper, b.upper) : dominates(a.lower, b.lower);
    }
};

/// The linear sum of two lattices: every upper state is above every lower one.
///
/// State   a state of one of the two
/// Order   that of each, and lower before upper;  join: the upper one, or the join of two on one
///         side;  bottom: the bottom of Lower
/// Source  Davey, Priestley: Introduction to Lattices and Order (2002), 1.24
/// Cost    that of the side
template <DecomposableLattice Lower, DecomposableLattice Upper>
class LinearSum {
    bool is_upper_ = false;
    Lower lower_;  // bottom if is_upper_
    Upper upper_;  // bottom unless is_upper_

    static constexpr LinearSum upper_or_bottom(Upper upper) {
        return upper.is_bottom() ? LinearSum() : from_upper(std::move(upper));
    }
    /// What one with these states, or digests of them, lacks of `a`.
    static constexpr LinearSum lacking(const LinearSum& a, bool is_upper, const auto& lower,
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
    static constexpr bool is_chain = ChainLattice<Lower> && ChainLattice<Upper>;
    using Digest = LinearSumDigest<DigestOf<Lower>, DigestOf<Upper>>;

    LinearSum() = default;
    /// A copy.
    constexpr LinearSum(const LinearSum&) = default;
    /// The same state; the other may then be assigned to or end, and no more.
    constexpr LinearSum(LinearSum&&) = default;
    /// All of it or, if there is no memory, nothing.
    constexpr LinearSum& operator=(const LinearSum& other) { return *this = LinearSum(other); }
    /// The same.
    constexpr LinearSum& operator=(LinearSum&&) = default;

    /// A state of the lower side.
    static constexpr LinearSum from_lower(Lower state) {
        LinearSum sum;
        sum.lower_ = std::move(state);
        return sum;
    }
    /// A state of the upper side.
    static constexpr LinearSum from_upper(Upper state) {
        LinearSum sum;
        sum.is_upper_ = true;
        sum.upper_ = std::move(state);
        return sum;
    }

    /// Is it on the upper side?
    constexpr bool is_upper() const { return is_upper_; }
    /// The state of the lower side; its bottom if this is on the upper one.
    constexpr const Lower& lower() const { return lower_; }
    /// The state of the upper side; its bottom if this is on the lower one.
    constexpr const Upper& upper() const { return upper_; }

    constexpr bool merge(const LinearSum& other) {
        if (is_upper_ == other.is_upper_)
            return is_upper_ ? upper_.merge(other.upper_) : lower_.merge(other.lower_);
        if (is_upper_) return false;
        *this = LinearSum(other);
        return true;
    }
    constexpr LinearSum absorb(const LinearSum& other) {
        if (is_upper_ != other.is_upper_) {
            LinearSum delta = other;  // copied before anything changes
            if (!merge(delta)) return LinearSum();
            return delta;
        }
        return is_upper_ ? upper_or_bottom(upper_.absorb(other.upper_))
                         : from_lower(lower_.absorb(other.lower_));
    }
    constexpr bool leq(const LinearSum& other) const {
        if (is_upper_ != other.is_upper_) return other.is_upper_;
        return is_upper_ ? upper_.leq(other.upper_) : lower_.leq(other.lower_);
    }
    constexpr bool is_bottom() const { return !is_upper_ && lower_.is_bottom(); }

    friend bool operator==(const LinearSum&, const LinearSum&) = default;
    friend constexpr bool conflicts(const LinearSum& a,
                                    const LinearSum& b) requires(detail::CanConflict<Lower> ||
                                                                 detail::CanConflict<Upper>) {
        return detail::in_conflict(a.lower_, b.lower_) || detail::in_conflict(a.upper_, b.upper_);
    }
    friend constexpr LinearSum difference(const LinearSum& a, const LinearSum& b) {
        return lacking(a, b.is_upper_, b.lower_, b.upper_);
    }
    friend constexpr LinearSum difference(const LinearSum& a, const Digest& b) {
        return lacking(a, b.is_upper, b.lower, b.upper);
    }
    friend constexpr Digest digest(const LinearSum& a) {
        return {a.is_upper_, digest(a.lower_), digest(a.upper_)};
    }
    friend constexpr std::size_t part_count(const LinearSum& a) {
        return a.template count<detail::ByParts>();
    }
    friend constexpr std::size_t range_count(const LinearSum& a) {
        return a.template count<detail::ByRanges>();
    }
    friend constexpr std::uint64_t hash_value(const LinearSum& a) {
        return a.is_upper_ ? hash_combine(1, detail::hash_of(a.upper_))
                           : hash_combine(0, detail::hash_of(a.lower_));
    }
    template <class Visit>
    friend constexpr void decompose(const LinearSum& a, Visit&& visit) {
        a.template visit_parts<detail::ByParts>(visit);
    }
    template <class Visit>
    friend constexpr void decompose_by_ranges(const LinearSum& a, Visit&& visit) {
        a.template visit_parts<detail::ByRanges>(visit);
    }
};

}  // namespace crdt

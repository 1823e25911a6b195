// SPDX-License-Identifier: MIT
//! InlineRanges: ranges of dots. A single range is in the object itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include <crdt/causal/interval.hpp>
#include <crdt/causal/packed_range.hpp>
#include <crdt/detail/inlining.hpp>
#include <crdt/detail/min_max.hpp>
#include <crdt/detail/small_vector.hpp>

namespace crdt::detail {

/// A set of dots, kept as ranges. A single range that fits a PackedRange is in the object itself.
/// Otherwise, the ranges are in a `Many`, which is allocated. Sets with a single range are common,
/// such as the dots of an element or the context of a delta.
///
/// Cost    O(log n) for each range that an operation touches
/// Errors  those of `Many`
template <ReplicaId Id, class Many>
class InlineRanges {
    [[no_unique_address]] ReplicaName<Id> replica_{};  // the replica of the single range
    PackedRange range_{};

    bool is_one() const { return range_.is_range(); }
    bool is_many() const { return range_.is_many(); }
    /// Precondition: is_many().
    Many& many() const { return *range_.address<Many>(); }

    /// Does the single range overlap with `range`?
    bool overlaps(const auto& range) const {
        return range_.first() <= range.last && range.first <= range_.last() &&
               replica_ == range.replica;
    }
    /// Does `range` begin within the single range, or directly after it?
    bool reaches(const auto& range) const {
        return range_.first() <= range.first && range.first - 1 <= range_.last() &&
               replica_ == range.replica;
    }
    /// Replaces the numbers of the single range, if the new numbers fit a PackedRange. Returns
    /// whether they fit.
    bool renumber(std::uint64_t first, std::uint64_t last) {
        if (!PackedRange::fits(first, last)) return false;
        range_ = PackedRange(first, last);
        return true;
    }

    CRDT_NOINLINE void copy_many(const InlineRanges& other) {
        range_ = PackedRange(new Many(other.many()));
    }
    CRDT_NOINLINE void delete_many() noexcept { delete &many(); }
    void clear() {
        if (is_many()) delete_many();
        range_ = {};
    }
    /// Returns the single range. Copies no id.
    auto one() const {
        if constexpr (std::is_same_v<Id, SoleReplica>)
            return Interval{{}, range_.first(), range_.last()};
        else
            return DotRangeRef{replica_, range_.first(), range_.last()};
    }
    /// Calls `change` with a `Many` that has the ranges of the set. If only one range is left
    /// afterwards, packs that range into the object again.
    template <class Change>
    CRDT_NOINLINE void change_many(Change&& change) {
        if (!is_many()) {
            InlineRanges owner;
            owner.range_ = PackedRange(new Many);
            if (is_one()) owner.many().assign(one());
            change(owner.many());
            *this = std::move(owner);
        } else {
            change(many());
        }
        pack();
    }
    /// If only one range is left in many(), and this range fits a PackedRange, packs it into the
    /// object. If no range is left, deletes many().
    void pack() noexcept {
        if (many().size() > 1) return;
        if (many().empty()) return clear();
        pack_one();
    }
    CRDT_NOINLINE void pack_one() noexcept {
        PackedRange one;
        many().visit_numbers([&](const auto&, std::uint64_t first, std::uint64_t last) {
            if (PackedRange::fits(first, last)) one = PackedRange(first, last);
        });
        if (one.is_empty()) return;
        ReplicaName<Id> replica = many().release_one().replica;
        clear();
        replica_ = std::move(replica);
        range_ = one;
    }

  public:
    static constexpr bool is_relocatable = Relocatable<ReplicaName<Id>>;

    InlineRanges() = default;
    /// Makes the set of one range.
    explicit InlineRanges(DotRange<Id> range) { assign(std::move(range)); }
    InlineRanges(const InlineRanges& other) {
        if (other.is_many()) {
            copy_many(other);
        } else {
            replica_ = other.replica_;
            range_ = other.range_;
        }
    }
    InlineRanges(InlineRanges&& other) noexcept
        : replica_(std::move(other.replica_)), range_(std::exchange(other.range_, {})) {}
    InlineRanges& operator=(const InlineRanges& other) {
        return this == &other ? *this : *this = InlineRanges(other);
    }
    InlineRanges& operator=(InlineRanges&& other) noexcept {
        if (this == &other) return *this;
        clear();
        replica_ = std::move(other.replica_);
        range_ = std::exchange(other.range_, {});
        return *this;
    }
    ~InlineRanges() {
        if (is_many()) delete_many();
    }

    bool empty() const { return range_.is_empty(); }
    /// Returns the number of ranges.
    std::size_t size() const { return is_one() ? 1 : empty() ? 0 : many().size(); }
    /// Removes the only range and returns it. Allocates nothing.
    DotRange<Id> release_one() {
        if (is_many()) {
            DotRange<Id> one = many().release_one();
            clear();
            return one;
        }
        const PackedRange one = std::exchange(range_, {});
        return {std::move(replica_), one.first(), one.last()};
    }

    /// Does one range contain all of `range`?
    bool contains(const auto& range) const {
        if (!is_one()) return !empty() && many().contains(range);
        return range_.first() <= range.first && range.last <= range_.last() &&
               replica_ == range.replica;
    }
    /// Returns the greatest number of the dots of `replica`, or 0 if the set has no dot of
    /// `replica`.
    std::uint64_t last(const auto& replica) const {
        if (!is_one()) return empty() ? 0 : many().last(replica);
        return replica_ == replica ? range_.last() : 0;
    }
    /// Returns the stored id of `replica`, or null if the set has no dot of `replica`.
    const ReplicaName<Id>* name_of(const auto& replica) const {
        if (!is_one()) return empty() ? nullptr : many().name_of(replica);
        return replica_ == replica ? &replica_ : nullptr;
    }

    /// Returns whether the dot `number` of `replica` is in the set, and up to which number the
    /// answer stays the same.
    Extent extent(const auto& replica, std::uint64_t number) const {
        constexpr std::uint64_t highest = (std::numeric_limits<std::uint64_t>::max)();
        if (is_many()) return many().extent(replica, number);
        if (empty() || number > range_.last() || !(replica_ == replica)) return {false, highest};
        if (number < range_.first()) return {false, range_.first() - 1};
        return {true, range_.last()};
    }

    /// Calls visit(replica, first, last) for each range, in ascending order.
    template <class Visit>
    void visit_numbers(Visit&& visit) const {
        if (is_one())
            visit(replica_, range_.first(), range_.last());
        else if (!empty())
            many().visit_numbers(visit);
    }
    /// Calls visit(first, last) for the overlap of `range` with each stored range, in ascending
    /// order.
    template <class Visit>
    void visit_numbers_within(const auto& range, Visit&& visit) const {
        if (!is_one()) {
            if (!empty()) many().visit_numbers_within(range, visit);
        } else if (overlaps(range)) {
            visit((max)(range_.first(), range.first), (min)(range_.last(), range.last));
        }
    }

    /// Removes the dots of `range`.
    void erase(const auto& range) {
        if (empty() || (is_one() && !overlaps(range))) return;
        if (is_one()) {
            const std::uint64_t first = range_.first(), last = range_.last();
            if (range.first <= first && last <= range.last) return clear();
            if (last <= range.last) return void(range_ = PackedRange(first, range.first - 1));
            if (range.first <= first && renumber(range.last + 1, last)) return;
        }
        change_many([&](Many& many) { many.erase(range); });
    }
    /// Adds the dots of `range`, which may be moved from.
    template <class Range>
    void assign(Range&& range) {
        if (is_many()) {
            many().assign(range);
            pack();
        } else if (empty() && renumber(range.first, range.last)) {
            replica_ = std::forward<Range>(range).replica;
        } else if (empty() || !reaches(range) ||
                   !renumber(range_.first(), (max)(range_.last(), range.last))) {
            change_many([&](Many& many) { many.assign(range); });
        }
    }
    /// Adds the dots of `other`.
    void assign_all(const InlineRanges& other) {
        if (empty())
            *this = other;
        else if (other.is_one())
            assign(other.one());
        else if (!other.empty())
            change_many([&](Many& many) { many.assign_all(other.many()); });
    }
    /// If there is a single range, and `names` has the id of this range, makes the range share the
    /// id object of `names`. See SharedId.
    void rename(const auto& names) noexcept {
        if constexpr (std::is_same_v<ReplicaName<Id>, Id>) return;
        if (!is_one()) return;
        if (const auto* const name = names.name_of(replica_)) replica_ = *name;
    }

    friend bool operator==(const InlineRanges& a, const InlineRanges& b) {
        if (a.is_many() && b.is_many()) return a.many() == b.many();
        return a.range_ == b.range_ && (a.empty() || a.replica_ == b.replica_);
    }
};

}  // namespace crdt::detail

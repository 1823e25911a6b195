// SPDX-License-Identifier: MIT
//! InlineRanges: ranges of dots. A single range is in the object itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include <crdt/causal/interval.hpp>
#include <crdt/detail/inlining.hpp>
#include <crdt/detail/min_max.hpp>
#include <crdt/detail/small_vector.hpp>

namespace crdt::detail {

/// Ranges of dots. A single range is in the object itself, several are in a `Many`, which is
/// allocated. Many sets have one range: the dots of an element, the context of a delta.
///
/// Cost    O(log n) for each range that an operation touches
/// Errors  as `Many`
template <ReplicaId Id, class Many>
class InlineRanges {
    // If there is not exactly one range, `first` is 0. No range begins at 0, because dots are
    // counted from 1. In this case `last` is the address of the ranges, or 0 if there are none.
    DotRange<Id> one_{};

    bool is_one() const { return one_.first != 0; }
    /// Precondition: !is_one().
    Many* many() const { return reinterpret_cast<Many*>(static_cast<std::uintptr_t>(one_.last)); }
    bool is_many() const { return one_.first == 0 && one_.last != 0; }
    void set_many(Many* many) {
        one_.first = 0;
        one_.last = reinterpret_cast<std::uintptr_t>(many);
    }
    /// Does the single range overlap with `range`?
    bool overlaps(const DotRange<Id>& range) const {
        return one_.first <= range.last && range.first <= one_.last &&
               one_.replica == range.replica;
    }
    /// Does `range` begin within the single range, or directly after it?
    bool reaches(const DotRange<Id>& range) const {
        return one_.first <= range.first && range.first - 1 <= one_.last &&
               one_.replica == range.replica;
    }

    CRDT_NOINLINE void copy_many(const InlineRanges& other) { set_many(new Many(*other.many())); }
    CRDT_NOINLINE void delete_many() noexcept { delete many(); }
    void clear() {
        if (is_many()) delete_many();
        set_many(nullptr);
    }
    /// Calls `change` with the set in the form of many ranges. If only one range is left, stores it
    /// as a single range again.
    template <class Change>
    CRDT_NOINLINE void change_many(Change&& change) {
        if (!is_many()) {
            Many* const fresh = new Many;
            InlineRanges owner;
            owner.set_many(fresh);
            if (is_one()) fresh->assign(one_);
            change(*fresh);
            *this = std::move(owner);
        } else {
            change(*many());
        }
        if (many()->empty()) return clear();
        if (many()->size() > 1) return;
        DotRange<Id> range = many()->release_one();
        clear();
        one_ = std::move(range);
    }

  public:
    static constexpr bool is_relocatable = Relocatable<ReplicaName<Id>>;

    InlineRanges() = default;
    /// Makes the set of one range.
    explicit InlineRanges(DotRange<Id> range) : one_(std::move(range)) {}
    InlineRanges(const InlineRanges& other) {
        if (other.is_many())
            copy_many(other);
        else
            one_ = other.one_;
    }
    InlineRanges(InlineRanges&& other) noexcept : one_(std::move(other.one_)) {
        other.set_many(nullptr);
    }
    InlineRanges& operator=(const InlineRanges& other) {
        return this == &other ? *this : *this = InlineRanges(other);
    }
    InlineRanges& operator=(InlineRanges&& other) noexcept {
        if (this == &other) return *this;
        clear();
        one_ = std::move(other.one_);
        other.set_many(nullptr);
        return *this;
    }
    ~InlineRanges() {
        if (is_many()) delete_many();
    }

    bool empty() const { return one_.first == 0 && one_.last == 0; }
    /// Returns the number of ranges.
    std::size_t size() const { return is_one() ? 1 : empty() ? 0 : many()->size(); }
    /// Returns the single range, or null if there are none or several.
    const DotRange<Id>* one() const { return is_one() ? &one_ : nullptr; }
    /// Moves the only range out. Allocates nothing.
    DotRange<Id> release_one() {
        if (!is_one()) return many()->release_one();
        DotRange<Id> one = std::move(one_);
        set_many(nullptr);
        return one;
    }

    /// Does one range contain all of `range`?
    bool contains(const DotRange<Id>& range) const {
        if (!is_one()) return !empty() && many()->contains(range);
        return one_.first <= range.first && range.last <= one_.last &&
               one_.replica == range.replica;
    }
    /// Returns the greatest number of a replica's dots, or 0 if the replica has no dot here.
    std::uint64_t last(const auto& replica) const {
        if (!is_one()) return empty() ? 0 : many()->last(replica);
        return one_.replica == replica ? one_.last : 0;
    }
    /// Returns the stored id of a replica, or null if the replica has no dot here.
    const ReplicaName<Id>* name_of(const auto& replica) const {
        if (!is_one()) return empty() ? nullptr : many()->name_of(replica);
        return one_.replica == replica ? &one_.replica : nullptr;
    }

    /// Returns whether a dot is in the set, and the last number for which the answer is the same.
    Extent extent(const auto& replica, std::uint64_t number) const {
        constexpr std::uint64_t highest = (std::numeric_limits<std::uint64_t>::max)();
        if (is_many()) return many()->extent(replica, number);
        if (empty() || number > one_.last || !(one_.replica == replica)) return {false, highest};
        if (number < one_.first) return {false, one_.first - 1};
        return {true, one_.last};
    }

    /// Calls visit(replica, first, last) for each range, in ascending order.
    template <class Visit>
    void visit_numbers(Visit&& visit) const {
        if (is_one())
            visit(one_.replica, one_.first, one_.last);
        else if (!empty())
            many()->visit_numbers(visit);
    }
    /// Calls visit(range) for each range, in ascending order.
    template <class Visit>
    void visit(Visit&& visit) const {
        if (is_one()) return visit(one_);
        if (empty()) return;
        many()->visit_numbers(
            [&](const ReplicaName<Id>& replica, std::uint64_t first, std::uint64_t last) {
                const DotRange<Id> range{replica, first, last};
                visit(range);
            });
    }
    /// Calls visit(first, last) for the parts of ranges that are within `range`, in ascending
    /// order.
    template <class Visit>
    void visit_numbers_within(const DotRange<Id>& range, Visit&& visit) const {
        if (!is_one()) {
            if (!empty()) many()->visit_numbers_within(range, visit);
        } else if (overlaps(range)) {
            visit((max)(one_.first, range.first), (min)(one_.last, range.last));
        }
    }

    /// Removes the dots of `range`.
    void erase(const DotRange<Id>& range) {
        if (empty() || (is_one() && !overlaps(range))) return;
        if (is_one() && range.first <= one_.first && one_.last <= range.last) return clear();
        if (is_one() && one_.last <= range.last) return void(one_.last = range.first - 1);
        if (is_one() && range.first <= one_.first) return void(one_.first = range.last + 1);
        change_many([&](Many& many) { many.erase(range); });
    }
    /// Adds the dots of `range`.
    void assign(const DotRange<Id>& range) {
        if (empty())
            one_ = range;
        else if (is_one() && reaches(range))
            one_.last = (max)(one_.last, range.last);
        else
            change_many([&](Many& many) { many.assign(range); });
    }
    /// Does the same, but moves the id.
    void assign(DotRange<Id>&& range) {
        if (empty())
            one_ = std::move(range);
        else
            assign(std::as_const(range));
    }
    /// Adds the dots of `other`.
    void assign_all(const InlineRanges& other) {
        if (empty()) return void(*this = other);
        if (other.is_one())
            assign(other.one_);
        else if (!other.empty())
            change_many([&](Many& many) { many.assign_all(*other.many()); });
    }
    /// Makes a single range share its id with `names`, if `names` has the id. See SharedId.
    void rename(const auto& names) noexcept {
        if constexpr (std::is_same_v<ReplicaName<Id>, Id>) return;
        if (!is_one()) return;
        if (const auto* const name = names.name_of(one_.replica)) one_.replica = *name;
    }

    friend bool operator==(const InlineRanges& a, const InlineRanges& b) {
        if (a.is_many() && b.is_many()) return *a.many() == *b.many();
        return a.one_.first == b.one_.first && a.one_.last == b.one_.last &&
               (a.one_.first == 0 || a.one_.replica == b.one_.replica);
    }
};

}  // namespace crdt::detail

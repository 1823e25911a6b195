// SPDX-License-Identifier: MIT
//! DotSet: a set of dots, kept as ranges.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <utility>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_interval_map.hpp>
#include <crdt/causal/dot_set_store.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt {

/// A set of dots. It serves as causal context (see CausalContext), as the simplest dot store, and
/// as the digest of dot stores.
///
/// State   ranges of dots, each as long as possible: a million consecutive dots are one range
/// Order   inclusion;  join: union;  bottom: the empty set
/// Cost    O(m log n) for merge, absorb, leq, difference and intersection of m ranges with n
///         ranges, plus the ranges in the result; each dot is a join-irreducible part
/// Source  Almeida, Shoker, Baquero: Delta state replicated data types (JPDC 2018), 7.1 and 7.2
template <ReplicaId Id = std::string>
class DotSet : public DotSetStore<DotSet<Id>> {
    detail::DotIntervalMap<Id> dots_;

  public:
    /// The type of replica ids.
    using id_type = Id;
    /// The digest of a set is the set itself.
    using Digest = DotSet;
    /// Can an object be moved by copying its bytes? See detail/relocatable.hpp.
    static constexpr bool is_relocatable = detail::Relocatable<detail::DotIntervalMap<Id>>;

    /// Makes the empty set.
    DotSet() = default;
    /// Makes the set of these dots.
    DotSet(std::initializer_list<Dot<Id>> dots) {
        for (const Dot<Id>& dot : dots) add(dot);
    }
    /// Makes the set of one dot.
    explicit DotSet(const Dot<Id>& dot)
        : DotSet(DotRange<Id>{dot.replica, dot.sequence, dot.sequence}) {}
    /// Makes the set of the dots of a range.
    explicit DotSet(DotRange<Id> range) : dots_(std::move(range)) {}

    /// Is `dot` in the set? O(log n).
    bool contains(const Dot<Id>& dot) const {
        return dots_.contains(detail::DotRangeRef{dot.replica, dot.sequence, dot.sequence});
    }
    /// Returns the number of dots, limited to the greatest std::size_t. O(ranges).
    std::size_t size() const {
        std::size_t total = 0;
        visit_refs(
            [&](const auto& range) { total = detail::saturating_add(total, part_count(range)); });
        return total;
    }
    /// Returns the number of ranges. The memory of the set is proportional to this number.
    std::size_t range_count() const { return dots_.size(); }

    /// Calls visit(const DotRange<Id>&) for each range, in ascending order.
    template <class Visit>
    void visit(Visit&& visit) const {
        visit_numbers([&](const ReplicaName<Id>& replica, std::uint64_t first, std::uint64_t last) {
            const DotRange<Id> range{replica, first, last};
            visit(range);
        });
    }

    /// Calls visit(replica, first, last) for each range, in ascending order. Copies no id.
    template <class Visit>
    void visit_numbers(Visit&& visit) const {
        dots_.visit_numbers(visit);
    }

    /// Calls visit(first, last) for each gap: a range of numbers in `range` that are not in the
    /// set. Visits the gaps in ascending order. O(log n) for each gap and for each range of the set
    /// between gaps.
    template <class Range = DotRange<Id>, class Visit>
    void visit_missing(const Range& range, Visit&& visit) const {
        std::uint64_t next = range.first;
        bool is_open = true;
        dots_.visit_numbers_within(range, [&](std::uint64_t first, std::uint64_t last) {
            if (first > next) visit(next, first - 1);
            next = last + 1;
            is_open = last != range.last;
        });
        if (is_open) visit(next, range.last);
    }

    /// Calls visit(range) for each range of the dots that are not in `other`, in ascending order. A
    /// range has the members of DotRange, and is valid during the call. O(m log n), and allocates
    /// nothing.
    template <class Visit>
    void visit_difference(const DotSet& other, Visit&& visit) const {
        visit_refs([&](const auto& range) {
            other.visit_missing(range, [&](std::uint64_t first, std::uint64_t last) {
                visit(detail::DotRangeRef{range.replica, first, last});
            });
        });
    }

    /// Returns the greatest number of the dots of `replica`, or 0 if the set has no dot of
    /// `replica`. O(log n).
    std::uint64_t last(const Id& replica) const { return dots_.last(replica); }
    /// Does the same for a ReplicaName, the form in which dots store an id.
    template <std::same_as<ReplicaName<Id>> Name>
    std::uint64_t last(const Name& replica) const requires(!std::same_as<Name, Id>) {
        return dots_.last(replica);
    }
    /// Returns the dot after the last dot of `replica`. O(log n). Throws std::overflow_error after
    /// 2^64 - 1 dots.
    Dot<Id> next(const Id& replica) const {
        const std::uint64_t sequence = last(replica) + 1;
        if (sequence == 0)
            detail::throw_or_abort<std::overflow_error>(
                "DotSet::next: the replica has used all 2^64 - 1 dots");
        return {name(replica), sequence};
    }
    /// Returns `replica` in the form in which dots store an id. If the set has dots of `replica`,
    /// the result shares the id of these dots.
    ReplicaName<Id> name(const Id& replica) const {
        if constexpr (std::same_as<ReplicaName<Id>, Id>) return replica;
        const ReplicaName<Id>* const name = dots_.name_of(replica);
        return name == nullptr ? ReplicaName<Id>(replica) : *name;
    }

    /// Adds dots and returns the delta: the dots that were new.
    DotSet insert(const DotRange<Id>& range) {
        DotSet delta = difference(DotSet(range), *this);
        add(range);
        return delta;
    }
    /// Adds a dot and returns the delta, which is bottom if the dot was in the set already.
    DotSet insert(const Dot<Id>& dot) { return insert({dot.replica, dot.sequence, dot.sequence}); }
    /// Adds dots. add() is faster than insert(), since it makes no delta. O(log n).
    void add(const DotRange<Id>& range) { dots_.assign(range); }
    /// Does the same, but moves the id.
    void add(DotRange<Id>&& range) { dots_.assign(std::move(range)); }
    /// Adds dots. O(m log n).
    void add(const DotSet& other) { dots_.assign_all(other.dots_); }
    /// Adds a dot. O(log n).
    void add(const Dot<Id>& dot) { add({dot.replica, dot.sequence, dot.sequence}); }

    /// Removes dots. O(log n) for each range of `dots`. Removing dots at the end of a range
    /// allocates nothing.
    void erase(const DotSet& dots) {
        dots.visit_refs([&](const auto& range) { dots_.erase(range); });
    }

    /// this := this ∪ other. Returns true iff this grew. O(m log n).
    bool merge(const DotSet& other) {
        bool grew = false;
        other.visit_refs([&](const auto& range) {
            if (dots_.contains(range)) return;
            dots_.assign(range);
            grew = true;
        });
        return grew;
    }
    using DotSetStore<DotSet>::absorb;
    /// Merges `other` and returns the dots that were new.
    DotSet absorb(const DotSet& other) {
        DotSet delta = difference(other, *this);
        merge(delta);
        return delta;
    }
    /// Returns whether none, some or all dots of this set are in `other`. O(n log m).
    Overlap overlap_with(const DotSet& other) const {
        bool has_common = false, has_other = false;
        visit_refs([&](const auto& range) {
            if (has_common && has_other) return;
            const Extent extent = other.dots_.extent(range.replica, range.first);
            const bool is_cut = extent.last < range.last;
            has_common = has_common || extent.is_inside || is_cut;
            has_other = has_other || !extent.is_inside || is_cut;
        });
        if (!has_other) return Overlap::all;
        return has_common ? Overlap::some : Overlap::none;
    }
    /// Is every dot of this set in `other`? O(n log m).
    bool leq(const DotSet& other) const {
        bool covered = true;
        visit_refs([&](const auto& range) { covered = covered && other.dots_.contains(range); });
        return covered;
    }
    /// Is the set empty?
    bool is_bottom() const { return dots_.empty(); }

    /// Do both have the same dots?
    friend bool operator==(const DotSet&, const DotSet&) = default;
    /// Returns the dots that are in both sets.
    friend DotSet intersection(const DotSet& a, const DotSet& b) {
        if (a.range_count() > b.range_count()) return intersection(b, a);
        DotSet result;
        a.visit_refs([&](const auto& range) {
            b.dots_.visit_numbers_within(range, [&](std::uint64_t first, std::uint64_t last) {
                result.dots_.assign(detail::DotRangeRef{range.replica, first, last});
            });
        });
        return result;
    }
    /// Do the sets have no dot in common? O(m log n).
    friend bool are_disjoint(const DotSet& a, const DotSet& b) {
        if (a.range_count() > b.range_count()) return are_disjoint(b, a);
        bool found = false;
        a.visit_refs([&](const auto& range) {
            if (!found)
                b.dots_.visit_numbers_within(range,
                                             [&](std::uint64_t, std::uint64_t) { found = true; });
        });
        return !found;
    }
    /// Returns the dots of `a` that are not in `b`.
    friend DotSet difference(const DotSet& a, const DotSet& b) {
        DotSet result;
        a.visit_difference(b, [&](const auto& range) { result.dots_.assign(range); });
        return result;
    }
    /// Returns the set itself.
    friend DotSet digest(const DotSet& a) { return a; }
    /// Returns the number of dots, limited to the greatest std::size_t. O(ranges).
    friend std::size_t part_count(const DotSet& a) { return a.size(); }
    /// Returns the number of ranges. O(1).
    friend std::size_t range_count(const DotSet& a) { return a.range_count(); }
    /// Returns a stable hash: equal sets have the same hash on every platform. O(ranges).
    friend std::uint64_t hash_value(const DotSet& a) {
        std::uint64_t hash = a.range_count();
        a.visit_refs([&](const auto& range) {
            hash = hash_combine(hash, detail::hash_of(range.replica));
            hash = hash_combine(hash_combine(hash, range.first), range.last);
        });
        return hash;
    }
    /// Calls visit(set) for each dot, with a set of that dot alone.
    template <class Visit>
    friend void decompose(const DotSet& a, Visit&& visit) {
        a.visit_dots([&](const Dot<Id>& dot) { visit(DotSet{dot}); });
    }
    /// Calls visit(set) for each range, with a set of that range alone.
    template <class Visit>
    friend void decompose_by_ranges(const DotSet& a, Visit&& visit) {
        a.visit([&](const DotRange<Id>& range) { visit(DotSet(range)); });
    }

    /// Returns the id of `replica` as this set stores it, or null if the set has no dot of
    /// `replica`.
    const ReplicaName<Id>* name_of(const ReplicaName<Id>& replica) const {
        return dots_.name_of(replica);
    }
    /// Returns whether the dot `number` of `replica` is in the set, and up to which number the
    /// answer stays the same.
    Extent extent(const ReplicaName<Id>& replica, std::uint64_t number) const {
        return dots_.extent(replica, number);
    }
    /// If this set has one range, and `names` has the id of this range, makes the range share the
    /// id object of `names`. See SharedId.
    void rename(const auto& names) noexcept { dots_.rename(names); }

  private:
    /// Calls visit(range) for each range, in ascending order. Copies no id.
    template <class Visit>
    void visit_refs(Visit&& visit) const {
        visit_numbers([&](const ReplicaName<Id>& replica, std::uint64_t first, std::uint64_t last) {
            visit(detail::DotRangeRef{replica, first, last});
        });
    }

    template <class Visit>
    void visit_dots(Visit&& visit) const {
        this->visit([&](const DotRange<Id>& range) {
            for (std::uint64_t i = range.first;; ++i) {
                visit(Dot<Id>{range.replica, i});
                if (i == range.last) return;
            }
        });
    }
};

}  // namespace crdt

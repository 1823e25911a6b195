// SPDX-License-Identifier: MIT
//! DotIntervalMap: a map from dots to values. It keeps a single range in the object itself.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/interval_map.hpp>
#include <crdt/causal/replica_interval_map.hpp>
#include <crdt/detail/min_max.hpp>
#include <crdt/detail/small_vector.hpp>

namespace crdt::detail {

/// A ReplicaIntervalMap, or an IntervalMap for one replica, that keeps a single range in the object
/// itself. Many maps have one range: the dots of an element, the context of a delta.
///
/// Cost    O(log n) for each entry that an operation touches
/// Errors  as IntervalMap
template <ReplicaId Id, std::regular Value>
class DotIntervalMap {
    using Runs = std::conditional_t<std::is_same_v<Id, SoleReplica>, IntervalMap<Value>,
                                    ReplicaIntervalMap<Id, Value>>;

    // If the map is not a single range, `first` is 0. No range begins at 0, because dots are
    // counted from 1. In this case `last` is the address of the runs, or 0 if the map is empty.
    DotRange<Id> one_{};
    [[no_unique_address]] Value value_{};

    bool is_one() const { return one_.first != 0; }
    /// Precondition: !is_one().
    Runs* runs() const { return reinterpret_cast<Runs*>(static_cast<std::uintptr_t>(one_.last)); }
    void set_runs(Runs* runs) {
        one_.first = 0;
        one_.last = reinterpret_cast<std::uintptr_t>(runs);
    }
    /// Does the single range overlap with `range`?
    bool overlaps(const DotRange<Id>& range) const {
        return one_.replica == range.replica && one_.first <= range.last &&
               range.first <= one_.last;
    }
    /// Does `range` begin within the single range, or directly after it?
    bool reaches(const DotRange<Id>& range) const {
        return one_.replica == range.replica && one_.first <= range.first &&
               range.first - 1 <= one_.last;
    }

    void clear() {
        if (!is_one()) delete runs();
        set_runs(nullptr);
    }
    void steal(DotIntervalMap& other) {
        one_ = std::move(other.one_);
        value_ = std::move(other.value_);
        other.set_runs(nullptr);
    }
    void become(DotRange<Id> range, Value value) {
        clear();
        one_ = std::move(range);
        value_ = std::move(value);
    }
    /// Calls `change` with the map in the form of runs. If only one range is left, stores it as a
    /// single range again.
    template <class Change>
    void change_runs(Change&& change) {
        if (is_one() || empty()) {
            Runs* const fresh = new Runs;
            DotIntervalMap owner;
            owner.set_runs(fresh);
            if (is_one()) fresh->assign(one_, value_);
            change(*fresh);
            *this = std::move(owner);
        } else {
            change(*runs());
        }
        if (runs()->empty()) return clear();
        if (runs()->size() > 1) return;
        auto [range, value] = runs()->release_one();
        become(std::move(range), std::move(value));
    }

  public:
    static constexpr bool is_relocatable = Relocatable<Id> && Relocatable<Value>;

    DotIntervalMap() = default;
    /// Makes the map of one range.
    DotIntervalMap(DotRange<Id> range, Value value)
        : one_(std::move(range)), value_(std::move(value)) {}
    DotIntervalMap(const DotIntervalMap& other) : value_(other.value_) {
        if (other.is_one())
            one_ = other.one_;
        else if (!other.empty())
            set_runs(new Runs(*other.runs()));
    }
    DotIntervalMap(DotIntervalMap&& other) noexcept { steal(other); }
    DotIntervalMap& operator=(const DotIntervalMap& other) {
        return this == &other ? *this : *this = DotIntervalMap(other);
    }
    DotIntervalMap& operator=(DotIntervalMap&& other) noexcept {
        if (this == &other) return *this;
        clear();
        steal(other);
        return *this;
    }
    ~DotIntervalMap() {
        if (!is_one()) delete runs();
    }

    bool empty() const { return !is_one() && runs() == nullptr; }
    /// Returns the number of ranges.
    std::size_t size() const { return is_one() ? 1 : empty() ? 0 : runs()->size(); }
    /// Moves the only range and its value out. Allocates nothing.
    std::pair<DotRange<Id>, Value> release_one() {
        if (!is_one()) return runs()->release_one();
        std::pair<DotRange<Id>, Value> one{std::move(one_), std::move(value_)};
        set_runs(nullptr);
        return one;
    }

    /// Returns the value at `dot`, or null.
    const Value* find(const Dot<Id>& dot) const {
        if (!is_one()) return empty() ? nullptr : runs()->find(dot);
        const bool is_there =
            one_.replica == dot.replica && one_.first <= dot.sequence && dot.sequence <= one_.last;
        return is_there ? &value_ : nullptr;
    }
    /// Does one range contain all of `range`?
    bool contains(const DotRange<Id>& range) const {
        if (!is_one()) return !empty() && runs()->contains(range);
        return one_.replica == range.replica && one_.first <= range.first &&
               range.last <= one_.last;
    }
    /// Returns the greatest number of a replica's dots, or 0 if the replica has no dot here.
    std::uint64_t last(const Id& replica) const {
        if (!is_one()) return empty() ? 0 : runs()->last(replica);
        return one_.replica == replica ? one_.last : 0;
    }

    /// Calls visit(range, value) for each range, in ascending order.
    template <class Visit>
    void visit(Visit&& visit) const {
        if (is_one())
            visit(one_, value_);
        else if (!empty())
            runs()->visit(visit);
    }
    /// Calls visit(replica, first, last) for each range. Copies no id.
    template <class Visit>
    void visit_numbers(Visit&& visit) const {
        if (is_one())
            visit(one_.replica, one_.first, one_.last);
        else if (!empty())
            runs()->visit_numbers(visit);
    }
    /// Calls visit(overlap, value) for the overlap of `range` with each stored range, in ascending
    /// order.
    template <class Visit>
    void visit_within(const DotRange<Id>& range, Visit&& visit) const {
        if (!is_one()) {
            if (!empty()) runs()->visit_within(range, visit);
        } else if (overlaps(range)) {
            visit(DotRange<Id>{one_.replica, (max)(one_.first, range.first),
                               (min)(one_.last, range.last)},
                  value_);
        }
    }

    /// Calls visit(first, last) for the parts of ranges that are within `range`, in ascending
    /// order. Copies no id.
    template <class Visit>
    void visit_numbers_within(const DotRange<Id>& range, Visit&& visit) const {
        if (!is_one()) {
            if (!empty()) runs()->visit_numbers_within(range, visit);
        } else if (overlaps(range)) {
            visit((max)(one_.first, range.first), (min)(one_.last, range.last));
        }
    }

    /// Removes the values at `range`.
    void erase(const DotRange<Id>& range) {
        if (empty() || (is_one() && !overlaps(range))) return;
        if (is_one() && range.first <= one_.first && one_.last <= range.last) return clear();
        if (is_one() && one_.last <= range.last) return void(one_.last = range.first - 1);
        if (is_one() && range.first <= one_.first) return void(one_.first = range.last + 1);
        change_runs([&](Runs& runs) { runs.erase(range); });
    }
    /// Assigns `value` at all dots of `range`.
    void assign(const DotRange<Id>& range, const Value& value) {
        if (empty()) {
            one_ = range;
            value_ = value;
            return;
        }
        if (is_one() && value_ == value && reaches(range)) {
            one_.last = (max)(one_.last, range.last);
        } else {
            change_runs([&](Runs& runs) { runs.assign(range, value); });
        }
    }

    /// Assigns the values of `other` at all dots of `other`.
    void assign_all(const DotIntervalMap& other) {
        if (empty()) return void(*this = other);
        if (other.is_one())
            assign(other.one_, other.value_);
        else if (!other.empty())
            change_runs([&](Runs& runs) { runs.assign_all(*other.runs()); });
    }

    friend bool operator==(const DotIntervalMap& a, const DotIntervalMap& b) {
        if (a.is_one() || b.is_one() || a.empty() || b.empty())
            return a.is_one() == b.is_one() && a.empty() == b.empty() &&
                   (a.empty() || (a.one_ == b.one_ && a.value_ == b.value_));
        return *a.runs() == *b.runs();
    }
};

}  // namespace crdt::detail

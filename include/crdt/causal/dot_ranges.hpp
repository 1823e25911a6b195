// SPDX-License-Identifier: MIT
//! DotRanges: a map from dots to values, in which one range takes no memory of its own.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_runs.hpp>
#include <crdt/causal/number_runs.hpp>
#include <crdt/detail/column.hpp>
#include <crdt/detail/least.hpp>

namespace crdt::detail {

/// What DotRuns is, and NumberRuns for one replica alone, for the many maps of one range: the dots
/// of an element, a delta's context.
/// Cost    O(log n) for each entry that an operation touches
template <ReplicaId Id, std::regular Value>
class DotRanges {
    using Runs =
        std::conditional_t<std::is_same_v<Id, OneReplica>, NumberRuns<Value>, DotRuns<Id, Value>>;

    // Dots count from 1, so a range that begins at 0 is none: what there is then is in `runs_`.
    [[no_unique_address]] Id replica_{};
    std::uint64_t first_ = 0;
    union {
        std::uint64_t last_;
        Runs* runs_ = nullptr;
    };
    [[no_unique_address]] Value value_{};

    bool is_one() const { return first_ != 0; }
    DotRange<Id> one() const { return {replica_, first_, last_}; }
    /// Is there something of `range` in the one range?
    bool meets(const DotRange<Id>& range) const {
        return replica_ == range.replica && first_ <= range.last && range.first <= last_;
    }
    /// Is `range` within the one range, or does it go on where that ends?
    bool reaches(const DotRange<Id>& range) const {
        return replica_ == range.replica && first_ <= range.first && range.first - 1 <= last_;
    }

    void clear() {
        if (!is_one()) delete runs_;
        first_ = 0;
        runs_ = nullptr;
    }
    void take(DotRanges& other) {
        replica_ = std::move(other.replica_);
        first_ = std::exchange(other.first_, 0);
        if (is_one())
            last_ = other.last_;
        else
            runs_ = other.runs_;
        other.runs_ = nullptr;
        value_ = std::move(other.value_);
    }
    void become(const DotRange<Id>& range, const Value& value) {
        Id replica = range.replica;
        Value copy = value;
        clear();
        replica_ = std::move(replica);
        value_ = std::move(copy);
        first_ = range.first;
        last_ = range.last;
    }
    /// Works on runs, whatever there was, and comes back to one range where one is left.
    template <class Change>
    void change_runs(Change&& change) {
        if (is_one() || runs_ == nullptr) {
            Runs* const runs = new Runs;
            DotRanges owner;
            owner.runs_ = runs;
            if (is_one()) runs->assign(one(), value_);
            change(*runs);
            *this = std::move(owner);
        } else {
            change(*runs_);
        }
        if (runs_->empty()) return clear();
        if (runs_->size() > 1) return;
        DotRanges only;
        runs_->visit(
            [&](const DotRange<Id>& range, const Value& value) { only.become(range, value); });
        *this = std::move(only);
    }

  public:
    static constexpr bool is_relocatable = Relocatable<Id> && Relocatable<Value>;

    DotRanges() {}
    DotRanges(const DotRanges& other) : replica_(other.replica_), value_(other.value_) {
        if (other.is_one())
            last_ = other.last_;
        else if (other.runs_ != nullptr)
            runs_ = new Runs(*other.runs_);
        first_ = other.first_;
    }
    DotRanges(DotRanges&& other) noexcept { take(other); }
    DotRanges& operator=(const DotRanges& other) {
        return this == &other ? *this : *this = DotRanges(other);
    }
    DotRanges& operator=(DotRanges&& other) noexcept {
        if (this == &other) return *this;
        clear();
        take(other);
        return *this;
    }
    ~DotRanges() {
        if (!is_one()) delete runs_;
    }

    bool empty() const { return !is_one() && runs_ == nullptr; }
    /// The number of ranges.
    std::size_t size() const { return is_one() ? 1 : runs_ == nullptr ? 0 : runs_->size(); }

    /// The value at `dot`, or null.
    const Value* find(const Dot<Id>& dot) const {
        if (!is_one()) return runs_ == nullptr ? nullptr : runs_->find(dot);
        return meets({dot.replica, dot.sequence, dot.sequence}) ? &value_ : nullptr;
    }
    /// Does one range hold all of `range`?
    bool covers(const DotRange<Id>& range) const {
        if (!is_one()) return runs_ != nullptr && runs_->covers(range);
        return replica_ == range.replica && first_ <= range.first && range.last <= last_;
    }
    /// The greatest dot number of a replica; 0 if there is none.
    std::uint64_t last(const Id& replica) const {
        if (!is_one()) return runs_ == nullptr ? 0 : runs_->last(replica);
        return replica_ == replica ? last_ : 0;
    }

    /// Calls visit(range, value) for each range, in ascending order.
    template <class Visit>
    void visit(Visit&& visit) const {
        if (is_one())
            visit(one(), value_);
        else if (runs_ != nullptr)
            runs_->visit(visit);
    }
    /// Calls visit(range, value) for what there is of `range`, in ascending order.
    template <class Visit>
    void visit_within(const DotRange<Id>& range, Visit&& visit) const {
        if (!is_one()) {
            if (runs_ != nullptr) runs_->visit_within(range, visit);
        } else if (meets(range)) {
            visit(DotRange<Id>{replica_, greatest(first_, range.first), least(last_, range.last)},
                  value_);
        }
    }

    void erase(const DotRange<Id>& range) {
        if (empty() || (is_one() && !meets(range))) return;
        if (is_one() && range.first <= first_ && last_ <= range.last) return clear();
        change_runs([&](Runs& runs) { runs.erase(range); });
    }
    /// Gives all of `range` the value.
    void assign(const DotRange<Id>& range, const Value& value) {
        if (empty()) return become(range, value);
        if (is_one() && value_ == value && reaches(range)) {
            last_ = greatest(last_, range.last);
        } else {
            change_runs([&](Runs& runs) { runs.assign(range, value); });
        }
    }

    /// Gives the dots of `other` the values that they have there.
    void assign_all(const DotRanges& other) {
        if (empty()) return void(*this = other);
        if (other.is_one())
            assign(other.one(), other.value_);
        else if (!other.empty())
            change_runs([&](Runs& runs) { runs.assign_all(*other.runs_); });
    }

    friend bool operator==(const DotRanges& a, const DotRanges& b) {
        if (a.is_one() || b.is_one() || a.empty() || b.empty())
            return a.first_ == b.first_ && a.empty() == b.empty() &&
                   (a.empty() || (a.one() == b.one() && a.value_ == b.value_));
        return *a.runs_ == *b.runs_;
    }
};

}  // namespace crdt::detail

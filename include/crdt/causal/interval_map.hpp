// SPDX-License-Identifier: MIT
//! IntervalMap: a map from the numbers of one replica's dots to values, kept as ranges.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <type_traits>
#include <utility>

#include <crdt/causal/interval.hpp>
#include <crdt/detail/min_max.hpp>
#include <crdt/lattice/column_map.hpp>

namespace crdt::detail {

/// A finite map from numbers to values. Consecutive numbers with equal values are one entry. So
/// equal maps have equal entries, and a million consecutive numbers with one value cost as much as
/// one number.
///
/// Cost    O(log n) for each entry that an operation touches
/// Errors  only errors of values. If an allocation fails, an operation changes nothing, except an
///         assign() that replaces other values. Such an assign() can leave its range without
///         values. Erasing the range that was assigned last allocates nothing
template <std::regular Value>
class IntervalMap {
    struct Run {
        std::uint64_t last = 0;
        [[no_unique_address]] Value value{};
        friend bool operator==(const Run&, const Run&) = default;
    };
    using Runs = ColumnMap<std::uint64_t, Run>;
    using Position = typename Runs::const_iterator;

    Runs runs_;  // sorted by first number; no runs overlap

    /// Returns the first run that ends at `number` or later.
    Position seek(std::uint64_t number) const {
        if (empty()) return runs_.end();
        if (runs_.last_key() <= number)  // most changes are at the end
            return runs_.last_value().last >= number ? std::prev(runs_.end()) : runs_.end();
        const Position position = runs_.upper_bound(number);
        if (position == runs_.begin()) return position;
        const Position before = std::prev(position);
        return before.value().last >= number ? before : position;
    }
    /// Is there a run at `position`, and does it begin before the end of `range`?
    bool begins_in(Position position, const Interval& range) const {
        return position != runs_.end() && position.key() <= range.last;
    }
    /// Returns the run that contains all of `range`, or end() if there is none.
    Position holding(const Interval& range) const {
        const Position run = seek(range.first);
        const bool holds =
            run != runs_.end() && run.key() <= range.first && run.value().last >= range.last;
        return holds ? run : runs_.end();
    }
    /// Assigns `value` to a range that is after all runs, such as the last writes of a replica.
    void append(const Interval& range, const Value& value) {
        if (!empty()) {
            Run& last = runs_.last_value();
            if (last.last == range.first - 1 && last.value == value) {
                last.last = range.last;
                return;
            }
        }
        runs_.push_back(range.first, Run{range.last, value});
    }

    /// Combines `range` and the runs that it overlaps or touches into one run. If there are such
    /// runs, allocates nothing. Precondition: all values are the same.
    void unite(const Interval& range) {
        Position run = runs_.floor(range.first);
        if (run == runs_.end() || run.value().last < range.first - 1)
            run = run == runs_.end() ? runs_.begin() : std::next(run);
        if (run == runs_.end() || run.key() - 1 > range.last)
            return void(runs_.insert(run, range.first, Run{range.last, {}}));
        if (range.first < run.key()) runs_.set_key(run, range.first);
        std::uint64_t last = (max)(run.value().last, range.last);
        Position next = std::next(run);
        while (next != runs_.end() && next.key() - 1 <= last) {
            last = (max)(last, next.value().last);
            next = runs_.erase(next);
        }
        runs_.value(std::prev(next)).last = last;
    }

    /// Assigns `value` to a range that may already have other values.
    void replace(const Interval& range, const Value& value) {
        const Position run = holding(range);
        if (run != runs_.end() && run.value().value == value) return;
        erase(range);
        const Position next = runs_.lower_bound(range.first);
        const bool extends_next =
            next != runs_.end() && next.key() - 1 == range.last && next.value().value == value;
        const std::uint64_t last = extends_next ? next.value().last : range.last;
        if (next != runs_.begin()) {
            const Position before = std::prev(next);
            if (before.value().last == range.first - 1 && before.value().value == value) {
                runs_.value(before).last = last;
                if (extends_next) runs_.erase(next);
                return;
            }
        }
        const Position made = runs_.insert(next, range.first, Run{last, value});
        if (extends_next) runs_.erase(std::next(made));
    }

  public:
    bool empty() const { return runs_.empty(); }
    /// Returns the number of ranges.
    std::size_t size() const { return runs_.size(); }

    /// Returns the value at the number of `dot`, or null if there is none.
    const Value* find(const Dot<SoleReplica>& dot) const {
        const Position run = seek(dot.sequence);
        if (run == runs_.end() || dot.sequence < run.key()) return nullptr;
        return &run.value().value;
    }
    /// Does one range contain all of `range`?
    bool contains(const Interval& range) const { return holding(range) != runs_.end(); }
    /// Returns whether there is a value at `number`, and up to which number the answer stays the
    /// same.
    Extent extent(std::uint64_t number) const { return Walker(*this, number).extent(number); }
    Extent extent(const SoleReplica&, std::uint64_t number) const { return extent(number); }
    /// Returns the greatest number, or 0 if the map is empty.
    std::uint64_t last(const SoleReplica& = {}) const {
        return empty() ? 0 : runs_.last_value().last;
    }

    /// Returns the extents of numbers that the caller passes in ascending order. Each call costs
    /// O(1), plus O(1) for each range between the previous number and `number`.
    class Walker {
        Position run_, end_;

      public:
        Walker(const IntervalMap& map, std::uint64_t first)
            : run_(map.seek(first)), end_(map.runs_.end()) {}
        Extent extent(std::uint64_t number) {
            while (run_ != end_ && run_.value().last < number) ++run_;
            if (run_ == end_) return {false, (std::numeric_limits<std::uint64_t>::max)()};
            if (number < run_.key()) return {false, run_.key() - 1};
            return {true, run_.value().last};
        }
    };

    /// Calls visit(range, value) for each range, in ascending order.
    template <class Visit>
    void visit(Visit&& visit) const {
        for (const auto [first, run] : runs_) visit(Interval{{}, first, run.last}, run.value);
    }
    /// Calls visit(replica, first, last) for each range.
    template <class Visit>
    void visit_numbers(Visit&& visit) const {
        for (const auto [first, run] : runs_) visit(SoleReplica{}, first, run.last);
    }
    /// Calls visit(overlap, value) for the overlap of `range` with each stored range, in ascending
    /// order.
    template <class Visit>
    void visit_within(const Interval& range, Visit&& visit) const {
        for (Position run = seek(range.first); begins_in(run, range); ++run) {
            visit(Interval{{}, (max)(run.key(), range.first), (min)(run.value().last, range.last)},
                  run.value().value);
        }
    }

    /// Calls visit(first, last) for the overlap of `range` with each stored range, in ascending
    /// order.
    template <class Visit>
    void visit_numbers_within(const Interval& range, Visit&& visit) const {
        for (Position run = seek(range.first); begins_in(run, range); ++run)
            visit((max)(run.key(), range.first), (min)(run.value().last, range.last));
    }

    /// Removes the values at `range`.
    void erase(const Interval& range) {
        Position run = seek(range.first);
        while (begins_in(run, range)) {
            const std::uint64_t first = run.key(), last = run.value().last;
            if (first < range.first && last > range.last) {
                // The only step that allocates comes first. If it fails, nothing has changed.
                run = std::prev(runs_.insert(std::next(run), range.last + 1, run.value()));
                runs_.value(run).last = range.first - 1;
            } else if (first < range.first) {
                runs_.value(run).last = range.first - 1;
                ++run;
            } else if (last > range.last) {
                runs_.set_key(run, range.last + 1);
            } else {
                run = runs_.erase(run);
            }
            if (last >= range.last) return;
        }
    }

    /// Assigns `value` at all numbers of `range`.
    void assign(const Interval& range, const Value& value = {}) {
        if (last() < range.first) return append(range, value);
        if constexpr (std::is_empty_v<Value>)
            unite(range);
        else
            replace(range, value);
    }

    /// Erases the only range, and returns it. Allocates nothing.
    Interval release_one() {
        const Position only = runs_.begin();
        const Interval range{{}, only.key(), only.value().last};
        *this = {};
        return range;
    }

    /// Assigns the values of `other` at all numbers of `other`.
    void assign_all(const IntervalMap& other) {
        other.visit([&](const Interval& range, const Value& value) { assign(range, value); });
    }

    friend bool operator==(const IntervalMap&, const IntervalMap&) = default;
};

}  // namespace crdt::detail

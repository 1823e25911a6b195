// SPDX-License-Identifier: MIT
//! DotRuns: a map from dots to values, kept by ranges of equal value.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include <crdt/causal/dot.hpp>
#include <crdt/detail/column_map.hpp>
#include <crdt/detail/least.hpp>

namespace crdt::detail {

/// A finite map from dots to values. Neighbouring dots of equal value are one entry, so equal maps
/// look alike and a million dots in a row cost as much as one.
/// Cost    O(log n) for each entry that an operation touches
template <ReplicaId Id, std::regular Value>
class DotRuns {
    struct Run {
        std::uint64_t last = 0;
        [[no_unique_address]] Value value{};
        friend bool operator==(const Run&, const Run&) = default;
    };
    using Runs = ColumnMap<Dot<Id>, Run>;
    using Position = typename Runs::const_iterator;

    Runs runs_;  // by first dot; disjoint

    /// The first run that ends at `dot` or later.
    Position seek(const Dot<Id>& dot) const {
        const Position position = runs_.upper_bound(dot);
        if (position == runs_.begin()) return position;
        const Position before = std::prev(position);
        const bool reaches =
            before.key().replica == dot.replica && before.value().last >= dot.sequence;
        return reaches ? before : position;
    }

    bool is_behind_all(const DotRange<Id>& range) const {
        if (runs_.empty()) return true;
        const Position last = std::prev(runs_.end());
        return last.key().replica == range.replica ? last.value().last < range.first
                                                   : last.key().replica < range.replica;
    }
    /// As assign(), of a range that is behind all others: what a replica has written last.
    void append(const DotRange<Id>& range, const Value& value) {
        if (!runs_.empty()) {
            const Position last = std::prev(runs_.end());
            if (last.key().replica == range.replica && last.value().last == range.first - 1 &&
                last.value().value == value) {
                runs_.value(last).last = range.last;
                return;
            }
        }
        runs_.push_back({range.replica, range.first}, Run{range.last, value});
    }

    /// Is there a run at `position`, and does it begin before the end of `range`?
    bool begins_in(Position position, const DotRange<Id>& range) const {
        return position != runs_.end() && position.key().replica == range.replica &&
               position.key().sequence <= range.last;
    }

  public:
    bool empty() const { return runs_.empty(); }
    /// The number of ranges.
    std::size_t size() const { return runs_.size(); }

    /// The value at `dot`, or null.
    const Value* find(const Dot<Id>& dot) const {
        const Position run = seek(dot);
        if (run == runs_.end() || dot < run.key()) return nullptr;
        return &run.value().value;
    }

    /// Does one range hold all of `range`?
    bool covers(const DotRange<Id>& range) const {
        const Position run = seek({range.replica, range.first});
        return run != runs_.end() && run.key().replica == range.replica &&
               run.key().sequence <= range.first && run.value().last >= range.last;
    }

    /// The greatest dot number of a replica; 0 if there is none.
    std::uint64_t last(const Id& replica) const {
        const Position next = runs_.upper_bound(Dot<Id>{replica, ~std::uint64_t{0}});
        if (next == runs_.begin()) return 0;
        const Position run = std::prev(next);
        return run.key().replica == replica ? run.value().last : 0;
    }

    /// Calls visit(range, value) for each range, in ascending order.
    template <class Visit>
    void visit(Visit&& visit) const {
        for (const auto [first, run] : runs_)
            visit(DotRange<Id>{first.replica, first.sequence, run.last}, run.value);
    }

    /// Calls visit(range, value) for what there is of `range`, in ascending order.
    template <class Visit>
    void visit_within(const DotRange<Id>& range, Visit&& visit) const {
        for (Position run = seek({range.replica, range.first}); begins_in(run, range); ++run) {
            visit(DotRange<Id>{range.replica, greatest(run.key().sequence, range.first),
                               least(run.value().last, range.last)},
                  run.value().value);
        }
    }

    void erase(const DotRange<Id>& range) {
        Position run = seek({range.replica, range.first});
        while (begins_in(run, range)) {
            const std::uint64_t first = run.key().sequence, last = run.value().last;
            // What is left behind the range is made first: nothing is lost if there is no memory.
            if (last > range.last) {
                const Position next = std::next(run);
                run = std::prev(runs_.insert(next, {range.replica, range.last + 1}, run.value()));
            }
            if (first < range.first) {
                runs_.value(run).last = range.first - 1;
                ++run;
            } else {
                run = runs_.erase(run);
            }
            if (last >= range.last) return;
        }
    }

    /// Gives all of `range` the value.
    void assign(const DotRange<Id>& range, const Value& value) {
        if (is_behind_all(range)) return append(range, value);
        erase(range);
        const Position next = runs_.lower_bound(Dot<Id>{range.replica, range.first});
        const bool extends_next = next != runs_.end() && range.last != ~std::uint64_t{0} &&
                                  next.key() == Dot<Id>{range.replica, range.last + 1} &&
                                  next.value().value == value;
        const std::uint64_t last = extends_next ? next.value().last : range.last;
        if (next != runs_.begin()) {
            const Position before = std::prev(next);
            if (before.key().replica == range.replica && before.value().last == range.first - 1 &&
                before.value().value == value) {
                runs_.value(before).last = last;
                if (extends_next) runs_.erase(next);
                return;
            }
        }
        const Position made = runs_.insert(next, {range.replica, range.first}, Run{last, value});
        if (extends_next) runs_.erase(std::next(made));
    }

    friend bool operator==(const DotRuns&, const DotRuns&) = default;
};

}  // namespace crdt::detail

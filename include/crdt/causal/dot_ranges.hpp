// SPDX-License-Identifier: MIT
//! DotRanges: a map from dots to values, kept by ranges of equal value.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <utility>

#include <crdt/causal/dot.hpp>

namespace crdt::detail {

/// A finite map from dots to values. Neighbouring dots of equal value are one entry, so equal maps
/// look alike and a million dots in a row cost as much as one.
/// Cost    O(log n) for each entry that an operation touches
template <ReplicaId Id, std::regular Value>
class DotRanges {
    struct Run {
        std::uint64_t last;
        Value value;
        friend bool operator==(const Run&, const Run&) = default;
    };
    using Runs = std::map<Dot<Id>, Run>;

    Runs runs_;  // by first dot; disjoint

    /// The first run that ends at `dot` or later.
    template <class Map>
    static auto seek(Map& runs, const Dot<Id>& dot) {
        auto position = runs.upper_bound(dot);
        if (position == runs.begin()) return position;
        const auto before = std::prev(position);
        const bool reaches =
            before->first.replica == dot.replica && before->second.last >= dot.sequence;
        return reaches ? before : position;
    }

    static bool begins_in(const typename Runs::value_type& run, const DotRange<Id>& range) {
        return run.first.replica == range.replica && run.first.sequence <= range.last;
    }

  public:
    bool empty() const { return runs_.empty(); }
    /// The number of ranges.
    std::size_t size() const { return runs_.size(); }

    /// The value at `dot`, or null.
    const Value* find(const Dot<Id>& dot) const {
        const auto run = seek(runs_, dot);
        if (run == runs_.end() || dot < run->first) return nullptr;
        return &run->second.value;
    }

    /// Does one range hold all of `range`?
    bool covers(const DotRange<Id>& range) const {
        const auto run = seek(runs_, Dot<Id>{range.replica, range.first});
        return run != runs_.end() && run->first.replica == range.replica &&
               run->first.sequence <= range.first && run->second.last >= range.last;
    }

    /// The greatest dot number of a replica; 0 if there is none.
    std::uint64_t last(const Id& replica) const {
        const auto next = runs_.upper_bound(Dot<Id>{replica, ~std::uint64_t{0}});
        if (next == runs_.begin()) return 0;
        const auto run = std::prev(next);
        return run->first.replica == replica ? run->second.last : 0;
    }

    /// Calls visit(range, value) for each range, in ascending order.
    template <class Visit>
    void visit(Visit&& visit) const {
        for (const auto& [first, run] : runs_) {
            visit(DotRange<Id>{first.replica, first.sequence, run.last}, run.value);
        }
    }

    /// Calls visit(range, value) for what there is of `range`, in ascending order.
    template <class Visit>
    void visit_within(const DotRange<Id>& range, Visit&& visit) const {
        auto run = seek(runs_, Dot<Id>{range.replica, range.first});
        for (; run != runs_.end() && begins_in(*run, range); ++run) {
            visit(DotRange<Id>{range.replica, std::max(run->first.sequence, range.first),
                               std::min(run->second.last, range.last)},
                  run->second.value);
        }
    }

    void erase(const DotRange<Id>& range) {
        auto run = seek(runs_, Dot<Id>{range.replica, range.first});
        while (run != runs_.end() && begins_in(*run, range)) {
            const std::uint64_t last = run->second.last;
            // What is left behind the range is made first: nothing is lost if there is no memory.
            if (last > range.last) {
                runs_.emplace_hint(std::next(run), Dot<Id>{range.replica, range.last + 1},
                                   run->second);
            }
            if (run->first.sequence < range.first) {
                run->second.last = range.first - 1;
                ++run;
            } else {
                run = runs_.erase(run);
            }
            if (last >= range.last) return;
        }
    }

    /// Gives all of `range` the value.
    void assign(const DotRange<Id>& range, const Value& value) {
        erase(range);
        auto next = runs_.lower_bound(Dot<Id>{range.replica, range.first});
        const bool extends_next = next != runs_.end() && range.last != ~std::uint64_t{0} &&
                                  next->first == Dot<Id>{range.replica, range.last + 1} &&
                                  next->second.value == value;
        const std::uint64_t last = extends_next ? next->second.last : range.last;
        if (next != runs_.begin()) {
            const auto before = std::prev(next);
            if (before->first.replica == range.replica && before->second.last == range.first - 1 &&
                before->second.value == value) {
                before->second.last = last;
                if (extends_next) runs_.erase(next);
                return;
            }
        }
        const auto made =
            runs_.emplace_hint(next, Dot<Id>{range.replica, range.first}, Run{last, value});
        if (extends_next) runs_.erase(std::next(made));
    }

    friend bool operator==(const DotRanges&, const DotRanges&) = default;
};

}  // namespace crdt::detail

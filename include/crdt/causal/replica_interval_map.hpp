// SPDX-License-Identifier: MIT
//! ReplicaIntervalMap: a map from dots to values, replica by replica.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/interval_map.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/lattice/column_map.hpp>

namespace crdt::detail {

template <ReplicaId Id, std::regular Value>
class DotIntervalMap;

/// A finite map from dots to values. For each replica it has a line, which is an IntervalMap of the
/// numbers of the replica's dots.
///
/// Cost    O(log n) for each range that an operation touches
template <ReplicaId Id, std::regular Value>
class ReplicaIntervalMap {
    using Line = DotIntervalMap<SoleReplica, Value>;

    ColumnMap<Id, Line> lines_;  // no line is empty
    std::size_t size_ = 0;

    const Line* line_of(const Id& replica) const {
        const auto position = lines_.find(replica);
        return position == lines_.end() ? nullptr : &position.value();
    }
    /// Changes a line. Keeps the count of ranges correct even if an exception interrupts the
    /// change.
    template <class Change>
    void change_line(Line& line, Change&& change) {
        size_ -= line.size();
        const auto recount = [&]() noexcept { size_ += line.size(); };
        const OnFailure<decltype(recount)> at_the_end(recount);
        change(line);
    }
    static Interval numbers_of(const DotRange<Id>& range) { return {{}, range.first, range.last}; }
    /// Visits the ranges of a line as ranges of its replica's dots.
    template <class Visit>
    static auto as_dots(const Id& replica, Visit& visit) {
        return [&visit, range = DotRange<Id>{replica, 0, 0}](const Interval& numbers,
                                                             const Value& value) mutable {
            range.first = numbers.first;
            range.last = numbers.last;
            visit(static_cast<const DotRange<Id>&>(range), value);
        };
    }

  public:
    bool empty() const { return size_ == 0; }
    /// Returns the number of ranges.
    std::size_t size() const { return size_; }

    const Value* find(const Dot<Id>& dot) const {
        const Line* const line = line_of(dot.replica);
        return line == nullptr ? nullptr : line->find({{}, dot.sequence});
    }
    bool contains(const DotRange<Id>& range) const {
        const Line* const line = line_of(range.replica);
        return line != nullptr && line->contains(numbers_of(range));
    }
    std::uint64_t last(const Id& replica) const {
        const Line* const line = line_of(replica);
        return line == nullptr ? 0 : line->last({});
    }

    template <class Visit>
    void visit(Visit&& visit) const {
        for (const auto [replica, line] : lines_) line.visit(as_dots(replica, visit));
    }
    template <class Visit>
    void visit_numbers(Visit&& visit) const {
        for (const auto entry : lines_) {
            entry.second.visit_numbers(
                [&](const SoleReplica&, std::uint64_t first, std::uint64_t last) {
                    visit(entry.first, first, last);
                });
        }
    }
    template <class Visit>
    void visit_within(const DotRange<Id>& range, Visit&& visit) const {
        const Line* const line = line_of(range.replica);
        if (line != nullptr) line->visit_within(numbers_of(range), as_dots(range.replica, visit));
    }
    template <class Visit>
    void visit_numbers_within(const DotRange<Id>& range, Visit&& visit) const {
        const Line* const line = line_of(range.replica);
        if (line != nullptr) line->visit_numbers_within(numbers_of(range), visit);
    }

    void erase(const DotRange<Id>& range) {
        const auto position = lines_.find(range.replica);
        if (position == lines_.end()) return;
        Line& line = lines_.value(position);
        change_line(line, [&](Line& changing) { changing.erase(numbers_of(range)); });
        if (line.empty()) lines_.erase(position);
    }
    void assign(const DotRange<Id>& range, const Value& value) {
        Line* line = lines_.value_of(range.replica);
        if (line == nullptr) {
            Line fresh;
            fresh.assign(numbers_of(range), value);
            lines_.insert(lines_.lower_bound(range.replica), range.replica, std::move(fresh));
            ++size_;
            return;
        }
        change_line(*line, [&](Line& changing) { changing.assign(numbers_of(range), value); });
    }
    /// Moves the only range and its value out. Allocates nothing.
    std::pair<DotRange<Id>, Value> release_one() {
        auto [numbers, value] = lines_.value(lines_.begin()).release_one();
        DotRange<Id> range{std::move(lines_.only_key()), numbers.first, numbers.last};
        *this = {};
        return {std::move(range), std::move(value)};
    }

    /// Assigns the values of `other` at all dots of `other`.
    void assign_all(const ReplicaIntervalMap& other) {
        for (const auto entry : other.lines_) {
            if (Line* const mine = lines_.value_of(entry.first)) {
                change_line(*mine, [&](Line& changing) { changing.assign_all(entry.second); });
            } else {
                lines_.insert(lines_.lower_bound(entry.first), entry.first, entry.second);
                size_ += entry.second.size();
            }
        }
    }

    friend bool operator==(const ReplicaIntervalMap&, const ReplicaIntervalMap&) = default;
};

}  // namespace crdt::detail

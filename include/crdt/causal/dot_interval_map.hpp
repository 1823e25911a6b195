// SPDX-License-Identifier: MIT
//! DotIntervalMap: ranges of dots, replica by replica.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/inline_ranges.hpp>
#include <crdt/causal/interval_map.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/lattice/column_map.hpp>
#include <crdt/lattice/unit.hpp>

namespace crdt::detail {

/// Ranges of dots. Each replica has a line, which contains the ranges of the replica's numbers.
///
/// Cost    O(log n) for each range that an operation touches
template <ReplicaId Id>
class ReplicaRanges {
    using Name = ReplicaName<Id>;
    using Line = InlineRanges<SoleReplica, IntervalMap<Unit>>;

    ColumnMap<Name, Line> lines_;  // sorted by replica; no line is empty
    std::size_t size_ = 0;

    const Line* line_of(const auto& replica) const {
        const auto position = lines_.find_recent(replica);
        return position == lines_.end() ? nullptr : &position.value();
    }
    /// Calls `change(line)`. Keeps the count of ranges correct even if `change` throws.
    template <class Change>
    void change_line(Line& line, Change&& change) {
        size_ -= line.size();
        const auto recount = [&]() noexcept { size_ += line.size(); };
        const OnFailure<decltype(recount)> at_the_end(recount);
        change(line);
    }
    static Interval numbers_of(const auto& range) { return {{}, range.first, range.last}; }

  public:
    bool empty() const { return size_ == 0; }
    /// Returns the number of ranges.
    std::size_t size() const { return size_; }

    bool contains(const auto& range) const {
        const Line* const line = line_of(range.replica);
        return line != nullptr && line->contains(numbers_of(range));
    }
    std::uint64_t last(const auto& replica) const {
        const Line* const line = line_of(replica);
        return line == nullptr ? 0 : line->last(SoleReplica());
    }
    const Name* name_of(const auto& replica) const {
        const auto position = lines_.find_recent(replica);
        return position == lines_.end() ? nullptr : &position.key();
    }

    Extent extent(const auto& replica, std::uint64_t number) const {
        const Line* const line = line_of(replica);
        if (line == nullptr) return {false, (std::numeric_limits<std::uint64_t>::max)()};
        return line->extent(SoleReplica(), number);
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
    void visit_numbers_within(const auto& range, Visit&& visit) const {
        const Line* const line = line_of(range.replica);
        if (line != nullptr) line->visit_numbers_within(numbers_of(range), visit);
    }

    void erase(const auto& range) {
        const auto position = lines_.find(range.replica);
        if (position == lines_.end()) return;
        Line& line = lines_.value(position);
        change_line(line, [&](Line& changing) { changing.erase(numbers_of(range)); });
        if (line.empty()) lines_.erase(position);
    }
    void assign(const auto& range) {
        if (Line* const line = lines_.value_of(range.replica)) {
            change_line(*line, [&](Line& changing) { changing.assign(numbers_of(range)); });
        } else {
            lines_.insert(lines_.lower_bound(range.replica), range.replica,
                          Line(numbers_of(range)));
            ++size_;
        }
    }
    /// Removes the only range and returns it. Allocates nothing.
    DotRange<Id> release_one() {
        const Interval numbers = lines_.value(lines_.begin()).release_one();
        DotRange<Id> range{std::move(lines_.only_key()), numbers.first, numbers.last};
        *this = {};
        return range;
    }

    /// Adds the dots of `other`.
    void assign_all(const ReplicaRanges& other) {
        for (const auto entry : other.lines_) {
            if (Line* const mine = lines_.value_of(entry.first)) {
                change_line(*mine, [&](Line& changing) { changing.assign_all(entry.second); });
            } else {
                lines_.insert(lines_.lower_bound(entry.first), entry.first, entry.second);
                size_ += entry.second.size();
            }
        }
    }

    friend bool operator==(const ReplicaRanges&, const ReplicaRanges&) = default;
};

/// The ranges of a set of dots.
template <ReplicaId Id>
using DotIntervalMap = InlineRanges<Id, ReplicaRanges<Id>>;

}  // namespace crdt::detail

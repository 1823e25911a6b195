// SPDX-License-Identifier: MIT
//! DotCollector: makes one set of the dots of many small sets.
#pragma once

#include <algorithm>
#include <cstdint>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/replica_name.hpp>
#include <crdt/detail/min_max.hpp>
#include <crdt/detail/small_vector.hpp>

namespace crdt::detail {

/// Collects ranges of dots in any order. Then puts them in order, so that the set grows at its end.
///
/// Cost    O(n log n) for n ranges
template <ReplicaId Id>
class DotCollector {
    struct Range {
        const ReplicaName<Id>* replica;
        std::uint64_t first, last;

        friend bool operator<(const Range& a, const Range& b) {
            const auto order = *a.replica <=> *b.replica;
            return order == 0 ? a.first < b.first : order < 0;
        }
    };
    SmallVector<Range, 8> ranges_;

  public:
    /// Adds dots. `dots` must outlive the collector, which refers to its ids.
    void add(const DotSet<Id>& dots) {
        dots.visit_numbers(
            [&](const ReplicaName<Id>& replica, std::uint64_t first, std::uint64_t last) {
                ranges_.push_back({&replica, first, last});
            });
    }
    void add(DotSet<Id>&&) = delete;
    /// Returns the set of the dots that were added. Call it once.
    DotSet<Id> collect() {
        Range* next = ranges_.data();
        Range* const end = next + ranges_.size();
        std::sort(next, end);
        DotSet<Id> dots;
        while (next != end) {
            Range range = *next;
            while (++next != end && next->first - 1 <= range.last &&
                   *next->replica == *range.replica)
                range.last = (max)(range.last, next->last);
            dots.add(DotRange<Id>{*range.replica, range.first, range.last});
        }
        return dots;
    }
};

}  // namespace crdt::detail

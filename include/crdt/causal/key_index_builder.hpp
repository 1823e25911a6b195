// SPDX-License-Identifier: MIT
//! KeyIndexBuilder: makes the KeyIndex of many entries.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/key_index.hpp>
#include <crdt/lattice/column_map.hpp>

namespace crdt::detail {

/// Collects the dots of keys in the order of keys, and adds them to a KeyIndex in the order of
/// dots, so each is appended.
template <class Id, class KeyType>
class KeyIndexBuilder {
    struct Range {
        std::uint64_t first, last;
        const KeyType* key;
    };
    using Ranges = std::vector<Range>;

    ColumnMap<ReplicaName<Id>, Ranges> lines_{};
    std::size_t expected_;

    /// Orders the ranges by their first numbers. If the numbers are dense, each number has a place.
    static Ranges sorted(Ranges ranges) {
        const auto is_before = [](const Range& a, const Range& b) { return a.first < b.first; };
        if (std::is_sorted(ranges.begin(), ranges.end(), is_before)) return ranges;
        const auto [least, greatest] = std::minmax_element(ranges.begin(), ranges.end(), is_before);
        const std::uint64_t start = least->first, span = greatest->first - start;
        if (span / 4 >= ranges.size()) {
            std::sort(ranges.begin(), ranges.end(), is_before);
            return ranges;
        }
        std::vector<const Range*> places(static_cast<std::size_t>(span) + 1);
        Ranges result;
        result.reserve(ranges.size());
        for (const Range& range : ranges) {
            const Range*& place = places[static_cast<std::size_t>(range.first - start)];
            if (place != nullptr) result.push_back(*place);  // two ranges overlap
            place = &range;
        }
        for (const Range* const place : places) {
            if (place != nullptr) result.push_back(*place);
        }
        return result;
    }

  public:
    /// `expected` is the number of keys.
    explicit KeyIndexBuilder(std::size_t expected) : expected_(expected) {}

    /// Adds the dots of a key. `key` must outlive the builder.
    void add(const KeyType& key, const DotSet<Id>& dots) {
        dots.visit_numbers([&](const ReplicaName<Id>& replica, std::uint64_t first,
                               std::uint64_t last) {
            Ranges* ranges = lines_.value_of(replica);
            if (ranges == nullptr) {
                ranges =
                    &lines_.value(lines_.insert(lines_.lower_bound(replica), replica, Ranges()));
                if (lines_.size() == 1) ranges->reserve(expected_);
            }
            ranges->push_back({first, last, &key});
        });
    }
    /// Puts all dots into `index`, which must be empty. Returns false if a dot has two keys.
    bool build(KeyIndex<Id, KeyType>& index) {
        bool is_disjoint = true;
        for (const auto entry : lines_) {
            std::uint64_t before = 0;
            for (const Range& range : sorted(std::move(lines_.value(lines_.find(entry.first))))) {
                is_disjoint = is_disjoint && range.first > before;
                before = range.last;
                index.append({entry.first, range.first, range.last}, *range.key);
            }
        }
        index.set_limit();
        return is_disjoint;
    }
};

}  // namespace crdt::detail

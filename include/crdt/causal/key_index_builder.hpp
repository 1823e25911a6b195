// SPDX-License-Identifier: MIT
//! KeyIndexBuilder: makes the KeyIndex of many entries.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/key_index.hpp>
#include <crdt/causal/replica_name.hpp>
#include <crdt/detail/inlining.hpp>
#include <crdt/lattice/column_map.hpp>

namespace crdt::detail {

/// Collects the dots of keys in the order of the keys. Then adds the dots to a KeyIndex in the
/// order of the dots, so that each key is appended.
template <class Id, class KeyType>
class KeyIndexBuilder {
    /// Are keys copied? Small keys are copied, because reading them through pointers in the order
    /// of the dots takes longer.
    static constexpr bool copies_keys =
        std::is_trivial_v<KeyType> && sizeof(KeyType) <= sizeof(const KeyType*);
    struct Range {
        std::uint64_t first, last;
        std::conditional_t<copies_keys, KeyType, const KeyType*> named;

        Range() = default;
        Range(std::uint64_t first_number, std::uint64_t last_number, const KeyType& key)
            : first(first_number), last(last_number), named() {
            if constexpr (copies_keys)
                named = key;
            else
                named = &key;
        }
        const KeyType& key() const {
            if constexpr (copies_keys)
                return named;
            else
                return *named;
        }
    };
    using Ranges = std::vector<Range>;

    using Name = ReplicaName<Id>;

    ColumnMap<Name, Ranges> lines_{};
    std::size_t expected_;
    /// A line that was found recently.
    struct Recent {
        const Name* name = nullptr;
        Ranges* ranges = nullptr;
    };
    std::array<Recent, 4> recent_{};
    std::size_t oldest_ = 0;
    bool names_are_shared_ = true;

    static bool matches(const Name& a, const Name& b) {
        if constexpr (std::same_as<Name, Id>)
            return a == b;
        else
            return a.shares(b);
    }
    /// Returns the line of a replica.
    Ranges& line_of(const Name& replica) {
        for (const Recent& each : recent_)
            if (each.name != nullptr && matches(*each.name, replica)) return *each.ranges;
        return find_line(replica);
    }
    /// Finds or makes the line of a replica.
    CRDT_NOINLINE Ranges& find_line(const Name& replica) {
        auto line = lines_.find(replica);
        if (line == lines_.end()) {
            recent_ = {};
            line = lines_.insert(lines_.lower_bound(replica), replica, Ranges());
            if (lines_.size() == 1) lines_.value(line).reserve(expected_);
        }
        Ranges& ranges = lines_.value(line);
        names_are_shared_ = names_are_shared_ && matches(line.key(), replica);
        recent_[oldest_++ % recent_.size()] = {&line.key(), &ranges};
        return ranges;
    }

    /// Orders the ranges by their first numbers. If the numbers are dense, the result has an
    /// element for each number, and elements without a range have the first number 0. If two first
    /// numbers are equal, may return false. append_line() would reject such ranges.
    static bool sort(Ranges& ranges) {
        const auto is_before = [](const Range& a, const Range& b) { return a.first < b.first; };
        if (std::is_sorted(ranges.begin(), ranges.end(), is_before)) return true;
        const auto [least, greatest] = std::minmax_element(ranges.begin(), ranges.end(), is_before);
        const std::uint64_t start = least->first, span = greatest->first - start;
        if (span / 2 >= ranges.size()) {
            std::sort(ranges.begin(), ranges.end(), is_before);
            return true;
        }
        Ranges places(static_cast<std::size_t>(span) + 1);
        for (const Range& range : ranges) {
            Range& place = places[static_cast<std::size_t>(range.first - start)];
            if (place.first != 0) return false;
            place = range;
        }
        ranges = std::move(places);
        return true;
    }

  public:
    /// `expected` is the number of keys that will be added.
    explicit KeyIndexBuilder(std::size_t expected) : expected_(expected) {}

    /// Adds the dots of a key. `key` must outlive the builder.
    void add(const KeyType& key, const DotSet<Id>& dots) {
        dots.visit_numbers([&](const Name& replica, std::uint64_t first, std::uint64_t last) {
            line_of(replica).emplace_back(first, last, key);
        });
    }
    /// Do all dots of a replica share one object as their id?
    bool names_are_shared() const { return names_are_shared_; }
    /// Puts all dots into `index`, which must be empty. If a dot has two keys, returns false, and
    /// `index` is of no use.
    bool build(KeyIndex<Id, KeyType>& index) {
        for (auto line = lines_.begin(); line != lines_.end(); ++line) {
            Ranges& ranges = lines_.value(line);
            if (!sort(ranges) || !index.append_line(line.key(), ranges)) return false;
            ranges = {};
        }
        index.set_limit();
        return true;
    }
};

}  // namespace crdt::detail

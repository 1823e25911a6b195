// SPDX-License-Identifier: MIT
//! KeyIndex: finds the keys of dots.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/key_line.hpp>
#include <crdt/detail/small_vector.hpp>
#include <crdt/lattice/column_map.hpp>

namespace crdt::detail {

/// A map from the dots in a DotMap to their keys. A dot has at most one key.
///
/// Each replica has a line of keys. A new dot usually comes after all other dots of its replica, so
/// its key is appended to the line. Removed dots stay in a line until a new index is made.
///
/// An index may have dots without keys. Such an index has no lines.
template <class Id, class KeyType>
class KeyIndex {
    using Name = ReplicaName<Id>;
    using Line = KeyLine<KeyType>;

    ColumnMap<Name, Line> lines_{};
    DotSet<Id> dots_{};
    std::size_t size_ = 0;     // the number of keys in the lines
    std::size_t removed_ = 0;  // at most this many dots were removed
    std::size_t limit_ = 64;
    bool has_keys_ = true;
    std::size_t added_ = 0;  // the number of additions since the last removal

    Line& line_of(const Name& replica) {
        if (Line* const line = lines_.value_of(replica)) return *line;
        return lines_.value(lines_.insert(lines_.lower_bound(replica), replica, Line()));
    }
    void add(Line& line, std::uint64_t first, std::uint64_t last, const KeyType& key) {
        size_ -= line.size();
        if (line.last() < first)
            line.append(first, last, key);
        else
            line.assign(first, last, key);
        size_ += line.size();
    }

    /// Copies the lines of `other`, with their removed dots, for replicas that have no line in this
    /// index.
    void copy_lines_of(const KeyIndex& other) {
        for (const auto entry : other.lines_) {
            if (lines_.value_of(entry.first) != nullptr) continue;
            lines_.insert(lines_.lower_bound(entry.first), entry.first, entry.second);
            size_ += entry.second.size();
            removed_ = saturating_add(removed_, other.removed_);
        }
    }
    /// Divides the dots `first` to `last` of `replica` into ranges with one key each. Calls
    /// visit(first, last, key) for each range. Precondition: all these dots are in dots_.
    template <class Visit>
    void visit_keys(const Name& replica, std::uint64_t first, std::uint64_t last,
                    Visit&& visit) const {
        const auto line = lines_.find(replica);
        if (line != lines_.end()) line.value().visit(first, last, visit);
    }

  public:
    KeyIndex() = default;
    /// Makes an index of dots without keys.
    explicit KeyIndex(DotSet<Id> dots) : dots_(std::move(dots)), has_keys_(false) {}

    /// Returns the dots that have a key. O(1).
    const DotSet<Id>& dots() const { return dots_; }
    /// Are there keys, and not only dots?
    bool has_keys() const { return has_keys_; }
    /// Drops the keys.
    void drop_keys() noexcept {
        has_keys_ = false;
        lines_ = {};
        size_ = removed_ = 0;
    }
    /// Were there so many additions since the last removal that updating the keys has cost as much
    /// as finding all keys again? This is so if the additions are about twice as many as the keys
    /// that the index had when it was made.
    bool is_idle() const { return has_keys_ && added_ > limit_; }
    /// Do most keys in the lines belong to removed dots? If so, a new index should be made.
    bool is_overgrown() const { return size_ > limit_ && removed_ > size_ / 2; }
    /// Sets the size above which the index can be overgrown: about twice the present size.
    void set_limit() { limit_ = 2 * size_ + 64; }
    /// Divides the dots that are both in `dots` and in the index into ranges with one key each.
    /// Calls visit(range, key) for each range. Precondition: has_keys().
    template <class Visit>
    void visit(const DotSet<Id>& dots, Visit&& visit) const {
        intersection(dots, dots_).visit([&](const DotRange<Id>& range) {
            DotRange<Id> part = range;
            visit_keys(range.replica, range.first, range.last,
                       [&](std::uint64_t first, std::uint64_t last, const KeyType& key) {
                           part.first = first;
                           part.last = last;
                           visit(static_cast<const DotRange<Id>&>(part), key);
                       });
        });
    }

    /// Adds the dots `added` with the key `key`. Fast if the dots come after all other dots of
    /// their replicas.
    void add(const KeyType& key, const DotSet<Id>& added) {
        if (has_keys_ && !added.is_bottom()) {
            added.visit_numbers([&](const Name& replica, std::uint64_t first, std::uint64_t last) {
                add(line_of(replica), first, last, key);
            });
            ++added_;
        }
        dots_.add(added);
    }
    /// Adds the dots of `entries`, a map from keys to dot stores. `dots` has the same dots.
    /// Precondition: has_keys().
    template <class Entries>
    void add_all(const Entries& entries, const DotSet<Id>& dots) {
        struct Range {
            const Name* replica;
            std::uint64_t first, last;
            const KeyType* key;
        };
        SmallVector<Range, 16> ranges;
        for (const auto entry : entries)
            entry.second.dots().visit_numbers(
                [&](const Name& replica, std::uint64_t first, std::uint64_t last) {
                    ranges.push_back({dots.name_of(replica), first, last, &entry.first});
                });
        // In ascending order, keys are appended.
        std::sort(ranges.data(), ranges.data() + ranges.size(),
                  [](const Range& a, const Range& b) { return a.first < b.first; });
        for (const Range& range : ranges)
            add(line_of(*range.replica), range.first, range.last, *range.key);
        added_ = saturating_add(added_, ranges.size());
        dots_.add(dots);
    }
    /// Adds dots without keys. Precondition: not has_keys().
    void add(const DotSet<Id>& added) { dots_.add(added); }
    /// Adds dots of a replica that has no dots in the index. Each of `ranges` has a first number, a
    /// last number and a key. Leaves out ranges with the first number 0. If the ranges overlap or
    /// are not in ascending order, returns false, and the index is of no use.
    template <class Ranges>
    bool append_line(const Name& replica, const Ranges& ranges) {
        DotRange<Id> row{replica, 1, 0};  // adjacent ranges are added as one
        for (const auto& range : ranges) {
            if (range.first == 0) continue;
            if (range.first <= row.last) return false;
            if (range.first != row.last + 1) {
                if (row.last != 0) dots_.add(row);
                row.first = range.first;
            }
            row.last = range.last;
        }
        if (row.last != 0) dots_.add(row);
        if (!has_keys_) return true;
        Line& line = line_of(replica);
        line.append_all(ranges.data(), ranges.data() + ranges.size());
        size_ += line.size();
        return true;
    }
    /// Adds the dots and keys of `other`. Preconditions: both indices have keys, and no dot has
    /// different keys in the two.
    void merge(const KeyIndex& other) {
        added_ = saturating_add(added_, other.size_);
        other.dots_.visit_numbers(
            [&](const Name& replica, std::uint64_t first, std::uint64_t last) {
                Line* const line = lines_.value_of(replica);
                if (line == nullptr) return;
                other.visit_keys(replica, first, last,
                                 [&](std::uint64_t from, std::uint64_t to, const KeyType& key) {
                                     add(*line, from, to, key);
                                 });
            });
        copy_lines_of(other);
        dots_.add(other.dots_);
    }
    /// Returns an index of `dots` alone, with keys or without. Preconditions: all of `dots` are in
    /// this index; has_keys(), if the result has keys.
    KeyIndex part_at(const DotSet<Id>& dots, bool with_keys) const {
        KeyIndex part(dots);
        if (!with_keys) return part;
        part.has_keys_ = true;
        dots.visit_numbers([&](const Name& replica, std::uint64_t first, std::uint64_t last) {
            Line& line = part.line_of(replica);
            visit_keys(replica, first, last,
                       [&](std::uint64_t from, std::uint64_t to, const KeyType& key) {
                           part.add(line, from, to, key);
                       });
        });
        part.set_limit();
        return part;
    }
    /// Removes dots. `removed` may have dots that are not in the index.
    void remove(const DotSet<Id>& removed) {
        removed_ = saturating_add(removed_, removed.size());
        added_ = 0;
        dots_.erase(removed);
    }

    /// Returns the id of `replica` as the index stores it, or null if the index has no dot of
    /// `replica`.
    const Name* name_of(const Name& replica) const { return dots_.name_of(replica); }
};

}  // namespace crdt::detail

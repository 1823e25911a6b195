// SPDX-License-Identifier: MIT
//! KeyIndex: finds the keys of dots.
#pragma once

#include <cstddef>
#include <cstdint>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/key_line.hpp>
#include <crdt/lattice/column_map.hpp>

namespace crdt::detail {

/// The key of each dot in a DotMap. A dot has at most one key.
///
/// For each replica there is a line of keys. A new dot usually comes after all others of its
/// replica, and so is appended. Removed dots stay in a line until a new index is made.
///
/// An index may have no lines. Then it has only the dots.
template <class Id, class KeyType>
class KeyIndex {
    using Name = ReplicaName<Id>;
    using Line = KeyLine<KeyType>;

    ColumnMap<Name, Line> lines_{};
    DotSet<Id> dots_{};
    std::size_t size_ = 0;     // keys in the lines
    std::size_t removed_ = 0;  // dots, at most
    std::size_t limit_ = 64;
    bool has_keys_ = true;
    std::size_t added_ = 0;  // dots since the last removal, at most

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

    /// Copies the lines of replicas that have none here, with their removed dots.
    void copy_lines_of(const KeyIndex& other) {
        for (const auto entry : other.lines_) {
            if (lines_.value_of(entry.first) != nullptr) continue;
            lines_.insert(lines_.lower_bound(entry.first), entry.first, entry.second);
            size_ += entry.second.size();
            removed_ = saturating_add(removed_, other.removed_);
        }
    }
    /// Calls visit(first, last, key) for the parts of a range of dots that have one key.
    /// Precondition: all of the range is in dots_.
    template <class Visit>
    void visit_keys(const Name& replica, std::uint64_t first, std::uint64_t last,
                    Visit&& visit) const {
        const auto line = lines_.find(replica);
        if (line != lines_.end()) line.value().visit(first, last, visit);
    }

  public:
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
    /// Were about twice as many dots added since the last removal as the index had at first? Then
    /// keeping the keys has cost as much as finding them again.
    bool is_idle() const { return has_keys_ && added_ > limit_; }
    /// Are most entries of removed dots? Then a new index should be made.
    bool is_overgrown() const { return size_ > limit_ && removed_ > size_ / 2; }
    /// Sets the size from which on the index can be overgrown. It doubles before that.
    void set_limit() { limit_ = 2 * size_ + 64; }
    /// Calls visit(range, key) for each range of `dots` that has one key, and for parts of such
    /// ranges. Precondition: has_keys().
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

    /// Adds dots of `key`. Fast if they come after all others of their replicas.
    void add(const KeyType& key, const DotSet<Id>& added) {
        if (has_keys_ && !added.is_bottom()) {
            added.visit_numbers([&](const Name& replica, std::uint64_t first, std::uint64_t last) {
                add(line_of(replica), first, last, key);
            });
            ++added_;
        }
        dots_.add(added);
    }
    /// Adds dots of a replica that has none. Each of `ranges` has a first and a last number and a
    /// key, or the first number 0 if there is no range. Returns false if they overlap or are not in
    /// ascending order. Then the index is of no use.
    template <class Ranges>
    bool append_line(const Name& replica, const Ranges& ranges) {
        DotRange<Id> row{replica, 1, 0};  // ranges in a row are added as one
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
    /// Adds the content of `other`. No dot has different keys in both. Precondition: if this has
    /// keys, so does `other`.
    void merge(const KeyIndex& other) {
        if (!has_keys_) return dots_.add(other.dots_);
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
    /// Returns the index of `dots`, all of which are in this index.
    KeyIndex part_at(const DotSet<Id>& dots) const {
        KeyIndex part;
        dots.visit_numbers([&](const Name& replica, std::uint64_t first, std::uint64_t last) {
            Line& line = part.line_of(replica);
            visit_keys(replica, first, last,
                       [&](std::uint64_t from, std::uint64_t to, const KeyType& key) {
                           part.add(line, from, to, key);
                       });
        });
        part.dots_ = dots;
        part.set_limit();
        return part;
    }
    /// Removes dots, including those that have no key.
    void remove(const DotSet<Id>& removed) {
        removed_ = saturating_add(removed_, removed.size());
        added_ = 0;
        dots_.erase(removed);
    }

    /// Returns the id of a replica as the index stores it, or null if the replica has no dot.
    const Name* name_of(const Name& replica) const { return dots_.name_of(replica); }
};

}  // namespace crdt::detail

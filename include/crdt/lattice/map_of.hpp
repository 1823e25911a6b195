// SPDX-License-Identifier: MIT
//! MapOf: a lattice for each key.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <type_traits>
#include <utility>

#include <crdt/lattice/absorb_columns.hpp>
#include <crdt/lattice/column_map.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>
#include <crdt/lattice/join_columns.hpp>

namespace crdt {

/// This primary template is chosen for arguments that are not valid. It does not compile, and the
/// compiler prints the reason.
template <class KeyType, class Value>
class MapOf : detail::Refused<detail::flaw_of_keys<KeyType>(), KeyType>,
              detail::NotALattice<Value> {};  // prints why

/// A finite map from keys to states. A key that is not in the map has the state bottom.
///
/// State   a map in which no value is bottom, so that equal states are equal maps
/// Order   key by key;  join: key by key;  bottom: the empty map
/// Memory  keys and values in separate rows, split into leaves; a map of a few entries is in the
///         map object itself. See lattice/column_map.hpp
/// Cost    merge, absorb, leq and difference of m entries against n: O(m log n). O(m) if both maps
///         have mostly the same keys, or if m is about n. Integer keys and integer values are
///         compared and joined many at a time. update: O(log n), or O(1) at the same key as the
///         call before. Reads never insert
/// Errors  only those of keys and of states. If memory runs out, merge may have joined only some of
///         the entries. A later merge joins the other entries. An update that fails leaves the
///         state unchanged
/// Beware  a key with the state bottom is not in the map
template <Key KeyType, DecomposableLattice Value>
class MapOf<KeyType, Value> {
    using Entries = ColumnMap<KeyType, Value>;
    using Position = typename Entries::const_iterator;

    static constexpr bool has_small_digest = !std::same_as<DigestOf<Value>, Value>;

    Entries entries_;

    /// Makes the map of one entry. Precondition: the value is not bottom.
    MapOf(KeyType key, Value value) : entries_(std::move(key), std::move(value)) {}

    template <class By>
    std::size_t count() const {
        std::size_t total = 0;
        for (const auto& [key, value] : entries_)
            total = detail::saturating_add(total, By::count(value));
        return total;
    }
    template <class By, class Visit>
    void visit_parts(Visit& visit) const {
        for (const auto entry : entries_) {
            By::decompose_each(entry.second, [&](const Value& part) {
                const MapOf single(entry.first, part);
                visit(single);
            });
        }
    }

    template <class Mutate>
    Value mutate_at(const KeyType& key, Mutate& mutate) {
        if (Value* const there = entries_.value_of(key)) return mutate(*there);
        Value fresh{};
        Value change = mutate(fresh);
        if (!fresh.is_bottom()) entries_.insert(entries_.lower_bound(key), key, std::move(fresh));
        return change;
    }

  public:
    /// Can an object be moved by copying its bytes? See detail/relocatable.hpp.
    static constexpr bool is_relocatable = detail::Relocatable<Entries>;
    /// The type of keys.
    using key_type = KeyType;
    /// The lattice of the states at the keys.
    using mapped_type = Value;
    /// Visits the entries in ascending order of the keys.
    using const_iterator = Position;
    /// The type that digest() returns: the map itself, unless the values have smaller digests.
    using Digest = std::conditional_t<has_small_digest, ColumnMap<KeyType, DigestOf<Value>>, MapOf>;

    /// Makes the empty map.
    MapOf() = default;
    /// Makes the map of these entries. Precondition: no state is bottom.
    explicit MapOf(ColumnMap<KeyType, Value> entries) : entries_(std::move(entries)) {}
    /// Makes the map of these entries. Joins the states at the same key.
    MapOf(std::initializer_list<std::pair<KeyType, Value>> entries) {
        for (const auto& [key, value] : entries) {
            if (value.is_bottom()) continue;
            if (Value* const there = entries_.value_of(key))
                there->merge(value);
            else
                entries_.insert(entries_.lower_bound(key), key, value);
        }
    }

    /// Returns the position of the first entry.
    const_iterator begin() const { return entries_.begin(); }
    /// Returns the position past the last entry.
    const_iterator end() const { return entries_.end(); }
    /// Returns the number of entries. O(1).
    std::size_t size() const { return entries_.size(); }
    /// Is there no entry? O(1).
    bool empty() const { return entries_.empty(); }
    /// Is there a state at `key`? O(log n).
    bool contains(const auto& key) const { return entries_.contains(key); }
    /// Returns the entry of `key`, or end() if there is none.
    const_iterator find(const auto& key) const { return entries_.find(key); }
    /// Returns the first entry with a key that is not before `key`.
    const_iterator lower_bound(const auto& key) const { return entries_.lower_bound(key); }

    /// Calls visit(keys, states, count) for each row of entries, in ascending order of the keys.
    template <class Visit>
    void visit_rows(Visit&& visit) const {
        const auto& leaves = entries_.leaves();
        for (std::size_t i = 0; i < leaves.size(); ++i) {
            // The processor itself prefetches the rest of a row, but not the next row.
            if (i + 1 < leaves.size()) detail::prefetch_row(leaves[i + 1].values);
            visit(leaves[i].keys.data(), leaves[i].values.data(), leaves[i].size());
        }
    }

    /// Returns the state at `key`, or bottom if there is none. Never inserts.
    const Value& at(const auto& key) const {
        static const Value bottom{};
        const auto position = entries_.find(key);
        return position == entries_.end() ? bottom : position.value();
    }

    /// Changes the state at `key` with the delta-mutator `mutate`. Returns the delta of the map.
    /// Throws what `mutate` throws; the state is then unchanged.
    template <class Mutate>
    MapOf update(const KeyType& key, Mutate&& mutate) {
        // Nothing can fail after the state has changed: a map of one entry allocates nothing, and
        // the key is copied here.
        KeyType named = key;
        Value change = mutate_at(key, mutate);
        if (change.is_bottom()) return {};
        return MapOf(std::move(named), std::move(change));
    }

    /// Appends an entry, unless `value` is bottom. Precondition: `key` is greater than all keys of
    /// the map. O(1).
    void append(KeyType key, Value value) {
        if (!value.is_bottom()) entries_.push_back(std::move(key), std::move(value));
    }

    /// this := this ⊔ other, key by key. Returns true iff this grew. See Cost above.
    bool merge(const MapOf& other) { return detail::join_columns(entries_, other.entries_); }

    /// Merges `other`, key by key. Returns the delta: everything in `other` that this map lacked.
    /// See Cost above.
    MapOf absorb(const MapOf& other) {
        return MapOf(detail::absorb_columns(entries_, other.entries_));
    }

    /// Is each state in this map below the state in `other` at the same key? See Cost above.
    bool leq(const MapOf& other) const { return detail::columns_leq(entries_, other.entries_); }

    /// Is the map empty? O(1).
    bool is_bottom() const { return entries_.empty(); }

    /// Do both maps have equal states at the same keys? O(n).
    friend bool operator==(const MapOf&, const MapOf&) = default;

    /// Is there a key at which the two states are in conflict?
    friend bool conflicts(const MapOf& a, const MapOf& b) requires detail::CanConflict<Value> {
        Position position = a.begin();
        for (const auto& [key, value] : b) {
            position = detail::seek(a.entries_, position, key);
            if (position == a.end()) return false;
            if (position.key() == key && conflicts(position.value(), value)) return true;
        }
        return false;
    }

    /// Returns Δ(a, b): at each key, the difference of the state in `a` and the state in `b`.
    friend MapOf difference(const MapOf& a, const MapOf& b) {
        return MapOf(detail::difference_of_columns(a.entries_, b.entries_));
    }
    /// Returns Δ(a, b), computed from the digest of `b`.
    friend MapOf difference(const MapOf& a, const Digest& b) requires(has_small_digest) {
        return MapOf(detail::difference_of_entries(a.entries_, b));
    }
    /// Returns the digest of each state, at the key of the state. O(n).
    friend Digest digest(const MapOf& a) {
        if constexpr (has_small_digest) {
            Digest result;
            for (const auto& [key, value] : a) result.push_back(key, digest(value));
            return result;
        } else {
            return a;
        }
    }

    /// Returns the number of parts of all states, at most the greatest std::size_t. O(n).
    friend std::size_t part_count(const MapOf& a) { return a.count<detail::ByParts>(); }
    /// Returns how often decompose_by_ranges() calls visit.
    friend std::size_t range_count(const MapOf& a) { return a.count<detail::ByRanges>(); }

    /// Returns a stable hash: equal states have the same hash on every platform.
    friend std::uint64_t hash_value(const MapOf& a) {
        std::uint64_t hash = a.size();
        for (const auto& [key, value] : a.entries_) {
            hash = hash_combine(hash_combine(hash, detail::hash_of(key)), detail::hash_of(value));
        }
        return hash;
    }

    /// For each part of each state, calls visit(map) with a map that contains only this part, at
    /// the key of the state.
    template <class Visit>
    friend void decompose(const MapOf& a, Visit&& visit) {
        a.visit_parts<detail::ByParts>(visit);
    }
    /// Like decompose(), but calls visit only once for each range of parts that the state stores as
    /// one unit.
    template <class Visit>
    friend void decompose_by_ranges(const MapOf& a, Visit&& visit) {
        a.visit_parts<detail::ByRanges>(visit);
    }
};

}  // namespace crdt

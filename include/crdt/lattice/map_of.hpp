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

#include <crdt/detail/column_map.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>
#include <crdt/lattice/join_columns.hpp>

namespace crdt {

template <class KeyType, class Value>
class MapOf : detail::Refused<detail::flaw_of_keys<KeyType>(), KeyType>,
              detail::NotALattice<Value> {};  // says why

/// A finite map from keys to states; a key that is not there maps to bottom.
///
/// State   a map without bottoms, so that equal states look alike
/// Order   key by key;  join: key by key;  bottom: the empty map
/// Memory  the keys in one row and the values in another, cut into leaves; the first few of them in
///         the map itself. See detail/column_map.hpp
/// Cost    merge, absorb, leq and difference of m entries against n: O(m log n), and O(m) where
///         the keys are much the same or m is about n. Integers as keys and in values are compared
///         and joined many at a time. A mutator: O(log n), O(1) at the key of the one before.
///         Reads never insert.
/// Errors  none of its own. If memory runs out, merge leaves a part of the join, which a later
///         merge completes; update leaves the state as it was.
template <Key KeyType, DecomposableLattice Value>
class MapOf<KeyType, Value> {
    using Entries = detail::ColumnMap<KeyType, Value>;
    using Position = typename Entries::const_iterator;

    static constexpr bool has_small_digest = !std::same_as<DigestOf<Value>, Value>;

    Entries entries_;

    /// The first entry not before `key`, looked for from `from` on: close by first, then by search.
    template <class Map>
    static auto seek(const Map& entries, typename Map::const_iterator from, const KeyType& key) {
        for (int step = 0; step < 4; ++step, ++from) {
            if (from == entries.end() || !(from->first < key)) return from;
        }
        return entries.lower_bound(key);
    }

    /// What `b` lacks of `a`; `b` maps keys to states, or to digests of states.
    template <class Map>
    static MapOf lacking(const MapOf& a, const Map& b) {
        MapOf result;
        auto position = b.begin();
        for (const auto& [key, value] : a.entries_) {
            position = seek(b, position, key);
            const bool found = position != b.end() && position->first == key;
            result.append(key, found ? difference(value, position->second) : value);
        }
        return result;
    }

    /// Calls found(key, value, mine) or missing(key, value, position) for each entry of `other`.
    template <class Found, class Missing>
    void match(const MapOf& other, Found&& found, Missing&& missing) const {
        Position position = entries_.begin();
        for (const auto& [key, value] : other.entries_) {
            position = seek(entries_, position, key);
            if (position != entries_.end() && position->first == key) {
                found(key, value, position);
            } else {
                position = missing(key, value, position);
            }
        }
    }

    /// One entry. Precondition: not bottom.
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
    static constexpr bool is_relocatable = detail::Relocatable<Entries>;
    using key_type = KeyType;
    using mapped_type = Value;
    using const_iterator = Position;
    /// The map itself, unless the digests of values are smaller than the values.
    using Digest =
        std::conditional_t<has_small_digest, detail::ColumnMap<KeyType, DigestOf<Value>>, MapOf>;

    MapOf() = default;
    /// The join of single entries.
    MapOf(std::initializer_list<std::pair<KeyType, Value>> entries) {
        for (const auto& [key, value] : entries) {
            if (value.is_bottom()) continue;
            if (Value* const there = entries_.value_of(key))
                there->merge(value);
            else
                entries_.insert(entries_.lower_bound(key), key, value);
        }
    }

    const_iterator begin() const { return entries_.begin(); }
    const_iterator end() const { return entries_.end(); }
    std::size_t size() const { return entries_.size(); }
    bool empty() const { return entries_.empty(); }
    bool contains(const auto& key) const { return entries_.contains(key); }
    /// The entry of `key`; end() if there is none.
    const_iterator find(const auto& key) const { return entries_.find(key); }
    /// The first entry whose key is not before `key`.
    const_iterator lower_bound(const auto& key) const { return entries_.lower_bound(key); }

    /// Calls visit(keys, states, count) for each row of entries, in ascending order of the keys.
    template <class Visit>
    void visit_rows(Visit&& visit) const {
        for (const auto& leaf : entries_.leaves())
            visit(leaf.keys.data(), leaf.values.data(), leaf.size());
    }

    /// The state at `key`: bottom if there is none. Never inserts.
    const Value& at(const auto& key) const {
        static const Value bottom{};
        const auto position = entries_.find(key);
        return position == entries_.end() ? bottom : position.value();
    }

    /// Runs a delta-mutator of the state at `key`. Returns the delta of the map. Throws what
    /// `mutate` throws, and is then unchanged.
    template <class Mutate>
    MapOf update(const KeyType& key, Mutate&& mutate) {
        // Nothing can fail once the state has changed: one entry needs no memory beyond its key's.
        KeyType named = key;
        Value change = mutate_at(key, mutate);
        if (change.is_bottom()) return {};
        return MapOf(std::move(named), std::move(change));
    }

    /// Joins an entry, whose key is behind all others; nothing for a bottom. O(1).
    void append(KeyType key, Value value) {
        if (!value.is_bottom()) entries_.push_back(std::move(key), std::move(value));
    }

    bool merge(const MapOf& other) { return detail::join_columns(entries_, other.entries_); }

    MapOf absorb(const MapOf& other) {
        MapOf delta;
        match(
            other,
            [&](const KeyType& key, const Value& value, Position mine) {
                delta.append(key, entries_.value(mine).absorb(value));
            },
            [&](const KeyType& key, const Value& value, Position position) {
                delta.append(key, value);
                return entries_.insert(position, key, value);
            });
        return delta;
    }

    bool leq(const MapOf& other) const { return detail::columns_leq(entries_, other.entries_); }

    bool is_bottom() const { return entries_.empty(); }

    friend bool operator==(const MapOf&, const MapOf&) = default;

    friend bool conflicts(const MapOf& a, const MapOf& b) requires detail::CanConflict<Value> {
        bool found = false;
        a.match(
            b,
            [&](const KeyType&, const Value& value, Position mine) {
                found = found || conflicts(mine->second, value);
            },
            [&](const KeyType&, const Value&, Position position) { return position; });
        return found;
    }

    friend MapOf difference(const MapOf& a, const MapOf& b) { return lacking(a, b.entries_); }
    friend MapOf difference(const MapOf& a, const Digest& b) requires(has_small_digest) {
        return lacking(a, b);
    }
    friend Digest digest(const MapOf& a) {
        if constexpr (has_small_digest) {
            Digest result;
            for (const auto& [key, value] : a) result.push_back(key, digest(value));
            return result;
        } else {
            return a;
        }
    }

    friend std::size_t part_count(const MapOf& a) { return a.count<detail::ByParts>(); }
    friend std::size_t range_count(const MapOf& a) { return a.count<detail::ByRanges>(); }

    friend std::uint64_t hash_value(const MapOf& a) {
        std::uint64_t hash = a.size();
        for (const auto& [key, value] : a.entries_) {
            hash = hash_combine(hash_combine(hash, detail::hash_of(key)), detail::hash_of(value));
        }
        return hash;
    }

    template <class Visit>
    friend void decompose(const MapOf& a, Visit&& visit) {
        a.visit_parts<detail::ByParts>(visit);
    }
    template <class Visit>
    friend void decompose_by_ranges(const MapOf& a, Visit&& visit) {
        a.visit_parts<detail::ByRanges>(visit);
    }
};

}  // namespace crdt

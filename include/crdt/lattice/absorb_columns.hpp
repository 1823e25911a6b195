// SPDX-License-Identifier: MIT
//! absorb_columns joins two ColumnMaps and returns the delta. difference_of_columns returns only
//! the delta.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include <crdt/detail/min_max.hpp>
#include <crdt/lattice/bulk.hpp>
#include <crdt/lattice/column_map.hpp>
#include <crdt/lattice/join_columns.hpp>
#include <crdt/lattice/search_columns.hpp>
#include <crdt/lattice/union_of.hpp>

// The keys of the two maps decide which algorithm makes the delta, as in join_columns.hpp.

namespace crdt::detail {

/// For each key, computes the difference of its state in `theirs` and its state in `mine`. If the
/// difference is not bottom, writes the key to `part_keys` and the difference to `part_values`.
/// Returns the number of entries written. Does not branch on the states.
template <class K, class V>
    requires PlainColumns<K, V> std::size_t write_difference(const K* keys, const V* mine,
                                                             const V* theirs, std::size_t count,
                                                             K* part_keys, V* part_values) {
        using Number = typename packed_traits<V>::type;
        constexpr std::size_t width = packed_traits<V>::count;
        const Number *const x = numbers(mine), *const y = numbers(theirs);
        Number* const parts = numbers(part_values);
        std::size_t size = 0;
        for (std::size_t i = 0; i < count; ++i) {
            bool rises_at_all = false;
            part_keys[size] = keys[i];
            for (std::size_t n = 0; n < width; ++n) {
                const Number other = y[i * width + n];
                const bool rises = x[i * width + n] < other;
                parts[size * width + n] = width == 1 ? other : pick(rises, other);
                rises_at_all |= rises;
            }
            size += rises_at_all ? 1U : 0U;
        }
        return size;
    }

/// Appends to `delta` everything that the states of `theirs` have and the states of `mine` lack.
/// Returns false if the states of `mine` lack nothing.
template <class K, class V>
    requires PlainColumns<K, V>
bool append_difference(RowBuilder<K, V>& delta, const K* keys, const V* mine, const V* theirs,
                       std::size_t count) {
    if (bulk_leq(theirs, mine, count)) return false;
    while (count != 0) {
        const std::size_t size = (min)(count, delta.make_space(count));
        delta.grow_by(write_difference(keys, mine, theirs, size, delta.keys(), delta.values()));
        keys += size;
        mine += size;
        theirs += size;
        count -= size;
    }
    return true;
}

/// Appends an entry, unless its value is bottom.
template <class K, class V>
void append_entry(ColumnMap<K, V>& map, const K& key, V value) {
    if (!value.is_bottom()) map.push_back(key, std::move(value));
}

/// mine := mine ⊔ theirs. Returns the delta: everything in `theirs` that `mine` lacked.
template <class K, class V>
ColumnMap<K, V> absorb_columns(ColumnMap<K, V>& mine, const ColumnMap<K, V>& theirs) {
    if constexpr (PlainColumns<K, V>) {
        RowBuilder<K, V> delta;
        const auto absorb = [&](const K* keys, V* values, const V* others, std::size_t count) {
            if (append_difference(delta, keys, values, others, count))
                bulk_merge(values, others, count);
            return true;
        };
        if (may_share_keys(mine, theirs) && visit_same_keys(mine, theirs, absorb))
            return delta.finish();
        // Some rows at the beginning may have had the same keys. They are joined already, and their
        // differences are in `delta`. In this situation a map has several leaves, so are_few() is
        // false. Both maps have the same size, so are_many() is true.
        if (are_few(mine, theirs)) {
            FewUnionOf<Makes::both, K, V> both(mine, theirs);
            ColumnMap<K, V> few = both.delta.as_map();
            mine.assign(both.join.keys, both.join.values(), both.join.size);
            return few;
        }
        if (are_many(theirs.size(), mine.size())) {
            UnionOf<Makes::both, K, V> both(mine, theirs, std::move(delta));
            ColumnMap<K, V> many = both.delta.finish();
            mine = both.join.finish();
            return many;
        }
    }
    ColumnMap<K, V> delta;
    const auto absorb = [&](const K* keys, V* values, const V* others, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            append_entry(delta, keys[i], values[i].absorb(others[i]));
        return true;
    };
    if constexpr (!PlainColumns<K, V>) {
        if (may_share_keys(mine, theirs) && visit_same_keys(mine, theirs, absorb)) return delta;
    }
    join_few(
        mine, theirs,
        [&](const K& key, const V& other, V& value) {
            append_entry(delta, key, value.absorb(other));
        },
        [&](const K& key, const V& other) { append_entry(delta, key, other); });
    return delta;
}

/// Returns the first entry with a key not less than `key`. Compares the first four entries from
/// `from` on, and then searches the map. Precondition: all entries before `from` have smaller keys.
template <class K, class V>
typename ColumnMap<K, V>::const_iterator seek(const ColumnMap<K, V>& map,
                                              typename ColumnMap<K, V>::const_iterator from,
                                              const K& key) {
    for (int step = 0; step < 4; ++step, ++from) {
        if (from == map.end() || !(from.key() < key)) return from;
    }
    return map.lower_bound(key);
}

/// Returns everything in `a` that `b` lacks. `b` maps keys to states, or to digests of states.
template <class K, class V, class Other>
ColumnMap<K, V> difference_of_entries(const ColumnMap<K, V>& a, const ColumnMap<K, Other>& b) {
    ColumnMap<K, V> delta;
    auto position = b.begin();
    for (auto entry = a.begin(); entry != a.end(); ++entry) {
        position = seek(b, position, entry.key());
        const bool found = position != b.end() && position.key() == entry.key();
        append_entry(delta, entry.key(),
                     found ? difference(entry.value(), position.value()) : entry.value());
    }
    return delta;
}

/// Returns everything in `a` that `b` lacks.
template <class K, class V>
ColumnMap<K, V> difference_of_columns(const ColumnMap<K, V>& a, const ColumnMap<K, V>& b) {
    if constexpr (PlainColumns<K, V>) {
        RowBuilder<K, V> delta;
        const auto compare = [&](const K* keys, const V* mine, const V* theirs, std::size_t count) {
            append_difference(delta, keys, mine, theirs, count);
            return true;
        };
        if (may_share_keys(b, a) && visit_same_keys(b, a, compare)) return delta.finish();
        if (are_few(a, b)) return FewUnionOf<Makes::difference, K, V>(b, a).delta.as_map();
        if (are_many(a.size(), b.size()))
            return UnionOf<Makes::difference, K, V>(b, a).delta.finish();
    } else {
        ColumnMap<K, V> delta;
        const auto compare = [&](const K* keys, const V* mine, const V* theirs, std::size_t count) {
            for (std::size_t i = 0; i < count; ++i)
                append_entry(delta, keys[i], difference(theirs[i], mine[i]));
            return true;
        };
        if (may_share_keys(b, a) && visit_same_keys(b, a, compare)) return delta;
    }
    return difference_of_entries(a, b);
}

}  // namespace crdt::detail

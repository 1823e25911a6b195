// SPDX-License-Identifier: MIT
//! join_columns: the join of two ColumnMaps.
#pragma once

#include <concepts>
#include <cstddef>
#include <type_traits>

#include <crdt/detail/min_max.hpp>
#include <crdt/lattice/bulk.hpp>
#include <crdt/lattice/column_map.hpp>
#include <crdt/lattice/search_columns.hpp>
#include <crdt/lattice/union_of.hpp>

// The keys of the two maps decide which algorithm joins the maps:
//   If both maps have the same keys, rows of keys are compared, and rows of values are joined.
//   If only a few keys are joined to a large map, each key is looked up, and its value is joined or
//   inserted. This is also done if keys or values are not numbers.
//   Otherwise a walk along both maps makes a new map.

namespace crdt::detail {

template <class K>
bool equal_keys(const K* a, const K* b, std::size_t count) {
    if constexpr (std::integral<K> && !std::same_as<K, bool>) {
        if (count <= 16) return simd::equal(a, b, count);
    }
    return equal_rows(a, b, count);
}

/// Are the `count` keys of `mine` from `i` on equal to those of `theirs` from `j` on?
template <class Mine, class Leaf>
bool same_keys(Mine& mine, std::size_t i, const Leaf& theirs, std::size_t j, std::size_t count) {
    const bool whole = count == mine.size() && count == theirs.size();
    if (whole && mine.fingerprint.matches(theirs.fingerprint)) return true;
    if (!equal_keys(mine.keys.data() + i, theirs.keys.data() + j, count)) return false;
    if constexpr (!std::is_const_v<Mine>) {
        if (whole) mine.fingerprint.share(theirs.fingerprint);
    }
    return true;
}

/// Do both maps have equally many keys, and the same first and last key? If so, all keys may be the
/// same.
template <class K, class V>
bool may_share_keys(const ColumnMap<K, V>& a, const ColumnMap<K, V>& b) {
    if (a.size() != b.size() || a.empty()) return false;
    if (a.leaves()[0].fingerprint.matches(b.leaves()[0].fingerprint)) return true;
    return a.leaves()[0].keys[0] == b.leaves()[0].keys[0] &&
           a.leaves().back().keys.back() == b.leaves().back().keys.back();
}

/// Calls visit(keys, a's values, b's values, count) for rows of values at the same keys, until
/// visit returns false. If some keys differ, visits only the rows before these keys, and returns
/// false.
template <class Mine, class K, class V, class Visit>
bool visit_same_keys(Mine& a, const ColumnMap<K, V>& b, Visit&& visit) {
    bool same = true;
    for_each_pair_of_rows(
        a.leaves(), b.leaves(),
        [&](auto& mine, std::size_t i, const auto& theirs, std::size_t j, std::size_t count) {
            same = same_keys(mine, i, theirs, j, count);
            return same && visit(theirs.keys.data() + j, mine.values.data() + i,
                                 theirs.values.data() + j, count);
        });
    return same;
}

/// Like join_few(), but searches several keys at the same time. Precondition: `mine` is not empty.
template <std::integral K, class V, class Found, class Missing, class Copy>
void join_several(ColumnMap<K, V>& mine, const ColumnMap<K, V>& theirs, Found&& found,
                  Missing&& missing, Copy&& copy) {
    typename ColumnMap<K, V>::const_iterator positions[most_at_once];
    for (const auto& leaf : theirs.leaves()) {
        for (std::size_t from = 0; from < leaf.size(); from += most_at_once) {
            const std::size_t count = (min)(leaf.size() - from, most_at_once);
            const K* const keys = leaf.keys.data() + from;
            const V* const values = leaf.values.data() + from;
            search_columns(mine, keys, count, positions);
            std::size_t missed[most_at_once], misses = 0;
            for (std::size_t i = 0; i < count; ++i) {
                if (is_at(positions[i], keys[i])) {
                    found(keys[i], values[i], mine.value(positions[i]));
                } else {
                    missing(keys[i], values[i]);
                    missed[misses++] = i;
                }
            }
            // Inserts the greatest key first, so that the positions of the smaller keys stay valid.
            // But if an insertion adds a leaf, these positions are searched again.
            while (misses > 0) {
                const std::size_t leaves = mine.leaves().size(), i = missed[--misses];
                mine.insert(positions[i], keys[i], copy(values[i]));
                if (mine.leaves().size() != leaves) search_columns(mine, keys, i, positions);
            }
        }
    }
}

/// The default of `copy` in join_few(). Returns the value itself.
struct PlainCopy {
    template <class V>
    const V& operator()(const V& value) const {
        return value;
    }
};

/// Searches each key of `theirs` in `mine`. If `mine` has the key, calls found(key, value, the
/// value in mine). Otherwise calls missing(key, value), and inserts the key with copy(value).
template <class K, class V, class Found, class Missing, class Copy = PlainCopy>
void join_few(ColumnMap<K, V>& mine, const ColumnMap<K, V>& theirs, Found&& found,
              Missing&& missing, Copy&& copy = {}) {
    if constexpr (std::integral<K>) {
        if (theirs.size() > 1 && !mine.empty())
            return join_several(mine, theirs, found, missing, copy);
    }
    for (auto entry = theirs.begin(); entry != theirs.end(); ++entry) {
        const auto position = mine.lower_bound(entry.key());
        if (position != mine.end() && position.key() == entry.key()) {
            found(entry.key(), entry.value(), mine.value(position));
        } else {
            missing(entry.key(), entry.value());
            mine.insert(position, entry.key(), copy(entry.value()));
        }
    }
}

/// mine := mine ⊔ theirs. Returns true iff mine grew.
template <class K, class V>
bool join_columns(ColumnMap<K, V>& mine, const ColumnMap<K, V>& theirs) {
    // Most states have few entries, so maps of one leaf are joined here, without the checks below.
    if (mine.size() == theirs.size() && mine.leaves().size() == 1 && theirs.leaves().size() == 1) {
        auto& left = mine.leaves()[0];
        const auto& right = theirs.leaves()[0];
        if (same_keys(left, 0, right, 0, left.size()))
            return bulk_merge(left.values.data(), right.values.data(), left.size());
    }
    bool grew = false;
    const auto join = [&](const K*, V* values, const V* others, std::size_t count) {
        grew |= bulk_merge(values, others, count);
        return true;
    };
    const bool has_leaves = mine.leaves().size() > 1 || theirs.leaves().size() > 1;
    if (has_leaves && may_share_keys(mine, theirs) && visit_same_keys(mine, theirs, join))
        return grew;
    if constexpr (PlainColumns<K, V>) {
        if (are_few(mine, theirs)) {
            FewUnionOf<Makes::join, K, V> both(mine, theirs);
            mine.assign(both.join.keys, both.join.values(), both.join.size);
            return both.grew || grew;
        }
        if (are_many(theirs.size(), mine.size())) {
            UnionOf<Makes::join, K, V> both(mine, theirs);
            mine = both.join.finish();
            return both.grew || grew;
        }
    }
    join_few(
        mine, theirs, [&](const K&, const V& other, V& value) { grew |= value.merge(other); },
        [&](const K&, const V&) { grew = true; });
    return grew;
}

/// Is a ⊑ b? O(n log n), or O(n) if both have the same keys.
template <class K, class V>
bool columns_leq(const ColumnMap<K, V>& a, const ColumnMap<K, V>& b) {
    if (a.size() > b.size()) return false;
    bool below = true;
    const auto compare = [&](const K*, const V* values, const V* others, std::size_t count) {
        return below = bulk_leq(values, others, count);
    };
    if (may_share_keys(a, b)) return visit_same_keys(a, b, compare) && below;
    for (auto entry = a.begin(); below && entry != a.end(); ++entry) {
        const auto theirs = b.find(entry.key());
        below = theirs != b.end() && entry.value().leq(theirs.value());
    }
    return below;
}

}  // namespace crdt::detail

// SPDX-License-Identifier: MIT
//! join_columns: the join of two ColumnMaps.
#pragma once

#include <concepts>
#include <cstddef>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>

#include <crdt/detail/min_max.hpp>
#include <crdt/lattice/bulk.hpp>
#include <crdt/lattice/column_map.hpp>

// The keys of the two maps decide how they are joined:
//   the same keys    compares rows of keys, and joins rows of values
//   a few keys       looks up each key, and joins or inserts its value
//   many other keys  walks both maps side by side, and makes a new map

namespace crdt::detail {

template <class K>
bool equal_keys(const K* a, const K* b, std::size_t count) {
    if constexpr (std::integral<K>) {
        if (count <= 16) {
            K differing = 0;
            for (std::size_t i = 0; i < count; ++i)
                differing = static_cast<K>(differing | (a[i] ^ b[i]));
            return differing == 0;
        }
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

/// Do both maps have equally many keys, and the same first and last key? Then all keys may be the
/// same.
template <class K, class V>
bool may_share_keys(const ColumnMap<K, V>& a, const ColumnMap<K, V>& b) {
    if (a.size() != b.size() || a.empty()) return false;
    if (a.leaves()[0].fingerprint.matches(b.leaves()[0].fingerprint)) return true;
    return a.leaves()[0].keys[0] == b.leaves()[0].keys[0] &&
           a.leaves().back().keys.back() == b.leaves().back().keys.back();
}

/// Calls visit(a's values, b's values, count) for rows of values at the same keys, until visit
/// returns false. Returns false if it finds keys that differ.
template <class Mine, class K, class V, class Visit>
bool visit_same_keys(Mine& a, const ColumnMap<K, V>& b, Visit&& visit) {
    bool same = true;
    ColumnMap<K, V>::for_each_pair_of_rows(
        a, b, [&](auto& mine, std::size_t i, const auto& theirs, std::size_t j, std::size_t count) {
            same = same_keys(mine, i, theirs, j, count);
            return same && visit(mine.values.data() + i, theirs.values.data() + j, count);
        });
    return same;
}

/// mine := mine ⊔ theirs. Searches each key of `theirs` in `mine`. Returns true iff `mine` grew.
template <class K, class V>
bool join_few(ColumnMap<K, V>& mine, const ColumnMap<K, V>& theirs) {
    bool grew = false;
    for (const auto& [key, value] : theirs) mine.prefetch(key);
    for (auto entry = theirs.begin(); entry != theirs.end(); ++entry) {
        const auto position = mine.lower_bound(entry.key());
        if (position != mine.end() && position.key() == entry.key()) {
            grew |= mine.value(position).merge(entry.value());
        } else {
            mine.insert(position, entry.key(), entry.value());
            grew = true;
        }
    }
    return grew;
}

/// Keys and values that the processor compares and joins in a few instructions.
template <class K, class V>
concept PlainColumns = std::integral<K> && Packed<V>;

/// Walks two rows of entries and writes their union. `i` and `j` are the positions in the two rows.
/// `grew` is true if the second row had anything new.
template <class K, class V>
    requires PlainColumns<K, V>
struct UnionSteps {
    using Number = typename packed_traits<V>::type;
    static constexpr std::size_t width = packed_traits<V>::count;
    static constexpr Number bottom = std::numeric_limits<Number>::lowest();

    std::size_t i = 0, j = 0;
    bool grew = false;

    /// Writes the next `steps` entries of the union. Precondition: each row has at least `steps`
    /// entries left. The processor cannot predict which row the next entry comes from, so the code
    /// does not branch on that.
    void walk(std::size_t steps, const K* a, const V* a_values, const K* b, const V* b_values,
              K* keys, V* values) {
        const Number *const x = numbers(a_values), *const y = numbers(b_values);
        Number* const joined = numbers(values);
        Number grown = 0;
        for (std::size_t step = 0; step < steps; ++step) {
            bool of_mine = a[i] <= b[j], of_theirs = b[j] <= a[i];
#ifdef __GNUC__
            // Hides the values from the compiler, which would otherwise make branches again.
            asm("" : "+r"(of_mine), "+r"(of_theirs));
#endif
            keys[step] = of_mine ? a[i] : b[j];
            for (std::size_t n = 0; n < width; ++n) {
                const Number before = pick(of_mine, x[i * width + n]);
                const Number after = (max)(before, pick(of_theirs, y[j * width + n]));
                joined[step * width + n] = after;
                grown = static_cast<Number>(grown | (before ^ after));
            }
            i += of_mine ? 1U : 0U;
            j += of_theirs ? 1U : 0U;
        }
        grew |= grown != 0;
    }

  private:
    /// Returns `value` if `taken`, else bottom, without a branch.
    static Number pick(bool taken, Number value) {
        const auto mask = static_cast<Number>(Number{0} - static_cast<Number>(taken));
        return static_cast<Number>(bottom ^ ((bottom ^ value) & mask));
    }
};

/// A union of at most this many entries is made on the stack.
inline constexpr std::size_t few_entries = 48;

/// mine := mine ⊔ theirs. Precondition: both together have at most few_entries. Returns true iff
/// mine grew.
template <class K, class V>
bool join_on_stack(ColumnMap<K, V>& mine, const ColumnMap<K, V>& theirs) {
    const auto &left = mine.leaves()[0], &right = theirs.leaves()[0];
    K keys[few_entries];
    alignas(V) unsigned char memory[few_entries * sizeof(V)];
    V* const values = reinterpret_cast<V*>(memory);
    UnionSteps<K, V> at;
    std::size_t size = 0;
    while (at.i < left.size() && at.j < right.size()) {
        const std::size_t steps = (min)(left.size() - at.i, right.size() - at.j);
        at.walk(steps, left.keys.data(), left.values.data(), right.keys.data(), right.values.data(),
                keys + size, values + size);
        size += steps;
    }
    const bool is_theirs = at.j < right.size();
    const auto& rest = is_theirs ? right : left;
    for (std::size_t i = is_theirs ? at.j : at.i; i < rest.size(); ++i, ++size) {
        keys[size] = rest.keys[i];
        ::new (static_cast<void*>(values + size)) V(rest.values[i]);
    }
    mine.assign(keys, values, size);
    return at.grew || is_theirs;
}

/// The union of two maps, made in one walk of both.
template <class K, class V>
    requires PlainColumns<K, V>
class UnionOf {
    using Map = ColumnMap<K, V>;
    using Leaf = typename Map::Leaf;

    /// A position in a map.
    struct Cursor {
        const Map* map;
        std::size_t leaf = 0;
        std::size_t slot = 0;

        bool is_at_end() const { return leaf == map->leaves().size(); }
        const Leaf& row() const { return map->leaves()[leaf]; }
        std::size_t left_in_row() const { return row().size() - slot; }
        const K* keys() const { return row().keys.data() + slot; }
        const V* values() const { return row().values.data() + slot; }
        void advance(std::size_t count) {
            if ((slot += count) == row().size()) ++leaf, slot = 0;
        }
    };

    Cursor mine_, theirs_;
    std::size_t left_;  // at most this many entries are left
    Map result_;
    Leaf filling_;
    bool grew_ = false;

    std::size_t space() const { return filling_.keys.capacity() - filling_.size(); }
    void make_space() {
        if (filling_.size() == Map::leaf_size) result_.append(std::exchange(filling_, Leaf()));
        filling_.reserve_exactly((min)(Map::leaf_size, filling_.size() + left_));
    }
    void walk(std::size_t steps) {
        UnionSteps<K, V> at;
        at.walk(steps, mine_.keys(), mine_.values(), theirs_.keys(), theirs_.values(),
                filling_.keys.data() + filling_.size(), filling_.values.data() + filling_.size());
        filling_.grow_by(steps);
        left_ -= at.i + at.j;
        grew_ |= at.grew;
        mine_.advance(at.i);
        theirs_.advance(at.j);
    }
    void take_rest(Cursor& cursor) {
        while (!cursor.is_at_end()) {
            make_space();
            const std::size_t count = (min)(cursor.left_in_row(), space());
            filling_.append(cursor.row(), cursor.slot, count);
            left_ -= count;
            cursor.advance(count);
        }
    }

  public:
    UnionOf(const Map& mine, const Map& theirs)
        : mine_{&mine}, theirs_{&theirs}, left_(mine.size() + theirs.size()) {
        while (!mine_.is_at_end() && !theirs_.is_at_end()) {
            make_space();
            walk((min)((min)(mine_.left_in_row(), theirs_.left_in_row()), space()));
        }
        grew_ |= !theirs_.is_at_end();
        take_rest(mine_);
        take_rest(theirs_);
        filling_.shrink();
        result_.append(std::move(filling_));
    }
    bool grew() const { return grew_; }
    Map& result() { return result_; }
};

/// mine := mine ⊔ theirs. Returns true iff mine grew.
template <class K, class V>
bool join_columns(ColumnMap<K, V>& mine, const ColumnMap<K, V>& theirs) {
    bool grew = false;
    const auto join = [&](V* values, const V* others, std::size_t count) {
        grew |= bulk_merge(values, others, count);
        return true;
    };
    if (may_share_keys(mine, theirs) && visit_same_keys(mine, theirs, join)) return grew;
    if constexpr (PlainColumns<K, V>) {
        const bool is_few = mine.size() + theirs.size() <= few_entries;
        if (is_few && mine.leaves().size() == 1 && theirs.leaves().size() == 1)
            return join_on_stack(mine, theirs) || grew;
        if (theirs.size() > mine.size() / 8) {
            UnionOf<K, V> both(mine, theirs);
            mine = std::move(both.result());
            return both.grew() || grew;
        }
    }
    return join_few(mine, theirs) || grew;
}

/// Is a ⊑ b? O(n log n), or O(n) if both have the same keys.
template <class K, class V>
bool columns_leq(const ColumnMap<K, V>& a, const ColumnMap<K, V>& b) {
    if (a.size() > b.size()) return false;
    bool below = true;
    const auto compare = [&](const V* values, const V* others, std::size_t count) {
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

// SPDX-License-Identifier: MIT
//! UnionOf: makes the join or the difference of two maps of numbers, or both, in one walk.
#pragma once

#include <concepts>
#include <cstddef>
#include <limits>
#include <new>
#include <utility>

#include <crdt/detail/min_max.hpp>
#include <crdt/lattice/bulk.hpp>
#include <crdt/lattice/column_map.hpp>

namespace crdt::detail {

/// Integer keys, and values that consist of numbers. A few instructions compare and join an entry.
template <class K, class V>
concept PlainColumns = std::integral<K> && Packed<V>;

/// Makes a map from rows of entries in ascending order of the keys. The caller writes entries at
/// keys() and values(), and then calls grow_by().
template <class K, class V>
    requires PlainColumns<K, V>
class RowBuilder {
    using Map = ColumnMap<K, V>;
    using Leaf = typename Map::Leaf;

    Map result_;
    Leaf filling_;

  public:
    K* keys() { return filling_.keys.data() + filling_.size(); }
    V* values() { return filling_.values.data() + filling_.size(); }
    void grow_by(std::size_t count) { filling_.grow_by(count); }
    /// `left` entries are still to be written. Makes space for one or more. Returns how many fit.
    std::size_t make_space(std::size_t left) {
        if (filling_.size() == Map::leaf_size) result_.append(std::exchange(filling_, Leaf()));
        filling_.reserve_exactly((min)(Map::leaf_size, filling_.size() + left));
        return filling_.keys.capacity() - filling_.size();
    }
    void append(const K* keys, const V* values, std::size_t count) {
        while (count != 0) {
            const std::size_t size = (min)(count, make_space(count));
            filling_.append(keys, values, size);
            keys += size;
            values += size;
            count -= size;
        }
    }
    /// Returns the map. This object is then empty.
    Map finish() {
        filling_.shrink();
        result_.append(std::move(filling_));
        return std::move(result_);
    }
};

/// Returns `value` if `taken` is true, else the bottom of Max. Does not branch.
template <std::integral Number>
Number pick(bool taken, Number value) {
    constexpr Number bottom = std::numeric_limits<Number>::lowest();
    const auto mask = static_cast<Number>(Number{0} - static_cast<Number>(taken));
    return static_cast<Number>(bottom ^ ((bottom ^ value) & mask));
}

/// A walk makes the join, the difference (what the second map has and the first lacks), or both.
enum class Makes { join, difference, both };

/// Walks two rows of entries. Writes their join, and the delta: everything in the second row that
/// the first row lacks. `i` and `j` are the positions in the two rows.
template <class K, class V, Makes What>
    requires PlainColumns<K, V>
struct UnionSteps {
    using Number = typename packed_traits<V>::type;
    static constexpr std::size_t width = packed_traits<V>::count;
    std::size_t i = 0, j = 0;
    std::size_t part_size = 0;  ///< the number of entries of the delta that are written
    bool grew = false;          ///< does the first row lack anything of the second row?

    /// Writes the next `steps` entries of the join, and at most `steps` entries of the delta.
    /// Precondition: each row has at least `steps` entries left. The processor cannot predict which
    /// row the next entry comes from, so the code does not branch on this choice.
    void walk(std::size_t steps, const K* a, const V* a_values, const K* b, const V* b_values,
              K* keys, V* values, K* part_keys, V* part_values) {
        const Number *const x = numbers(a_values), *const y = numbers(b_values);
        Number* const joined = numbers(values);
        Number* const parts = numbers(part_values);
        // Local variables stay in registers, because the written rows cannot overlap them.
        std::size_t at = i, other_at = j, part = part_size;
        bool rises_at_all = false;
        for (std::size_t step = 0; step < steps; ++step) {
            bool of_mine = a[at] <= b[other_at], of_theirs = b[other_at] <= a[at];
#ifdef __GNUC__
            // Hides the values from the compiler, which would otherwise make branches again.
            asm("" : "+r"(of_mine), "+r"(of_theirs));
#endif
            if constexpr (What != Makes::difference) keys[step] = of_mine ? a[at] : b[other_at];
            if constexpr (What != Makes::join) part_keys[part] = b[other_at];
            bool rises = false;
            for (std::size_t n = 0; n < width; ++n) {
                const Number before = pick(of_mine, x[at * width + n]);
                const Number other = pick(of_theirs, y[other_at * width + n]);
                const bool rises_here = before < other;
                rises |= rises_here;
                if constexpr (What != Makes::difference)
                    joined[step * width + n] = (max)(before, other);
                // If the second map adds nothing here, the next step overwrites this entry.
                if constexpr (What != Makes::join)
                    parts[part * width + n] = width == 1 ? other : pick(rises_here, other);
            }
            rises_at_all |= rises;
            part += rises ? 1U : 0U;
            at += of_mine ? 1U : 0U;
            other_at += of_theirs ? 1U : 0U;
        }
        i = at, j = other_at, part_size = part;
        grew |= rises_at_all;
    }
};

/// If two maps have at most this many entries together, a walk writes its results to the stack.
inline constexpr std::size_t few_entries = 48;

/// Does each map have one leaf, and do both have at most few_entries entries together?
template <class K, class V>
bool are_few(const ColumnMap<K, V>& a, const ColumnMap<K, V>& b) {
    return a.size() + b.size() <= few_entries && a.leaves().size() == 1 && b.leaves().size() == 1;
}

/// Up to few_entries entries on the stack.
template <class K, class V>
struct FewEntries {
    K keys[few_entries];
    alignas(V) unsigned char memory[few_entries * sizeof(V)];
    std::size_t size = 0;

    V* values() { return reinterpret_cast<V*>(memory); }
    template <class Leaf>
    void append_rest(const Leaf& leaf, std::size_t from) {
        for (; from < leaf.size(); ++from, ++size) {
            keys[size] = leaf.keys[from];
            ::new (static_cast<void*>(values() + size)) V(leaf.values[from]);
        }
    }
    ColumnMap<K, V> as_map() {
        ColumnMap<K, V> map;
        if (size != 0) map.assign(keys, values(), size);
        return map;
    }
};

/// Like UnionOf, for two maps for which are_few() is true.
template <Makes What, class K, class V>
struct FewUnionOf {
    FewEntries<K, V> join, delta;
    bool grew;

    FewUnionOf(const ColumnMap<K, V>& mine, const ColumnMap<K, V>& theirs) {
        const auto &left = mine.leaves()[0], &right = theirs.leaves()[0];
        UnionSteps<K, V, What> at;
        while (at.i < left.size() && at.j < right.size()) {
            const std::size_t steps = (min)(left.size() - at.i, right.size() - at.j);
            at.walk(steps, left.keys.data(), left.values.data(), right.keys.data(),
                    right.values.data(), join.keys + join.size, join.values() + join.size,
                    delta.keys, delta.values());
            join.size += steps;
        }
        grew = at.grew || at.j < right.size();
        if constexpr (What != Makes::difference) {
            join.append_rest(left, at.i);
            join.append_rest(right, at.j);
        }
        if constexpr (What != Makes::join) {
            delta.size = at.part_size;
            delta.append_rest(right, at.j);
        }
    }
};

/// Like UnionSteps, for two whole maps. Makes `join`, `delta` or both, as `What` selects.
template <Makes What, class K, class V>
class UnionOf {
    using Map = ColumnMap<K, V>;
    using Leaf = typename Map::Leaf;

    /// A position in a map.
    struct Cursor {
        const Map* map;
        std::size_t left = map->size();
        std::size_t leaf = 0;
        std::size_t slot = 0;

        bool is_at_end() const { return left == 0; }
        const Leaf& row() const { return map->leaves()[leaf]; }
        std::size_t left_in_row() const { return row().size() - slot; }
        const K* keys() const { return row().keys.data() + slot; }
        const V* values() const { return row().values.data() + slot; }
        void advance(std::size_t count) {
            left -= count;
            if ((slot += count) == row().size()) ++leaf, slot = 0;
        }
    };

    Cursor mine_, theirs_;

  public:
    RowBuilder<K, V> join, delta;
    bool grew = false;

    /// `delta_before` is the beginning of the delta. `mine` already contains this beginning.
    UnionOf(const Map& mine, const Map& theirs, RowBuilder<K, V> delta_before = {})
        : mine_{&mine}, theirs_{&theirs}, delta(std::move(delta_before)) {
        while (!mine_.is_at_end() && !theirs_.is_at_end()) walk();
        grew |= !theirs_.is_at_end();
        append_rest(mine_, false);
        append_rest(theirs_, true);
    }

  private:
    void walk() {
        std::size_t steps = (min)(mine_.left_in_row(), theirs_.left_in_row());
        if constexpr (What != Makes::difference)
            steps = (min)(steps, join.make_space(mine_.left + theirs_.left));
        if constexpr (What != Makes::join) steps = (min)(steps, delta.make_space(theirs_.left));
        UnionSteps<K, V, What> at;
        at.walk(steps, mine_.keys(), mine_.values(), theirs_.keys(), theirs_.values(), join.keys(),
                join.values(), delta.keys(), delta.values());
        if constexpr (What != Makes::difference) join.grow_by(steps);
        if constexpr (What != Makes::join) delta.grow_by(at.part_size);
        grew |= at.grew;
        mine_.advance(at.i);
        theirs_.advance(at.j);
    }
    void append_rest(Cursor& cursor, bool is_theirs) {
        while (!cursor.is_at_end()) {
            const std::size_t count = cursor.left_in_row();
            if constexpr (What != Makes::difference) {
                join.make_space(cursor.left);
                join.append(cursor.keys(), cursor.values(), count);
            }
            if constexpr (What != Makes::join) {
                if (is_theirs) delta.append(cursor.keys(), cursor.values(), count);
            }
            cursor.advance(count);
        }
    }
};

}  // namespace crdt::detail

// SPDX-License-Identifier: MIT
//! ColumnMap: a sorted map that keeps keys and values in separate columns.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <type_traits>
#include <utility>

#include <crdt/detail/branchless.hpp>
#include <crdt/detail/leaf.hpp>
#include <crdt/detail/min_max.hpp>
#include <crdt/detail/small_vector.hpp>
#include <crdt/lattice/entry.hpp>

namespace crdt {

/// A sorted map from keys to values.
///
/// The map consists of leaves of at most `leaf_size` entries, so an insertion or an erasure moves
/// few other entries. A leaf has its keys in one row and its values in another, so whole rows can
/// be compared and joined at once. A map that has never had more than `room` entries stores them in
/// the map object itself, and allocates no memory. The sizes of the leaves depend on the history of
/// a map. Equal maps may have different leaves, and still compare equal.
///
/// Cost    O(log n) to find, O(log n + leaf_size + n / leaf_size²) amortised to insert or erase
/// Errors  only those of keys and of values; if an allocation fails, an operation changes nothing.
///         erase() allocates nothing
template <class K, class V>
class ColumnMap {
  public:
    /// A leaf has at most this many entries. The limit is lower for large entries, since an
    /// insertion moves half of a leaf.
    static constexpr std::size_t leaf_size =
        (detail::min)((detail::max)(12288 / (sizeof(K) + sizeof(V)), 64), 512);
    /// The map object itself has room for this many entries: five if an entry is two numbers. Most
    /// clusters have at most five replicas.
    static constexpr std::size_t room =
        (detail::min)((detail::max)(80 / (sizeof(K) + sizeof(V)), 1), 5);

    /// A leaf has no pointers into itself, so the map has none either.
    static constexpr bool is_relocatable = detail::Relocatable<K> && detail::Relocatable<V>;

    /// The position of an entry that was found. The next search often finds the same entry.
    struct Hint {
        std::uint32_t leaf = 0;  ///< The index of its leaf.
        std::uint32_t slot = 0;  ///< Its index there.
    };

    /// A row of keys, and the row of their values.
    using Leaf = detail::Leaf<K, V, room>;

  private:
    /// A map of fewer leaves is likely to be in the processor's cache.
    static constexpr std::size_t many_leaves = 256;

    detail::SmallVector<Leaf, 1> leaves_;  // no leaf is empty
    // One key for each leaf, if there is more than one leaf. The key is greater than all keys of
    // the leaf before, and not greater than the first key of its own leaf. It is the first key of
    // its leaf, or was the first key once.
    detail::SmallVector<K, 0> firsts_;
    std::size_t size_ = 0;
    Hint recent_{};  // of the entry that value_of() or floor() found

  public:
    /// Makes the empty map.
    ColumnMap() = default;
    /// Makes the map of one entry. Allocates nothing.
    ColumnMap(K key, V value)
        : leaves_(std::in_place, std::move(key), std::move(value)), size_(1) {}
    /// A copy.
    ColumnMap(const ColumnMap&) = default;
    /// Copies `other`. If an allocation fails, throws and changes nothing.
    ColumnMap& operator=(const ColumnMap& other) { return *this = ColumnMap(other); }
    /// Moves the entries. The other map is then empty.
    ColumnMap(ColumnMap&& other) noexcept
        : leaves_(std::move(other.leaves_)),
          firsts_(std::move(other.firsts_)),
          size_(std::exchange(other.size_, 0)) {}
    /// Moves the entries. The other map is then empty.
    ColumnMap& operator=(ColumnMap&& other) noexcept {
        if (this == &other) return *this;
        leaves_ = std::move(other.leaves_);
        firsts_ = std::move(other.firsts_);
        size_ = std::exchange(other.size_, 0);
        return *this;
    }

    /// The entry that an iterator shows: a key and a value.
    using Entry = crdt::Entry<K, const V&>;

    /// Visits the entries in ascending order of the keys. The iterator is bidirectional, and every
    /// change invalidates it.
    class const_iterator {
        const Leaf* leaf_ = nullptr;
        std::size_t slot_ = 0;

        friend class ColumnMap;
        const_iterator(const Leaf* leaf, std::size_t slot) : leaf_(leaf), slot_(slot) {}

      public:
        /// A copy of an entry.
        using value_type = std::pair<K, V>;
        /// const, so that `for (auto& [key, value] : map)` compiles.
        using reference = const Entry;
        /// Works as a pointer to an entry.
        using pointer = detail::EntryPointer<Entry>;
        /// The standard library needs this type.
        using difference_type = std::ptrdiff_t;
        /// Bidirectional.
        using iterator_category = std::bidirectional_iterator_tag;

        /// An iterator of no map.
        const_iterator() = default;
        /// Returns the key.
        const K& key() const { return leaf_->keys[slot_]; }
        /// Returns the value.
        const V& value() const { return leaf_->values[slot_]; }
        /// Returns the entry.
        reference operator*() const { return {key(), value()}; }
        /// Returns the entry.
        pointer operator->() const { return {{key(), value()}}; }
        /// Goes to the next entry.
        const_iterator& operator++() {
            if (++slot_ == leaf_->size()) {
                ++leaf_;
                slot_ = 0;
            }
            return *this;
        }
        /// Goes to the entry before.
        const_iterator& operator--() {
            if (slot_ == 0) slot_ = (--leaf_)->size();
            --slot_;
            return *this;
        }
        /// Goes to the next entry, and returns the old position.
        const_iterator operator++(int) {
            const_iterator before = *this;
            ++*this;
            return before;
        }
        /// Goes to the entry before, and returns the old position.
        const_iterator operator--(int) {
            const_iterator before = *this;
            --*this;
            return before;
        }
        /// Are both at the same entry?
        friend bool operator==(const const_iterator&, const const_iterator&) = default;
    };

    /// Returns the position of the first entry.
    const_iterator begin() const { return {leaves_.begin(), 0}; }
    /// Returns the position past the last entry.
    const_iterator end() const { return {leaves_.end(), 0}; }
    /// Returns the number of entries. O(1).
    std::size_t size() const { return size_; }
    /// Is there no entry? O(1).
    bool empty() const { return size_ == 0; }

    /// Returns the first entry with a key not less than `key`.
    const_iterator lower_bound(const auto& key) const {
        if (empty()) return end();
        const Leaf* const leaf = leaf_of(key);
        const std::size_t slot = detail::count_before(leaf->keys.data(), leaf->size(), key);
        if (slot == leaf->size()) return {leaf + 1, 0};
        return {leaf, slot};
    }
    /// Finds several keys at the same time, at most `most_at_once`: positions[i] := the first entry
    /// not before keys[i], or the end of its leaf. Precondition: the map is not empty.
    template <std::same_as<K> Key>
    void lower_bounds(const Key* keys, std::size_t count, const_iterator* positions) const {
        static_assert(std::integral<K>);
        const K* rows[most_at_once] = {};
        std::size_t sizes[most_at_once] = {}, places[most_at_once];
        for (std::size_t i = 0; i < count; ++i) rows[i] = firsts_.data(), sizes[i] = firsts_.size();
        if (leaves_.size() > 1) detail::count_before_each(rows, sizes, keys, count, places);
        for (std::size_t i = 0; i < count; ++i) {
            const Leaf* leaf = leaves_.begin();
            if (leaves_.size() > 1) leaf = leaf_at(places[i], keys[i]);
            positions[i] = {leaf, 0};
            rows[i] = leaf->keys.data();
            sizes[i] = leaf->size();
        }
        detail::count_before_each(rows, sizes, keys, count, places);
        for (std::size_t i = 0; i < count; ++i) positions[i].slot_ = places[i];
    }
    /// Is a position that lower_bounds() has found that of `key`?
    static bool is_at(const_iterator position, const K& key) {
        return position.slot_ < position.leaf_->size() && position.key() == key;
    }
    /// lower_bounds() finds at most this many keys.
    static constexpr std::size_t most_at_once = 16;
    /// Prefetches the memory that a search for `key` reads. If several keys are prefetched before
    /// the first search, the processor loads their memory at the same time.
    void prefetch(const auto& key) const {
#ifdef __GNUC__
        if (leaves_.size() < many_leaves) return;
        const Leaf* const leaf = leaf_of(key);
        const K* const middle = leaf->keys.data() + leaf->size() / 2;
        __builtin_prefetch(middle);
        __builtin_prefetch(middle - leaf->size() / 4);
        __builtin_prefetch(middle + leaf->size() / 4);
#endif
    }
    /// Returns the first entry with a key greater than `key`.
    const_iterator upper_bound(const auto& key) const {
        const_iterator position = lower_bound(key);
        if (position != end() && !(key < position.key())) ++position;
        return position;
    }
    /// Returns the entry of `key`, or end() if there is none. O(log n).
    const_iterator find(const auto& key) const {
        const const_iterator position = lower_bound(key);
        return position != end() && !(key < position.key()) ? position : end();
    }
    /// Does the same. O(1) if value_of() or floor() found the entry last.
    const_iterator find_recent(const auto& key) const {
        if (recent_.leaf < leaves_.size()) {
            const Leaf& leaf = leaves_[recent_.leaf];
            if (recent_.slot < leaf.size() && leaf.keys[recent_.slot] == key)
                return {&leaf, recent_.slot};
        }
        return find(key);
    }
    /// Is there an entry of `key`? O(log n).
    bool contains(const auto& key) const { return find(key) != end(); }
    /// Returns the greatest key. Precondition: not empty.
    const K& last_key() const { return leaves_.back().keys.back(); }
    /// Returns the value at the greatest key. Precondition: not empty.
    const V& last_value() const { return leaves_.back().values.back(); }
    /// Returns the same, for changes.
    V& last_value() { return leaves_.back().values.back(); }
    /// Returns the value at a position, for changes.
    V& value(const_iterator position) {
        return leaves_[leaf_index(position)].values[position.slot_];
    }
    /// Changes the key of the entry at a position. The order of the keys must stay the same.
    void set_key(const_iterator position, K key) noexcept requires std::integral<K> {
        const std::size_t index = leaf_index(position);
        if (position.slot_ == 0 && index < firsts_.size() && key < firsts_[index])
            firsts_[index] = key;
        leaves_[index].keys[position.slot_] = key;
        leaves_[index].fingerprint.reset();
    }
    /// Returns the key of the only entry, so that the caller can move it out before it clears the
    /// map.
    K& only_key() { return leaves_[0].keys[0]; }
    /// Returns the value at `key`, or null. O(1) if the call before had the same key, else
    /// O(log n).
    V* value_of(const K& key) {
        const const_iterator position = find_recent(key);
        if (position == end()) return nullptr;
        recent_ = hint_of(position);
        return &value(position);
    }

    /// Returns the last entry with a key not greater than `key`, or end() if there is none. O(1) if
    /// `hint` is that of this entry, else O(log n). Sets `hint`, which may be that of any map.
    const_iterator floor(const K& key, Hint& hint) const {
        if (hint.leaf < leaves_.size()) {
            const Leaf& leaf = leaves_[hint.leaf];
            const std::size_t next = hint.slot + std::size_t{1};
            if (next < leaf.size() && !(key < leaf.keys[hint.slot]) && key < leaf.keys[next])
                return {&leaf, hint.slot};
        }
        const_iterator position = upper_bound(key);
        if (position == begin()) return end();
        --position;
        hint = hint_of(position);
        return position;
    }
    /// Does the same, with the hint of the call before.
    const_iterator floor(const K& key) { return floor(key, recent_); }

    /// Inserts an entry before `position`. Precondition: `position` is the first entry with a key
    /// greater than `key`. Returns the position of the new entry.
    const_iterator insert(const_iterator position, K key, V value) {
        if (empty()) return append_entry(std::move(key), std::move(value));
        std::size_t index = leaf_index(position);
        std::size_t slot = position.slot_;
        if (slot == 0 && index > 0 && (index == leaves_.size() || key < firsts_[index]))
            slot = leaves_[--index].size();
        if (leaves_[index].size() >= limit()) {
            if (slot == leaves_[index].size() && index + 1 == leaves_.size())
                return append_entry(std::move(key), std::move(value));
            split(index);
            if (slot > leaves_[index].size()) slot -= leaves_[index++].size();
        }
        // The new key comes before all others in its leaf, so firsts_ is lowered first. If the
        // insertion fails for lack of memory, firsts_ is still a correct lower bound.
        if (slot == 0 && leaves_.size() > 1 && key < firsts_[index]) firsts_[index] = key;
        leaves_[index].insert(slot, std::move(key), std::move(value));
        ++size_;
        return {leaves_.begin() + index, slot};
    }
    /// Appends an entry. Precondition: its key is greater than all others.
    template <class Key = K, class Value = V>
    void push_back(Key&& key, Value&& value) {
        if (leaves_.empty()) {
            leaves_.emplace_back(std::forward<Key>(key), std::forward<Value>(value));
            size_ = 1;
        } else if (leaves_.back().size() >= fill_limit()) {
            append_entry(std::forward<Key>(key), std::forward<Value>(value));
        } else {
            leaves_.back().push_back(std::forward<Key>(key), std::forward<Value>(value));
            ++size_;
        }
    }
    /// Appends many entries, leaf by leaf. The last ones are appended by finish().
    class Appender {
        ColumnMap& map_;
        Leaf leaf_{};
        std::size_t room_ = 0;

        void make_room() {
            map_.append(std::exchange(leaf_, Leaf()));
            room_ = map_.fill_limit();
            leaf_.reserve_exactly(room_);
        }

      public:
        /// `map` must be empty.
        explicit Appender(ColumnMap& map) : map_(map) {}
        /// Appends an entry. Precondition: its key is greater than all others.
        template <class Key, class Value>
        void push_back(Key&& key, Value&& value) {
            if (leaf_.size() == room_) make_room();
            leaf_.keys.append_in_room(std::forward<Key>(key));
            leaf_.values.append_in_room(std::forward<Value>(value));
        }
        /// Appends the entries of the last leaf. Call it once, at the end.
        void finish() {
            leaf_.shrink();
            map_.append(std::move(leaf_));
        }
    };

    /// Erases an entry. Returns the position of the next one.
    const_iterator erase(const_iterator position) noexcept {
        std::size_t index = leaf_index(position);
        std::size_t slot = position.slot_;
        Leaf& leaf = leaves_[index];
        leaf.erase(slot);
        --size_;
        if (leaf.size() == 0) {
            remove_leaf(index);
            slot = 0;
        } else {
            rebalance(index, slot);
            if (slot == leaves_[index].size()) {
                ++index;
                slot = 0;
            }
        }
        return {leaves_.begin() + index, slot};
    }

    /// Replaces all entries by `count` others, at least one and at most leaf_size. Precondition:
    /// the map has at most one leaf.
    void assign(const K* keys, const V* values, std::size_t count) {
        if (leaves_.empty()) leaves_.push_back(Leaf());
        leaves_[0].assign(keys, values, count);
        size_ = count;
    }
    /// Returns the leaves, for functions that work on whole rows.
    const detail::SmallVector<Leaf, 1>& leaves() const { return leaves_; }
    /// Returns the only leaf, for changes of its values. Precondition: there is one leaf.
    Leaf& only_leaf() { return leaves_[0]; }
    /// Appends a leaf, unless it is empty. Precondition: its keys are greater than all others.
    void append(Leaf leaf) {
        if (leaf.size() == 0) return;
        const std::size_t count = leaf.size();
        if (leaves_.empty())
            leaves_.push_back(std::move(leaf));
        else
            add_leaf(leaves_.size(), std::move(leaf));
        size_ += count;
    }

    /// Do both maps have the same entries? O(n).
    friend bool operator==(const ColumnMap& a, const ColumnMap& b) {
        if (a.size_ != b.size_) return false;
        bool equal = true;
        for_each_pair_of_rows(a, b,
                              [&](const Leaf& mine, std::size_t i, const Leaf& theirs,
                                  std::size_t j, std::size_t count) {
                                  return equal =
                                             detail::equal_rows(mine.keys.data() + i,
                                                                theirs.keys.data() + j, count) &&
                                             detail::equal_rows(mine.values.data() + i,
                                                                theirs.values.data() + j, count);
                              });
        return equal;
    }

    /// Walks two maps side by side, up to the end of the shorter one. Calls visit(a's leaf, slot,
    /// b's leaf, slot, count) until visit returns false.
    template <class Mine, class Visit>
    static void for_each_pair_of_rows(Mine& a, const ColumnMap& b, Visit&& visit) {
        std::size_t i = 0, j = 0;
        for (std::size_t mine = 0, theirs = 0;
             mine < a.leaves_.size() && theirs < b.leaves_.size();) {
            auto& left = a.leaves_[mine];
            const Leaf& right = b.leaves_[theirs];
            const std::size_t count = (detail::min)(left.size() - i, right.size() - j);
            // The processor prefetches within a row, but cannot know where the next row is.
            if (mine + 1 < a.leaves_.size()) detail::prefetch_row(a.leaves_[mine + 1].values);
            if (theirs + 1 < b.leaves_.size()) detail::prefetch_row(b.leaves_[theirs + 1].values);
            if (!visit(left, i, right, j, count)) return;
            if ((i += count) == left.size()) ++mine, i = 0;
            if ((j += count) == right.size()) ++theirs, j = 0;
        }
    }

  private:
    Hint hint_of(const_iterator position) const {
        return {static_cast<std::uint32_t>(leaf_index(position)),
                static_cast<std::uint32_t>(position.slot_)};
    }
    std::size_t leaf_index(const_iterator position) const {
        return static_cast<std::size_t>(position.leaf_ - leaves_.begin());
    }
    /// Returns the number of entries at which a leaf is split. Rows of plain values are long,
    /// because they are joined as rows. Otherwise a short leaf makes an insertion fast. But a split
    /// moves the leaves after it, so a map of many leaves has longer ones.
    std::size_t limit() const {
        // A std::tuple of numbers is plain, although its assignment is not trivial.
        if constexpr (std::is_trivially_copy_constructible_v<V> &&
                      std::is_trivially_destructible_v<V>)
            return leaf_size;
        return (detail::min)((detail::max)(leaves_.size() / 4, std::size_t{64}), leaf_size);
    }
    /// Returns the number of entries to which a leaf is filled by appending. A few later insertions
    /// fit.
    std::size_t fill_limit() const { return limit() - limit() / 8; }
    /// Returns the leaf that has `key`, if the map has it. Precondition: not empty.
    const Leaf* leaf_of(const auto& key) const {
        if (leaves_.size() == 1) return leaves_.begin();
        return leaf_at(detail::count_before(firsts_.data(), firsts_.size(), key), key);
    }
    /// Returns the leaf of `key`. `before` of the firsts come before `key`.
    const Leaf* leaf_at(std::size_t before, const auto& key) const {
        const bool is_first = before < firsts_.size() && !(key < firsts_[before]);
        return leaves_.begin() + (is_first || before == 0 ? before : before - 1);
    }
    /// Appends an entry in a new leaf.
    const_iterator append_entry(K key, V value) {
        append(Leaf(std::move(key), std::move(value)));
        return {leaves_.end() - 1, 0};
    }
    /// Adds a leaf at `index`.
    void add_leaf(std::size_t index, Leaf leaf) {
        leaves_.reserve_next();
        firsts_.reserve_exactly(leaves_.capacity());
        K first = leaf.keys[0];
        if (firsts_.empty()) firsts_.push_back(leaves_[0].keys[0]);
        leaves_.insert(index, std::move(leaf));
        firsts_.insert(index, std::move(first));
    }
    void remove_leaf(std::size_t index) noexcept {
        leaves_.erase(index);
        if (!firsts_.empty()) firsts_.erase(index);
        if (leaves_.size() < 2) firsts_ = {};
    }
    /// Splits a leaf in two.
    void split(std::size_t index) {
        const std::size_t size = leaves_[index].size();
        const std::size_t half = size / 2;
        Leaf upper;
        upper.reserve_exactly(half + half / 16);
        upper.append(leaves_[index], half, size - half);
        add_leaf(index + 1, std::move(upper));
        leaves_[index].truncate(half);
        leaves_[index].shrink();
    }
    /// Merges a leaf that has become small with a neighbour, if there is memory. `index` and `slot`
    /// are the position of an entry in the leaf. They are updated when the entry moves.
    void rebalance(std::size_t& index, std::size_t& slot) noexcept {
        if (leaves_[index].size() >= limit() / 4 || leaves_.size() == 1) return;
        const std::size_t lower = index + 1 < leaves_.size() ? index : index - 1;
        Leaf& left = leaves_[lower];
        Leaf& right = leaves_[lower + 1];
        if (left.size() + right.size() > limit() * 3 / 4) return;
        if (!left.try_reserve_exactly(left.size() + right.size())) return;
        if (index != lower) slot += left.size();
        index = lower;
        left.append_tail(right, 0);
        remove_leaf(lower + 1);
    }
};

}  // namespace crdt

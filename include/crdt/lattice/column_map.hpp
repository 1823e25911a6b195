// SPDX-License-Identifier: MIT
//! ColumnMap: a sorted map that stores its keys apart from its values.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <crdt/detail/branchless.hpp>
#include <crdt/detail/leaves.hpp>
#include <crdt/lattice/column_iterator.hpp>
#include <crdt/lattice/entry.hpp>
#include <crdt/lattice/pair_rows.hpp>

namespace crdt {

/// A sorted map from keys to values.
///
/// The map consists of leaves of at most `leaf_size` entries, so an insertion or an erasure moves
/// few other entries. A leaf has its keys in one row and its values in another, so the processor
/// can compare and join many numbers per instruction. A map that has never had more than `room`
/// entries stores them in the map object itself, and allocates no memory. The sizes of the leaves
/// depend on the history of a map. Equal maps may have different leaves, and still compare equal.
///
/// Cost    O(log n) to find, O(log n + leaf_size + n / leaf_size²) amortised to insert or erase
/// Errors  only those of keys and of values; if an allocation fails, an operation changes nothing.
///         erase() allocates nothing
template <class K, class V>
class ColumnMap {
  public:
    /// A row of keys, and the row of their values.
    using Leaf = typename detail::Leaves<K, V>::Leaf;
    /// A leaf has at most this many entries. The limit is lower for large entries, since an
    /// insertion moves half of a leaf.
    static constexpr std::size_t leaf_size = detail::Leaves<K, V>::leaf_size;
    /// The map object itself has room for this many entries: five if an entry is two numbers. Most
    /// clusters have at most five replicas.
    static constexpr std::size_t room = detail::Leaves<K, V>::room;

    /// Can a map be moved by copying its bytes? It can if its keys and values can, because a map
    /// has no pointers into itself.
    static constexpr bool is_relocatable = detail::Relocatable<K> && detail::Relocatable<V>;

    /// The position of the entry that the last search found. The next search often finds the same
    /// entry, so it checks this position first.
    struct Hint {
        std::uint32_t leaf = 0;  ///< The index of the leaf that has the entry.
        std::uint32_t slot = 0;  ///< The index of the entry in this leaf.
    };

  private:
    detail::Leaves<K, V> leaves_;
    std::size_t size_ = 0;
    Hint recent_{};  // the entry that value_of() or floor() found last

  public:
    /// Makes the empty map.
    ColumnMap() = default;
    /// Makes the map of one entry. Allocates nothing.
    ColumnMap(K key, V value) : leaves_(std::move(key), std::move(value)), size_(1) {}
    /// A copy.
    ColumnMap(const ColumnMap&) = default;
    /// Copies `other`. If an allocation fails, throws and changes nothing.
    ColumnMap& operator=(const ColumnMap& other) { return *this = ColumnMap(other); }
    /// Moves the entries. The other map is then empty.
    ColumnMap(ColumnMap&& other) noexcept
        : leaves_(std::move(other.leaves_)), size_(std::exchange(other.size_, 0)) {}
    /// Moves the entries. The other map is then empty.
    ColumnMap& operator=(ColumnMap&& other) noexcept {
        if (this == &other) return *this;
        leaves_ = std::move(other.leaves_);
        size_ = std::exchange(other.size_, 0);
        return *this;
    }

    /// The entry that an iterator shows: a key and a value.
    using Entry = crdt::Entry<K, const V&>;

    /// Visits the entries in ascending order of the keys. The iterator is bidirectional, and every
    /// change invalidates it.
    using const_iterator = ColumnIterator<K, V, room>;

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
        const Leaf* const leaf = leaves_.leaf_of(key);
        const std::size_t slot = leaf->count_before(key);
        if (slot == leaf->size()) return {leaf + 1, 0};
        return {leaf, slot};
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
    /// Like find(), but O(1) if value_of() or floor() found this entry last.
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
    /// Returns the value at the greatest key, so that the caller can change it. Precondition: not
    /// empty.
    V& last_value() { return leaves_.back().values.back(); }
    /// Returns the value at `position`, so that the caller can change it.
    V& value(const_iterator position) {
        return leaves_[leaf_index(position)].values[position.slot()];
    }
    /// Changes the key of the entry at `position`. Precondition: with the new key, the keys of the
    /// map are still in ascending order.
    void set_key(const_iterator position, K key) noexcept requires std::integral<K> {
        const std::size_t index = leaf_index(position);
        if (position.slot() == 0) leaves_.lower_first(index, key);
        leaves_[index].keys[position.slot()] = key;
        leaves_[index].fingerprint.reset();
    }
    /// Returns the key of the only entry, so that the caller can move the key out before clearing
    /// the map.
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
    /// `hint` is the position of this entry, else O(log n). Sets `hint` to the position of the
    /// returned entry. A hint from another map only slows down the search.
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
    /// Like floor(key, hint), with the position that value_of() or floor() found last as the hint.
    const_iterator floor(const K& key) { return floor(key, recent_); }

    /// Inserts an entry before `position`. Precondition: `position` is the first entry with a key
    /// greater than `key`. Returns the position of the new entry.
    const_iterator insert(const_iterator position, K key, V value) {
        if (empty()) return append_entry(std::move(key), std::move(value));
        std::size_t index = leaf_index(position);
        std::size_t slot = position.slot();
        if (slot == 0 && index > 0 && (index == leaves_.size() || leaves_.is_before(key, index)))
            slot = leaves_[--index].size();
        if (leaves_[index].size() >= leaves_.limit()) {
            if (slot == leaves_[index].size() && index + 1 == leaves_.size())
                return append_entry(std::move(key), std::move(value));
            leaves_.split(index);
            if (slot > leaves_[index].size()) slot -= leaves_[index++].size();
        }
        // If `key` becomes the first key of its leaf, first lowers the bound of the leaf. If the
        // insertion fails for lack of memory, this lower bound is still correct.
        if (slot == 0) leaves_.lower_first(index, key);
        leaves_[index].insert(slot, std::move(key), std::move(value));
        ++size_;
        return {leaves_.begin() + index, slot};
    }
    /// Appends an entry. Precondition: `key` is greater than all keys of the map.
    template <class Key = K, class Value = V>
    void push_back(Key&& key, Value&& value) {
        if (leaves_.empty()) {
            leaves_.add_first(std::forward<Key>(key), std::forward<Value>(value));
            size_ = 1;
        } else if (leaves_.back().size() >= leaves_.fill_limit()) {
            append_entry(std::forward<Key>(key), std::forward<Value>(value));
        } else {
            leaves_.back().push_back(std::forward<Key>(key), std::forward<Value>(value));
            ++size_;
        }
    }

    /// Erases the entry at `position`. Returns the position of the next entry.
    const_iterator erase(const_iterator position) noexcept {
        std::size_t index = leaf_index(position);
        std::size_t slot = position.slot();
        Leaf& leaf = leaves_[index];
        leaf.erase(slot);
        --size_;
        if (leaf.size() == 0) {
            leaves_.remove(index);
            slot = 0;
        } else {
            leaves_.rebalance(index, slot);
            if (slot == leaves_[index].size()) {
                ++index;
                slot = 0;
            }
        }
        return {leaves_.begin() + index, slot};
    }

    /// Replaces all entries by the `count` entries of `keys` and `values`. Preconditions: `count`
    /// is from 1 to leaf_size, and the map has at most one leaf.
    void assign(const K* keys, const V* values, std::size_t count) {
        if (leaves_.empty()) leaves_.add_first();
        leaves_[0].assign(keys, values, count);
        size_ = count;
    }
    /// Returns the leaves, for functions that work on whole rows.
    const detail::Leaves<K, V>& leaves() const { return leaves_; }
    /// Returns the leaves, so that the caller can change values.
    detail::Leaves<K, V>& leaves() { return leaves_; }
    /// Appends `leaf`, unless it is empty. Precondition: the keys of `leaf` are greater than all
    /// keys of the map.
    void append(Leaf leaf) {
        if (leaf.size() == 0) return;
        const std::size_t count = leaf.size();
        if (leaves_.empty())
            leaves_.add_first(std::move(leaf));
        else
            leaves_.add(leaves_.size(), std::move(leaf));
        size_ += count;
    }

    /// Do both maps have the same entries? O(n).
    friend bool operator==(const ColumnMap& a, const ColumnMap& b) {
        if (a.size_ != b.size_) return false;
        bool equal = true;
        detail::for_each_pair_of_rows(
            a.leaves_, b.leaves_,
            [&](const Leaf& mine, std::size_t i, const Leaf& theirs, std::size_t j,
                std::size_t count) {
                return equal = detail::equal_rows(mine.keys.data() + i, theirs.keys.data() + j,
                                                  count) &&
                               detail::equal_rows(mine.values.data() + i, theirs.values.data() + j,
                                                  count);
            });
        return equal;
    }

  private:
    Hint hint_of(const_iterator position) const {
        return {static_cast<std::uint32_t>(leaf_index(position)),
                static_cast<std::uint32_t>(position.slot())};
    }
    std::size_t leaf_index(const_iterator position) const {
        return static_cast<std::size_t>(position.leaf() - leaves_.begin());
    }
    /// Appends an entry in a new leaf.
    const_iterator append_entry(K key, V value) {
        append(Leaf(std::move(key), std::move(value)));
        return {leaves_.end() - 1, 0};
    }
};

}  // namespace crdt

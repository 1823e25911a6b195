// SPDX-License-Identifier: MIT
//! ColumnMap: a sorted map kept as columns, keys in one and values in another.
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

namespace crdt::detail {

/// A map in ascending order of its keys.
///
/// It is cut into leaves of at most `leaf_size` entries, so that an entry more or less moves few
/// others; a leaf has its keys in one row and its values in another, so that whole rows can be
/// compared and joined at once. A few entries stand in the map itself. Where the cuts are depends
/// on what has happened to a map: equal maps may differ in it, and compare equal.
/// Cost    O(log n) to find, O(log n + leaf_size + n / leaf_size²) amortised to insert or erase
/// Errors  none of its own; if there is no memory, an operation does nothing. erase() needs none.
template <class K, class V>
class ColumnMap {
  public:
    /// Of large entries there are fewer in a leaf, since an insertion moves half of them.
    static constexpr std::size_t leaf_size =
        (detail::min)((detail::max)(12288 / (sizeof(K) + sizeof(V)), 64), 512);
    /// Five entries of two numbers: the size of most clusters.
    static constexpr std::size_t room =
        (detail::min)((detail::max)(80 / (sizeof(K) + sizeof(V)), 1), 5);

    /// A leaf has no pointers into itself, and so neither has the map.
    static constexpr bool is_relocatable = Relocatable<K> && Relocatable<V>;

    using Leaf = detail::Leaf<K, V, room>;

  private:
    SmallVector<Leaf, 1> leaves_;  // none of them empty
    // If there is more than one leaf, for each a key behind all keys of the leaf before, and not
    // behind the first of its own: that one, or one that stood there once.
    SmallVector<K, 0> firsts_;
    std::size_t size_ = 0;
    std::uint32_t recent_leaf_ = 0;  // where value_of() found its key: the next one is often that
    std::uint32_t recent_slot_ = 0;

  public:
    ColumnMap() = default;
    /// One entry. Allocates nothing.
    ColumnMap(K key, V value)
        : leaves_(std::in_place, std::move(key), std::move(value)), size_(1) {}
    ColumnMap(const ColumnMap&) = default;
    ColumnMap& operator=(const ColumnMap& other) { return *this = ColumnMap(other); }
    ColumnMap(ColumnMap&& other) noexcept
        : leaves_(std::move(other.leaves_)),
          firsts_(std::move(other.firsts_)),
          size_(std::exchange(other.size_, 0)) {}
    ColumnMap& operator=(ColumnMap&& other) noexcept {
        if (this == &other) return *this;
        leaves_ = std::move(other.leaves_);
        firsts_ = std::move(other.firsts_);
        size_ = std::exchange(other.size_, 0);
        return *this;
    }

    using Entry = crdt::Entry<K, const V&>;

    class const_iterator {
        const Leaf* leaf_ = nullptr;
        std::size_t slot_ = 0;

        friend class ColumnMap;
        const_iterator(const Leaf* leaf, std::size_t slot) : leaf_(leaf), slot_(slot) {}

      public:
        using value_type = std::pair<K, V>;
        /// const, so that `for (auto& [key, value] : map)` compiles.
        using reference = const Entry;
        using pointer = EntryPointer<Entry>;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::bidirectional_iterator_tag;

        const_iterator() = default;
        const K& key() const { return leaf_->keys[slot_]; }
        const V& value() const { return leaf_->values[slot_]; }
        reference operator*() const { return {key(), value()}; }
        pointer operator->() const { return {{key(), value()}}; }
        const_iterator& operator++() {
            if (++slot_ == leaf_->size()) {
                ++leaf_;
                slot_ = 0;
            }
            return *this;
        }
        const_iterator& operator--() {
            if (slot_ == 0) slot_ = (--leaf_)->size();
            --slot_;
            return *this;
        }
        const_iterator operator++(int) {
            const_iterator before = *this;
            ++*this;
            return before;
        }
        const_iterator operator--(int) {
            const_iterator before = *this;
            --*this;
            return before;
        }
        friend bool operator==(const const_iterator&, const const_iterator&) = default;
    };

    const_iterator begin() const { return {leaves_.begin(), 0}; }
    const_iterator end() const { return {leaves_.end(), 0}; }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }

    /// The first entry that is not before `key`.
    const_iterator lower_bound(const auto& key) const {
        if (empty()) return end();
        const Leaf* const leaf = leaf_of(key);
        const std::size_t slot = count_before(leaf->keys.data(), leaf->size(), key);
        if (slot == leaf->size()) return {leaf + 1, 0};
        return {leaf, slot};
    }
    /// Asks for the memory that a search for `key` will look at. Searches for several keys, asked
    /// for before the first of them, wait at the same time.
    void prefetch(const auto& key) const {
#ifdef __GNUC__
        if (leaves_.size() < 2) return;
        const Leaf* const leaf = leaf_of(key);
        const K* const middle = leaf->keys.data() + leaf->size() / 2;
        __builtin_prefetch(middle);
        __builtin_prefetch(middle - leaf->size() / 4);
        __builtin_prefetch(middle + leaf->size() / 4);
#endif
    }
    /// The first entry that is behind `key`.
    const_iterator upper_bound(const auto& key) const {
        const_iterator position = lower_bound(key);
        if (position != end() && !(key < position.key())) ++position;
        return position;
    }
    const_iterator find(const auto& key) const {
        const const_iterator position = lower_bound(key);
        return position != end() && !(key < position.key()) ? position : end();
    }
    bool contains(const auto& key) const { return find(key) != end(); }
    /// The value at a position, to be changed.
    V& value(const_iterator position) {
        return leaves_[leaf_index(position)].values[position.slot_];
    }
    /// Gives the entry at a position another key, which comes where the old one did.
    void set_key(const_iterator position, K key) noexcept requires std::integral<K> {
        const std::size_t index = leaf_index(position);
        if (position.slot_ == 0 && index < firsts_.size() && key < firsts_[index])
            firsts_[index] = key;
        leaves_[index].keys[position.slot_] = key;
        leaves_[index].fingerprint.bump(leaves_[index].size());
    }
    /// The key of the only entry, to be moved from before the map is cleared.
    K& only_key() { return leaves_[0].keys[0]; }
    /// The value at `key`, or null. Fast where it is the key of the time before.
    V* value_of(const K& key) {
        if (recent_leaf_ < leaves_.size()) {
            Leaf& leaf = leaves_[recent_leaf_];
            if (recent_slot_ < leaf.size() && leaf.keys[recent_slot_] == key)
                return &leaf.values[recent_slot_];
        }
        const const_iterator position = find(key);
        if (position == end()) return nullptr;
        recent_leaf_ = static_cast<std::uint32_t>(leaf_index(position));
        recent_slot_ = static_cast<std::uint32_t>(position.slot_);
        return &value(position);
    }

    /// Inserts an entry before `position`, which is the first one behind `key`. Returns its place.
    const_iterator insert(const_iterator position, K key, V value) {
        if (empty()) return append_entry(std::move(key), std::move(value));
        std::size_t index = leaf_index(position);
        std::size_t slot = position.slot_;
        if (slot == 0 && index > 0 && (index == leaves_.size() || key < firsts_[index]))
            slot = leaves_[--index].size();
        if (leaves_[index].size() == leaf_size) {
            if (slot == leaf_size && index + 1 == leaves_.size())
                return append_entry(std::move(key), std::move(value));
            split(index);
            if (slot > leaves_[index].size()) slot -= leaves_[index++].size();
        }
        // Before all others; where there is no memory to insert it, that does no harm.
        if (slot == 0 && leaves_.size() > 1 && key < firsts_[index]) firsts_[index] = key;
        leaves_[index].insert(slot, std::move(key), std::move(value));
        ++size_;
        return {leaves_.begin() + index, slot};
    }
    /// Appends an entry, whose key is behind all others.
    void push_back(K key, V value) {
        if (empty() || leaves_.back().size() == leaf_size) {
            append_entry(std::move(key), std::move(value));
        } else {
            leaves_.back().push_back(std::move(key), std::move(value));
            ++size_;
        }
    }
    /// Takes an entry out. Returns the place of the next one.
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

    /// Replaces the entries of the only leaf by `count` others, leaf_size at most.
    void assign(const K* keys, const V* values, std::size_t count) {
        leaves_[0].assign(keys, values, count);
        size_ = count;
    }
    /// The leaves, for whoever works on whole rows.
    const SmallVector<Leaf, 1>& leaves() const { return leaves_; }
    /// Appends a leaf, whose keys are behind all others; nothing if it is empty.
    void append(Leaf leaf) {
        if (leaf.size() == 0) return;
        const std::size_t count = leaf.size();
        if (leaves_.empty())
            leaves_.push_back(std::move(leaf));
        else
            add_leaf(leaves_.size(), std::move(leaf));
        size_ += count;
    }

    friend bool operator==(const ColumnMap& a, const ColumnMap& b) {
        if (a.size_ != b.size_) return false;
        bool equal = true;
        for_each_pair_of_rows(
            a, b,
            [&](const Leaf& mine, std::size_t i, const Leaf& theirs, std::size_t j,
                std::size_t count) {
                return equal = equal_rows(mine.keys.data() + i, theirs.keys.data() + j, count) &&
                               equal_rows(mine.values.data() + i, theirs.values.data() + j, count);
            });
        return equal;
    }

    /// Walks two maps side by side, as far as the shorter one goes: visit(a's leaf, slot, b's leaf,
    /// slot, count), while that returns true.
    template <class Mine, class Visit>
    static void for_each_pair_of_rows(Mine& a, const ColumnMap& b, Visit&& visit) {
        std::size_t i = 0, j = 0;
        for (std::size_t mine = 0, theirs = 0;
             mine < a.leaves_.size() && theirs < b.leaves_.size();) {
            auto& left = a.leaves_[mine];
            const Leaf& right = b.leaves_[theirs];
            const std::size_t count = (min)(left.size() - i, right.size() - j);
            if (!visit(left, i, right, j, count)) return;
            if ((i += count) == left.size()) ++mine, i = 0;
            if ((j += count) == right.size()) ++theirs, j = 0;
        }
    }

  private:
    std::size_t leaf_index(const_iterator position) const {
        return static_cast<std::size_t>(position.leaf_ - leaves_.begin());
    }
    /// The leaf in which `key` is, if it is anywhere. Precondition: not empty.
    const Leaf* leaf_of(const auto& key) const {
        if (leaves_.size() == 1) return leaves_.begin();
        const std::size_t before = count_before(firsts_.data(), firsts_.size(), key);
        const bool is_first = before < firsts_.size() && !(key < firsts_[before]);
        return leaves_.begin() + (is_first || before == 0 ? before : before - 1);
    }
    /// Appends an entry in a leaf of its own.
    const_iterator append_entry(K key, V value) {
        append(Leaf(std::move(key), std::move(value)));
        return {leaves_.end() - 1, 0};
    }
    /// Adds a leaf to others.
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
    /// Cuts a leaf in two.
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
    /// Unites a leaf that has become small with a neighbour, if there is memory for it; keeps track
    /// of a place in it.
    void rebalance(std::size_t& index, std::size_t& slot) noexcept {
        if (leaves_[index].size() >= leaf_size / 4 || leaves_.size() == 1) return;
        const std::size_t lower = index + 1 < leaves_.size() ? index : index - 1;
        Leaf& left = leaves_[lower];
        Leaf& right = leaves_[lower + 1];
        if (left.size() + right.size() > leaf_size * 3 / 4) return;
        if (!left.try_reserve_exactly(left.size() + right.size())) return;
        if (index != lower) slot += left.size();
        index = lower;
        left.append_tail(right, 0);
        remove_leaf(lower + 1);
    }
};

}  // namespace crdt::detail

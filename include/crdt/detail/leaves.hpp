// SPDX-License-Identifier: MIT
//! Leaves: the leaves of a ColumnMap, and a row of their lower bounds. A search of this row finds
//! the leaf of a key.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include <crdt/detail/key_numbers.hpp>
#include <crdt/detail/leaf.hpp>
#include <crdt/detail/min_max.hpp>
#include <crdt/detail/small_vector.hpp>

namespace crdt::detail {

/// Leaves in ascending order of their keys. No leaf is empty, except during a change of the map.
///
/// Errors  if an allocation fails, an operation changes nothing
template <class K, class V>
class Leaves {
  public:
    /// A leaf has at most this many entries.
    static constexpr std::size_t leaf_size = (min)((max)(12288 / (sizeof(K) + sizeof(V)), 64), 512);
    /// The object itself has room for a leaf of this many entries.
    static constexpr std::size_t room = (min)((max)(80 / (sizeof(K) + sizeof(V)), 1), 5);

    using Leaf = detail::Leaf<K, V, room>;

  private:
    SmallVector<Leaf, 1> leaves_;
    // One key for each leaf, if there is more than one leaf. The key is greater than all keys of
    // the leaf before, and not greater than the first key of its own leaf. It is the first key of
    // its leaf, or was the first key once.
    SmallVector<K, 0> firsts_;
    [[no_unique_address]] KeyNumbers<K> numbers_;  // of firsts_

  public:
    Leaves() = default;
    /// Makes the only leaf, with one entry. Allocates nothing.
    Leaves(K key, V value) : leaves_(std::in_place, std::move(key), std::move(value)) {}

    const SmallVector<K, 0>& firsts() const { return firsts_; }
    const Leaf* begin() const { return leaves_.begin(); }
    const Leaf* end() const { return leaves_.end(); }
    std::size_t size() const { return leaves_.size(); }
    bool empty() const { return leaves_.empty(); }
    const Leaf& operator[](std::size_t index) const { return leaves_[index]; }
    Leaf& operator[](std::size_t index) { return leaves_[index]; }
    const Leaf& back() const { return leaves_.back(); }
    Leaf& back() { return leaves_.back(); }

    /// Returns the number of entries at which a leaf is split. A leaf of plain values is long,
    /// because long rows are joined fast. A leaf of other values is short, because an insertion
    /// then moves few entries. But a split of a leaf moves all later leaves, so the more leaves a
    /// map has, the longer its leaves are.
    std::size_t limit() const {
        // A std::tuple of numbers is plain, although its assignment is not trivial.
        if constexpr (std::is_trivially_copy_constructible_v<V> &&
                      std::is_trivially_destructible_v<V>)
            return leaf_size;
        return (min)((max)(leaves_.size() / 4, std::size_t{64}), leaf_size);
    }
    /// Returns the number of entries at which push_back() begins a new leaf. It is lower than
    /// limit(), so a few later insertions fit into the leaf.
    std::size_t fill_limit() const { return limit() - limit() / 8; }

    /// Returns the only leaf that can have `key`. Precondition: not empty.
    const Leaf* leaf_of(const auto& key) const {
        if (leaves_.size() == 1) return leaves_.begin();
        return leaf_at(numbers_.count_before(firsts_.data(), firsts_.size(), key), key);
    }
    /// Returns the only leaf that can have `key`. `before` is the number of keys of firsts() that
    /// come before `key`.
    const Leaf* leaf_at(std::size_t before, const auto& key) const {
        const bool is_first = before < firsts_.size() && !(key < firsts_[before]);
        return leaves_.begin() + (is_first || before == 0 ? before : before - 1);
    }
    /// Is `key` less than the lower bound of leaf `index`? Precondition: there are several leaves.
    bool is_before(const K& key, std::size_t index) const { return key < firsts_[index]; }
    /// Lowers the lower bound of leaf `index` to `key`, so that leaf_of(key) returns this leaf.
    /// Does nothing if the bound is not greater than `key`. Precondition: `key` is greater than all
    /// keys of the leaf before.
    void lower_first(std::size_t index, const K& key) {
        if (index >= firsts_.size() || !(key < firsts_[index])) return;
        firsts_[index] = key;
        numbers_.erase(index);
        numbers_.insert(firsts_.data(), firsts_.size(), index);
    }

    /// Makes the first leaf from `arguments`. Precondition: there are no leaves.
    template <class... Arguments>
    void add_first(Arguments&&... arguments) {
        leaves_.emplace_back(std::forward<Arguments>(arguments)...);
        leaves_.back().renumber();
    }
    /// Inserts `leaf` at `index`. Preconditions: `leaf` is not empty, and there are other leaves.
    void add(std::size_t index, Leaf leaf) {
        leaves_.reserve_next();
        firsts_.reserve_exactly(leaves_.capacity());
        K first = leaf.keys[0];
        if (firsts_.empty()) firsts_.push_back(leaves_[0].keys[0]);
        leaf.renumber();
        leaves_.insert(index, std::move(leaf));
        firsts_.insert(index, std::move(first));
        numbers_.insert(firsts_.data(), firsts_.size(), index);
    }
    void remove(std::size_t index) noexcept {
        leaves_.erase(index);
        if (!firsts_.empty()) firsts_.erase(index);
        numbers_.erase(index);
        if (leaves_.size() < 2) firsts_ = {};
    }
    /// Splits leaf `index` into two halves.
    void split(std::size_t index) {
        const std::size_t size = leaves_[index].size();
        const std::size_t half = size / 2;
        Leaf upper;
        upper.reserve_exactly(half + half / 16);
        upper.append(leaves_[index], half, size - half);
        add(index + 1, std::move(upper));
        leaves_[index].truncate(half);
        leaves_[index].shrink();
    }
    /// If leaf `index` has become small, merges it with a leaf beside it. If there is no memory for
    /// the merge, changes nothing. `index` and `slot` are the position of an entry, and are updated
    /// if the entry moves.
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
        remove(lower + 1);
    }
};

}  // namespace crdt::detail

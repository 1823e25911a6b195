// SPDX-License-Identifier: MIT
//! KeyLine: the keys of one replica's dots.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

#include <crdt/detail/inlining.hpp>
#include <crdt/detail/min_max.hpp>
#include <crdt/detail/small_vector.hpp>
#include <crdt/lattice/column_map.hpp>

namespace crdt::detail {

/// A map from the numbers of one replica's dots to keys of a DotMap. A number that is not used may
/// have any key.
///
/// A line consists of blocks. A block has a first number, and keys for this number and the numbers
/// after it. The last key of a block is also the key of all further numbers up to the next block. A
/// new number usually comes after all other numbers. Such a number costs one key, and so does a
/// long range with one key.
///
/// Errors  if an allocation fails, the line must not be used any more
template <class KeyType>
class KeyLine {
    using Keys = SmallVector<KeyType, 1>;
    using Blocks = ColumnMap<std::uint64_t, Keys>;
    using Position = typename Blocks::const_iterator;

    static constexpr std::size_t greatest_block = 512;
    // A gap of at most this many unused numbers takes less memory than a new block.
    static constexpr std::size_t greatest_gap =
        (sizeof(std::uint64_t) + sizeof(Keys)) / sizeof(KeyType) - 1;

    Blocks blocks_{};  // sorted by first number; no block is empty
    std::size_t size_ = 0;
    std::uint64_t last_ = 0;

    /// Returns the block that has the key of `number`, or end() if there is none.
    Position block_of(std::uint64_t number) const {
        const Position next = blocks_.upper_bound(number);
        return next == blocks_.begin() ? blocks_.end() : std::prev(next);
    }
    static std::uint64_t last_of(std::uint64_t first, const Keys& keys) {
        return first + (keys.size() - 1);
    }
    /// If a block has keys both before `number` and from `number` on, splits the block at `number`.
    void split_at(std::uint64_t number) {
        const Position block = block_of(number);
        if (block == blocks_.end() || block.key() == number) return;
        Keys& keys = blocks_.value(block);
        Keys rest;
        if (number <= last_of(block.key(), keys)) {
            rest.append_tail(keys, static_cast<std::size_t>(number - block.key()));
        } else {
            rest.push_back(keys.back());
            ++size_;
        }
        blocks_.insert(std::next(block), number, std::move(rest));
    }
    /// If a block has a key that is only for `number`, replaces the key and returns true. Otherwise
    /// returns false.
    bool replace(std::uint64_t number, const KeyType& key) {
        const Position block = block_of(number);
        if (block == blocks_.end() || number >= last_of(block.key(), block.value())) return false;
        blocks_.value(block)[static_cast<std::size_t>(number - block.key())] = key;
        return true;
    }

    /// Appends one block of `size` numbers, with the keys of the ranges from `range` to `end`.
    template <class Range>
    void append_block(const Range* range, const Range* end, std::size_t size) {
        const std::uint64_t first = range->first;
        Keys keys(std::in_place, range->key());
        keys.reserve_exactly(size);
        last_ = range->last;
        for (++range; range != end; ++range) {
            if (range->first == 0) continue;
            while (keys.size() < range->first - first) keys.push_back(keys.back());
            keys.push_back(range->key());
            last_ = range->last;
        }
        size_ += keys.size();
        blocks_.push_back(first, std::move(keys));
    }

  public:
    /// Returns the number of keys in memory.
    std::size_t size() const { return size_; }
    /// Returns the greatest number that was given a key, or 0 if there is none.
    std::uint64_t last() const { return last_; }

    /// Sets the key of the numbers `first` to `last`, and of all numbers after `last`.
    /// Precondition: `first` is greater than last().
    void append(std::uint64_t first, std::uint64_t last, const KeyType& key) {
        last_ = last;
        if (!blocks_.empty()) {
            Keys& keys = blocks_.last_value();
            if (keys.back() == key) return;
            const std::uint64_t gap = first - last_of(blocks_.last_key(), keys) - 1;
            if (gap <= greatest_gap && keys.size() < greatest_block) {
                for (std::uint64_t i = 0; i < gap; ++i) keys.push_back(keys.back());
                keys.push_back(key);
                size_ += static_cast<std::size_t>(gap) + 1;
                return;
            }
        }
        blocks_.push_back(first, Keys(std::in_place, key));
        ++size_;
    }
    /// Appends the ranges from `range` to `end`, which are in ascending order. A range has a first
    /// number, a last number and a key. Leaves out ranges with the first number 0. Allocates memory
    /// once for each block.
    template <class Range>
    void append_all(const Range* range, const Range* end) {
        const auto is_gap = [](const Range& each) { return each.first == 0; };
        for (;;) {
            range = std::find_if_not(range, end, is_gap);
            if (range == end) return;
            const std::uint64_t first = range->first;
            std::uint64_t place = first;
            const Range* const block = range;
            for (; range != end && place - first < greatest_block; ++range) {
                if (is_gap(*range)) continue;
                if (range->first - place > greatest_gap + 1) break;
                place = range->first;
            }
            append_block(block, range, static_cast<std::size_t>(place - first) + 1);
        }
    }
    /// Sets the key of the numbers `first` to `last`. O(log n), plus O(1) for each key of a split
    /// block and for each replaced key.
    CRDT_NOINLINE void assign(std::uint64_t first, std::uint64_t last, const KeyType& key) {
        if (first == last && replace(first, key)) return;
        if (last < last_) split_at(last + 1);
        split_at(first);
        Position block = blocks_.lower_bound(first);
        while (block != blocks_.end() && block.key() <= last) {
            size_ -= block.value().size();
            block = blocks_.erase(block);
        }
        blocks_.insert(block, first, Keys(std::in_place, key));
        ++size_;
        last_ = (max)(last_, last);
    }
    /// Divides the numbers `first` to `last` into ranges with one key each. Calls
    /// visit(first, last, key) for each range. Precondition: `first` has a key.
    template <class Visit>
    void visit(std::uint64_t first, std::uint64_t last, Visit&& visit) const {
        for (Position block = block_of(first);; ++block) {
            const Position next = std::next(block);
            const bool is_last = next == blocks_.end() || next.key() > last;
            const std::uint64_t end = is_last ? last : next.key() - 1;
            const Keys& keys = block.value();
            const std::uint64_t shared = last_of(block.key(), keys);
            for (; first < shared && first < end; ++first)
                visit(first, first, keys[static_cast<std::size_t>(first - block.key())]);
            const std::size_t place = static_cast<std::size_t>((min)(first, shared) - block.key());
            visit(first, end, keys[place]);
            if (is_last) return;
            first = next.key();
        }
    }
};

}  // namespace crdt::detail

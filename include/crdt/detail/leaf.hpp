// SPDX-License-Identifier: MIT
//! Leaf and KeyFingerprint: a ColumnMap consists of leaves, each a row of keys and a row of values.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <crdt/detail/small_vector.hpp>
#ifndef __GNUC__
#include <atomic>
#endif

namespace crdt::detail {

/// A number for a row of keys that are slow to compare. A change of the keys draws a new number. If
/// two rows turn out to be equal, one copies the number of the other. So rows with the same number
/// have the same keys. Repeated merges with one peer then skip the keys that neither side has
/// changed.
template <class K>
class KeyFingerprint {
    std::uint64_t number_ = 0;

    static std::uint64_t next() {
#ifdef __GNUC__  // <atomic> is large
        static std::uint64_t last = 0;
        return __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
#else
        static std::atomic<std::uint64_t> last{0};
        return last.fetch_add(1, std::memory_order_relaxed) + 1;
#endif
    }

  public:
    /// Draws a new number. A row of few keys has no number, because comparing the keys is as fast
    /// as drawing a number.
    void bump(std::size_t size) { number_ = size < 8 ? 0 : next(); }
    bool matches(const KeyFingerprint& other) const {
        return number_ != 0 && number_ == other.number_;
    }
    void share(const KeyFingerprint& other) {
        if (other.number_ != 0) number_ = other.number_;
    }
};
/// Keys that are numbers need no fingerprint. Comparing them is faster than keeping a fingerprint.
template <std::integral K>
class KeyFingerprint<K> {
  public:
    void bump(std::size_t) {}
    bool matches(const KeyFingerprint&) const { return false; }
    void share(const KeyFingerprint&) {}
};

/// Entries in ascending order of their keys. The keys are in one row and the values in another. The
/// object itself holds up to `Room` entries.
template <class K, class V, std::size_t Room>
struct Leaf {
    static constexpr bool is_relocatable = Relocatable<K> && Relocatable<V>;

    SmallVector<K, Room> keys;
    SmallVector<V, Room> values;
    /// Rows with the same fingerprint, other than 0, have the same keys. Copies keep the
    /// fingerprint.
    [[no_unique_address]] KeyFingerprint<K> fingerprint{};

    Leaf() = default;
    Leaf(K key, V value)
        : keys(std::in_place, std::move(key)), values(std::in_place, std::move(value)) {}

    std::size_t size() const { return keys.size(); }
    void reserve_exactly(std::size_t capacity) {
        keys.reserve_exactly(capacity);
        values.reserve_exactly(capacity);
    }
    void push_back(K key, V value) {
        keys.reserve_next();
        values.reserve_next();
        keys.push_back(std::move(key));
        values.push_back(std::move(value));
        fingerprint.bump(size());
    }
    void insert(std::size_t slot, K key, V value) {
        keys.reserve_next();
        values.reserve_next();
        keys.insert(slot, std::move(key));
        values.insert(slot, std::move(value));
        fingerprint.bump(size());
    }
    void erase(std::size_t slot) {
        keys.erase(slot);
        values.erase(slot);
        fingerprint.bump(size());
    }
    void append(const Leaf& other, std::size_t from, std::size_t count) {
        append(other.keys.data() + from, other.values.data() + from, count);
    }
    void append(const K* new_keys, const V* new_values, std::size_t count) {
        reserve_exactly(size() + count);
        keys.append(new_keys, count);
        values.append(new_values, count);
        fingerprint.bump(size());
    }
    void grow_by(std::size_t count) {
        keys.grow_by(count);
        values.grow_by(count);
        fingerprint.bump(size());
    }
    void assign(const K* new_keys, const V* new_values, std::size_t count) {
        reserve_exactly(count);
        truncate(0);
        append(new_keys, new_values, count);
    }
    /// Moves the entries of `other`, from `slot` on, to the end of this leaf.
    void append_tail(Leaf& other, std::size_t slot) {
        reserve_exactly(size() + other.size() - slot);
        keys.append_tail(other.keys, slot);
        values.append_tail(other.values, slot);
        fingerprint.bump(size());
        other.fingerprint.bump(other.size());
    }
    void truncate(std::size_t size) {
        keys.truncate(size);
        values.truncate(size);
        fingerprint.bump(size);
    }
    void shrink() noexcept {
        keys.shrink();
        values.shrink();
    }
    /// Reserves memory. Returns false if the allocation fails.
    bool try_reserve_exactly(std::size_t capacity) noexcept {
        return keys.try_reserve_exactly(capacity) && values.try_reserve_exactly(capacity);
    }
};

}  // namespace crdt::detail

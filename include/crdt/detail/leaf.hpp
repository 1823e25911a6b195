// SPDX-License-Identifier: MIT
//! Leaf: a row of keys and a row of their values. A ColumnMap consists of leaves. KeyFingerprint:
//! shows that two leaves have the same keys, without a comparison of the keys.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <crdt/detail/key_numbers.hpp>
#include <crdt/detail/small_vector.hpp>
#ifndef __GNUC__
#include <atomic>
#endif

namespace crdt::detail {

/// A number for a row of keys that are slow to compare. Rows with the same number, other than 0,
/// have the same keys. A change of the keys sets the number to 0. When a comparison finds two rows
/// equal, it gives both the same number. So repeated merges with one peer compare the keys of
/// a row only once, until one of the two replicas changes the keys.
///
/// Threads  several threads may compare one row with others at the same time. The number is read
///          and written atomically, and each number that a thread can read is right for the keys of
///          the row
template <class K>
class KeyFingerprint {
    mutable std::uint64_t number_ = 0;

    std::uint64_t number() const {
#ifdef __GNUC__  // <atomic> is large
        return __atomic_load_n(&number_, __ATOMIC_RELAXED);
#else
        return std::atomic_ref(number_).load(std::memory_order_relaxed);
#endif
    }
    void set(std::uint64_t number) const {
#ifdef __GNUC__
        __atomic_store_n(&number_, number, __ATOMIC_RELAXED);
#else
        std::atomic_ref(number_).store(number, std::memory_order_relaxed);
#endif
    }
    static std::uint64_t next() {
#ifdef __GNUC__
        static std::uint64_t last = 0;
        return __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
#else
        static std::atomic<std::uint64_t> last{0};
        return last.fetch_add(1, std::memory_order_relaxed) + 1;
#endif
    }

  public:
    KeyFingerprint() = default;
    KeyFingerprint(const KeyFingerprint& other) : number_(other.number()) {}
    KeyFingerprint& operator=(const KeyFingerprint& other) {
        number_ = other.number();
        return *this;
    }
    ~KeyFingerprint() = default;

    /// Sets the number to 0, because the keys have changed.
    void reset() { number_ = 0; }
    bool matches(const KeyFingerprint& other) const {
        return number_ != 0 && number_ == other.number();
    }
    /// Gives both rows the same number, because their keys are equal.
    void share(const KeyFingerprint& other) {
        const std::uint64_t theirs = other.number();
        if (theirs == 0) {
            if (number_ == 0) number_ = next();
            other.set(number_);
        } else {
            number_ = theirs;
        }
    }
};
/// Keys that are numbers need no fingerprint. Comparing them is faster than keeping a fingerprint.
template <std::integral K>
class KeyFingerprint<K> {
  public:
    void reset() {}
    bool matches(const KeyFingerprint&) const { return false; }
    void share(const KeyFingerprint&) {}
};

/// Prefetches the first 256 bytes of a row. The processor itself prefetches the rest.
template <class V, std::size_t Room>
void prefetch_row(const SmallVector<V, Room>& row) {
#ifdef __GNUC__
    const auto* const bytes = reinterpret_cast<const char*>(row.data());
    for (std::size_t i = 0; i < 256; i += 64) __builtin_prefetch(bytes + i);
#else
    (void)row;
#endif
}

/// Entries in ascending order of their keys. The keys are in one row and the values in another. The
/// object itself holds up to `Room` entries.
template <class K, class V, std::size_t Room>
struct Leaf {
    static constexpr bool is_relocatable = Relocatable<K> && Relocatable<V>;

    SmallVector<K, Room> keys;
    SmallVector<V, Room> values;
    /// A copy of a leaf has the same keys, so it has the same fingerprint.
    [[no_unique_address]] KeyFingerprint<K> fingerprint{};
    /// Makes searches in the leaf faster. Only leaves of a map are searched, so a leaf gets its
    /// numbers when it is added to a map.
    [[no_unique_address]] KeyNumbers<K> numbers{};

    Leaf() = default;
    template <class Key, class Value>
    Leaf(Key&& key, Value&& value)
        : keys(std::in_place, std::forward<Key>(key)),
          values(std::in_place, std::forward<Value>(value)) {}

    std::size_t size() const { return keys.size(); }
    /// Returns how many of the keys come before `key`. O(log n).
    std::size_t count_before(const auto& key) const {
        return numbers.count_before(keys.data(), size(), key);
    }
    void renumber() noexcept { numbers.renumber(keys.data(), size()); }
    void reserve_exactly(std::size_t capacity) {
        keys.reserve_exactly(capacity);
        values.reserve_exactly(capacity);
    }
    /// Makes room for one more entry.
    void reserve_next() {
        keys.reserve_next();
        values.reserve_next();
    }
    void push_back(K key, V value) {
        reserve_next();
        keys.append_in_room(std::move(key));
        values.append_in_room(std::move(value));
        fingerprint.reset();
        numbers.insert(keys.data(), size(), size() - 1);
    }
    void insert(std::size_t slot, K key, V value) {
        reserve_next();
        keys.insert_in_room(slot, std::move(key));
        values.insert_in_room(slot, std::move(value));
        fingerprint.reset();
        numbers.insert(keys.data(), size(), slot);
    }
    void erase(std::size_t slot) {
        keys.erase(slot);
        values.erase(slot);
        fingerprint.reset();
        numbers.erase(slot);
    }
    void append(const Leaf& other, std::size_t from, std::size_t count) {
        append(other.keys.data() + from, other.values.data() + from, count);
    }
    /// Appends entries, and clears `numbers`.
    void append(const K* new_keys, const V* new_values, std::size_t count) {
        reserve_exactly(size() + count);
        keys.append(new_keys, count);
        values.append(new_values, count);
        fingerprint.reset();
        numbers.clear();
    }
    void grow_by(std::size_t count) {
        keys.grow_by(count);
        values.grow_by(count);
        fingerprint.reset();
    }
    void assign(const K* new_keys, const V* new_values, std::size_t count) {
        reserve_exactly(count);
        truncate(0);
        append(new_keys, new_values, count);
        renumber();
    }
    /// Moves the entries of `other`, from `slot` on, to the end of this leaf.
    void append_tail(Leaf& other, std::size_t slot) {
        reserve_exactly(size() + other.size() - slot);
        keys.append_tail(other.keys, slot);
        values.append_tail(other.values, slot);
        fingerprint.reset();
        other.fingerprint.reset();
        renumber();
        other.renumber();
    }
    void truncate(std::size_t size) {
        keys.truncate(size);
        values.truncate(size);
        fingerprint.reset();
        numbers.truncate(keys.data(), size);
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

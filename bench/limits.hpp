// SPDX-License-Identifier: MIT
//! Limits: hand-written kernels. Each serves one case, has no deltas, and need not keep all laws.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace limit {

using U64 = std::uint64_t;

// The compiler makes a version for each instruction set. At run time the best one is used.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define LIMIT_CLONES \
    [[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), gnu::optimize("O3")]]
#else
#define LIMIT_CLONES
#endif

LIMIT_CLONES inline void max_into(U64* mine, const U64* theirs, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) mine[i] = mine[i] < theirs[i] ? theirs[i] : mine[i];
}
LIMIT_CLONES inline U64 sum(const U64* numbers, std::size_t size) {
    U64 total = 0;
    for (std::size_t i = 0; i < size; ++i) total += numbers[i];
    return total;
}
LIMIT_CLONES inline bool all_below(const U64* mine, const U64* theirs, std::size_t size) {
    U64 above = 0;
    for (std::size_t i = 0; i < size; ++i) above |= theirs[i] < mine[i] ? 1U : 0U;
    return above == 0;
}
inline bool same(const std::vector<U64>& a, const std::vector<U64>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(U64)) == 0;
}

/// Sorted keys, and columns of counts. A GCounter has one column, a PNCounter two.
struct Counter {
    std::vector<U64> keys;
    std::vector<std::vector<U64>> counts;

    void merge_same(const Counter& other) {
        if (!same(keys, other.keys)) return;
        for (std::size_t i = 0; i < counts.size(); ++i)
            max_into(counts[i].data(), other.counts[i].data(), keys.size());
    }
    bool has(const Counter& other) const {
        return same(keys, other.keys) &&
               all_below(other.counts[0].data(), counts[0].data(), keys.size());
    }
    /// Merges into new memory. No branch depends on which key comes next. Precondition: one column
    /// of counts.
    void merge_union(const Counter& other) {
        const std::size_t m = keys.size(), n = other.keys.size();
        std::vector<U64> out_keys(m + n), out_counts(m + n);
        const U64 *a = keys.data(), *b = other.keys.data();
        const U64 *x = counts[0].data(), *y = other.counts[0].data();
        std::size_t i = 0, j = 0, size = 0;
        while (i < m && j < n) {
            bool mine = a[i] <= b[j], theirs = b[j] <= a[i];
            asm("" : "+r"(mine), "+r"(theirs));
            const U64 left = x[i] & (U64{0} - mine), right = y[j] & (U64{0} - theirs);
            out_keys[size] = mine ? a[i] : b[j];
            out_counts[size++] = left < right ? right : left;
            i += mine;
            j += theirs;
        }
        for (; i < m; ++i, ++size) out_keys[size] = a[i], out_counts[size] = x[i];
        for (; j < n; ++j, ++size) out_keys[size] = b[j], out_counts[size] = y[j];
        out_keys.resize(size);
        out_counts.resize(size);
        keys.swap(out_keys);
        counts[0].swap(out_counts);
    }
    /// Returns the part of `other` that this lacks. No branch depends on which key comes next.
    /// Precondition: one column of counts.
    Counter difference(const Counter& other) const {
        const std::size_t m = keys.size(), n = other.keys.size();
        Counter out{std::vector<U64>(n), {std::vector<U64>(n)}};
        U64 *const out_keys = out.keys.data(), *const out_counts = out.counts[0].data();
        const U64 *a = keys.data(), *b = other.keys.data();
        const U64 *x = counts[0].data(), *y = other.counts[0].data();
        std::size_t i = 0, j = 0, size = 0;
        while (i < m && j < n) {
            bool mine = a[i] <= b[j], theirs = b[j] <= a[i];
            asm("" : "+r"(mine), "+r"(theirs));
            out_keys[size] = b[j];
            out_counts[size] = y[j];
            const U64 left = x[i] & (U64{0} - mine), right = y[j] & (U64{0} - theirs);
            size += left < right;
            i += mine;
            j += theirs;
        }
        for (; j < n; ++j, ++size) out_keys[size] = b[j], out_counts[size] = y[j];
        out.keys.resize(size);
        out.counts[0].resize(size);
        return out;
    }
    /// Merges `other`, and returns what this lacked.
    Counter absorb(const Counter& other) {
        Counter out = difference(other);
        merge_union(other);
        return out;
    }
};

/// Sorted elements.
struct Set {
    std::vector<U64> elements;

    bool has(const Set& other) const { return same(elements, other.elements); }
    void merge_union(const Set& other) {
        const std::size_t m = elements.size(), n = other.elements.size();
        std::vector<U64> out(m + n);
        const U64 *a = elements.data(), *b = other.elements.data();
        std::size_t i = 0, j = 0, size = 0;
        while (i < m && j < n) {
            bool mine = a[i] <= b[j], theirs = b[j] <= a[i];
            asm("" : "+r"(mine), "+r"(theirs));
            out[size++] = mine ? a[i] : b[j];
            i += mine;
            j += theirs;
        }
        for (; i < m; ++i) out[size++] = a[i];
        for (; j < n; ++j) out[size++] = b[j];
        out.resize(size);
        elements.swap(out);
    }
};

inline U64 scatter(U64 key) { return (key * 0x9E3779B97F4A7C15U) >> 20U; }
inline U64 scatter(std::string_view key) {
    U64 words[2] = {};
    std::memcpy(words, key.data(), std::min<std::size_t>(key.size(), 16));
    return scatter(words[0] ^ scatter(words[1]));
}

/// Maps keys to slots by open addressing. No key is 0 or empty.
template <class Key>
struct Index {
    std::vector<std::pair<Key, std::uint32_t>> places;
    std::size_t size = 0;

    explicit Index(std::size_t expected) : places(round_up(2 * expected)) {}
    static std::size_t round_up(std::size_t size) {
        std::size_t power = 16;
        while (power < size) power *= 2;
        return power;
    }
    bool contains(const Key& key) const {
        for (std::size_t i = scatter(key);; ++i) {
            const Key& there = places[i & (places.size() - 1)].first;
            if (there == key || there == Key{}) return there == key;
        }
    }
    /// Returns the slot of `key`. A new key receives a new slot.
    template <class Sought>
    std::uint32_t slot_of(const Sought& key) {
        for (std::size_t i = scatter(key);; ++i) {
            auto& [there, slot] = places[i & (places.size() - 1)];
            if (there == key) return slot;
            if (there == Key{}) {
                there = Key(key);
                return slot = static_cast<std::uint32_t>(size++);
            }
        }
    }
};

/// An add-wins set: the dots of one replica in order, and an index of the elements.
struct AddWinsSet {
    std::vector<U64> sequences, elements;
    Index<U64> index;

    explicit AddWinsSet(std::size_t expected) : index(expected) {}
    void insert(U64 element, U64 sequence) {
        const std::uint32_t slot = index.slot_of(element);
        if (slot == elements.size()) {
            elements.push_back(element);
            sequences.push_back(sequence);
        } else {
            sequences[slot] = sequence;
        }
    }
    /// Marks the dot of the element as removed.
    void erase(U64 element) { sequences[index.slot_of(element)] = 0; }
    bool has(const AddWinsSet& other) const {
        return same(sequences, other.sequences) && same(elements, other.elements);
    }
    /// Returns the elements of `other` with dots that this set lacks. Precondition: no element is
    /// removed, and a known element has a known dot.
    AddWinsSet difference(const AddWinsSet& other) const {
        AddWinsSet delta(0);
        for (std::size_t i = 0; i < other.elements.size(); ++i) {
            if (index.contains(other.elements[i])) continue;
            delta.elements.push_back(other.elements[i]);
            delta.sequences.push_back(other.sequences[i]);
        }
        return delta;
    }
    /// Merges `other`, and returns what this set lacked.
    AddWinsSet absorb(const AddWinsSet& other) {
        AddWinsSet delta = difference(other);
        for (std::size_t i = 0; i < delta.elements.size(); ++i)
            insert(delta.elements[i], delta.sequences[i]);
        return delta;
    }
    void merge_new(const AddWinsSet& other) {
        for (std::size_t i = 0; i < other.elements.size(); ++i)
            insert(other.elements[i], other.sequences[i]);
    }
};

/// A map of counters: an index of the keys, and a count of one replica at each key.
struct CounterMap {
    std::vector<U64> counts;
    Index<std::string> index;

    explicit CounterMap(std::size_t expected) : counts(expected), index(expected) {}
    void add(const std::string& key) { ++counts[index.slot_of(key)]; }
    void raise(const std::string& key, U64 count) {
        U64& mine = counts[index.slot_of(key)];
        mine = std::max(mine, count);
    }
};

}  // namespace limit

// SPDX-License-Identifier: MIT
//! DotSlots: a small sorted map from dots to a few numbers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <new>
#include <type_traits>
#include <utility>

#include <crdt/detail/failure.hpp>
#include <crdt/detail/relocatable.hpp>
#include <crdt/lattice/column_map.hpp>
#include <crdt/lattice/entry.hpp>

namespace crdt::detail {

/// Can a T be copied as bytes, and dropped without a destructor call?
template <class T>
concept PlainBytes =
    std::is_trivially_copy_constructible_v<T> && std::is_trivially_destructible_v<T>;

/// Can a T be moved by copying its bytes, and copied without an error? Numbers and shared ids can.
template <class T>
concept EasilyMoved = Relocatable<T> && std::is_nothrow_copy_constructible_v<T>;

/// A sorted map for few entries, with values that are numbers. A single entry is in the object
/// itself. Up to 32 entries are in one allocated row. More entries are in a ColumnMap. A map of
/// millions of counters has millions of DotSlots, most of them with one entry. Each of these takes
/// half the memory of a ColumnMap.
///
/// Cost    O(log n) to find, insert and erase
/// Errors  if an allocation fails, an operation changes nothing. erase() allocates nothing
template <class K, class V>
class DotSlots {
    static_assert(EasilyMoved<K> && PlainBytes<V>);

    struct Slot {
        K key;
        V value;
    };
    using Many = ColumnMap<K, V>;
    /// A row has at most this many entries.
    static constexpr std::uint32_t most_in_row = 32;
    /// The value of capacity_ if the entries are in a ColumnMap.
    static constexpr std::uint32_t many = 0;

    union {
        Slot one_;
        Slot* row_;
        Many* many_;
    };
    /// The number of entries, unless they are in a ColumnMap.
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = 1;

    bool is_many() const { return capacity_ == many; }
    Slot* data() { return capacity_ == 1 ? &one_ : row_; }
    const Slot* data() const { return capacity_ == 1 ? &one_ : row_; }

    static Slot* allocate(std::size_t count) {
        return static_cast<Slot*>(::operator new(count * sizeof(Slot)));
    }
    /// Moves slots by copying their bytes. Afterwards, there are no objects at `from`.
    static void move(Slot* to, const Slot* from, std::size_t count) {
        std::memmove(static_cast<void*>(to), static_cast<const void*>(from), count * sizeof(Slot));
    }
    void deallocate() {
        if (capacity_ > 1) ::operator delete(row_);
    }
    void release() {
        if (is_many()) return void(delete many_);
        destroy(data(), size_);
        deallocate();
    }
    /// Copies the bytes of `other`. Afterwards, `other` has no entries.
    void steal(DotSlots& other) {
        std::memcpy(static_cast<void*>(&one_), static_cast<const void*>(&other.one_), sizeof one_);
        size_ = std::exchange(other.size_, 0);
        capacity_ = std::exchange(other.capacity_, 1);
    }
    /// Makes room for another entry in the row.
    void grow() {
        const std::uint32_t capacity = capacity_ + capacity_ / 2 + 1;
        Slot* const row = allocate(capacity);
        move(row, data(), size_);
        deallocate();
        row_ = row;
        capacity_ = capacity;
    }
    void become_many() {
        Many map;
        for (std::uint32_t i = 0; i < size_; ++i) map.push_back(data()[i].key, data()[i].value);
        Many* const moved = new Many(std::move(map));
        release();
        many_ = moved;
        capacity_ = many;
    }

  public:
    /// An object can be moved by copying its bytes. See detail/relocatable.hpp.
    static constexpr bool is_relocatable = true;

    /// The entry that an iterator shows: a key and a value.
    using Entry = crdt::Entry<K, const V&>;

    /// Visits the entries in ascending order of the keys. Every change invalidates an iterator.
    class const_iterator {
        const Slot* slot_ = nullptr;  // null if the entries are in a ColumnMap
        typename Many::const_iterator many_{};

        friend class DotSlots;
        explicit const_iterator(const Slot* slot) : slot_(slot) {}
        explicit const_iterator(typename Many::const_iterator entry) : many_(entry) {}

      public:
        using value_type = std::pair<K, V>;
        using reference = const Entry;
        using pointer = EntryPointer<Entry>;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::bidirectional_iterator_tag;

        const_iterator() = default;
        const K& key() const { return slot_ == nullptr ? many_.key() : slot_->key; }
        const V& value() const { return slot_ == nullptr ? many_.value() : slot_->value; }
        reference operator*() const { return {key(), value()}; }
        pointer operator->() const { return {{key(), value()}}; }
        const_iterator& operator++() {
            if (slot_ == nullptr)
                ++many_;
            else
                ++slot_;
            return *this;
        }
        const_iterator& operator--() {
            if (slot_ == nullptr)
                --many_;
            else
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

    DotSlots() noexcept : row_(nullptr) {}
    DotSlots(K key, V value) : one_{std::move(key), std::move(value)}, size_(1) {}
    DotSlots(const DotSlots& other)
        : row_(nullptr), size_(other.size_), capacity_(other.capacity_) {
        if (other.is_many()) {
            many_ = new Many(*other.many_);
        } else {
            capacity_ = (std::max)(size_, std::uint32_t{1});
            if (capacity_ > 1) row_ = allocate(capacity_);
            for (std::uint32_t i = 0; i < size_; ++i)
                ::new (static_cast<void*>(data() + i)) Slot(other.data()[i]);
        }
    }
    DotSlots(DotSlots&& other) noexcept : row_(nullptr) { steal(other); }
    /// If an allocation fails, throws and changes nothing.
    DotSlots& operator=(const DotSlots& other) { return *this = DotSlots(other); }
    DotSlots& operator=(DotSlots&& other) noexcept {
        if (this == &other) return *this;
        release();
        steal(other);
        return *this;
    }
    ~DotSlots() { release(); }

    const_iterator begin() const {
        return is_many() ? const_iterator(many_->begin()) : const_iterator(data());
    }
    const_iterator end() const {
        return is_many() ? const_iterator(many_->end()) : const_iterator(data() + size_);
    }
    std::size_t size() const { return is_many() ? many_->size() : size_; }
    bool empty() const { return size() == 0; }

    /// Returns the first entry with a key not less than `key`.
    const_iterator lower_bound(const auto& key) const {
        if (is_many()) return const_iterator(many_->lower_bound(key));
        const Slot* slot = data();
        while (slot != data() + size_ && slot->key < key) ++slot;
        return const_iterator(slot);
    }
    /// Returns the position of the entry with this key, or end() if there is none.
    const_iterator find(const K& key) const {
        const const_iterator entry = lower_bound(key);
        return entry != end() && entry.key() == key ? entry : end();
    }
    /// Returns the value at `position`, which the caller may change.
    V& value(const_iterator position) {
        return is_many() ? many_->value(position.many_) : data()[position.slot_ - data()].value;
    }
    /// Inserts an entry before `position`, which must be the lower bound of `key`. Returns the
    /// position of the new entry.
    const_iterator insert(const_iterator position, K key, V value) {
        const auto index = is_many() ? 0 : position.slot_ - data();
        if (!is_many() && size_ == most_in_row) {
            become_many();
            position = lower_bound(key);
        }
        if (is_many())
            return const_iterator(many_->insert(position.many_, std::move(key), std::move(value)));
        if (size_ == capacity_) grow();
        Slot* const slot = data() + index;
        move(slot + 1, slot, static_cast<std::size_t>(data() + size_ - slot));
        ::new (static_cast<void*>(slot)) Slot{std::move(key), std::move(value)};
        ++size_;
        return const_iterator(slot);
    }
    /// Appends an entry after all others.
    void push_back(K key, V value) {
        if (is_many()) return many_->push_back(std::move(key), std::move(value));
        insert(end(), std::move(key), std::move(value));
    }
    /// Erases the entry at `position`. Returns the position of the next entry.
    const_iterator erase(const_iterator position) noexcept {
        if (is_many()) return const_iterator(many_->erase(position.many_));
        Slot* const slot = data() + (position.slot_ - data());
        slot->~Slot();
        move(slot, slot + 1, static_cast<std::size_t>(data() + size_ - slot - 1));
        --size_;
        return const_iterator(slot);
    }

    /// Do both have the same entries?
    friend bool operator==(const DotSlots& a, const DotSlots& b) {
        return a.size() == b.size() &&
               std::equal(a.begin(), a.end(), b.begin(), [](const auto& mine, const auto& theirs) {
                   return mine.first == theirs.first && mine.second == theirs.second;
               });
    }
};

}  // namespace crdt::detail

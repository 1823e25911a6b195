// SPDX-License-Identifier: MIT
//! KeyNumbers: finds a key in a row of keys. The search is fast if the keys are strings, or whole
//! numbers without gaps.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include <crdt/detail/branchless.hpp>
#include <crdt/detail/min_max.hpp>
#include <crdt/detail/small_vector.hpp>

namespace crdt::detail {

/// Finds keys in a row. The keys are in ascending order, and the caller stores them. This primary
/// template stores nothing, so it has nothing to update when the row changes.
template <class K>
class KeyNumbers {
  public:
    static constexpr bool is_relocatable = true;

    void renumber(const K*, std::size_t) noexcept {}
    void insert(const K*, std::size_t, std::size_t) noexcept {}
    void erase(std::size_t) noexcept {}
    void truncate(const K*, std::size_t) noexcept {}
    void clear() noexcept {}
    /// Returns how many of the keys come before `key`. O(log n), but O(1) if the keys up to `key`
    /// are whole numbers without gaps.
    std::size_t count_before(const K* keys, std::size_t size, const auto& key) const {
        if constexpr (std::unsigned_integral<K> && std::same_as<decltype(key), const K&>) {
            // If there are no gaps, the index of `key` follows from the first key. The check of
            // this reads only one more key, while each step of a search may wait for memory.
            if (size > 0) {
                const K index = static_cast<K>(key - keys[0]);
                if (index < size && keys[index] == key) return static_cast<std::size_t>(index);
            }
        }
        return detail::count_before(keys, size, key);
    }
};

/// Keeps a number for each string of the row. The number is made of four bytes of the string. If
/// all strings begin with "user-", the number of "user-1234-a" is made of "1234". A search first
/// compares numbers, which are adjacent in memory, and then only the strings with the same number
/// as the key. Most searches read one or two strings.
///
/// Errors  if there is no memory for the numbers, a search compares only strings
template <class Traits, class Allocator>
    requires std::is_same_v<Traits, std::char_traits<char>>
class KeyNumbers<std::basic_string<char, Traits, Allocator>> {
    using String = std::basic_string<char, Traits, Allocator>;

    /// A row of at most this many strings has no numbers.
    static constexpr std::size_t few = 8;
    /// If all strings begin with the same bytes, the numbers leave out these bytes, but at most
    /// this many. If a new string begins with fewer of these bytes, all strings are numbered again.
    /// The limit bounds how often they are numbered again.
    static constexpr std::size_t most_shared = 64;

    SmallVector<std::uint32_t, 0> numbers_;  // one for each string, or none
    std::uint32_t shared_ = 0;  // all strings have at least this many first bytes in common

    /// Returns the number of a string. A string with a lower number is less than a string with a
    /// higher number.
    std::uint32_t number_of(std::string_view key) const {
        std::uint32_t number = 0;
        for (std::size_t i = shared_; i < shared_ + std::size_t{4}; ++i)
            number = number << 8U | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0U);
        return number;
    }
    /// Returns how many first bytes all strings of the row have in common, at most `most_shared`.
    static std::size_t count_shared(const String* keys, std::size_t size) {
        const String& first = keys[0];
        const String& last = keys[size - 1];
        const std::size_t most = (min)((min)(first.size(), last.size()), most_shared);
        std::size_t count = 0;
        while (count < most && first[count] == last[count]) ++count;
        return count;
    }

  public:
    static constexpr bool is_relocatable = true;

    /// Numbers all strings of the row.
    void renumber(const String* keys, std::size_t size) noexcept {
        numbers_.truncate(0);
        if (size <= few || !numbers_.try_reserve_exactly(size)) return;
        shared_ = static_cast<std::uint32_t>(count_shared(keys, size));
        for (std::size_t i = 0; i < size; ++i) numbers_.append_in_room(number_of(keys[i]));
    }
    /// Updates the numbers after a string was inserted at `index`. The row now has `size` strings.
    void insert(const String* keys, std::size_t size, std::size_t index) noexcept {
        if (size <= few) return clear();
        const bool is_at_end = index == 0 || index + 1 == size;
        if (numbers_.size() + 1 != size || (is_at_end && count_shared(keys, size) < shared_))
            return renumber(keys, size);
        if (numbers_.size() == numbers_.capacity() &&
            !numbers_.try_reserve_exactly(size + size / 4))
            return clear();
        numbers_.insert_in_room(index, number_of(keys[index]));
    }
    /// Updates the numbers after the string at `index` was erased.
    void erase(std::size_t index) noexcept {
        if (numbers_.size() != 0) numbers_.erase(index);
    }
    /// Updates the numbers after the row was cut to its first `size` strings.
    void truncate(const String* keys, std::size_t size) noexcept {
        if (numbers_.size() > size) numbers_.truncate(size);
        // The remaining strings may have more first bytes in common. If so, they are numbered
        // again, so that the numbers begin after these bytes.
        if (size > few && count_shared(keys, size) > shared_ + 1) renumber(keys, size);
    }
    void clear() noexcept { numbers_.truncate(0); }

    /// Returns how many of the keys come before `key`. O(log n).
    std::size_t count_before(const String* keys, std::size_t size, const auto& key) const {
        if constexpr (std::convertible_to<decltype(key), std::string_view>) {
            if (numbers_.size() == size && size != 0) return count_by_numbers(keys, size, key);
        }
        return detail::count_before(keys, size, key);
    }

  private:
    std::size_t count_by_numbers(const String* keys, std::size_t size, std::string_view key) const {
        const std::string_view shared = std::string_view(keys[0]).substr(0, shared_);
        const int difference = key.substr(0, shared_).compare(shared);
        if (difference != 0) return difference < 0 ? 0 : size;
        const std::uint32_t sought = number_of(key);
        const std::uint32_t* const numbers = numbers_.data();
        const std::size_t less = detail::count_before(numbers, size, sought);
        std::size_t equal = 0;
        while (less + equal < size && equal < few && numbers[less + equal] == sought) ++equal;
        if (equal == few && sought + 1 != 0)
            equal = detail::count_before(numbers + less, size - less, sought + 1);
        else if (equal == few)
            equal = size - less;
        return less + detail::count_before(keys + less, equal, key);
    }
};

}  // namespace crdt::detail

// SPDX-License-Identifier: MIT
//! KeyNumbers: finds a key in a row, fast if the keys are strings or are numbers without gaps.
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

/// Finds keys in a row of ascending keys, which is elsewhere. This version keeps nothing.
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
            // Reads one key, while each step of a search may wait for memory.
            if (size > 0) {
                const K index = static_cast<K>(key - keys[0]);
                if (index < size && keys[index] == key) return index;
            }
        }
        return detail::count_before(keys, size, key);
    }
};

/// Keeps a number for each string: the four bytes after those with which all strings of the row
/// begin. A search compares numbers, which are together in memory, and then only those strings
/// that have the number of the key. It reads one or two strings.
///
/// Errors  without memory for the numbers, a search compares strings only
template <class Traits, class Allocator>
    requires std::is_same_v<Traits, std::char_traits<char>>
class KeyNumbers<std::basic_string<char, Traits, Allocator>> {
    using String = std::basic_string<char, Traits, Allocator>;

    /// Fewer strings are searched without numbers.
    static constexpr std::size_t few = 8;
    /// If a new string begins with fewer of the common bytes, all strings are numbered anew. This
    /// bounds how often.
    static constexpr std::size_t most_shared = 64;

    SmallVector<std::uint32_t, 0> numbers_;  // one for each string, or none
    std::uint32_t shared_ = 0;  // all strings begin with the same bytes, at least this many

    /// If it is less than the number of another string, then this string is less.
    std::uint32_t number_of(std::string_view key) const {
        std::uint32_t number = 0;
        for (std::size_t i = shared_; i < shared_ + std::size_t{4}; ++i)
            number = number << 8U | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0U);
        return number;
    }
    /// Returns with how many bytes all strings of the row begin, at most `most_shared`.
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
    /// A string was inserted at `index`. The row now has `size` strings.
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
    /// The string at `index` was erased.
    void erase(std::size_t index) noexcept {
        if (numbers_.size() != 0) numbers_.erase(index);
    }
    /// The row was cut to its first `size` strings.
    void truncate(const String* keys, std::size_t size) noexcept {
        if (numbers_.size() > size) numbers_.truncate(size);
        // What is left may have more bytes in common. Numbers then differ only if they begin
        // after these bytes.
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

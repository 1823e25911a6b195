// SPDX-License-Identifier: MIT
//! LetterChunk: the code points at up to 256 consecutive numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/detail/small_vector.hpp>
#include <crdt/detail/utf8.hpp>

namespace crdt::detail {

/// The code points at consecutive numbers. A number without a code point is a gap. While all code
/// points are ASCII, a chunk has one byte for each number. After the first other code point, the
/// chunk has four bytes for each number.
struct LetterChunk {
    static constexpr std::size_t longest = 256;
    /// The values that stand for a gap. Neither value is a code point.
    static constexpr unsigned char narrow_gap = 0xFF;
    static constexpr std::uint32_t wide_gap = 0xFFFFFFFF;

    SmallVector<unsigned char, 0> narrow{};
    SmallVector<std::uint32_t, 0> wide{};  // used instead of `narrow` if not empty
    std::uint32_t used = 0;                // the number of code points

    static constexpr bool is_relocatable = true;

    std::size_t size() const { return wide.empty() ? narrow.size() : wide.size(); }
    bool is_gap(std::size_t i) const {
        return wide.empty() ? narrow[i] == narrow_gap : wide[i] == wide_gap;
    }
    /// Returns the index of the first gap from `i` to before `end`. Returns `end` if there is none.
    std::size_t end_of_letters(std::size_t i, std::size_t end) const {
        if (wide.empty()) {
            if (i == end) return end;
            const void* const gap = std::memchr(narrow.data() + i, narrow_gap, end - i);
            return gap == nullptr ? end
                                  : static_cast<std::size_t>(
                                        static_cast<const unsigned char*>(gap) - narrow.data());
        }
        while (i < end && wide[i] != wide_gap) ++i;
        return i;
    }
    std::uint32_t at(std::size_t i) const { return wide.empty() ? narrow[i] : wide[i]; }
    void erase(std::size_t i) {
        if (is_gap(i)) return;
        --used;
        if (wide.empty())
            narrow[i] = narrow_gap;
        else
            wide[i] = wide_gap;
    }
    /// Appends `text`. Precondition: `text` and all code points here are ASCII, and the chunk has
    /// room.
    void append_ascii(std::string_view text) {
        narrow.reserve_next(text.size());
        narrow.append(reinterpret_cast<const unsigned char*>(text.data()), text.size());
        used += static_cast<std::uint32_t>(text.size());
    }
    /// Appends the code points from `i` to before `end` to `text`. Precondition: there are no gaps.
    void append_to(std::string& text, std::size_t i, std::size_t end) const {
        if (wide.empty())
            text.append(reinterpret_cast<const char*>(narrow.data()) + i, end - i);
        else
            for (; i < end; ++i) append_utf8(text, wide[i]);
    }
    void widen() {
        SmallVector<std::uint32_t, 0> units;
        units.reserve_exactly(narrow.capacity());
        for (const unsigned char letter : narrow)
            units.push_back(letter == narrow_gap ? wide_gap : letter);
        wide = std::move(units);
        narrow = {};
    }
    void push_gap() {
        if (wide.empty())
            narrow.push_back(narrow_gap);
        else
            wide.push_back(wide_gap);
    }
    /// Sets the code point at `i`. Precondition: there is a gap at `i`, or `i` is size().
    void set(std::size_t i, std::uint32_t point) {
        if (point >= 0x80 && wide.empty()) {
            widen();
            if (wide.empty()) {  // there was nothing to widen
                wide.push_back(point);
                ++used;
                return;
            }
        }
        if (i == size()) push_gap();
        if (wide.empty())
            narrow[i] = static_cast<unsigned char>(point);
        else
            wide[i] = point;
        ++used;
    }
};

}  // namespace crdt::detail

// SPDX-License-Identifier: MIT
//! Span: consecutive slots in the order of a sequence.
#pragma once

#include <cstdint>

#include <crdt/detail/cpp20.hpp>

namespace crdt::detail {

/// Slots that follow one another in the order of a sequence. Their dots are consecutive dots of one
/// replica, in descending order if `is_backward`, else in ascending order. Either all of these
/// slots show a code point, or none does. `line` is the number of the replica.
struct Span {
    std::uint64_t first = 0;
    std::uint64_t length = 0;
    std::uint32_t line = 0;
    bool is_visible = false;
    bool is_backward = false;

    std::uint64_t last() const { return first + (length - 1); }
    /// Returns the number of the dot of the slot at `offset` in this span.
    std::uint64_t at(std::uint64_t offset) const {
        return is_backward ? last() - offset : first + offset;
    }
    std::uint64_t offset_of(std::uint64_t number) const {
        return is_backward ? last() - number : number - first;
    }
    bool contains(std::uint32_t other, std::uint64_t number) const {
        return line == other && number - first < length;  // wraps around if number < first
    }
    /// Returns the span of `count` slots from `offset` on.
    Span part(std::uint64_t offset, std::uint64_t count) const {
        Span result = *this;
        result.first = is_backward ? last() - (offset + (count - 1)) : first + offset;
        result.length = count;
        return result;
    }
    /// Appends the slots of `next`, if one span can contain the slots of both. Returns whether it
    /// has appended them.
    bool append(const Span& next) {
        if (line != next.line || is_visible != next.is_visible) return false;
        return append_numbers(next);
    }

  private:
    bool append_numbers(const Span& next) {
        const bool may_ascend =
            (!is_backward || length == 1) && (!next.is_backward || next.length == 1);
        if (may_ascend && last() == next.first - 1) {
            is_backward = false;
        } else if ((is_backward || length == 1) && (next.is_backward || next.length == 1) &&
                   next.last() == first - 1) {
            is_backward = true;
            first = next.first;
        } else {
            return false;
        }
        length += next.length;
        return true;
    }
};

}  // namespace crdt::detail

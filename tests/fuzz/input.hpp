// SPDX-License-Identifier: MIT
//! FuzzInput: the bytes of a fuzzer, one after the other.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// The bytes that a fuzzer chose. After the last one, each is 0.
class FuzzInput {
    const std::uint8_t* next_;
    const std::uint8_t* end_;

  public:
    FuzzInput(const std::uint8_t* data, std::size_t size) : next_(data), end_(data + size) {}

    bool has_more() const { return next_ != end_; }
    std::uint8_t byte() { return next_ == end_ ? std::uint8_t{0} : *next_++; }
    /// Returns the next `count` bytes, or all that are left.
    std::string_view bytes(std::size_t count) {
        const auto size = (std::min)(count, static_cast<std::size_t>(end_ - next_));
        const std::string_view found(reinterpret_cast<const char*>(next_), size);
        next_ += size;
        return found;
    }
};

// SPDX-License-Identifier: MIT
//! GapBuffer: a limit for local edits: an array of bytes with a gap at the last edit.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// A text of ASCII, which keeps no history and cannot be merged.
class GapBuffer {
    std::vector<char> bytes_ = std::vector<char>(1024);
    std::size_t begin_ = 0, end_ = 1024;  // of the gap

    void move_gap(std::size_t index) {
        if (index < begin_) {
            const std::size_t count = begin_ - index;
            std::memmove(bytes_.data() + (end_ - count), bytes_.data() + index, count);
            begin_ -= count;
            end_ -= count;
        } else if (index > begin_) {
            const std::size_t count = index - begin_;
            std::memmove(bytes_.data() + begin_, bytes_.data() + end_, count);
            begin_ += count;
            end_ += count;
        }
    }

  public:
    void insert(std::size_t index, std::string_view text) {
        if (end_ - begin_ < text.size()) {
            const std::size_t tail = bytes_.size() - end_;
            std::vector<char> larger(2 * (bytes_.size() + text.size()));
            std::copy_n(bytes_.begin(), begin_, larger.begin());
            std::copy_n(bytes_.end() - static_cast<std::ptrdiff_t>(tail), tail,
                        larger.end() - static_cast<std::ptrdiff_t>(tail));
            end_ = larger.size() - tail;
            bytes_ = std::move(larger);
        }
        move_gap(index);
        std::memcpy(bytes_.data() + begin_, text.data(), text.size());
        begin_ += text.size();
    }
    void erase(std::size_t index, std::size_t count) {
        move_gap(index);
        end_ += count;
    }
    std::size_t size() const { return bytes_.size() - (end_ - begin_); }
    std::string str() const {
        return std::string(bytes_.data(), begin_) +
               std::string(bytes_.data() + end_, bytes_.size() - end_);
    }
};

}  // namespace bench

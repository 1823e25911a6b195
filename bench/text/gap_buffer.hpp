// SPDX-License-Identifier: MIT
//! GapBuffer: a limit for local edits: an array of code points with a gap at the last edit.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/detail/utf8.hpp>

namespace bench {

/// A text, which keeps no history and cannot be merged.
class GapBuffer {
    std::vector<char32_t> points_ = std::vector<char32_t>(1024);
    std::size_t begin_ = 0, end_ = 1024;  // of the gap

    void move_gap(std::size_t index) {
        char32_t* const points = points_.data();
        if (index < begin_) {
            std::copy_backward(points + index, points + begin_, points + end_);
            end_ -= begin_ - index;
        } else {
            std::copy(points + end_, points + end_ + (index - begin_), points + begin_);
            end_ += index - begin_;
        }
        begin_ = index;
    }
    void grow(std::size_t room) {
        std::vector<char32_t> larger(2 * (points_.size() + room));
        const std::size_t end = larger.size() - (points_.size() - end_);
        std::copy_n(points_.data(), begin_, larger.data());
        std::copy(points_.data() + end_, points_.data() + points_.size(), larger.data() + end);
        end_ = end;
        points_ = std::move(larger);
    }

  public:
    void insert(std::size_t index, std::string_view utf8) {
        if (end_ - begin_ < utf8.size()) grow(utf8.size());
        move_gap(index);
        while (!utf8.empty()) points_[begin_++] = crdt::detail::take_code_point(utf8);
    }
    void erase(std::size_t index, std::size_t count) {
        move_gap(index);
        end_ += count;
    }
    std::size_t size() const { return points_.size() - (end_ - begin_); }
    std::string str() const {
        std::string text;
        for (std::size_t i = 0; i < points_.size(); ++i)
            if (i < begin_ || i >= end_) crdt::detail::append_utf8(text, points_[i]);
        return text;
    }
};

}  // namespace bench

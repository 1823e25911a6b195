// SPDX-License-Identifier: MIT
//! Rope: a limit for local edits: a B-tree of short strings.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "rope_nodes.hpp"

namespace bench {

/// A text in UTF-8, in a B-tree. A leaf has up to 512 bytes. A node of the levels above has the
/// number of code points below each of its up to 32 children. The rope keeps no history and cannot
/// be merged.
class Rope {
    using Index = rope::Index;
    using Piece = rope::Piece;
    using Child = rope::Child;
    using Leaf = rope::Leaf;
    using Inner = rope::Inner;

    rope::Pool<Leaf> leaves_;
    rope::Pool<Inner> inners_;
    Index root_ = leaves_.make();
    std::size_t height_ = 0;  // of the root. Leaves have the height 0
    std::size_t points_ = 0;

    /// Returns the new leaf, if the leaf was split.
    std::optional<Child> insert_in_leaf(Index index, std::size_t point, Piece piece) {
        Leaf& leaf = leaves_[index];
        std::size_t offset = leaf.offset_of(point);
        if (leaf.size + piece.bytes.size() <= rope::capacity) {
            leaf.insert(offset, piece);
            return std::nullopt;
        }
        const Index added = leaves_.make();
        Leaf& right = leaves_[added];
        leaf.move_tail_to(right);
        if (offset <= leaf.size)
            leaf.insert(offset, piece);
        else
            right.insert(offset - leaf.size, piece);
        return Child{added, right.points};
    }
    /// Returns the new node, if the node was split.
    std::optional<Child> insert(Index index, std::size_t height, std::size_t point, Piece piece) {
        if (height == 0) return insert_in_leaf(index, point, piece);
        Inner& inner = inners_[index];
        std::size_t i = 0;
        while (point > inner.points[i]) point -= inner.points[i++];
        inner.points[i] += piece.points;
        const auto added = insert(inner.children[i], height - 1, point, piece);
        if (!added) return std::nullopt;
        inner.points[i] -= added->points;
        inner.insert(i + 1, *added);
        if (inner.size < rope::width) return std::nullopt;
        const Index right = inners_.make();
        return Child{right, inner.move_tail_to(inners_[right])};
    }
    /// Erases from one leaf. Returns the number of code points that were erased.
    std::size_t erase(Index index, std::size_t height, std::size_t point, std::size_t count) {
        if (height == 0) {
            Leaf& leaf = leaves_[index];
            count = std::min(count, leaf.points - point);
            leaf.erase(leaf.offset_of(point), leaf.offset_of(point + count), count);
            return count;
        }
        Inner& inner = inners_[index];
        std::size_t i = 0;
        while (point >= inner.points[i]) point -= inner.points[i++];
        count = erase(inner.children[i], height - 1, point, count);
        inner.points[i] -= count;
        if (inner.size > 1) join_children(inner, height - 1, std::min(i, inner.size - 2));
        return count;
    }
    /// Joins child `i` and the next one if both are small.
    void join_children(Inner& inner, std::size_t height, std::size_t i) {
        const Index left = inner.children[i], right = inner.children[i + 1];
        const auto join_in = [&](auto& pool) {
            if (!pool[left].join(pool[right])) return;
            pool.release(right);
            inner.points[i] += inner.points[i + 1];
            inner.erase(i + 1);
        };
        height == 0 ? join_in(leaves_) : join_in(inners_);
    }
    void append_to(std::string& out, Index index, std::size_t height) const {
        if (height == 0) {
            out += leaves_[index].text();
            return;
        }
        const Inner& inner = inners_[index];
        for (std::size_t i = 0; i < inner.size; ++i) append_to(out, inner.children[i], height - 1);
    }

  public:
    void insert(std::size_t point, std::string_view text) {
        while (!text.empty()) {
            std::size_t length = std::min(text.size(), rope::capacity / 4);
            while (length < text.size() && rope::continues(text[length])) --length;
            const Piece piece{text.substr(0, length), rope::count_points(text.substr(0, length))};
            if (const auto added = insert(root_, height_, point, piece)) {
                const Index root = inners_.make();
                inners_[root].insert(0, {root_, points_ + piece.points - added->points});
                inners_[root].insert(1, *added);
                root_ = root;
                ++height_;
            }
            points_ += piece.points;
            point += piece.points;
            text.remove_prefix(length);
        }
    }
    void erase(std::size_t point, std::size_t count) {
        while (count > 0) {
            const std::size_t erased = erase(root_, height_, point, count);
            points_ -= erased;
            count -= erased;
            if (height_ > 0 && inners_[root_].size == 1) {
                const Index old = root_;
                root_ = inners_[old].children[0];
                inners_.release(old);
                --height_;
            }
        }
    }
    std::size_t size() const { return points_; }
    std::string str() const {
        std::string text;
        append_to(text, root_, height_);
        return text;
    }
};

}  // namespace bench

// SPDX-License-Identifier: MIT
//! The nodes of a rope.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string_view>
#include <vector>

namespace bench::rope {

/// The bytes of a leaf, and the children of a node.
inline constexpr std::size_t capacity = 512, width = 32;
using Index = std::uint32_t;

/// Is the byte not the first one of its code point?
inline bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

/// Returns the number of code points.
inline std::size_t count_points(std::string_view text) {
    std::size_t count = 0;
    for (const char byte : text) count += continues(byte) ? 0U : 1U;
    return count;
}

/// The nodes of one kind in a tree. A node keeps its place in memory. Places are used again.
template <class Node>
class Pool {
    std::deque<Node> nodes_;
    std::vector<Index> free_;

  public:
    Node& operator[](Index index) { return nodes_[index]; }
    const Node& operator[](Index index) const { return nodes_[index]; }
    Index make() {
        if (free_.empty()) {
            nodes_.emplace_back();
            return static_cast<Index>(nodes_.size() - 1);
        }
        const Index index = free_.back();
        free_.pop_back();
        nodes_[index] = {};
        return index;
    }
    void release(Index index) { free_.push_back(index); }
};

/// Text to insert, and its number of code points.
struct Piece {
    std::string_view bytes;
    std::size_t points;
};
/// A child of a node, and the code points below it.
struct Child {
    Index index;
    std::size_t points;
};

/// A leaf contains text in UTF-8.
struct Leaf {
    std::size_t size = 0, points = 0;
    std::array<char, capacity> bytes;

    std::string_view text() const { return {bytes.data(), size}; }
    /// Returns the byte at which a code point begins.
    std::size_t offset_of(std::size_t point) const {
        if (size == points) return point;
        std::size_t at = 0;
        for (; at < size && (point > 0 || continues(bytes[at])); ++at)
            point -= continues(bytes[at]) ? 0U : 1U;
        return at;
    }
    void insert(std::size_t offset, Piece piece) {
        char* const place = bytes.data() + offset;
        std::memmove(place + piece.bytes.size(), place, size - offset);
        std::memcpy(place, piece.bytes.data(), piece.bytes.size());
        size += piece.bytes.size();
        points += piece.points;
    }
    void erase(std::size_t begin, std::size_t end, std::size_t count) {
        std::memmove(bytes.data() + begin, bytes.data() + end, size - end);
        size -= end - begin;
        points -= count;
    }
    void move_tail_to(Leaf& right) {
        std::size_t half = size / 2;
        while (continues(bytes[half])) --half;
        const std::string_view tail = text().substr(half);
        right.insert(0, {tail, size == points ? tail.size() : count_points(tail)});
        size = half;
        points -= right.points;
    }
    /// Appends the next leaf if both are small.
    bool join(const Leaf& next) {
        if (size > 0 && next.size > 0 && size + next.size > capacity / 2) return false;
        insert(size, {next.text(), next.points});
        return true;
    }
};

/// A node above the leaves.
struct Inner {
    std::size_t size = 0;
    std::array<std::size_t, width> points;
    std::array<Index, width> children;

    void insert(std::size_t at, Child child) {
        std::copy_backward(&points[at], &points[size], &points[size] + 1);
        std::copy_backward(&children[at], &children[size], &children[size] + 1);
        points[at] = child.points;
        children[at] = child.index;
        ++size;
    }
    void erase(std::size_t at) {
        std::copy(&points[at] + 1, points.data() + size, &points[at]);
        std::copy(&children[at] + 1, children.data() + size, &children[at]);
        --size;
    }
    /// Returns the number of code points that were moved.
    std::size_t move_tail_to(Inner& right) {
        std::size_t moved = 0;
        const std::size_t half = size / 2;
        for (std::size_t i = half; i < size; ++i) {
            right.insert(right.size, {children[i], points[i]});
            moved += points[i];
        }
        size = half;
        return moved;
    }
    /// Appends the children of the next node if both are small.
    bool join(const Inner& next) {
        if (size + next.size > width / 2) return false;
        for (std::size_t i = 0; i < next.size; ++i)
            insert(size, {next.children[i], next.points[i]});
        return true;
    }
};

}  // namespace bench::rope

// SPDX-License-Identifier: MIT
//! The nodes of an OrderTree, and places in the tree.
#pragma once

#include <cstddef>
#include <cstdint>

#include <crdt/detail/utf8.hpp>
#include <crdt/sequence/span.hpp>

namespace crdt::detail {

struct OrderInner;

/// A node of an OrderTree. It has up to `width` children or spans.
struct OrderNode {
    static constexpr std::size_t width = 32;

    OrderInner* parent = nullptr;
    std::uint16_t index = 0;  // the index in the parent
    std::uint16_t count = 0;
};
/// A leaf: spans, with the size of the text that they show.
struct OrderLeaf : OrderNode {
    OrderLeaf* previous = nullptr;
    OrderLeaf* next = nullptr;
    TextSize size{};
    Span spans[width];

    /// Does each code point here have one byte?
    bool is_ascii() const { return size.points == size.bytes; }
};
/// A node with children.
struct OrderInner : OrderNode {
    OrderNode* children[width];
    // The sizes of the children. Each unit is an array of its own, so a search reads only one
    // array.
    std::uint64_t points[width], bytes[width], units[width];

    TextSize size(std::size_t at) const { return {points[at], bytes[at], units[at]}; }
    void set_size(std::size_t at, const TextSize& size) {
        points[at] = size.points;
        bytes[at] = size.bytes;
        units[at] = size.units;
    }
    void grow(std::size_t at, const TextSize& size) {
        points[at] += size.points;
        bytes[at] += size.bytes;
        units[at] += size.units;
    }
    void shrink(std::size_t at, const TextSize& size) {
        points[at] -= size.points;
        bytes[at] -= size.bytes;
        units[at] -= size.units;
    }
    const std::uint64_t* row(std::uint64_t TextSize::*unit) const {
        return unit == &TextSize::points ? points : unit == &TextSize::bytes ? bytes : units;
    }
};
/// The place of a slot: the leaf, the index of the span in the leaf (`slot`), and the offset of the
/// slot in the span. A place is empty if its leaf is null.
struct OrderPlace {
    OrderLeaf* leaf = nullptr;
    std::size_t slot = 0;
    std::uint64_t offset = 0;

    explicit operator bool() const { return leaf != nullptr; }
    const Span& span() const { return leaf->spans[slot]; }
    std::uint64_t number() const { return span().at(offset); }
};

}  // namespace crdt::detail

// SPDX-License-Identifier: MIT
//! Offsets in a text, counted in bytes or in UTF-16 code units.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <crdt/detail/min_max.hpp>
#include <crdt/detail/utf8.hpp>
#include <crdt/sequence/columns.hpp>
#include <crdt/sequence/order_tree.hpp>
#include <crdt/sequence/span_text.hpp>

namespace crdt::detail {

/// Returns the size of the text before code point `index`, counted in `unit`. If `index` is the
/// number of code points, this is the size of the whole text. O(log n). If the leaf of the code
/// point is not ASCII, the function also takes time in proportion to the size of the leaf.
template <ReplicaId Id>
std::uint64_t offset_of(const OrderTree& tree, const SequenceColumns<Id>& columns,
                        std::uint64_t TextSize::*unit, std::uint64_t index) {
    if (index == tree.size().points) return tree.size().*unit;
    OrderLeaf* const leaf = tree.leaf_at(&TextSize::points, index);
    std::uint64_t total = OrderTree::before(leaf, unit);
    if (leaf->is_ascii()) return total + index;
    for (std::size_t slot = 0;; ++slot) {
        const Span& span = leaf->spans[slot];
        if (!span.is_visible) continue;
        const std::uint64_t count = (min)(index, span.length);
        if (count > 0) total += measure(columns, span.part(0, count)).*unit;
        index -= count;
        if (index == 0) return total;
    }
}

/// Returns the index of the code point that begins at `offset`. `offset` counts in `unit`. If
/// `offset` is the size of the text, returns the number of code points. If `offset` is inside a
/// code point, returns nothing. Precondition: `offset` is not greater than the size of the text.
template <ReplicaId Id>
std::optional<std::uint64_t> index_at(const OrderTree& tree, const SequenceColumns<Id>& columns,
                                      std::uint64_t TextSize::*unit, std::uint64_t offset) {
    if (offset == tree.size().*unit) return tree.size().points;
    OrderLeaf* const leaf = tree.leaf_at(unit, offset);
    std::uint64_t index = OrderTree::before(leaf, &TextSize::points);
    if (leaf->is_ascii()) return index + offset;
    for (std::size_t slot = 0;; ++slot) {
        const Span& span = leaf->spans[slot];
        if (!span.is_visible) continue;
        const std::uint64_t size = measure(columns, span).*unit;
        if (offset >= size) {
            offset -= size;
            index += span.length;
            continue;
        }
        const Letters& letters = columns.line(span.line).letters;
        for (std::uint64_t i = 0; offset > 0; ++i, ++index) {
            const std::uint64_t step = size_of(letters.at(span.at(i))).*unit;
            if (offset < step) return std::nullopt;
            offset -= step;
        }
        return index;
    }
}

}  // namespace crdt::detail

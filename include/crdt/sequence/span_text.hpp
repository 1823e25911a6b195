// SPDX-License-Identifier: MIT
//! The text that the slots of spans show.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <crdt/detail/min_max.hpp>
#include <crdt/detail/utf8.hpp>
#include <crdt/sequence/columns.hpp>
#include <crdt/sequence/letters.hpp>
#include <crdt/sequence/order_node.hpp>
#include <crdt/sequence/span.hpp>

namespace crdt::detail {

/// Returns the sizes of the text of a visible span, in code points, bytes and UTF-16 units.
template <ReplicaId Id>
TextSize measure(const SequenceColumns<Id>& columns, const Span& span) {
    const Letters& letters = columns.line(span.line).letters;
    if (letters.is_ascii()) return {span.length, span.length, span.length};
    return letters.size(span.first, span.last());
}

/// Appends the text of a visible span to `text`.
template <ReplicaId Id>
void append_text(const SequenceColumns<Id>& columns, const Span& span, std::string& text) {
    const Letters& letters = columns.line(span.line).letters;
    if (!span.is_backward) return letters.append_to(text, span.first, span.last());
    for (std::uint64_t number = span.last();; --number) {
        append_utf8(text, letters.at(number));
        if (number == span.first) return;
    }
}

/// Calls visit(span) for the visible spans that show `count` code points. The first of these code
/// points is at the place `begin`.
template <class Visit>
void visit_visible(const OrderPlace& begin, std::uint64_t count, Visit&& visit) {
    std::uint64_t offset = begin.offset;
    std::size_t slot = begin.slot;
    for (const OrderLeaf* leaf = begin.leaf; count > 0; leaf = leaf->next, slot = 0) {
        for (; slot < leaf->count && count > 0; ++slot) {
            const Span& span = leaf->spans[slot];
            if (!span.is_visible) continue;
            const std::uint64_t part = (min)(count, span.length - offset);
            visit(span.part(offset, part));
            count -= part;
            offset = 0;
        }
    }
}

}  // namespace crdt::detail

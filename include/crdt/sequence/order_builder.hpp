// SPDX-License-Identifier: MIT
//! OrderBuilder: appends slots to an OrderTree, in the order of the sequence.
#pragma once

#include <cstdint>
#include <vector>

#include <crdt/detail/utf8.hpp>
#include <crdt/sequence/columns.hpp>
#include <crdt/sequence/letters.hpp>
#include <crdt/sequence/order_tree.hpp>
#include <crdt/sequence/span_text.hpp>

namespace crdt::detail {

/// Appends slots to an OrderTree, in the order of the sequence. The slots with a code point are
/// marked as visible.
///
/// Cost  O(1) for each span, plus O(log n) at each position where consecutive letters of the text
///       do not have neighbouring dots
template <ReplicaId Id>
class OrderBuilder {
    const SequenceColumns<Id>& columns_;
    OrderTree& tree_;
    Letters::Hint hint_{};

    void append(const Span& span) {
        const TextSize size = span.is_visible ? measure(columns_, span) : TextSize();
        OrderLeaf* const leaf = tree_.last();
        if (leaf != nullptr && leaf->spans[leaf->count - 1].append(span))
            tree_.grow(leaf, size);
        else
            tree_.append(span, size);
    }

  public:
    OrderBuilder(const SequenceColumns<Id>& columns, OrderTree& tree)
        : columns_(columns), tree_(tree) {}

    /// Appends the slots from `first` to `last` of the replica `line`, in descending order if
    /// `is_backward`, else in ascending order.
    void append(std::uint32_t line, std::uint64_t first, std::uint64_t last, bool is_backward) {
        std::vector<Span> spans;
        const auto add = [&](std::uint64_t from, std::uint64_t to, bool is_visible) {
            const Span span{from, to - from + 1, line, is_visible, is_backward && to > from};
            if (!is_backward)
                append(span);
            else
                spans.push_back(span);
        };
        std::uint64_t next = first;
        const auto add_text = [&](std::uint64_t from, std::uint64_t to) {
            if (next < from) add(next, from - 1, false);
            add(from, to, true);
            next = to + 1;
        };
        columns_.line(line).letters.visit(first, last, hint_, add_text);
        if (next <= last && next != 0) add(next, last, false);
        for (auto span = spans.rbegin(); span != spans.rend(); ++span) append(*span);
    }
};

}  // namespace crdt::detail

// SPDX-License-Identifier: MIT
//! LeafMap: finds the leaf of an OrderTree in which a dot is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <crdt/causal/interval_map.hpp>
#include <crdt/sequence/order_tree.hpp>
#include <crdt/sequence/runs.hpp>

namespace crdt::detail {

/// The leaf of an OrderTree for each dot, by ranges of dots.
class LeafMap {
    using Leaf = OrderTree::Leaf;

    std::vector<IntervalMap<Leaf*>> lines_{};

  public:
    explicit LeafMap(const OrderTree& tree) {
        for (Leaf* leaf = tree.first(); leaf != nullptr; leaf = leaf->next)
            for (std::size_t i = 0; i < leaf->count; ++i) set(leaf->spans[i], leaf);
    }
    void set(const Span& span, Leaf* leaf) {
        if (lines_.size() <= span.line) lines_.resize(span.line + std::size_t{1});
        lines_[span.line].assign({{}, span.first, span.last()}, leaf);
    }
    Leaf* find(const Mark& dot) const {
        if (dot.line >= lines_.size()) return nullptr;
        Leaf* const* const leaf = lines_[dot.line].find({{}, dot.number});
        return leaf == nullptr ? nullptr : *leaf;
    }
    /// Returns the first number from `dot` to `last` whose dot is in the order, or 0 if there is
    /// none.
    std::uint64_t next(const Mark& dot, std::uint64_t last) const {
        std::uint64_t next = 0;
        if (dot.line >= lines_.size()) return 0;
        lines_[dot.line].visit_within({{}, dot.number, last}, [&](const Interval& range, Leaf*) {
            if (next == 0) next = range.first;
        });
        return next;
    }
};

}  // namespace crdt::detail

// SPDX-License-Identifier: MIT
//! LeafMap: finds the leaf of an OrderTree that contains a dot.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <vector>

#include <crdt/lattice/column_map.hpp>
#include <crdt/sequence/order_tree.hpp>
#include <crdt/sequence/runs.hpp>

namespace crdt::detail {

/// The leaf of an OrderTree for each dot. Each replica has a list of entries. An entry consists of
/// a number and a leaf. The leaf contains all dots from this number up to the number of the next
/// entry. The leaf is null if these dots are not in the order. Neighbouring entries have different
/// leaves.
class LeafMap {
    using Leaf = OrderTree::Leaf;
    using Line = ColumnMap<std::uint64_t, Leaf*>;

    std::vector<Line> lines_{};

    Line& line(std::uint32_t number) {
        if (lines_.size() <= number) lines_.resize(number + std::size_t{1});
        return lines_[number];
    }
    static void append(Line& line, std::uint64_t number, Leaf* leaf) {
        if (line.empty() ? leaf != nullptr : line.last_value() != leaf)
            line.push_back(number, leaf);
    }

  public:
    explicit LeafMap(const OrderTree& tree) {
        struct Entry {
            Span span;
            Leaf* leaf;
        };
        std::vector<Entry> all;
        for (Leaf* leaf = tree.first(); leaf != nullptr; leaf = leaf->next)
            for (std::size_t i = 0; i < leaf->count; ++i) all.push_back({leaf->spans[i], leaf});
        std::sort(all.begin(), all.end(), [](const Entry& a, const Entry& b) {
            return a.span.line != b.span.line ? a.span.line < b.span.line
                                              : a.span.first < b.span.first;
        });
        for (std::size_t i = 0; i < all.size(); ++i) {
            const Span& span = all[i].span;
            append(line(span.line), span.first, all[i].leaf);
            const bool touches_next = i + 1 < all.size() && all[i + 1].span.line == span.line &&
                                      all[i + 1].span.first - 1 == span.last();
            if (!touches_next && span.last() != (std::numeric_limits<std::uint64_t>::max)())
                append(line(span.line), span.last() + 1, nullptr);
        }
    }
    void set(const Span& span, Leaf* leaf) {
        Line& line = this->line(span.line);
        const std::uint64_t first = span.first, last = span.last();
        auto next = line.lower_bound(first);
        Leaf* const before = next == line.begin() ? nullptr : std::prev(next).value();
        const bool is_end = last == (std::numeric_limits<std::uint64_t>::max)();
        // If a user types on, `first` is the end of the range of `leaf`. Only this end moves.
        if (before == leaf && !is_end && next != line.end() && next.key() == first &&
            (std::next(next) == line.end() || std::next(next).key() - 1 > last))
            return line.set_key(next, last + 1);
        Leaf* after = before;  // the leaf of the number `last` + 1
        while (next != line.end() && next.key() <= last) {
            after = next.value();
            next = line.erase(next);
        }
        if (next != line.end() && next.key() - 1 == last) {
            if (next.value() == leaf) next = line.erase(next);
        } else if (!is_end && after != leaf) {
            next = line.insert(next, last + 1, after);
        }
        if (before != leaf) line.insert(next, first, leaf);
    }
    Leaf* find(const Mark& dot) const {
        if (dot.line >= lines_.size()) return nullptr;
        const Line& line = lines_[dot.line];
        const auto next = line.upper_bound(dot.number);
        return next == line.begin() ? nullptr : std::prev(next).value();
    }
    /// Searches the dots of the replica of `dot`, from `dot` to the number `last`. Returns the
    /// number of the first dot that is in the order, or 0 if there is none. Precondition: `dot` is
    /// not in the order.
    std::uint64_t next(const Mark& dot, std::uint64_t last) const {
        if (dot.line >= lines_.size()) return 0;
        const auto next = lines_[dot.line].upper_bound(dot.number);
        return next != lines_[dot.line].end() && next.key() <= last ? next.key() : 0;
    }
};

}  // namespace crdt::detail

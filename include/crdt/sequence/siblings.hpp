// SPDX-License-Identifier: MIT
//! Siblings: the place of a new slot among the other children of its parent.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>

#include <crdt/lattice/column_map.hpp>
#include <crdt/lattice/unit.hpp>
#include <crdt/sequence/columns.hpp>
#include <crdt/sequence/origin.hpp>
#include <crdt/sequence/runs.hpp>

namespace crdt::detail {

/// Is `node` a descendant of `ancestor` in the tree of origins? Precondition: if `side` is right,
/// `node` directly follows `ancestor` in the order. If `side` is left, `node` directly precedes
/// `ancestor`. So if `node` is a descendant, the path from `ancestor` down to `node` begins with a
/// step to `side`, and all later steps go to the opposite side. The function passes each run in one
/// step.
template <ReplicaId Id>
bool descends(const SequenceColumns<Id>& columns, Mark node, const Mark& ancestor, Side side) {
    for (;;) {
        const Runs& runs = columns.line(node.line).runs;
        const auto run = runs.find(node.number);
        if (run == runs.end()) return false;
        Parent parent = runs.parent(run, node.number);
        if (parent.side != side) parent = run.value().parent;
        if (parent.side == side)
            return parent.sequence == ancestor.number && parent.line == ancestor.line;
        if (parent.sequence == 0) return false;
        node = {parent.line, parent.sequence};
    }
}

/// The children of each slot, except the child that continues the run of the slot. An index needs
/// these children only if several slots were inserted at one place concurrently. So the class
/// collects the children when they are first needed.
///
/// Cost  O(log n) for each visited slot. The visited slots are the siblings, and the slots at which
///       the tree of a sibling branches on the outer side
template <ReplicaId Id>
class Siblings {
    using Columns = SequenceColumns<Id>;

    /// A slot that was not inserted beside the dot before it.
    struct Child {
        Mark parent;
        Mark self;
        friend auto operator<=>(const Child&, const Child&) = default;
    };
    using Children = ColumnMap<Child, Unit>;

    Children children_[2]{};  // on the left side, on the right side
    bool is_made_ = false;

    Children& on(Side side) { return children_[side == Side::right ? 1 : 0]; }
    const Children& on(Side side) const { return children_[side == Side::right ? 1 : 0]; }
    /// Was the dot after `parent` inserted beside `parent`, on `side`?
    static bool continues(const Columns& columns, const Mark& parent, Side side) {
        const Runs& runs = columns.line(parent.line).runs;
        const auto run = runs.find(parent.number + 1);
        return run != runs.end() &&
               runs.parent(run, parent.number + 1) == Parent{parent.number, parent.line, side};
    }
    static bool is_before(const Columns& columns, const Mark& a, const Mark& b) {
        if (a.line == b.line) return a.number < b.number;
        return columns.replicas()[a.line] < columns.replicas()[b.line];
    }
    void insert(const Mark& self, const Parent& parent) {
        const bool continues_run =
            parent.sequence != 0 && parent.line == self.line && parent.sequence + 1 == self.number;
        if (continues_run) return;
        const Child child{{parent.line, parent.sequence}, self};
        const auto place = on(parent.side).lower_bound(child);
        if (place == on(parent.side).end() || !(place.key() == child))
            on(parent.side).insert(place, child, {});
    }
    void make(const Columns& columns) {
        if (is_made_) return;
        for (const std::uint32_t line : columns.replicas().sorted()) {
            const Runs& runs = columns.line(line).runs;
            for (auto run = runs.begin(); run != runs.end(); ++run)
                insert({line, run.key()}, run.value().parent);
        }
        is_made_ = true;
    }

  public:
    /// The nearest siblings of a slot in the order of dots: the last one before the slot, and the
    /// first one behind it.
    struct Neighbours {
        std::optional<Mark> before{}, behind{};
    };

    /// Adds `self`, the first slot of a run, as a child of `parent`. Does nothing if the children
    /// have not been made yet.
    void add(const Mark& self, const Parent& parent) {
        if (is_made_) insert(self, parent);
    }
    /// Returns the neighbours of `self` among the children of `parent` on `side`.
    Neighbours neighbours(const Columns& columns, const Mark& parent, Side side, const Mark& self) {
        make(columns);
        Neighbours found;
        const auto consider = [&](const Mark& sibling) {
            if (sibling == self) return;
            const bool is_behind = is_before(columns, self, sibling);
            std::optional<Mark>& nearest = is_behind ? found.behind : found.before;
            if (!nearest || is_before(columns, sibling, *nearest) == is_behind) nearest = sibling;
        };
        for (auto child = on(side).lower_bound(Child{parent, {}});
             child != on(side).end() && child.key().parent == parent; ++child)
            consider(child.key().self);
        if (parent.number != 0 && continues(columns, parent, side))
            consider({parent.line, parent.number + 1});
        return found;
    }
    /// Returns one slot of the tree that consists of `node` and its descendants. If `side` is left,
    /// this is the slot that comes first in the order. If `side` is right, it is the slot that
    /// comes last. Precondition: neighbours() was called before.
    Mark outermost(const Columns& columns, Mark node, Side side) const {
        const Children& children = on(side);
        for (;;) {
            const auto run = columns.line(node.line).runs.find(node.number);
            const std::uint64_t end =
                run.value().direction == side ? run.value().last : node.number;
            auto child = children.lower_bound(Child{node, {}});
            const bool branches = child != children.end() && child.key().parent.line == node.line &&
                                  child.key().parent.number <= end;
            if (!branches) {
                node.number = end;
                if (!continues(columns, node, side)) return node;
                ++node.number;
                continue;
            }
            const Mark parent = child.key().parent;
            Mark outer = child.key().self;
            const auto consider = [&](const Mark& other) {
                if (is_before(columns, other, outer) == (side == Side::left)) outer = other;
            };
            for (; child != children.end() && child.key().parent == parent; ++child)
                consider(child.key().self);
            if (continues(columns, parent, side)) consider({parent.line, parent.number + 1});
            node = outer;
        }
    }
};

}  // namespace crdt::detail

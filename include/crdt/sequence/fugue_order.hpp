// SPDX-License-Identifier: MIT
//! FugueOrder: the order of the slots of a sequence, computed from its store and its context.
#pragma once

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

#include <crdt/causal/causal_context.hpp>
#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_fun.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/lattice/linear_sum.hpp>
#include <crdt/lattice/product.hpp>
#include <crdt/lattice/unit.hpp>
#include <crdt/lattice/write_once.hpp>
#include <crdt/sequence/origin.hpp>

namespace crdt {

/// A slot of a list: its origin, and its value. An erasure replaces the value by Unit.
template <class T, class Id>
using ListSlot = Product<WriteOnce<Origin<Id>>, LinearSum<WriteOnce<T>, Unit>>;

namespace detail {

/// The order of the slots: the in-order walk of the tree that the origins make. Siblings are
/// ordered by dot.
///
/// A slot is not in the order until its parent has been received. Slots with origins that make a
/// cycle are not in the order either. Only hostile input contains such slots. If a parent was
/// removed, a placeholder takes its place in the tree. The placeholder is a child of the start, and
/// is ordered among its siblings by the dot of the removed parent.
///
/// Cost    O(n log n) to make; memory O(n). No function is recursive
/// Source  Weidner, Kleppmann: The Art of the Fugue (2023)
template <class T, ReplicaId Id>
class FugueOrder {
  public:
    using Slot = ListSlot<T, Id>;
    using Store = DotFun<Slot, Id>;

  private:
    struct Node {
        const Dot<Id>* dot;
        const Slot* slot;  // null for a placeholder
    };
    struct Edge {
        std::size_t parent;
        Side side;
        std::size_t child;
    };

    std::vector<Node> nodes_{};           // in the order of dots; then the placeholders
    std::vector<Edge> edges_{};           // ordered by parent, side, dot of the child
    std::vector<std::size_t> order_{};    // the slots that the walk reaches, in its order
    std::vector<std::size_t> visible_{};  // the indices in order_ of the slots with a value
    std::size_t slots_ = 0;               // the number of slots in nodes_
    std::size_t values_ = 0;              // the number of values in all slots of the store

    std::size_t start() const { return nodes_.size(); }
    const Origin<Id>& origin_of(std::size_t node) const {
        return nodes_[node].slot->template get<0>().value();
    }

    /// Returns the index in [first, last) of the node with the dot `dot`. Returns `last` if there
    /// is none.
    std::size_t find(const Dot<Id>& dot, std::size_t first, std::size_t last) const {
        const auto begin = nodes_.begin();
        const auto at = std::lower_bound(
            begin + static_cast<std::ptrdiff_t>(first), begin + static_cast<std::ptrdiff_t>(last),
            dot, [](const Node& node, const Dot<Id>& sought) { return *node.dot < sought; });
        const auto index = static_cast<std::size_t>(at - begin);
        return index < last && *nodes_[index].dot == dot ? index : last;
    }
    void add_slots(const Store& store) {
        for (auto entry = store.begin(); entry != store.end(); ++entry) {
            const Slot& slot = entry.value();
            if (slot.template get<1>().lower().has_value()) ++values_;
            if (slot.template get<0>().has_value()) nodes_.push_back({&entry.key(), &slot});
        }
        slots_ = nodes_.size();
    }
    void add_placeholders(const Store& store, const CausalContext<Id>& context) {
        for (std::size_t i = 0; i < slots_; ++i) {
            const Origin<Id>& origin = origin_of(i);
            const bool is_removed = !origin.is_start() && context.contains(origin.parent) &&
                                    store.find(origin.parent) == store.end();
            if (is_removed) nodes_.push_back({&origin.parent, nullptr});
        }
        const auto first = nodes_.begin() + static_cast<std::ptrdiff_t>(slots_);
        std::sort(first, nodes_.end(),
                  [](const Node& a, const Node& b) { return *a.dot < *b.dot; });
        nodes_.erase(std::unique(first, nodes_.end(),
                                 [](const Node& a, const Node& b) { return *a.dot == *b.dot; }),
                     nodes_.end());
    }
    void add_edges() {
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            if (nodes_[i].slot == nullptr || origin_of(i).is_start()) {
                edges_.push_back({start(), Side::right, i});
                continue;
            }
            const Origin<Id>& origin = origin_of(i);
            std::size_t parent = find(origin.parent, 0, slots_);
            if (parent == slots_) parent = find(origin.parent, parent, nodes_.size());
            if (parent != nodes_.size()) edges_.push_back({parent, origin.side, i});
        }
        std::sort(edges_.begin(), edges_.end(), [this](const Edge& a, const Edge& b) {
            if (std::tie(a.parent, a.side) != std::tie(b.parent, b.side))
                return std::tie(a.parent, a.side) < std::tie(b.parent, b.side);
            return *nodes_[a.child].dot < *nodes_[b.child].dot;
        });
    }
    /// Returns the edges from `parent` to its children on `side`.
    auto children(std::size_t parent, Side side) const {
        struct Before {
            bool operator()(const Edge& a, const std::pair<std::size_t, Side>& b) const {
                return std::pair(a.parent, a.side) < b;
            }
            bool operator()(const std::pair<std::size_t, Side>& a, const Edge& b) const {
                return a < std::pair(b.parent, b.side);
            }
        };
        return std::equal_range(edges_.begin(), edges_.end(), std::pair(parent, side), Before());
    }
    void walk() {
        struct Visit {
            std::size_t node;
            bool is_expanded;
        };
        std::vector<Visit> stack{{start(), false}};
        const auto push_children = [&](std::size_t node, Side side) {
            const auto [first, last] = children(node, side);
            for (auto edge = last; edge != first;) stack.push_back({(--edge)->child, false});
        };
        while (!stack.empty()) {
            const auto [node, is_expanded] = stack.back();
            stack.pop_back();
            if (!is_expanded) {
                push_children(node, Side::right);
                stack.push_back({node, true});
                push_children(node, Side::left);
            } else if (node != start() && nodes_[node].slot != nullptr) {
                if (nodes_[node].slot->template get<1>().lower().has_value())
                    visible_.push_back(order_.size());
                order_.push_back(node);
            }
        }
    }
    bool has_children(std::size_t node, Side side) const {
        const auto [first, last] = children(node, side);
        return first != last;
    }

  public:
    /// Makes the order of the slots in `store`. `context` is the context of the state.
    /// Precondition: `store` outlives this order, and does not change during its lifetime.
    FugueOrder(const Store& store, const CausalContext<Id>& context) {
        add_slots(store);
        add_placeholders(store, context);
        add_edges();
        walk();
    }

    /// Returns the number of values in slots that are in the order.
    std::size_t size() const { return visible_.size(); }
    /// Returns the number of values in slots that are not in the order.
    std::size_t waiting() const { return values_ - visible_.size(); }
    /// Returns the dot of value `index`.
    const Dot<Id>& dot(std::size_t index) const { return *nodes_[order_[visible_[index]]].dot; }
    /// Returns value `index`.
    const T& value(std::size_t index) const {
        return nodes_[order_[visible_[index]]].slot->template get<1>().lower().value();
    }
    /// Returns the origin of a new slot before value `index`, or after the last value if `index` is
    /// size(). Let p be the slot of value `index` - 1, or the start. If p has no right child, the
    /// new slot becomes a right child of p. Otherwise it becomes a left child of the slot after p,
    /// which may be erased.
    Origin<Id> origin_at(std::size_t index) const {
        const std::size_t next = index == 0 ? 0 : visible_[index - 1] + 1;
        const std::size_t before = index == 0 ? start() : order_[next - 1];
        if (has_children(before, Side::right)) return {*nodes_[order_[next]].dot, Side::left};
        return {index == 0 ? Dot<Id>() : *nodes_[before].dot, Side::right};
    }
    /// Returns the erased slots in `stable` that can be removed. If all replicas have erased all
    /// slots in `stable`, the removal moves no other slot, now or later. The reason: the removed
    /// slots have no children that stay, and no replica inserts a child of them. A replica inserts
    /// a child only of a slot s with a value, or of the slot directly after s if that slot is a
    /// descendant of s.
    DotSet<Id> removable(const DotSet<Id>& stable) const {
        std::vector<bool> is_erased(nodes_.size() + 1), stays(nodes_.size() + 1);
        for (const std::size_t node : order_) {
            is_erased[node] = nodes_[node].slot->template get<1>().is_upper() &&
                              stable.contains(*nodes_[node].dot);
        }
        for (std::size_t i = 0; i < order_.size(); ++i) {
            const std::size_t before = i == 0 ? start() : order_[i - 1];
            // If `before` has right children, the slot after `before` is a descendant of `before`.
            stays[order_[i]] = !is_erased[order_[i]] || i == 0 ||
                               (!is_erased[before] && has_children(before, Side::right));
        }
        keep_parents(stays);
        DotSet<Id> dots;
        for (const std::size_t node : order_)
            if (!stays[node]) dots.add(*nodes_[node].dot);
        return dots;
    }

  private:
    /// Sets `stays` for all ancestors of the slots that stay.
    void keep_parents(std::vector<bool>& stays) const {
        for (const std::size_t node : order_) {
            std::size_t child = node;
            while (stays[child] && !origin_of(child).is_start()) {
                const std::size_t parent = find(origin_of(child).parent, 0, slots_);
                if (parent == slots_ || stays[parent]) break;
                stays[parent] = true;
                child = parent;
            }
        }
    }
};

}  // namespace detail

}  // namespace crdt

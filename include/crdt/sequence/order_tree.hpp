// SPDX-License-Identifier: MIT
//! OrderTree: the slots of a sequence in their order, as a B-tree of spans.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include <crdt/detail/failure.hpp>
#include <crdt/detail/utf8.hpp>
#include <crdt/sequence/order_node.hpp>

namespace crdt::detail {

/// A B-tree of spans. Each node stores the sizes of the visible text below it. There is about one
/// node for 24 spans. An edit costs O(log n). Nodes are never merged, because slots are never
/// removed from a tree.
class OrderTree {
  public:
    using Node = OrderNode;
    using Inner = OrderInner;
    using Leaf = OrderLeaf;
    using Place = OrderPlace;
    static constexpr std::size_t width = Node::width;

  private:
    Node* root_ = nullptr;
    Leaf* first_ = nullptr;
    Leaf* last_ = nullptr;
    std::size_t height_ = 0;  // 0 if the root is a leaf
    TextSize size_{};

    void destroy(Node* node, std::size_t height) {
        if (height == 0) return void(delete static_cast<Leaf*>(node));
        Inner* const inner = static_cast<Inner*>(node);
        for (std::size_t i = 0; i < inner->count; ++i) destroy(inner->children[i], height - 1);
        delete inner;
    }
    static void set_child(Inner* inner, std::size_t at, Node* child, const TextSize& size) {
        inner->children[at] = child;
        inner->set_size(at, size);
        child->parent = inner;
        child->index = static_cast<std::uint16_t>(at);
    }
    /// Inserts the node `right` after `left`. `moved` is the size of the text that was moved from
    /// `left` to `right`. Precondition: the size of `left` in its parent still includes `moved`.
    void insert_node(Node* left, Node* right, const TextSize& moved) {
        make_room(left);
        Inner* const parent = left->parent;
        const std::size_t at = left->index + std::size_t{1};
        for (std::size_t i = parent->count; i > at; --i)
            set_child(parent, i, parent->children[i - 1], parent->size(i - 1));
        parent->shrink(left->index, moved);
        set_child(parent, at, right, moved);
        ++parent->count;
    }
    /// Makes room for one more child in the parent of `left`. If `left` is the root, makes a parent
    /// first. Each step allocates before it changes the tree, so the tree stays valid if an
    /// allocation fails.
    void make_room(Node* left) {
        if (left->parent == nullptr) {
            Inner* const root = new Inner;
            set_child(root, 0, left, size_);
            root->count = 1;
            root_ = root;
            ++height_;
        }
        if (left->parent->count == width) split(left->parent);
    }
    void split(Inner* left) {
        make_room(left);
        Inner* const right = new Inner;
        TextSize moved;
        constexpr std::size_t half = width / 2;
        for (std::size_t i = half; i < width; ++i) {
            set_child(right, i - half, left->children[i], left->size(i));
            moved += left->size(i);
        }
        left->count = right->count = half;
        insert_node(left, right, moved);
    }

  public:
    OrderTree() = default;
    OrderTree(const OrderTree&) = delete;
    OrderTree& operator=(const OrderTree&) = delete;
    ~OrderTree() {
        if (root_ != nullptr) destroy(root_, height_);
    }

    const TextSize& size() const { return size_; }
    Leaf* first() const { return first_; }
    Leaf* last() const { return last_; }

    /// Returns the leaf with the code point at offset `index` of the text. Sets `index` to the
    /// offset in this leaf. Both offsets count in `unit`. Precondition: `index` is less than the
    /// size of the text.
    Leaf* leaf_at(std::uint64_t TextSize::*unit, std::uint64_t& index) const {
        const Node* node = root_;
        for (std::size_t height = height_; height > 0; --height) {
            const Inner* const inner = static_cast<const Inner*>(node);
            std::size_t i = 0;
            const std::uint64_t* const sizes = inner->row(unit);
            while (index >= sizes[i]) index -= sizes[i++];
            node = inner->children[i];
        }
        return const_cast<Leaf*>(static_cast<const Leaf*>(node));
    }
    /// Returns the place of code point `index`. Precondition: `index` is less than the number of
    /// code points.
    Place at(std::uint64_t index) const {
        Leaf* const leaf = leaf_at(&TextSize::points, index);
        return place_in(leaf, index);
    }
    /// Returns the place of code point `index` of `leaf`, counted from the beginning of the leaf.
    static Place place_in(Leaf* leaf, std::uint64_t index) {
        for (std::size_t slot = 0;; ++slot) {
            const Span& span = leaf->spans[slot];
            if (!span.is_visible) continue;
            if (index < span.length) return {leaf, slot, index};
            index -= span.length;
        }
    }
    /// Returns the size of the text before `leaf`, counted in `unit`.
    static std::uint64_t before(const Leaf* leaf, std::uint64_t TextSize::*unit) {
        std::uint64_t total = 0;
        for (const Node* node = leaf; node->parent != nullptr; node = node->parent)
            for (std::size_t i = 0; i < node->index; ++i) total += node->parent->row(unit)[i];
        return total;
    }
    /// Returns the number of code points before `place`.
    static std::uint64_t points_before(const Place& place) {
        std::uint64_t total = before(place.leaf, &TextSize::points);
        for (std::size_t i = 0; i < place.slot; ++i)
            if (place.leaf->spans[i].is_visible) total += place.leaf->spans[i].length;
        return total + (place.span().is_visible ? place.offset : 0);
    }
    static Place next(const Place& place) {
        if (place.offset + 1 < place.span().length)
            return {place.leaf, place.slot, place.offset + 1};
        if (place.slot + 1 < place.leaf->count) return {place.leaf, place.slot + 1, 0};
        return {place.leaf->next, 0, 0};
    }
    static Place previous(const Place& place) {
        if (place.offset > 0) return {place.leaf, place.slot, place.offset - 1};
        Leaf* const leaf = place.slot > 0 ? place.leaf : place.leaf->previous;
        if (leaf == nullptr) return {};
        const std::size_t slot = place.slot > 0 ? place.slot - 1 : leaf->count - std::size_t{1};
        return {leaf, slot, leaf->spans[slot].length - 1};
    }

    /// Adds `size` to the sizes of `leaf` and of all nodes above it. shrink() subtracts `size`.
    void grow(Leaf* leaf, const TextSize& size) {
        leaf->size += size;
        for (Node* node = leaf; node->parent != nullptr; node = node->parent)
            node->parent->grow(node->index, size);
        size_ += size;
    }
    void shrink(Leaf* leaf, const TextSize& size) {
        leaf->size -= size;
        for (Node* node = leaf; node->parent != nullptr; node = node->parent)
            node->parent->shrink(node->index, size);
        size_ -= size;
    }
    /// Appends `span` after all others. `size` is the size of its text. Fills leaves only to 7/8,
    /// so that later edits have room.
    void append(const Span& span, const TextSize& size) {
        if (last_ == nullptr || last_->count == width - width / 8) {
            Leaf* const leaf = new Leaf;
            if (last_ == nullptr) {
                root_ = first_ = leaf;
            } else {
                OnFailure undo([&]() noexcept { delete leaf; });
                insert_node(last_, leaf, {});
                undo.dismiss();
                last_->next = leaf;
                leaf->previous = last_;
            }
            last_ = leaf;
        }
        last_->spans[last_->count++] = span;
        grow(last_, size);
    }
    /// Makes room for `count` more spans in the leaf of `place`. If the leaf is too full, moves its
    /// last spans to a new leaf after it, and calls `on_moved(leaf)` for the new leaf. If the span
    /// of `place` has moved, updates `place`. `measure(span)` returns the size of the text of a
    /// span.
    template <class Measure, class OnMoved>
    void make_room(Place& place, std::size_t count, const Measure& measure,
                   const OnMoved& on_moved) {
        Leaf* const left = place.leaf;
        if (left->count + count <= width) return;
        Leaf* const right = new Leaf;
        OnFailure undo([&]() noexcept { delete right; });
        // If a user types at the end of the sequence, few spans move, so the earlier leaves are
        // nearly full.
        const std::size_t kept =
            left == last_ && place.slot + 1 == left->count ? width - width / 8 : width / 2;
        TextSize moved;
        for (std::size_t i = kept; i < left->count; ++i) {
            const Span& span = left->spans[i];
            right->spans[i - kept] = span;
            if (!span.is_visible) continue;
            moved +=
                left->is_ascii() ? TextSize{span.length, span.length, span.length} : measure(span);
        }
        insert_node(left, right, moved);
        undo.dismiss();
        right->count = static_cast<std::uint16_t>(left->count - kept);
        left->count = static_cast<std::uint16_t>(kept);
        left->size -= moved;
        right->size = moved;
        right->previous = left;
        right->next = left->next;
        (right->next == nullptr ? last_ : right->next->previous) = right;
        left->next = right;
        if (place.slot >= kept) place = {right, place.slot - kept, place.offset};
        on_moved(right);
    }
    /// Inserts `span` into `leaf`, before the span at `slot`. Changes no sizes. Precondition: the
    /// leaf has room.
    static void insert(Leaf* leaf, std::size_t slot, const Span& span) {
        std::memmove(leaf->spans + slot + 1, leaf->spans + slot,
                     (leaf->count - slot) * sizeof(Span));
        leaf->spans[slot] = span;
        ++leaf->count;
    }
    /// Joins the span at `slot` with the span after it, if one span can contain the slots of both.
    /// Returns whether it has joined them.
    static bool join_next(Leaf* leaf, std::size_t slot) {
        if (slot + 1 >= leaf->count || !leaf->spans[slot].append(leaf->spans[slot + 1]))
            return false;
        --leaf->count;
        std::memmove(leaf->spans + slot + 1, leaf->spans + slot + 2,
                     (leaf->count - (slot + 1)) * sizeof(Span));
        return true;
    }
};

}  // namespace crdt::detail

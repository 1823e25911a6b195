// SPDX-License-Identifier: MIT
//! SpanTree: the spans of a sequence in their order, which are found by index and by dot.
#pragma once

#include <cstddef>
#include <cstdint>

#include <crdt/detail/inlining.hpp>
#include <crdt/detail/lazy.hpp>
#include <crdt/detail/utf8.hpp>
#include <crdt/sequence/columns.hpp>
#include <crdt/sequence/leaf_map.hpp>
#include <crdt/sequence/order_builder.hpp>
#include <crdt/sequence/order_tree.hpp>
#include <crdt/sequence/runs.hpp>
#include <crdt/sequence/span_text.hpp>

namespace crdt::detail {

/// The spans of a sequence in their order. A slot is found by the index of its code point or by its
/// dot. A search near the last edit is faster.
///
/// Cost    O(log n); the first search by a dot O(n log n)
/// Errors  if an allocation fails, the tree is wrong and must be dropped
template <ReplicaId Id>
class SpanTree {
    using Columns = SequenceColumns<Id>;
    using Leaf = OrderTree::Leaf;
    using Place = OrderTree::Place;

    OrderTree tree_{};
    Lazy<LeafMap> leaves_{};  // the leaf of each dot; made when first needed
    // The place of the last edit, because the next edit is often near it. near_ is the leaf, and
    // near_index_ is the index of its first code point. near_slot_ is the span in this leaf, and
    // near_slot_index_ is the number of code points before the span.
    Leaf* near_ = nullptr;
    std::uint64_t near_index_ = 0;
    std::size_t near_slot_ = 0;
    std::uint64_t near_slot_index_ = 0;
    // The span that was inserted last. The next slot is often inserted beside this span.
    Leaf* inserted_ = nullptr;
    std::size_t inserted_slot_ = 0;

    const LeafMap& leaves() const {
        return leaves_.get_or_make([](const LeafMap&) { return true; }, tree_);
    }
    void set_leaf(const Span& span, Leaf* leaf) {
        if (LeafMap* const leaves = leaves_.get()) leaves->set(span, leaf);
    }
    void make_room(const Columns& columns, Place& place, std::size_t count) {
        tree_.make_room(
            place, count, [&](const Span& span) { return measure(columns, span); },
            [&](Leaf* leaf) {
                near_ = nullptr;
                for (std::size_t i = 0; i < leaf->count; ++i) set_leaf(leaf->spans[i], leaf);
            });
    }
    void far_from_slot() {
        near_slot_ = 0;
        near_slot_index_ = near_index_;
    }
    /// Resets near_slot_ if it is after `slot` in `leaf`. The caller has changed the size of the
    /// span at `slot`, or has inserted spans there.
    void touch(const Leaf* leaf, std::size_t slot) {
        if (leaf == near_ && slot < near_slot_) far_from_slot();
    }
    void grow(Leaf* leaf, const TextSize& size) {
        if (leaf != near_) near_ = nullptr;
        tree_.grow(leaf, size);
    }
    void shrink(Leaf* leaf, const TextSize& size) {
        if (leaf != near_) near_ = nullptr;
        tree_.shrink(leaf, size);
    }
    void insert_at(Leaf* leaf, std::size_t slot, const Span& span, const TextSize& size) {
        OrderTree::insert(leaf, slot, span);
        finish_insert(leaf, slot, span, size);
    }
    void finish_insert(Leaf* leaf, std::size_t slot, const Span& span, const TextSize& size) {
        OrderTree::join_next(leaf, slot);
        touch(leaf, slot);
        grow(leaf, size);
        set_leaf(span, leaf);
        inserted_ = leaf;
        inserted_slot_ = slot;
    }
    static Place find_in(Leaf* leaf, const Mark& dot) {
        for (std::size_t slot = 0; slot < leaf->count; ++slot) {
            const Span& span = leaf->spans[slot];
            if (span.contains(dot.line, dot.number))
                return {leaf, slot, span.offset_of(dot.number)};
        }
        return {};
    }
    /// Moves the slots `hidden`, which are at `place` in a visible span, into a hidden span
    /// directly before or after them. Returns false if there is no such span. There often is one,
    /// because a user erases letters one after the other.
    static bool hide_beside(const Place& place, Span hidden) {
        Span* const spans = place.leaf->spans + place.slot;
        const Span whole = *spans;
        const std::uint64_t end = place.offset + hidden.length;
        if (place.offset == 0) {
            if (end == whole.length || place.slot == 0 || !spans[-1].append(hidden)) return false;
            *spans = whole.part(end, whole.length - end);
            return true;
        }
        if (end != whole.length || place.slot + 1 == place.leaf->count || !hidden.append(spans[1]))
            return false;
        *spans = whole.part(0, place.offset);
        spans[1] = hidden;
        return true;
    }
    /// Cuts the slots `hidden` out of the visible span at `place`, and inserts them as a span of
    /// their own. If the span of `place` has moved to another leaf, updates `place`.
    CRDT_NOINLINE void hide_apart(const Columns& columns, Place& place, const Span& hidden) {
        const Span whole = place.span();
        const std::uint64_t offset = place.offset, end = offset + hidden.length;
        make_room(columns, place, 2);
        Leaf* const leaf = place.leaf;
        std::size_t slot = place.slot;
        if (end < whole.length)
            OrderTree::insert(leaf, slot + 1, whole.part(end, whole.length - end));
        if (offset > 0) {
            leaf->spans[slot] = whole.part(0, offset);
            OrderTree::insert(leaf, ++slot, hidden);
        } else {
            leaf->spans[slot] = hidden;
        }
        OrderTree::join_next(leaf, slot);
        if (slot > 0) OrderTree::join_next(leaf, slot - 1);
    }

  public:
    const OrderTree& tree() const { return tree_; }
    /// Returns a builder that appends to the tree. Precondition: the tree is empty.
    OrderBuilder<Id> builder(const Columns& columns) { return {columns, tree_}; }

    /// Returns the place of `dot`, or an empty place if the dot is not in the order.
    Place find(const Mark& dot) const {
        if (inserted_ != nullptr && inserted_slot_ < inserted_->count) {
            const Span& span = inserted_->spans[inserted_slot_];
            if (span.contains(dot.line, dot.number))
                return {inserted_, inserted_slot_, span.offset_of(dot.number)};
        }
        Leaf* const leaf = leaves().find(dot);
        return leaf == nullptr ? Place() : find_in(leaf, dot);
    }
    /// Returns the place of code point `index`. The search is faster near the last edit. Stores the
    /// place for the next edit. Precondition: `index` is less than the number of code points.
    Place locate(std::uint64_t index) {
        if (near_ == nullptr || index < near_index_ || index - near_index_ >= near_->size.points) {
            std::uint64_t offset = index;
            near_ = tree_.leaf_at(&TextSize::points, offset);
            near_index_ = index - offset;
            far_from_slot();
        }
        if (near_slot_ >= near_->count) far_from_slot();
        while (index < near_slot_index_) {
            const Span& span = near_->spans[--near_slot_];
            if (span.is_visible) near_slot_index_ -= span.length;
        }
        for (;; ++near_slot_) {
            const Span& span = near_->spans[near_slot_];
            if (!span.is_visible) continue;
            if (index - near_slot_index_ < span.length)
                return {near_, near_slot_, index - near_slot_index_};
            near_slot_index_ += span.length;
        }
    }
    /// Calls visit(place, count) for the visible slots with the numbers from `first` to `last` of
    /// the replica `line`. Each call is for `count` slots of one span, from `place` on.
    template <class Visit>
    void visit_places(std::uint32_t line, std::uint64_t first, std::uint64_t last,
                      Visit&& visit) const {
        for (std::uint64_t number = first;;) {
            Place place = find({line, number});
            if (!place) {
                number = leaves().next({line, number}, last);  // skips slots not in the order
                if (number == 0) return;
                place = find({line, number});
            }
            const Span span = place.span();
            const std::uint64_t end = (min)(last, span.last());
            if (span.is_backward) place.offset = span.offset_of(end);
            if (span.is_visible) visit(place, end - number + 1);
            if (end == last) return;
            number = end + 1;
        }
    }
    /// Inserts `span` after the place `after`, or at the beginning if `after` is empty. `size` is
    /// the size of the text of the span.
    void insert(const Columns& columns, Place after, const Span& span, const TextSize& size) {
        if (!after && tree_.first() == nullptr) {
            tree_.append(span, size);
            set_leaf(span, tree_.first());
            return;
        }
        if (!after) {
            after = {tree_.first(), 0, 0};
            make_room(columns, after, 1);
            insert_at(after.leaf, 0, span, size);
            return;
        }
        const std::uint64_t length = after.span().length;
        const bool is_inside = after.offset + 1 < length;
        if (!is_inside && after.leaf->spans[after.slot].append(span))
            return finish_insert(after.leaf, after.slot, span, size);
        make_room(columns, after, 2);
        if (is_inside) {
            Span& before = after.leaf->spans[after.slot];
            const Span whole = before;
            before = whole.part(0, after.offset + 1);
            touch(after.leaf, after.slot);
            OrderTree::insert(after.leaf, after.slot + 1,
                              whole.part(after.offset + 1, length - (after.offset + 1)));
        }
        insert_at(after.leaf, after.slot + 1, span, size);
    }
    /// Appends new visible slots, from `first` on, to the span of `place`, if three conditions are
    /// met: `place` is the last slot of a visible span, its dot is directly before `first`, and
    /// there is no LeafMap. Returns whether it has appended them. `size` is the size of their text.
    /// Precondition: the dot after the new ones is not in the order. Allocates nothing.
    bool type_on(const Place& place, const Mark& first, const TextSize& size) noexcept {
        if (leaves_.get() != nullptr) return false;
        Span& span = place.leaf->spans[place.slot];
        if (!span.is_visible || span.is_backward || span.line != first.line ||
            span.last() != first.number - 1 || place.offset + 1 != span.length)
            return false;
        span.length += size.points;
        touch(place.leaf, place.slot);
        grow(place.leaf, size);
        return true;
    }
    /// Hides `count` visible slots from `place` on. Precondition: all are in the span of `place`.
    void hide(const Columns& columns, Place place, std::uint64_t count) {
        Span hidden = place.span().part(place.offset, count);
        const TextSize size =
            place.leaf->is_ascii() ? TextSize{count, count, count} : measure(columns, hidden);
        hidden.is_visible = false;
        touch(place.leaf, place.slot);
        if (!hide_beside(place, hidden)) hide_apart(columns, place, hidden);
        shrink(place.leaf, size);
    }
};

}  // namespace crdt::detail

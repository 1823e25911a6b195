// SPDX-License-Identifier: MIT
//! OrderIndex: the order of the slots of a sequence, kept up to date as slots are added.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <crdt/causal/causal_context.hpp>
#include <crdt/causal/interval_map.hpp>
#include <crdt/detail/lazy.hpp>
#include <crdt/detail/min_max.hpp>
#include <crdt/detail/noinline.hpp>
#include <crdt/detail/utf8.hpp>
#include <crdt/lattice/column_map.hpp>
#include <crdt/lattice/unit.hpp>
#include <crdt/sequence/columns.hpp>
#include <crdt/sequence/leaf_map.hpp>
#include <crdt/sequence/order_journal.hpp>
#include <crdt/sequence/order_tree.hpp>
#include <crdt/sequence/order_walk.hpp>
#include <crdt/sequence/siblings.hpp>

namespace crdt::detail {

/// The order of the slots of a sequence. It follows from the columns and the context, and is no
/// part of the state. The index is made when the order is first needed. A change that moves no
/// other slot updates it. After any other change it is made again.
///
/// Cost    O(n log n) to make; an edit at an index O(log n); an insert beside a slot O(log n), plus
///         the number of runs that descends() passes
/// Errors  if an allocation fails, the index is wrong and must be dropped
template <ReplicaId Id>
class OrderIndex {
    using Columns = SequenceColumns<Id>;
    using Leaf = OrderTree::Leaf;

  public:
    using Place = OrderTree::Place;

  private:
    OrderTree tree_{};
    std::vector<MissingParent> missing_{};
    bool has_placeholders_ = false;
    // Made when they are first needed: the leaf of each dot, and the children on the two sides.
    Lazy<LeafMap> leaves_{};
    Siblings<Id> siblings_{};
    mutable OrderJournal<Id>* journal_ = nullptr;
    // The place of the last edit, because the next edit is often near it: the leaf, and the index
    // of the first code point there; the span, and the index of the first code point there or after
    // it.
    Leaf* near_ = nullptr;
    std::uint64_t near_index_ = 0;
    std::size_t near_slot_ = 0;
    std::uint64_t near_slot_index_ = 0;
    // The last dot that was inserted here. It has no children.
    Mark childless_{};

    static TextSize measure(const Columns& columns, const Span& span) {
        const Letters& letters = columns.line(span.line).letters;
        if (letters.is_ascii()) return {span.length, span.length, span.length};
        return letters.size(span.first, span.last());
    }
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
    /// Does the same as at(). It is faster near the last edit, and stores this place for the next
    /// one.
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
    void far_from_slot() {
        near_slot_ = 0;
        near_slot_index_ = near_index_;
    }
    /// Forgets the span of the last edit, if it is after `slot`. To be called after the span at
    /// `slot` has changed its size, or spans have been inserted there.
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
    /// Returns the slot after which a new child of `parent` is placed among its siblings, or none
    /// at the beginning.
    Place behind_siblings(const Columns& columns, const Mark& parent, Side side, const Mark& self) {
        const auto [before, behind] = siblings_.neighbours(columns, parent, side, self);
        if (behind)
            return OrderTree::previous(find(siblings_.outermost(columns, *behind, Side::left)));
        if (side == Side::left) return OrderTree::previous(find(parent));
        if (before) return find(siblings_.outermost(columns, *before, Side::right));
        return parent.number != 0 ? find(parent) : Place();
    }
    /// Inserts a span after a place, or at the beginning if the place is none.
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
    void insert_at(Leaf* leaf, std::size_t slot, const Span& span, const TextSize& size) {
        OrderTree::insert(leaf, slot, span);
        finish_insert(leaf, slot, span, size);
    }
    void finish_insert(Leaf* leaf, std::size_t slot, const Span& span, const TextSize& size) {
        OrderTree::join_next(leaf, slot);
        touch(leaf, slot);
        grow(leaf, size);
        set_leaf(span, leaf);
    }
    void record_insert(const Columns& columns, const Place& after, const Span& span) {
        if (journal_ == nullptr || !span.is_visible) return;
        OrderChange change;
        if (after) {
            change.index = OrderTree::points_before(after) + (after.span().is_visible ? 1 : 0);
        }
        append_text(columns, span, change.inserted);
        journal_->changes.push_back(std::move(change));
    }

  public:
    OrderIndex(const Columns& columns, const CausalContext<Id>& context) {
        OrderWalk<Id> walk(columns);
        Letters::Hint hint;
        const bool is_whole = walk.run(context, [&](std::uint32_t line, std::uint64_t first,
                                                    std::uint64_t last, bool is_backward) {
            append(columns, line, first, last, is_backward, hint);
        });
        has_placeholders_ = walk.has_placeholders();
        if (!is_whole) missing_ = walk.missing_parents();
    }

    /// Returns the sizes of the visible text.
    const TextSize& size() const { return tree_.size(); }
    /// Returns the number of code points that are not in the order. O(n).
    std::uint64_t waiting(const Columns& columns) const {
        std::uint64_t all = 0;
        for (const std::uint32_t line : columns.replicas().sorted())
            all += columns.line(line).letters.count();
        return all - tree_.size().points;
    }
    /// Is no parent missing? Then the index is right with each context.
    bool is_complete() const { return missing_.empty(); }
    /// Is the index right for a sequence with that context? It is wrong if a parent that was
    /// missing has been removed meanwhile.
    bool is_valid(const Columns& columns, const CausalContext<Id>& context) const {
        return std::none_of(missing_.begin(), missing_.end(), [&](const MissingParent& parent) {
            return parent.is_absent && context.contains(Dot<Id>{columns.replicas()[parent.dot.line],
                                                                parent.dot.number});
        });
    }
    /// Records the changes of the visible text in `journal` from now on. Null ends the recording.
    void set_journal(OrderJournal<Id>* journal) const { journal_ = journal; }
    OrderJournal<Id>* journal() const { return journal_; }

    /// Returns the place of a dot, or none if it is not in the order.
    Place find(const Mark& dot) const {
        Leaf* const leaf = leaves().find(dot);
        return leaf == nullptr ? Place() : find_in(leaf, dot);
    }
    /// Returns the place of code point `index`, and stores it for the next edit.
    Place place_for_edit(std::uint64_t index) { return locate(index); }
    /// Returns the place of code point `index`. Precondition: there is one.
    Place at(std::uint64_t index) const {
        Leaf* const leaf = tree_.leaf_at(&TextSize::points, index);
        return OrderTree::place_in(leaf, index);
    }
    /// Returns the number of code points before a place.
    static std::uint64_t index_of(const Place& place) { return OrderTree::points_before(place); }
    /// Returns the number of units of the text before code point `index`, or of all text if `index`
    /// is the number of code points. O(log n), plus the size of a leaf if that is not ASCII.
    std::uint64_t offset_of(const Columns& columns, std::uint64_t TextSize::*unit,
                            std::uint64_t index) const {
        if (index == tree_.size().points) return tree_.size().*unit;
        Leaf* const leaf = tree_.leaf_at(&TextSize::points, index);
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
    /// Returns the index of the code point that begins at `offset`, counted in units. Returns
    /// nothing if none begins there. Precondition: `offset` is not past the end.
    std::optional<std::uint64_t> index_at(const Columns& columns, std::uint64_t TextSize::*unit,
                                          std::uint64_t offset) const {
        if (offset == tree_.size().*unit) return tree_.size().points;
        Leaf* const leaf = tree_.leaf_at(unit, offset);
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
    /// Calls visit(span) for all spans.
    template <class Visit>
    void visit_all(Visit&& visit) const {
        for (const Leaf* leaf = tree_.first(); leaf != nullptr; leaf = leaf->next)
            for (std::size_t slot = 0; slot < leaf->count; ++slot) visit(leaf->spans[slot]);
    }
    /// Is `node`, the slot after `ancestor`, in the tree of a right child of `ancestor`?
    bool descends_from(const Columns& columns, const Mark& node, const Mark& ancestor) const {
        return detail::descends(columns, node, ancestor, Side::right);
    }
    /// Calls visit(span) for the visible spans of `count` code points from `index` on.
    template <class Visit>
    void visit(std::uint64_t index, std::uint64_t count, Visit&& visit) const {
        if (count > 0) visit_from(at(index), count, visit);
    }
    /// Does the same from the place of a code point on. Precondition: count > 0.
    template <class Visit>
    static void visit(const Place& begin, std::uint64_t count, Visit&& visit) {
        visit_from(begin, count, visit);
    }
    static void append_text(const Columns& columns, const Span& span, std::string& text) {
        const Letters& letters = columns.line(span.line).letters;
        if (!span.is_backward) return letters.append_to(text, span.first, span.last());
        for (std::uint64_t number = span.last();; --number) {
            append_utf8(text, letters.at(number));
            if (number == span.first) return;
        }
    }

    /// Returns the place after which code point `index` is inserted, or none at the beginning.
    Place gap(std::uint64_t index) { return index == 0 ? Place() : locate(index - 1); }
    /// Returns the place after which a slot on a side of `dot` is inserted, or none at the
    /// beginning. Precondition: `dot` is in the order.
    Place gap_beside(const Mark& dot, Side side) const {
        const Place place = find(dot);
        return side == Side::right ? place : OrderTree::previous(place);
    }
    /// Returns the place beside which a slot in that gap is inserted. See FugueOrder::origin_at.
    Parent parent_at(const Columns& columns, const Place& gap) const {
        if (!gap) {
            const Place first{tree_.first(), 0, 0};
            if (!first) return {};
            return {first.number(), first.span().line, Side::left};
        }
        const Mark before{gap.span().line, gap.number()};
        const Parent behind{before.number, before.line, Side::right};
        if (before == childless_) return behind;
        const Place next = OrderTree::next(gap);
        if (!next) return behind;
        const Mark after{next.span().line, next.number()};
        if (descends(columns, after, before, Side::right))
            return {after.number, after.line, Side::left};
        return behind;
    }
    /// Inserts new visible slots after `gap`, if they continue the span before it and the slots
    /// that were inserted last. Text that is typed on does. Returns whether they are inserted.
    /// Allocates nothing.
    bool type_on(const Place& gap, const Mark& first, const Run& run,
                 const TextSize& size) noexcept {
        const Mark before{first.line, first.number - 1};
        if (!gap || leaves_.get() != nullptr || !(before == childless_)) return false;
        Span& span = gap.leaf->spans[gap.slot];
        if (!span.is_visible || span.is_backward || span.line != first.line ||
            span.last() != before.number || gap.offset + 1 != span.length)
            return false;
        span.length += size.points;
        childless_.number = run.last;
        touch(gap.leaf, gap.slot);
        grow(gap.leaf, size);
        return true;
    }
    /// Inserts new slots after `gap`. Precondition: `columns` has them already.
    void insert(const Columns& columns, const Place& gap, const Mark& first, const Run& run,
                const TextSize& size) {
        insert(columns, gap, {first.number, run.last - first.number + 1, first.line, true, false},
               size);
        childless_ = {first.line, run.last};
        siblings_.add(first, run.parent);
    }
    /// Adds new slots with their origins. Precondition: `columns` has them already. If
    /// `is_visible`, each of them shows a code point. `size` is the size of their text. Returns
    /// false if the index must be made again.
    bool attach(const Columns& columns, const Mark& first, const Run& run, bool is_visible,
                const TextSize& size) {
        for (const auto& [dot, is_absent] : missing_) {
            if (dot.line == first.line && first.number <= dot.number && dot.number <= run.last)
                return false;
        }
        const Mark parent{run.parent.line, run.parent.sequence};
        Place gap;
        if (parent.number == 0) {
            if (has_placeholders_) return false;
            const Place next{tree_.first(), 0, 0};
            if (next) gap = behind_siblings(columns, {}, Side::right, first);
        } else {
            const Place beside = find(parent);
            if (!beside) {
                missing_.push_back({parent, !columns.has_slot(parent)});
                return true;
            }
            const bool is_right = run.parent.side == Side::right;
            const Place next = is_right ? OrderTree::next(beside) : OrderTree::previous(beside);
            const bool has_siblings =
                next && !(is_right && parent == childless_) &&
                descends(columns, {next.span().line, next.number()}, parent, run.parent.side);
            if (has_siblings)
                gap = behind_siblings(columns, parent, run.parent.side, first);
            else
                gap = is_right ? beside : next;
        }
        const bool is_backward = run.direction == Side::left && run.last > first.number;
        const Span span{first.number, run.last - first.number + 1, first.line, is_visible,
                        is_backward};
        record_insert(columns, gap, span);
        childless_ = {first.line, run.last};
        insert(columns, gap, span, size);
        siblings_.add(first, run.parent);
        return true;
    }
    /// Hides `count` code points from code point `index` on, which is at `begin`. Precondition:
    /// their letters are not erased yet.
    void hide(const Columns& columns, const Place& begin, std::uint64_t index,
              std::uint64_t count) {
        for (Place place = begin;; place = locate(index)) {
            const std::uint64_t part = (min)(count, place.span().length - place.offset);
            hide_part(columns, place, part);
            count -= part;
            if (count == 0) return;
        }
    }
    /// Hides the slots of a range of one replica. Precondition: their letters are not erased yet.
    void hide(const Columns& columns, std::uint32_t line, std::uint64_t first, std::uint64_t last) {
        visit_places(line, first, last, [&](const Place& place, std::uint64_t count) {
            hide_part(columns, place, count);
        });
    }
    /// Calls visit(index, count) for the visible slots of a range of one replica.
    template <class Visit>
    void visit_dots(std::uint32_t line, std::uint64_t first, std::uint64_t last,
                    Visit&& visit) const {
        visit_places(line, first, last, [&](const Place& place, std::uint64_t count) {
            visit(index_of(place), count);
        });
    }

  private:
    template <class Visit>
    static void visit_from(const Place& begin, std::uint64_t count, Visit& visit) {
        std::uint64_t offset = begin.offset;
        std::size_t slot = begin.slot;
        for (const Leaf* leaf = begin.leaf; count > 0; leaf = leaf->next, slot = 0) {
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
    /// Calls visit(place, count) for each section of a visible span that is in a range of one
    /// replica.
    template <class Visit>
    void visit_places(std::uint32_t line, std::uint64_t first, std::uint64_t last,
                      Visit&& visit) const {
        for (std::uint64_t number = first;;) {
            Place place = find({line, number});
            if (!place) {
                number = leaves().next({line, number}, last);  // skips slots that wait
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
    static Place find_in(Leaf* leaf, const Mark& dot) {
        for (std::size_t slot = 0; slot < leaf->count; ++slot) {
            const Span& span = leaf->spans[slot];
            if (span.contains(dot.line, dot.number))
                return {leaf, slot, span.offset_of(dot.number)};
        }
        return {};
    }
    void append(const Columns& columns, std::uint32_t line, std::uint64_t first, std::uint64_t last,
                bool is_backward, Letters::Hint& hint) {
        std::vector<Span> spans;
        const auto add = [&](std::uint64_t from, std::uint64_t to, bool is_visible) {
            const Span span{from, to - from + 1, line, is_visible, is_backward && to > from};
            if (!is_backward)
                append(columns, span);
            else
                spans.push_back(span);
        };
        std::uint64_t next = first;
        const auto add_text = [&](std::uint64_t from, std::uint64_t to) {
            if (next < from) add(next, from - 1, false);
            add(from, to, true);
            next = to + 1;
        };
        columns.line(line).letters.visit(first, last, hint, add_text);
        if (next <= last && next != 0) add(next, last, false);
        for (auto span = spans.rbegin(); span != spans.rend(); ++span) append(columns, *span);
    }
    void append(const Columns& columns, const Span& span) {
        const TextSize size = span.is_visible ? measure(columns, span) : TextSize();
        Leaf* const leaf = tree_.last();
        if (leaf != nullptr && leaf->spans[leaf->count - 1].append(span))
            tree_.grow(leaf, size);
        else
            tree_.append(span, size);
    }
    /// Hides `count` visible slots of a span from `place` on.
    void hide_part(const Columns& columns, Place place, std::uint64_t count) {
        Span hidden = place.span().part(place.offset, count);
        const TextSize size =
            place.leaf->is_ascii() ? TextSize{count, count, count} : measure(columns, hidden);
        hidden.is_visible = false;
        if (journal_ != nullptr)
            journal_->changes.push_back({OrderTree::points_before(place), count, {}});
        touch(place.leaf, place.slot);
        if (!hide_beside(place, hidden)) hide_apart(columns, place, hidden);
        shrink(place.leaf, size);
    }
    /// Moves the slots that are hidden from a visible span to the hidden span beside them, if there
    /// is one. Erasures are often beside earlier ones. Returns whether the slots are moved.
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
    /// Replaces slots of a visible span by `hidden`. Updates `place`, if its span has moved.
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
};

}  // namespace crdt::detail

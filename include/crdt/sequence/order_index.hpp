// SPDX-License-Identifier: MIT
//! OrderIndex: the order of the slots of a sequence, which is updated when slots are added.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <crdt/causal/causal_context.hpp>
#include <crdt/causal/dot.hpp>
#include <crdt/detail/min_max.hpp>
#include <crdt/detail/utf8.hpp>
#include <crdt/sequence/columns.hpp>
#include <crdt/sequence/order_journal.hpp>
#include <crdt/sequence/order_tree.hpp>
#include <crdt/sequence/order_walk.hpp>
#include <crdt/sequence/siblings.hpp>
#include <crdt/sequence/span_text.hpp>
#include <crdt/sequence/span_tree.hpp>

namespace crdt::detail {

/// The order of the slots of a sequence. The columns and the context determine the order, so the
/// order is not part of the state. The index is made when the order is first needed. A change that
/// moves no other slot updates the index. After any other change the index is made again.
///
/// Cost    O(n log n) to make the index; O(log n) for an edit at an index; for an insert beside a
///         slot O(log n), plus the number of runs that descends() passes
/// Errors  if an allocation fails, the index is wrong and must be dropped
template <ReplicaId Id>
class OrderIndex {
    using Columns = SequenceColumns<Id>;

  public:
    using Place = OrderTree::Place;

  private:
    SpanTree<Id> spans_{};
    std::vector<MissingParent> missing_{};
    bool has_placeholders_ = false;
    Siblings<Id> siblings_{};
    mutable OrderJournal<Id>* journal_ = nullptr;
    // The dot that was inserted last. No slot is its child.
    Mark childless_{};

    Place first() const { return {tree().first(), 0, 0}; }
    /// `self` is a new child of `parent` on `side`. Returns the place after which `self` is
    /// inserted, or an empty place if `self` becomes the first slot of the order.
    Place behind_siblings(const Columns& columns, const Mark& parent, Side side, const Mark& self) {
        const auto [before, behind] = siblings_.neighbours(columns, parent, side, self);
        if (behind)
            return OrderTree::previous(find(siblings_.outermost(columns, *behind, Side::left)));
        if (side == Side::left) return OrderTree::previous(find(parent));
        if (before) return find(siblings_.outermost(columns, *before, Side::right));
        return parent.number != 0 ? find(parent) : Place();
    }
    void record_insert(const Columns& columns, const Place& after, const Span& span) {
        if (journal_ == nullptr || !span.is_visible) return;
        OrderChange change;
        if (after) change.index = index_of(after) + (after.span().is_visible ? 1 : 0);
        append_text(columns, span, change.inserted);
        journal_->changes.push_back(std::move(change));
    }
    void hide(const Columns& columns, const Place& place, std::uint64_t count) {
        if (journal_ != nullptr) journal_->changes.push_back({index_of(place), count, {}});
        spans_.hide(columns, place, count);
    }

  public:
    OrderIndex(const Columns& columns, const CausalContext<Id>& context) {
        OrderWalk<Id> walk(columns);
        auto builder = spans_.builder(columns);
        const bool is_whole = walk.run(
            context, [&](std::uint32_t line, std::uint64_t from, std::uint64_t last,
                         bool is_backward) { builder.append(line, from, last, is_backward); });
        has_placeholders_ = walk.has_placeholders();
        if (!is_whole) missing_ = walk.missing_parents(context);
    }

    /// Returns the tree of the spans.
    const OrderTree& tree() const { return spans_.tree(); }
    /// Returns the sizes of the visible text, in code points, bytes and UTF-16 units.
    const TextSize& size() const { return tree().size(); }
    /// Returns the number of code points that are not in the order. O(n).
    std::uint64_t waiting(const Columns& columns) const {
        std::uint64_t all = 0;
        for (const std::uint32_t line : columns.replicas().sorted())
            all += columns.line(line).letters.count();
        return all - size().points;
    }
    /// Have all parents been received? If so, the index is right for every context.
    bool is_complete() const { return missing_.empty(); }
    /// Was one of the dots from `first` to `last` a missing parent? `last` is the number of a dot
    /// of the same replica.
    bool awaits(const Mark& first, std::uint64_t last) const {
        return std::any_of(missing_.begin(), missing_.end(), [&](const MissingParent& parent) {
            return parent.dot.line == first.line && first.number <= parent.dot.number &&
                   parent.dot.number <= last;
        });
    }
    /// Is the index right for a sequence with `context`? The index is wrong if a missing parent was
    /// removed after the index was made. A removed parent is in `context`.
    bool is_valid(const Columns& columns, const CausalContext<Id>& context) const {
        return std::none_of(missing_.begin(), missing_.end(), [&](const MissingParent& parent) {
            return parent.is_absent && context.contains(Dot<Id>{columns.replicas()[parent.dot.line],
                                                                parent.dot.number});
        });
    }
    /// Records all later changes of the visible text in `journal`. If `journal` is null, ends the
    /// recording.
    void set_journal(OrderJournal<Id>* journal) const { journal_ = journal; }
    OrderJournal<Id>* journal() const { return journal_; }

    /// Returns the place of `dot`, or an empty place if the dot is not in the order.
    Place find(const Mark& dot) const { return spans_.find(dot); }
    /// Returns the place of code point `index`. Precondition: `index` is less than the number of
    /// code points.
    Place at(std::uint64_t index) const { return tree().at(index); }
    /// Returns the same as at(), but faster near the last edit. Stores the place for the next edit.
    Place locate(std::uint64_t index) { return spans_.locate(index); }
    /// Returns the number of code points before `place`.
    static std::uint64_t index_of(const Place& place) { return OrderTree::points_before(place); }
    /// Calls visit(span) for all spans.
    template <class Visit>
    void visit_all(Visit&& visit) const {
        for (const OrderLeaf* leaf = tree().first(); leaf != nullptr; leaf = leaf->next)
            for (std::size_t slot = 0; slot < leaf->count; ++slot) visit(leaf->spans[slot]);
    }
    /// Calls visit(span) for the visible spans that show `count` code points from `index` on.
    template <class Visit>
    void visit(std::uint64_t index, std::uint64_t count, Visit&& visit) const {
        if (count > 0) visit_visible(at(index), count, visit);
    }
    /// Calls visit(index, count) for the visible slots with the numbers from `from` to `last` of
    /// the replica `line`. Each call is for `count` code points from `index` on.
    template <class Visit>
    void visit_dots(std::uint32_t line, std::uint64_t from, std::uint64_t last,
                    Visit&& visit) const {
        spans_.visit_places(line, from, last, [&](const Place& place, std::uint64_t count) {
            visit(index_of(place), count);
        });
    }

    /// Returns the place after which a new code point at `index` is inserted, or an empty place if
    /// `index` is 0.
    Place gap(std::uint64_t index) { return index == 0 ? Place() : locate(index - 1); }
    /// Returns the place after which a new slot directly beside `dot`, on `side`, is inserted.
    /// Returns an empty place if the new slot becomes the first one. Precondition: `dot` is in the
    /// order.
    Place gap_beside(const Mark& dot, Side side) const {
        const Place place = find(dot);
        return side == Side::right ? place : OrderTree::previous(place);
    }
    /// Returns the origin of a new slot after the place `gap`. See FugueOrder::origin_at.
    Parent parent_at(const Columns& columns, const Place& gap) const {
        if (!gap) {
            const Place next = first();
            return next ? Parent{next.number(), next.span().line, Side::left} : Parent{};
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
    /// Tries to insert new visible slots after `gap` without an allocation. Returns whether it has
    /// inserted them. This is possible only if the slots continue the span of `gap` and the slots
    /// that were inserted last, as when a user types the next letter. Precondition: the dot after
    /// the new ones is not in the order.
    bool type_on(const Place& gap, const Mark& first, const Run& run,
                 const TextSize& size) noexcept {
        if (!gap || !(childless_ == Mark{first.line, first.number - 1}) ||
            !spans_.type_on(gap, first, size))
            return false;
        childless_.number = run.last;
        return true;
    }
    /// Inserts new visible slots after `gap`. Precondition: `columns` already has these slots.
    void insert(const Columns& columns, const Place& gap, const Mark& first, const Run& run,
                const TextSize& size) {
        spans_.insert(columns, gap,
                      {first.number, run.last - first.number + 1, first.line, true, false}, size);
        childless_ = {first.line, run.last};
        siblings_.add(first, run.parent);
    }
    /// Adds new slots, with the origins `run`. If `is_visible`, each of them shows a code point.
    /// Returns false if the index must be made again. Precondition: `columns` has the slots
    /// already.
    bool attach(const Columns& columns, const Mark& first, const Run& run, bool is_visible) {
        if (awaits(first, run.last)) return false;
        const Mark parent{run.parent.line, run.parent.sequence};
        Place gap;
        if (parent.number == 0) {
            if (has_placeholders_) return false;
            if (this->first()) gap = behind_siblings(columns, {}, Side::right, first);
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
        spans_.insert(columns, gap, span, is_visible ? measure(columns, span) : TextSize());
        siblings_.add(first, run.parent);
        return true;
    }
    /// Hides `count` code points from code point `index` on. `begin` is the place of the first one.
    /// Precondition: the code points are still in `columns`.
    void hide(const Columns& columns, const Place& begin, std::uint64_t index,
              std::uint64_t count) {
        for (Place place = begin;; place = locate(index)) {
            const std::uint64_t part = (min)(count, place.span().length - place.offset);
            hide(columns, place, part);
            count -= part;
            if (count == 0) return;
        }
    }
    /// Hides the slots with the numbers from `from` to `last` of the replica `line`. Precondition:
    /// their code points are still in `columns`.
    void hide_dots(const Columns& columns, std::uint32_t line, std::uint64_t from,
                   std::uint64_t last) {
        spans_.visit_places(line, from, last, [&](const Place& place, std::uint64_t count) {
            hide(columns, place, count);
        });
    }
};

}  // namespace crdt::detail

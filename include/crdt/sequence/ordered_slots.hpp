// SPDX-License-Identifier: MIT
//! OrderedSlots: the slots of a text with the index of their order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/causal/causal_context.hpp>
#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/detail/inlining.hpp>
#include <crdt/detail/lazy.hpp>
#include <crdt/detail/small_vector.hpp>
#include <crdt/detail/utf8.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/sequence/columns.hpp>
#include <crdt/sequence/order_index.hpp>
#include <crdt/sequence/piece.hpp>
#include <crdt/sequence/slice.hpp>
#include <crdt/sequence/slot_store.hpp>
#include <crdt/sequence/span_text.hpp>

namespace crdt::detail {

/// The slots of a text, and the index of their order. The index is made when it is first needed. A
/// change that moves slots drops the index. Any other change updates the index.
template <ReplicaId Id>
class OrderedSlots {
    using Columns = SequenceColumns<Id>;
    using Index = OrderIndex<Id>;
    using Content = SlotContent;

    SlotStore<Id> slots_{};
    Lazy<Index> index_{};

    void make_columns() {
        if (slots_.has_columns()) return;
        slots_.make_columns();
        drop_order();
    }
    CRDT_NOINLINE const Index& make_order(const CausalContext<Id>& context) const {
        const Columns& all = columns();
        return index_.get_or_make([&](const Index& index) { return index.is_valid(all, context); },
                                  all, context);
    }
    /// Returns the index of the order for changes. Makes the index if there is none.
    Index& prepare_order(const CausalContext<Id>& context) {
        order(context);
        index_.drop_older();
        return *index_.get();
    }
    /// Drops the index, because slots move. If there is a journal, moves the index to
    /// OrderJournal::retired, so that TextRecorder can compare the old order with the new one.
    void drop_order() noexcept {
        const Index* const order = index_.get();
        if (order == nullptr) return;
        if (auto* const journal = order->journal(); journal != nullptr)
            journal->retired = std::move(index_);
        else
            index_.reset();
    }
    /// Drops the index, because memory ran out while the index was being changed.
    void lose_order() noexcept {
        const Index* const order = index_.get();
        if (order != nullptr && order->journal() != nullptr) order->journal()->is_lost = true;
        index_.reset();
    }
    /// Calls `update`, which updates the index. If `update` throws, drops the index.
    template <class Update>
    void keep_order(Update&& update) noexcept {
        if (!attempt(update)) lose_order();
    }

  public:
    OrderedSlots() = default;
    explicit OrderedSlots(Piece<Id> piece) : slots_(std::move(piece)) {}
    explicit OrderedSlots(Columns columns) : slots_(std::move(columns)) {}

    const SlotStore<Id>& store() const { return slots_; }
    /// Returns the Piece of the store, so that a caller can fill it. Precondition: there are no
    /// slots.
    Piece<Id>& piece() { return slots_.piece(); }
    /// Returns all slots in columns. O(1). If the slots are stored as one piece, the first call
    /// copies them in O(n).
    const Columns& columns() const { return slots_.all_columns(); }
    /// Returns the index of the order. Precondition: `context` is the context of the state that
    /// contains this store. O(1). The first call after a change that moves slots is O(n log n).
    const Index& order(const CausalContext<Id>& context) const {
        const Index* const known = index_.get();
        return known != nullptr && known->is_complete() ? *known : make_order(context);
    }
    /// Ends the recording in a journal, if there is one.
    void end_journal() const {
        if (const Index* const order = index_.get()) order->set_journal(nullptr);
    }
    /// Adds the slots of `slice`. Precondition: this store has none of them, and there is no index
    /// yet.
    void append(const Slice<Id>& slice, std::string& buffer) { slots_.append(slice, buffer); }
    /// Adds the parts of `slice`. Precondition: this store lacks all of them.
    void add(const Slice<Id>& slice, std::string& buffer) {
        make_columns();
        Columns& columns = slots_.columns();
        Index* const order = index_.get();
        if (order == nullptr) return void(columns.add(slice, buffer));
        if (!slice.status.has_origin && slice.status.content == Content::erased) {
            // hide_dots() reads the code points, so columns.add(), which erases them, comes second.
            const std::uint32_t line = columns.add_replica(*slice.replica);
            OnFailure drop([&]() noexcept { lose_order(); });
            order->hide_dots(columns, line, slice.first, slice.last);
            columns.add(slice, buffer);
            drop.dismiss();
            return;
        }
        const std::uint32_t line = columns.add_replica(*slice.replica);
        const Run run = columns.run_of(slice, line);
        columns.add(line, slice.first, run, slice.status, slice.text_in(buffer));
        if (!slice.status.has_origin || slice.status.content == Content::none) return drop_order();
        bool is_kept = false;
        keep_order([&] {
            is_kept = order->attach(columns, {line, slice.first}, run,
                                    slice.status.content == Content::value);
        });
        if (!is_kept) drop_order();
    }
    /// Removes the slots at `dots`. If an allocation fails, throws, and only some of the slots may
    /// have been removed.
    void remove(const DotSet<Id>& dots) {
        make_columns();
        drop_order();
        dots.visit([&](const DotRange<Id>& range) { slots_.columns().remove(range); });
    }
    /// Does `slice` contain only erasures, and do all slots of `slice` have a code point here? If
    /// so, all of these erasures are new.
    bool erases_letters(const Slice<Id>& slice) {
        if (slice.status.has_origin || slice.status.content != Content::erased ||
            !slots_.has_columns())
            return false;
        Columns& columns = slots_.columns();
        const std::uint32_t line = columns.number_of(*slice.replica);
        return line != Columns::none &&
               columns.line(line).letters.contains_all(slice.first, slice.last);
    }
    /// Returns the result of find(order), which is a place for insert(). `order` is the index.
    /// Precondition: `context` does not contain the dots that will be inserted. Otherwise a slot
    /// that waits for one of these dots would count as a child of a removed slot.
    template <class Find>
    auto find_gap(const CausalContext<Id>& context, const Find& find) {
        make_columns();
        return find(prepare_order(context));
    }
    /// Inserts `text` after the place `gap`, and puts the new slots into `added`. If an allocation
    /// fails, throws and changes nothing here. Preconditions: find_gap() has returned `gap`, and
    /// nothing has changed since. `text` is well-formed and not empty, and has the sizes `size`.
    /// `dots` are new, one for each code point. `added` is empty.
    void insert(OrderedSlots& added, const typename Index::Place& gap, const DotRange<Id>& dots,
                std::string_view text, const TextSize& size) {
        Columns& columns = slots_.columns();
        Index& order = *index_.get();
        const Parent parent = order.parent_at(columns, gap);
        Piece<Id>& piece = added.piece();
        piece.replica = dots.replica;
        piece.first = dots.first;
        piece.last = dots.last;
        if (parent.sequence != 0) piece.set_parent_replica(columns.replicas()[parent.line]);
        piece.parent = parent.sequence;
        piece.side = parent.side;
        piece.status = {true, Content::value};
        piece.text = text;
        const Run run{dots.last, parent, Side::right};
        const std::uint32_t line = columns.add_replica(dots.replica);
        columns.add(line, dots.first, run, piece.status, text);
        if (order.awaits({line, dots.first}, dots.last)) return drop_order();
        if (order.type_on(gap, {line, dots.first}, run, size)) return;
        keep_order([&] { order.insert(columns, gap, {line, dots.first}, run, size); });
    }
    /// An erasure of code points that is prepared, but not yet applied.
    struct Erasure {
        typename Index::Place begin{};  ///< The place of the first code point.
        std::uint64_t index = 0;        ///< The index of the first code point.
        std::uint64_t count = 0;        ///< The number of code points.
        SmallVector<Span, 2> spans{};   ///< The slots of the code points.
    };
    /// Prepares the erasure of `count` code points from `index` on. Changes no slot. Puts the
    /// erased slots into `erased`, and their dots into `dots`. Precondition: `erased` and `dots`
    /// are empty.
    Erasure prepare_erase(OrderedSlots& erased, DotSet<Id>& dots, const CausalContext<Id>& context,
                          std::uint64_t index, std::uint64_t count) {
        make_columns();
        Erasure erasure;
        erasure.index = index;
        erasure.count = count;
        erasure.begin = prepare_order(context).locate(index);
        std::string buffer;
        visit_visible(erasure.begin, count, [&](const Span& span) {
            erasure.spans.push_back(span);
            Slice<Id> slice;
            slice.replica = &slots_.columns().replicas()[span.line];
            slice.first = span.first;
            slice.last = span.last();
            slice.status = {false, Content::erased};
            dots.add(DotRange<Id>{*slice.replica, slice.first, slice.last});
            erased.slots_.append(slice, buffer);
        });
        return erasure;
    }
    /// Erases the code points of `erasure`. If an allocation fails, throws and changes nothing.
    /// Precondition: prepare_erase() has returned `erasure`, and nothing has changed since.
    void apply(const Erasure& erasure) {
        Columns& columns = slots_.columns();
        std::size_t marked = 0;
        OnFailure undo([&]() noexcept {
            while (marked > 0) {
                const Span& span = erasure.spans[--marked];
                columns.unmark_erased(span.line, span.first, span.last());
            }
        });
        for (; marked < erasure.spans.size(); ++marked) {
            const Span& span = erasure.spans[marked];
            columns.mark_erased(span.line, span.first, span.last());
        }
        undo.dismiss();
        keep_order(
            [&] { index_.get()->hide(columns, erasure.begin, erasure.index, erasure.count); });
        for (const Span& span : erasure.spans)
            columns.drop_letters(span.line, span.first, span.last());
    }
};

}  // namespace crdt::detail

// SPDX-License-Identifier: MIT
//! DotSequence: a dot store with the slots of a text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <crdt/causal/causal_context.hpp>
#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/detail/lazy.hpp>
#include <crdt/detail/noinline.hpp>
#include <crdt/detail/small_vector.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/sequence/columns.hpp>
#include <crdt/sequence/hash.hpp>
#include <crdt/sequence/order_index.hpp>
#include <crdt/sequence/piece.hpp>
#include <crdt/sequence/sequence_digest.hpp>
#include <crdt/sequence/slice.hpp>
#include <crdt/sequence/slot_store.hpp>

namespace crdt {

/// A dot store for text, with a slot at each dot. A slot has an origin, a content or both. The
/// content is a code point, or the slot is erased. The states are those of
/// DotFun<ListSlot<char32_t, Id>, Id>, but origins are kept by runs, erased slots by ranges, and
/// code points in columns.
///
/// Order   that of Causal; at a dot, no origin < origin, and nothing < code point < erased
/// Cost    O(log n) for each run and range that an operation touches. A store of one run allocates
///         only for a parent of another replica, and for an id or a text that is too long for the
///         buffer inside a std::string. The order of the slots is indexed when it is first needed.
///         The index is no part of the state
/// Errors  a join that runs out of memory may have joined only some of the slots
template <ReplicaId Id = std::string>
class DotSequence {
  public:
    /// The columns of the slots.
    using Columns = detail::SequenceColumns<Id>;

  private:
    using Index = detail::OrderIndex<Id>;
    using Slice = detail::Slice<Id>;
    using Content = detail::SlotContent;
    using Parts = detail::SlotStatus;

    detail::SlotStore<Id> slots_{};
    detail::Lazy<Index> index_{};

  public:
    /// The type of replica ids.
    using id_type = Id;
    /// The type of the digest.
    using Digest = SequenceDigest<Id>;

    /// Makes the empty store.
    DotSequence() = default;
    /// Makes the store with these slots. O(1), if there is no text to copy.
    explicit DotSequence(detail::Piece<Id> piece) : slots_(std::move(piece)) {}
    /// Makes the store with these slots.
    explicit DotSequence(Columns columns) : slots_(std::move(columns)) {}

    /// Is there no slot?
    bool is_bottom() const { return slots_.empty(); }
    /// Calls visit(slice) for ranges of slots with the same parts, in the order of dots.
    template <class Visit>
    void visit(Visit&& visit) const {
        slots_.visit(visit);
    }
    /// Calls visit(slice) for the slots of a range.
    template <class Visit>
    void visit_within(const DotRange<Id>& range, Visit&& visit) const {
        slots_.visit_within(range, visit);
    }
    /// Calls visit(first, last, status) for the slots of `range`, by ranges with one status.
    /// Numbers without slots are not visited.
    template <class Visit>
    void visit_status(const DotRange<Id>& range, Visit&& visit) const {
        slots_.visit_within(
            range, [&](const Slice& slice) { visit(slice.first, slice.last, slice.status); });
    }

    /// Returns the dots of all slots. O(n).
    DotSet<Id> dots() const { return slots_.dots(); }
    /// Returns the dots of the slots that are in `dots`.
    DotSet<Id> dots_in(const DotSet<Id>& dots) const {
        DotSet<Id> found;
        dots.visit([&](const DotRange<Id>& range) {
            visit_within(range, [&](const Slice& slice) { found.add(range_of(slice)); });
        });
        return found;
    }
    /// Removes the slots at `dots`. If an allocation fails, throws; then only some of the slots may
    /// be removed.
    void remove(const DotSet<Id>& dots) {
        if (dots.is_bottom() || dots_in(dots).is_bottom()) return;
        make_columns();
        drop_order();
        dots.visit([&](const DotRange<Id>& range) { slots_.columns().remove(range); });
    }

    /// Adds the slots of `other`. Precondition: all are new here.
    void merge_disjoint(const DotSequence& other) {
        if (!slots_.has_columns() && slots_.empty()) return void(*this = other);
        std::string buffer;
        other.visit([&](const Slice& slice) { add(slice, buffer); });
    }
    /// Joins the slots of `other`, except those that are in `seen` but not here, because they were
    /// removed. Returns the parts that were new.
    DotSequence absorb(const DotSequence& other, const DotSet<Id>& seen) {
        DotSequence delta;
        std::string buffer;
        join(other, seen, [&](const Slice& part) { delta.slots_.append(part, buffer); });
        return delta;
    }
    /// Does the same as absorb(), but returns only whether anything was new.
    bool join(const DotSequence& other, const DotSet<Id>& seen) {
        bool grew = false;
        join(other, seen, [&](const Slice&) { grew = true; });
        return grew;
    }
    /// Returns the parts that would be new in a store with the slots `theirs` and the context
    /// `seen`. `theirs` may be the digest of a store.
    template <class Theirs>
    DotSequence missing_at(const Theirs& theirs, const DotSet<Id>& seen) const {
        DotSequence result;
        std::string buffer;
        visit([&](const Slice& slice) {
            visit_missing(slice, theirs, seen,
                          [&](const Slice& part) { result.slots_.append(part, buffer); });
        });
        return result;
    }
    /// Does `other` contain every part that this store has, at each slot that both have?
    bool leq_on_common(const DotSequence& other) const {
        bool is_below = true;
        visit([&](const Slice& slice) {
            other.visit_status(range_of(slice), [&](auto, auto, const Parts& theirs) {
                is_below = is_below && slice.status.leq(theirs);
            });
        });
        return is_below;
    }
    /// Adds everything that missing_at() needs of this store to `digest`.
    void add_digest_to(Digest& digest) const {
        visit([&](const Slice& slice) {
            const DotRange<Id> range = range_of(slice);
            digest.all.add(range);
            if (slice.status.content == Content::erased) digest.erased.add(range);
            if (slice.status.content == Content::none) digest.without_content.add(range);
            if (!slice.status.has_origin) digest.without_origin.add(range);
        });
    }
    /// Returns how often visit_parts_of() calls visit, at most the greatest std::size_t.
    template <class By>
    std::size_t count_parts_of() const {
        std::size_t total = 0;
        if constexpr (std::is_same_v<By, detail::ByRanges>) {
            slots_.visit_ranges([&](const Slice&) { ++total; });
        } else {
            visit([&](const Slice& slice) {
                constexpr std::uint64_t most = (std::numeric_limits<std::size_t>::max)();
                const auto count =
                    static_cast<std::size_t>((detail::min)(slice.size_minus_one(), most - 1) + 1);
                total = detail::saturating_add(total, slice.status.has_origin ? count : 0);
                total = detail::saturating_add(total,
                                               slice.status.content != Content::none ? count : 0);
            });
        }
        return total;
    }
    /// Calls visit(part) for each origin and for each content of a slot or, if By is ByRanges, for
    /// each range of slots that are alike. Equal stores have equal ranges.
    template <class By, class Visit>
    void visit_parts_of(Visit&& visit_part) const {
        std::string buffer;
        const auto visit_one = [&](const Slice& part) {
            visit_part(DotSequence(detail::Piece<Id>(part, buffer)));
        };
        if constexpr (std::is_same_v<By, detail::ByRanges>) {
            slots_.visit_ranges(visit_one);
        } else {
            visit([&](const Slice& slice) {
                for (std::uint64_t number = slice.first;; ++number) {
                    if (slice.status.has_origin)
                        visit_one(slice.part(number, number, {true, Content::none}));
                    if (slice.status.content != Content::none)
                        visit_one(slice.part(number, number, {false, slice.status.content}));
                    if (number == slice.last) return;
                }
            });
        }
    }

    /// Do both have the same slots?
    friend bool operator==(const DotSequence& a, const DotSequence& b) {
        return detail::same_slots(a.columns(), b.columns());
    }
    /// Does a slot that is in both have two origins or two code points?
    friend bool conflicts(const DotSequence& a, const DotSequence& b) {
        bool found = false;
        std::string mine_text, text;
        b.visit([&](const Slice& slice) {
            a.visit_within(range_of(slice), [&](const Slice& mine) {
                const Slice theirs = slice.part(mine.first, mine.last, slice.status);
                found = found || (mine.status.has_origin && theirs.status.has_origin &&
                                  !mine.has_same_origins(theirs));
                if (mine.status.content == Content::value &&
                    theirs.status.content == Content::value)
                    found = found || mine.text_in(mine_text) != theirs.text_in(text);
            });
        });
        return found;
    }
    /// Returns a stable hash: equal stores have the same hash on every platform. O(n).
    friend std::uint64_t hash_value(const DotSequence& a) {
        return detail::hash_of_slots(a.columns());
    }

    // The members below are for Text.

    /// Returns the piece, so that a codec can read into it. Precondition: the store is empty.
    detail::Piece<Id>& piece() { return slots_.piece(); }
    /// Returns all slots in columns. O(1), but O(n) once for a store of one run.
    const Columns& columns() const { return slots_.all_columns(); }
    /// Returns the order of the slots. Precondition: `context` is the context of the state that
    /// contains this store. O(1), but O(n log n) once after a change that moves slots.
    const Index& order(const CausalContext<Id>& context) const {
        const Index* const known = index_.get();
        return known != nullptr && known->is_complete() ? *known : make_order(context);
    }
    /// Returns all slots as one slice, if they have the same parts and are in one run. Returns
    /// nothing if they are not, or if the store is empty.
    std::optional<Slice> single_slice() const { return slots_.single_slice(); }
    /// Ends the journal of the order, if there is one.
    void end_journal() const {
        if (const Index* const order = index_.get()) order->set_journal(nullptr);
    }
    /// Is there a code point?
    bool has_text() const { return slots_.has_text(); }
    /// Inserts text after the place that find_gap(order) returns. Precondition: it is well-formed
    /// and not empty, has the sizes `size`, and `dots` are new, one for each code point. Puts the
    /// new slots into `added`. Precondition: `added` is empty. If an allocation fails, throws and
    /// changes nothing here.
    template <class FindGap>
    void insert(DotSequence& added, const CausalContext<Id>& context, const FindGap& find_gap,
                const DotRange<Id>& dots, std::string_view text, const detail::TextSize& size) {
        make_columns();
        Columns& columns = slots_.columns();
        Index& order = prepare_order(context);
        const auto gap = find_gap(order);
        const detail::Parent parent = order.parent_at(columns, gap);
        detail::Piece<Id>& piece = added.piece();
        piece.replica = dots.replica;
        piece.first = dots.first;
        piece.last = dots.last;
        if (parent.sequence != 0) piece.set_parent_replica(columns.replicas()[parent.line]);
        piece.parent = parent.sequence;
        piece.side = parent.side;
        piece.status = {true, Content::value};
        piece.text = text;
        const detail::Run run{dots.last, parent, Side::right};
        const std::uint32_t line = columns.add_replica(dots.replica);
        columns.add(line, dots.first, run, piece.status, text);
        if (order.type_on(gap, {line, dots.first}, run, size)) return;
        keep_order([&] { order.insert(columns, gap, {line, dots.first}, run, size); });
    }
    /// A change that erases code points.
    struct Erasure {
        typename Index::Place begin{};                 ///< The place of the first code point.
        std::uint64_t index = 0;                       ///< Its index.
        std::uint64_t count = 0;                       ///< The number of code points.
        detail::SmallVector<detail::Span, 2> spans{};  ///< Their slots.
    };
    /// Prepares the erasure of `count` code points from `index` on. Changes no slot. Puts the
    /// erasures into `erased`, and their dots into `dots`. Precondition: both are empty.
    Erasure prepare_erase(DotSequence& erased, DotSet<Id>& dots, const CausalContext<Id>& context,
                          std::uint64_t index, std::uint64_t count) {
        make_columns();
        Erasure erasure;
        erasure.index = index;
        erasure.count = count;
        erasure.begin = prepare_order(context).place_for_edit(index);
        std::string buffer;
        Index::visit(erasure.begin, count, [&](const detail::Span& span) {
            erasure.spans.push_back(span);
            Slice slice;
            slice.replica = &slots_.columns().replicas()[span.line];
            slice.first = span.first;
            slice.last = span.last();
            slice.status = {false, Content::erased};
            dots.add(range_of(slice));
            erased.slots_.append(slice, buffer);
        });
        return erasure;
    }
    /// Erases the code points of `erasure`. Precondition: prepare_erase() has returned it, and
    /// nothing has changed since. If an allocation fails, throws and changes nothing.
    void apply(const Erasure& erasure) {
        Columns& columns = slots_.columns();
        std::size_t marked = 0;
        detail::OnFailure undo([&]() noexcept {
            while (marked > 0) {
                const detail::Span& span = erasure.spans[--marked];
                columns.unmark_erased(span.line, span.first, span.last());
            }
        });
        for (; marked < erasure.spans.size(); ++marked) {
            const detail::Span& span = erasure.spans[marked];
            columns.mark_erased(span.line, span.first, span.last());
        }
        undo.dismiss();
        keep_order([&] {
            index_.get()->hide(columns, erasure.begin, erasure.index, erasure.count);
        });
        for (const detail::Span& span : erasure.spans)
            columns.forget_letters(span.line, span.first, span.last());
    }

  private:
    /// Does the same, and calls visit(part) for each part that is new, before it is added.
    template <class Visit>
    void join(const DotSequence& other, const DotSet<Id>& seen, Visit&& visit) {
        std::string buffer;
        detail::SmallVector<Slice, 2> novel;
        other.visit([&](const Slice& slice) {
            if (erases_letters(slice)) {
                visit(slice);
                return add(slice, buffer);
            }
            novel.truncate(0);
            visit_missing(slice, *this, seen, [&](const Slice& part) { novel.push_back(part); });
            for (const Slice& part : novel) {
                visit(part);
                add(part, buffer);
            }
        });
    }
    /// Does `slice` only erase code points that are here? Then all of it is new.
    bool erases_letters(const Slice& slice) {
        if (slice.status.has_origin || slice.status.content != Content::erased ||
            !slots_.has_columns())
            return false;
        Columns& columns = slots_.columns();
        const std::uint32_t line = columns.number_of(*slice.replica);
        return line != Columns::none &&
               columns.line(line).letters.contains_all(slice.first, slice.last);
    }
    static DotRange<Id> range_of(const Slice& slice) {
        return {*slice.replica, slice.first, slice.last};
    }
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
    /// Returns the order, so that the caller can change it.
    Index& prepare_order(const CausalContext<Id>& context) {
        order(context);
        index_.forget_older();
        return *index_.get();
    }
    /// Drops the order, because slots move. If there is a journal, it keeps the order.
    void drop_order() noexcept {
        const Index* const order = index_.get();
        if (order == nullptr) return;
        if (auto* const journal = order->journal(); journal != nullptr)
            journal->retired = std::move(index_);
        else
            index_.reset();
    }
    /// Drops the order, because memory ran out while it changed.
    void lose_order() noexcept {
        const Index* const order = index_.get();
        if (order != nullptr && order->journal() != nullptr) order->journal()->is_lost = true;
        index_.reset();
    }
    /// Updates the order, and drops it if that fails.
    template <class Update>
    void keep_order(Update&& update) noexcept {
        if (!detail::attempt(update)) lose_order();
    }
    /// Adds parts that this store lacks.
    void add(const Slice& slice, std::string& buffer) {
        make_columns();
        Columns& columns = slots_.columns();
        Index* const order = index_.get();
        if (order == nullptr) return void(columns.add(slice, buffer));
        if (!slice.status.has_origin && slice.status.content == Content::erased) {
            // The order reads the letters before they are erased.
            const std::uint32_t line = columns.add_replica(*slice.replica);
            detail::OnFailure drop([&]() noexcept { lose_order(); });
            order->hide(columns, line, slice.first, slice.last);
            columns.add(slice, buffer);
            drop.dismiss();
            return;
        }
        const std::uint32_t line = columns.add_replica(*slice.replica);
        const detail::Run run = columns.run_of(slice, line);
        columns.add(line, slice.first, run, slice.status, slice.text_in(buffer));
        if (!slice.status.has_origin || slice.status.content == Content::none) return drop_order();
        bool is_kept = false;
        keep_order([&] {
            const bool is_visible = slice.status.content == Content::value;
            const auto& letters = columns.line(line).letters;
            is_kept = order->attach(
                columns, {line, slice.first}, run, is_visible,
                is_visible ? letters.size(slice.first, slice.last) : detail::TextSize());
        });
        if (!is_kept) drop_order();
    }
    /// Calls visit(part) for everything in `slice` that a store with the slots `theirs` and the
    /// context `seen` lacks.
    template <class Theirs, class Visit>
    static void visit_missing(const Slice& slice, const Theirs& theirs, const DotSet<Id>& seen,
                              Visit&& visit) {
        const DotRange<Id> range = range_of(slice);
        seen.visit_missing(range, [&](std::uint64_t first, std::uint64_t last) {
            visit(slice.part(first, last, slice.status));
        });
        theirs.visit_status(range,
                            [&](std::uint64_t first, std::uint64_t last, const Parts& status) {
                                const Parts lacking = slice.status.without(status);
                                if (lacking.is_present()) visit(slice.part(first, last, lacking));
                            });
    }
};

}  // namespace crdt

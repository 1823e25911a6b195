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
#include <crdt/detail/small_vector.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/sequence/columns.hpp>
#include <crdt/sequence/hash.hpp>
#include <crdt/sequence/order_index.hpp>
#include <crdt/sequence/ordered_slots.hpp>
#include <crdt/sequence/piece.hpp>
#include <crdt/sequence/sequence_digest.hpp>
#include <crdt/sequence/slice.hpp>

namespace crdt {

/// A dot store for text, with a slot at each dot. A slot has an origin, a content or both. The
/// content is either a code point or the mark that the slot is erased. The origin and the content
/// are the parts of a slot. The states are those of DotFun<ListSlot<char32_t, Id>, Id>, but origins
/// are stored as runs, erased slots as ranges, and code points in chunks.
///
/// Order   that of Causal; at a dot, no origin < origin, and no content < code point < erased
/// Cost    O(log n) for each run and range that an operation touches. A store of one run allocates
///         only for a parent of another replica, and for an id or a text that is too long for the
///         buffer inside a std::string. The order of the slots is indexed when it is first needed.
///         This index is not part of the state
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

    detail::OrderedSlots<Id> slots_{};

  public:
    /// The type of replica ids.
    using id_type = Id;
    /// The type of the digest.
    using Digest = SequenceDigest<Id>;

    /// Makes the empty store.
    DotSequence() = default;
    /// Makes the store with the slots of `piece`. O(1).
    explicit DotSequence(detail::Piece<Id> piece) : slots_(std::move(piece)) {}
    /// Makes the store with the slots of `columns`.
    explicit DotSequence(Columns columns) : slots_(std::move(columns)) {}

    /// Is there no slot?
    bool is_bottom() const { return slots_.store().empty(); }
    /// Calls visit(slice) for ranges of slots that have the same parts, in the order of dots.
    template <class Visit>
    void visit(Visit&& visit) const {
        slots_.store().visit(visit);
    }
    /// Calls visit(slice) for ranges of the slots in `range` that have the same parts.
    template <class Visit>
    void visit_within(const DotRange<Id>& range, Visit&& visit) const {
        slots_.store().visit_within(range, visit);
    }
    /// Calls visit(first, last, status) for the slots of `range`. Each call is for the slots from
    /// `first` to `last`, which have the same `status`. Numbers without slots are not visited.
    template <class Visit>
    void visit_status(const DotRange<Id>& range, Visit&& visit) const {
        slots_.store().visit_within(
            range, [&](const Slice& slice) { visit(slice.first, slice.last, slice.status); });
    }

    /// Returns the dots of all slots. O(n).
    DotSet<Id> dots() const { return slots_.store().dots(); }
    /// Returns the dots of the slots that are in `dots`.
    DotSet<Id> dots_in(const DotSet<Id>& dots) const {
        DotSet<Id> found;
        dots.visit([&](const DotRange<Id>& range) {
            visit_within(range, [&](const Slice& slice) { found.add(range_of(slice)); });
        });
        return found;
    }
    /// Removes the slots at `dots`. If an allocation fails, throws, and only some of the slots may
    /// have been removed.
    void remove(const DotSet<Id>& dots) {
        if (dots.is_bottom() || dots_in(dots).is_bottom()) return;
        slots_.remove(dots);
    }

    /// Adds the slots of `other`. Precondition: this store has none of them.
    void merge_disjoint(const DotSequence& other) {
        if (!slots_.store().has_columns() && slots_.store().empty()) return void(*this = other);
        std::string buffer;
        other.visit([&](const Slice& slice) { slots_.add(slice, buffer); });
    }
    /// Joins the slots of `other`. `seen` is the context of this store. If the dot of a slot is in
    /// `seen` but not in this store, the slot was removed, so the slot is not joined. Returns the
    /// parts that were new.
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
    /// Returns the parts of this store that would be new in another store. That store has the slots
    /// `theirs` and the context `seen`. `theirs` may be its digest.
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
    /// At the slots that both stores have, does `other` contain every part of this store?
    bool leq_on_common(const DotSequence& other) const {
        bool is_below = true;
        visit([&](const Slice& slice) {
            other.visit_status(range_of(slice), [&](auto, auto, const Parts& theirs) {
                is_below = is_below && slice.status.leq(theirs);
            });
        });
        return is_below;
    }
    /// Adds the slots and their status to `digest`, so that missing_at() of another store can read
    /// them.
    void add_digest_to(Digest& digest) const {
        visit([&](const Slice& slice) {
            const DotRange<Id> range = range_of(slice);
            digest.all.add(range);
            if (slice.status.content == Content::erased) digest.erased.add(range);
            if (slice.status.content == Content::none) digest.without_content.add(range);
            if (!slice.status.has_origin) digest.without_origin.add(range);
        });
    }
    /// Returns the number of calls of `visit` that visit_parts_of() makes, or the greatest
    /// std::size_t if the number is greater.
    template <class By>
    std::size_t count_parts_of() const {
        std::size_t total = 0;
        if constexpr (std::is_same_v<By, detail::ByRanges>) {
            slots_.store().visit_ranges([&](const Slice&) { ++total; });
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
    /// Calls visit(part) for each origin and for each content of a slot. If `By` is ByRanges, calls
    /// visit(part) instead for each range that SlotStore::visit_ranges() visits. Equal stores have
    /// equal ranges.
    template <class By, class Visit>
    void visit_parts_of(Visit&& visit_part) const {
        std::string buffer;
        const auto visit_one = [&](const Slice& part) {
            visit_part(DotSequence(detail::Piece<Id>(part, buffer)));
        };
        if constexpr (std::is_same_v<By, detail::ByRanges>) {
            slots_.store().visit_ranges(visit_one);
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
    /// Is there a slot that has different origins, or different code points, in the two stores?
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

    /// Returns the Piece of this store, so that a codec can decode slots into it. Precondition: the
    /// store is empty.
    detail::Piece<Id>& piece() { return slots_.piece(); }
    /// Returns all slots in columns. O(1). If the slots are stored as one piece, the first call
    /// copies them in O(n).
    const Columns& columns() const { return slots_.columns(); }
    /// Returns the order of the slots. Precondition: `context` is the context of the state that
    /// contains this store. O(1). The first call after a change that moves slots is O(n log n).
    const Index& order(const CausalContext<Id>& context) const { return slots_.order(context); }
    /// Ends the recording that TextRecorder began, if there is one.
    void end_journal() const { slots_.end_journal(); }
    /// Returns all slots as one slice, if they have the same parts and are in one run. Otherwise,
    /// or if the store is empty, returns nothing.
    std::optional<Slice> single_slice() const { return slots_.store().single_slice(); }
    /// Does any slot have a code point?
    bool has_text() const { return slots_.store().has_text(); }
    /// Returns the result of find(order), which is a place for insert(). `order` is the OrderIndex
    /// of the slots. See OrderedSlots::find_gap.
    template <class Find>
    auto find_gap(const CausalContext<Id>& context, const Find& find) {
        return slots_.find_gap(context, find);
    }
    /// Inserts `text` after the place `gap`, at the new dots `dots`. See OrderedSlots::insert.
    void insert(DotSequence& added, const typename Index::Place& gap, const DotRange<Id>& dots,
                std::string_view text, const detail::TextSize& size) {
        slots_.insert(added.slots_, gap, dots, text, size);
    }
    /// An erasure of code points that is prepared, but not yet applied.
    using Erasure = typename detail::OrderedSlots<Id>::Erasure;
    /// Prepares an erasure. See OrderedSlots::prepare_erase.
    Erasure prepare_erase(DotSequence& erased, DotSet<Id>& dots, const CausalContext<Id>& context,
                          std::uint64_t index, std::uint64_t count) {
        return slots_.prepare_erase(erased.slots_, dots, context, index, count);
    }
    /// Erases the code points of `erasure`. See OrderedSlots::apply.
    void apply(const Erasure& erasure) { slots_.apply(erasure); }

  private:
    /// Joins `other` as absorb() does. Calls visit(part) for each new part before adding the part.
    template <class Visit>
    void join(const DotSequence& other, const DotSet<Id>& seen, Visit&& visit) {
        std::string buffer;
        detail::SmallVector<Slice, 2> novel;
        other.visit([&](const Slice& slice) {
            if (slots_.erases_letters(slice)) {
                visit(slice);
                return slots_.add(slice, buffer);
            }
            novel.truncate(0);
            visit_missing(slice, *this, seen, [&](const Slice& part) { novel.push_back(part); });
            for (const Slice& part : novel) {
                visit(part);
                slots_.add(part, buffer);
            }
        });
    }
    static DotRange<Id> range_of(const Slice& slice) {
        return {*slice.replica, slice.first, slice.last};
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
                                const Parts missing = slice.status.without(status);
                                if (missing.is_present()) visit(slice.part(first, last, missing));
                            });
    }
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! SlotStore: the slots of a text, as one Piece or in columns.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/detail/indirect.hpp>
#include <crdt/detail/lazy.hpp>
#include <crdt/detail/min_max.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/sequence/columns.hpp>
#include <crdt/sequence/piece.hpp>
#include <crdt/sequence/slice.hpp>

namespace crdt::detail {

/// The slots of a text. Most deltas are consecutive slots of one replica with the same status. For
/// example, every slot has an origin and a code point, or every slot is erased. Such a delta is
/// stored as one Piece, usually without an allocation. Otherwise all slots are stored in columns.
template <ReplicaId Id>
class SlotStore {
    using Columns = SequenceColumns<Id>;

    Piece<Id> piece_{};              // all slots, if columns_ is empty
    Indirect<Columns> columns_{};    // all slots, if they are not in piece_
    Lazy<Columns> piece_columns_{};  // a copy of the piece, for all_columns()

    /// visit_ranges() cuts a range with code points before each multiple of this number.
    static constexpr std::uint64_t longest_range = 512;

  public:
    SlotStore() = default;
    explicit SlotStore(Piece<Id> piece) : piece_(std::move(piece)) {}
    explicit SlotStore(Columns columns) {
        if (!columns.empty()) columns_ = Indirect<Columns>(std::move(columns));
    }

    bool empty() const { return columns_ ? columns_->empty() : piece_.empty(); }
    /// Are the slots in columns?
    bool has_columns() const { return bool(columns_); }
    /// Returns the piece. Precondition: !has_columns().
    Piece<Id>& piece() { return piece_; }
    /// Returns the columns, for changes. Precondition: has_columns().
    Columns& columns() { return *columns_; }
    const Columns& columns() const { return *columns_; }
    /// Returns all slots in columns. O(1). If the slots are a piece, the first call copies them in
    /// O(n).
    const Columns& all_columns() const {
        if (columns_) return *columns_;
        return piece_columns_.get_or_make([](const Columns&) { return true; }, piece_);
    }
    /// Moves the slots from the piece into columns.
    void make_columns() {
        columns_ = Indirect<Columns>(Columns(piece_));
        piece_ = {};
        piece_columns_.reset();
    }
    /// Adds the slots of `slice`. Precondition: this store has none of them. `buffer` is a scratch
    /// string.
    void append(const Slice<Id>& slice, std::string& buffer) {
        if (empty()) return piece_.assign(slice, buffer);
        if (!columns_) make_columns();
        columns_->add(slice, buffer);
    }

    /// Calls visit(slice) for ranges of slots with the same status, in the order of dots.
    template <class Visit>
    void visit(Visit&& visit) const {
        if (columns_)
            columns_->visit(visit);
        else if (!piece_.empty())
            visit(piece_.slice());
    }
    /// Calls visit(slice) for ranges of the slots in `range` with the same status.
    template <class Visit>
    void visit_within(const DotRange<Id>& range, Visit&& visit) const {
        if (columns_) {
            const std::uint32_t line = columns_->number_of(range.replica);
            if (line != Columns::none) columns_->visit_within(line, range.first, range.last, visit);
        } else if (!piece_.empty() && piece_.replica == range.replica &&
                   piece_.first <= range.last && range.first <= piece_.last) {
            visit(piece_.slice().part((max)(piece_.first, range.first),
                                      (min)(piece_.last, range.last), piece_.status));
        }
    }
    /// Calls visit(slice) for the longest ranges of slots that have the same status and are in one
    /// run. Ranges with code points are cut at fixed numbers. So equal stores have equal ranges.
    template <class Visit>
    void visit_ranges(Visit&& visit_range) const {
        std::optional<Slice<Id>> range;
        const auto visit_cut = [&](Slice<Id> slice) {
            while (slice.status.content == SlotContent::value) {
                const std::uint64_t end = slice.first | (longest_range - 1);
                if (end >= slice.last) break;
                visit_range(slice.part(slice.first, end, slice.status));
                slice = slice.part(end + 1, slice.last, slice.status);
            }
            visit_range(slice);
        };
        const auto add = [&](const Slice<Id>& slice) {
            if (range && range->append(slice)) return;
            if (range) visit_cut(*range);
            range = slice;
        };
        if (columns_) {
            columns_->visit(add);
        } else if (!piece_.empty()) {
            const Slice<Id> all = piece_.slice();
            if (piece_.is_one_run()) {
                add(all);
            } else {
                visit_range(all.part(all.first, all.first, all.status));
                add(all.part(all.first + 1, all.last, all.status));
            }
        }
        if (range) visit_cut(*range);
    }

    /// Returns the dots of all slots. O(n).
    DotSet<Id> dots() const {
        if (columns_) return columns_->dots();
        if (piece_.empty()) return {};
        return DotSet<Id>(DotRange<Id>{piece_.replica, piece_.first, piece_.last});
    }
    /// Returns all slots as one slice, if they have the same status and are in one run. Otherwise,
    /// or if the store is empty, returns nothing.
    std::optional<Slice<Id>> single_slice() const {
        std::optional<Slice<Id>> found;
        if (!columns_) {
            if (!piece_.empty() && piece_.is_one_run()) found = piece_.slice();
            return found;
        }
        if (!columns_->may_be_single()) return found;
        bool is_single = true;
        columns_->visit([&](const Slice<Id>& slice) {
            if (!is_single) return;
            if (!found)
                found = slice;
            else
                is_single = found->append(slice);
        });
        return is_single ? found : std::nullopt;
    }
    /// Does any slot have a code point?
    bool has_text() const {
        if (!columns_) return piece_.status.content == SlotContent::value;
        const auto& lines = columns_->replicas().sorted();
        return std::any_of(lines.begin(), lines.end(), [&](const std::uint32_t line) {
            return !columns_->line(line).letters.empty();
        });
    }
};

}  // namespace crdt::detail

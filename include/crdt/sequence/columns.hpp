// SPDX-License-Identifier: MIT
//! SequenceColumns: the slots of a sequence, in columns for each replica.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/detail/inlining.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/unit.hpp>
#include <crdt/sequence/letters.hpp>
#include <crdt/sequence/piece.hpp>
#include <crdt/sequence/replica_table.hpp>
#include <crdt/sequence/runs.hpp>
#include <crdt/sequence/sequence_line.hpp>
#include <crdt/sequence/slice.hpp>

namespace crdt::detail {

/// The slots of a sequence, by replica. A table gives each replica a number. The slots of the
/// replica with number n are lines_[n]. A parent is stored as the number of its replica and the
/// number of its dot.
template <ReplicaId Id>
class SequenceColumns {
    ReplicaTable<Id> replicas_{};
    std::vector<SequenceLine> lines_{};  // by the number of the replica
    std::uint32_t recent_ = 0;           // the number that add_replica() returned last

    bool is_recent(const auto& id) const {
        return recent_ < replicas_.size() && replicas_[recent_] == id;
    }
    /// Sets `recent_` to the number of the replica `id`. Adds a line for the replica if it is new.
    CRDT_NOINLINE void find_or_add(const ReplicaName<Id>& id) {
        const std::uint32_t known = replicas_.find(id);
        if (known != none) return void(recent_ = known);
        reserve_next(lines_);
        const std::uint32_t number = replicas_.add(id);
        lines_.emplace_back();
        lines_.back().runs = Runs(number);
        recent_ = number;
    }

  public:
    /// Returns the number of the replica `id`. Adds a line for the replica if it is new. O(1) if
    /// the previous call had the same id.
    std::uint32_t add_replica(const ReplicaName<Id>& id) {
        if (!is_recent(id)) find_or_add(id);
        return recent_;
    }
    static constexpr std::uint32_t none = ReplicaTable<Id>::none;

    SequenceColumns() = default;
    /// Makes columns with the slots of `piece`.
    explicit SequenceColumns(const Piece<Id>& piece) {
        std::string buffer;
        if (!piece.empty()) add(piece.slice(), buffer);
    }

    const ReplicaTable<Id>& replicas() const { return replicas_; }
    const SequenceLine& line(std::uint32_t number) const { return lines_[number]; }
    SequenceLine& line(std::uint32_t number) { return lines_[number]; }
    /// Returns the number of the replica `id`, or `none`. O(1) if the last call of add_replica()
    /// had the same id.
    std::uint32_t number_of(const auto& id) const {
        return is_recent(id) ? recent_ : replicas_.find(id);
    }
    bool empty() const {
        return std::all_of(lines_.begin(), lines_.end(),
                           [](const SequenceLine& line) { return line.empty(); });
    }

    /// Returns the dots of all slots. O(n).
    DotSet<Id> dots() const {
        DotSet<Id> dots;
        for (const std::uint32_t number : replicas_.sorted()) {
            const SequenceLine& line = lines_[number];
            DotRange<Id> range{replicas_[number], 0, 0};
            const auto add = [&](std::uint64_t first, std::uint64_t last) {
                if (range.first != 0 && range.last + 1 == first) return void(range.last = last);
                if (range.first != 0) dots.add(range);
                range.first = first;
                range.last = last;
            };
            const auto flush = [&] {
                if (range.first != 0) dots.add(range);
                range.first = 0;
            };
            for (const auto& [first, run] : line.runs) add(first, run.last);
            flush();
            line.erased.visit(
                [&](const Interval& erased, const Unit&) { add(erased.first, erased.last); });
            flush();
            line.letters.visit(1, (std::numeric_limits<std::uint64_t>::max)(), add);
            flush();
        }
        return dots;
    }
    /// Is there a slot at `dot`?
    bool has_slot(const Mark& dot) const {
        const SequenceLine& line = lines_[dot.line];
        return line.runs.find(dot.number) != line.runs.end() ||
               line.erased.extent(dot.number).is_inside || line.letters.contains(dot.number);
    }
    /// Can single_slice() of the store return a slice? It cannot if there are several runs, several
    /// erased ranges, or several replicas with slots. O(replicas).
    bool may_be_single() const {
        std::size_t lines = 0;
        for (const SequenceLine& line : lines_) {
            if (line.empty()) continue;
            if (++lines > 1 || line.runs.size() > 1 || line.erased.size() > 1) return false;
        }
        return true;
    }

    /// Calls visit(slice) for the slots from `first` to `last` of the replica `number`, in
    /// ascending order.
    template <class Visit>
    void visit_within(std::uint32_t number, std::uint64_t first, std::uint64_t last,
                      Visit&& visit) const {
        const SequenceLine& line = lines_[number];
        line.visit(first, last,
                   [&](std::uint64_t from, std::uint64_t to, const SlotStatus& status,
                       Runs::Position run) {
                       if (!status.is_present()) return;
                       Slice<Id> slice;
                       slice.replica = &replicas_[number];
                       slice.first = from;
                       slice.last = to;
                       slice.status = status;
                       slice.letters = &line.letters;
                       if (status.has_origin) {
                           const Parent parent = line.runs.parent(run, from);
                           slice.parent = parent.sequence;
                           slice.parent_replica =
                               parent.sequence == 0 ? nullptr : &replicas_[parent.line];
                           slice.side = parent.side;
                           slice.direction = run.value().direction;
                       }
                       visit(slice);
                   });
    }
    /// Calls visit(slice) for all slots, in the order of dots.
    template <class Visit>
    void visit(Visit&& visit) const {
        for (const std::uint32_t number : replicas_.sorted()) {
            if (!lines_[number].empty())
                visit_within(number, 1, (std::numeric_limits<std::uint64_t>::max)(), visit);
        }
    }

    /// Returns the origins of the slots of `slice`, as a run. `number` is the number of the replica
    /// of `slice`. If the replica of the parent is new, adds this replica. If the slots have no
    /// origins, only `last` of the result has a meaning.
    Run run_of(const Slice<Id>& slice, std::uint32_t number) {
        Run run{slice.last, {slice.parent, 0, slice.side}, slice.direction};
        if (slice.status.has_origin && slice.parent != 0)
            run.parent.line =
                slice.parent_replica == slice.replica ? number : add_replica(*slice.parent_replica);
        return run;
    }
    /// Adds parts to the slots from `first` to `run.last` of the replica `number`. `parts` states
    /// which parts are added: the origins in `run`, a content, or both. The content is either the
    /// code points `text` or the mark that the slots are erased. Precondition: the slots have none
    /// of these parts. But the mark may replace code points. If an allocation fails, throws and
    /// changes no slot.
    void add(std::uint32_t number, std::uint64_t first, const Run& run, const SlotStatus& parts,
             std::string_view text) {
        SequenceLine& line = lines_[number];
        const bool is_text = parts.has_origin && parts.content == SlotContent::value;
        if (!is_text || !line.type_on(first, run, text)) line.add(first, run, parts, text);
    }
    /// Adds the parts of `slice` as the add() above does. `buffer` is a scratch string.
    void add(const Slice<Id>& slice, std::string& buffer) {
        const std::uint32_t number = add_replica(*slice.replica);
        add(number, slice.first, run_of(slice, number), slice.status, slice.text_in(buffer));
    }
    /// Marks slots as erased. This is the first step of an erasure. It can fail. unmark_erased()
    /// removes the marks. The second step, drop_letters(), cannot fail.
    void mark_erased(std::uint32_t number, std::uint64_t first, std::uint64_t last) {
        lines_[number].erased.assign(SequenceLine::interval(first, last), {});
    }
    void unmark_erased(std::uint32_t number, std::uint64_t first, std::uint64_t last) noexcept {
        lines_[number].erased.erase(SequenceLine::interval(first, last));
    }
    void drop_letters(std::uint32_t number, std::uint64_t first, std::uint64_t last) noexcept {
        lines_[number].letters.erase(first, last);
    }
    /// Removes the slots in `range`. If an allocation fails, throws and changes nothing.
    void remove(const DotRange<Id>& range) {
        const std::uint32_t number = number_of(range.replica);
        if (number != none) lines_[number].remove(range.first, range.last);
    }
};

}  // namespace crdt::detail

// SPDX-License-Identifier: MIT
//! SequenceLine: the slots of one replica, in columns.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <crdt/causal/interval_map.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/detail/inlining.hpp>
#include <crdt/detail/min_max.hpp>
#include <crdt/lattice/unit.hpp>
#include <crdt/sequence/letters.hpp>
#include <crdt/sequence/runs.hpp>
#include <crdt/sequence/slice.hpp>

namespace crdt::detail {

/// The slots of one replica: their origins in runs, the numbers of the erased slots, and the code
/// points. These are three columns, and each one can be read alone.
struct SequenceLine {
    Runs runs{};
    IntervalMap<Unit> erased{};
    Letters letters{};

    bool empty() const { return runs.empty() && erased.empty() && letters.empty(); }
    static Interval interval(std::uint64_t first, std::uint64_t last) { return {{}, first, last}; }

    /// Calls visit(first, last, status, run) for ranges of numbers with the same status, in
    /// ascending order, from `first` to `last`. Ranges without slots are visited too. If the slots
    /// of a range have origins, `run` contains these origins.
    template <class Visit>
    void visit(std::uint64_t first, std::uint64_t last, Visit&& visit) const {
        Runs::Position run = runs.seek(first);
        IntervalMap<Unit>::Walker erasures(erased, first);
        Letters::Walker points(letters, first);
        for (std::uint64_t number = first;;) {
            while (run != runs.end() && run.value().last < number) ++run;
            SlotStatus status;
            std::uint64_t end = last;
            if (run != runs.end()) {
                status.has_origin = run.key() <= number;
                end = (min)(end, status.has_origin ? run.value().last : run.key() - 1);
            }
            const Extent erasure = erasures.extent(number);
            end = (min)(end, erasure.last);
            if (erasure.is_inside) {
                status.content = SlotContent::erased;
            } else {
                const Extent here = points.extent(number);
                if (here.is_inside) status.content = SlotContent::value;
                end = (min)(end, here.last);
            }
            visit(number, end, status, run);
            if (end == last) return;
            number = end + 1;
        }
    }
    /// If `text` continues the last run and the last chunk of letters, adds `text` and returns
    /// true. This is so when a user types the next letter. Otherwise returns false and changes
    /// nothing. If an allocation fails, throws and changes nothing.
    bool type_on(std::uint64_t first, const Run& run, std::string_view text) {
        Run* const before = runs.last_before(first, run);
        if (before == nullptr || !letters.append(first, run.last, text)) return false;
        Runs::append_to(*before, run);
        return true;
    }
    /// Adds parts of the slots from `first` to `run.last`. See SequenceColumns::add.
    CRDT_NOINLINE void add(std::uint64_t first, const Run& run, const SlotStatus& parts,
                           std::string_view text) {
        if (parts.has_origin) runs.add(first, run);
        OnFailure undo([&]() noexcept {
            if (parts.has_origin) runs.remove(first, run.last);
        });
        if (parts.content == SlotContent::value)
            letters.put(first, text);
        else if (parts.content == SlotContent::erased)
            erased.assign(interval(first, run.last), {});
        undo.dismiss();
        if (parts.content == SlotContent::erased) letters.erase(first, run.last);
    }
    /// Removes the slots from `first` to `last`. If an allocation fails, throws and changes
    /// nothing.
    void remove(std::uint64_t first, std::uint64_t last) {
        std::vector<Interval> lost;
        erased.visit_within(interval(first, last),
                            [&](const Interval& range, const Unit&) { lost.push_back(range); });
        erased.erase(interval(first, last));
        OnFailure undo([&]() noexcept {
            for (const Interval& range : lost) erased.assign(range, {});
        });
        runs.remove(first, last);
        undo.dismiss();
        letters.erase(first, last);
    }
};

}  // namespace crdt::detail

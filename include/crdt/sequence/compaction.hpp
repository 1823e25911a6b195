// SPDX-License-Identifier: MIT
//! Compaction: finds the erased slots of a text that can be removed without moving another slot.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/sequence/columns.hpp>
#include <crdt/sequence/order_index.hpp>
#include <crdt/sequence/order_walk.hpp>

namespace crdt::detail {

/// Computes the result of FugueOrder::removable(), but run by run. A slot is droppable if it is
/// erased and in the set `stable` of FugueOrder::removable(). A slot must stay if it is not
/// droppable, if a replica may insert beside it, or if it has a child that stays. In a run, each
/// slot except the first is a child of the slot before it. So if a slot of a run must stay, all
/// slots of the run before it must stay too.
///
/// Cost  O(r log r) for r runs and erased ranges
template <ReplicaId Id>
class Compaction {
    struct Kept {
        std::uint64_t first;
        std::uint64_t last_kept;  // 0 if no slot of the run stays
        std::uint64_t last;
        Parent parent;
    };

    const SequenceColumns<Id>& columns_;
    const OrderIndex<Id>& order_;
    const DotSet<Id> droppable_;  // erased and stable
    std::vector<std::vector<Kept>> runs_;
    std::vector<Mark> fresh_{};  // first slots of runs that stay; their parents are not kept yet

    Kept* run_of(const Mark& dot) {
        auto& runs = runs_[dot.line];
        const auto next = std::upper_bound(
            runs.begin(), runs.end(), dot.number,
            [](std::uint64_t number, const Kept& run) { return number < run.first; });
        if (next == runs.begin() || (next - 1)->last < dot.number) return nullptr;
        return &*(next - 1);
    }
    void keep(const Mark& dot) {
        Kept* const run = run_of(dot);
        if (run == nullptr || run->last_kept >= dot.number) return;
        if (run->last_kept == 0) fresh_.push_back({dot.line, run->first});
        run->last_kept = dot.number;
    }
    void add_runs() {
        for (std::uint32_t line = 0; line < runs_.size(); ++line) {
            const Runs& runs = columns_.line(line).runs;
            for (auto run = runs.begin(); run != runs.end(); ++run)
                runs_[line].push_back({run.key(), 0, run.value().last, run.value().parent});
        }
    }
    /// Keeps the slots that are not droppable, and all slots of runs that are not in the order.
    void keep_content() {
        for (std::uint32_t line = 0; line < runs_.size(); ++line) {
            for (const Kept& run : std::vector<Kept>(runs_[line])) {
                if (!order_.find({line, run.first})) keep({line, run.last});
                const auto& replica = columns_.replicas()[line];
                difference(DotSet<Id>(DotRange<Id>{replica, run.first, run.last}), droppable_)
                    .visit_numbers([&](const auto&, std::uint64_t, std::uint64_t last) {
                        keep({line, last});
                    });
            }
        }
    }
    /// Keeps the slots beside which other replicas may insert. These are the first slot of the
    /// text, and each slot that directly follows an ancestor that is not droppable.
    void keep_places() {
        bool has_before = false, is_before_droppable = false;
        Mark before;
        order_.visit_all([&](const Span& span) {
            visit_parts(span, [&](std::uint64_t first, std::uint64_t last, bool is_droppable) {
                const Mark here{span.line, first};
                const bool is_place =
                    !has_before ||
                    (!is_before_droppable && descends(columns_, here, before, Side::right));
                if (is_droppable && is_place) keep(here);
                before = {span.line, last};
                has_before = true;
                is_before_droppable = is_droppable;
            });
        });
    }
    /// Cuts a span into sections. In each section, either all slots are droppable, or none is.
    /// Calls visit(first, last, is_droppable) for each section, in the order of the text.
    template <class Visit>
    void visit_parts(const Span& span, Visit&& visit) const {
        struct Part {
            std::uint64_t first, last;
            bool is_droppable;
        };
        std::vector<Part> parts;
        std::uint64_t next = span.first;
        const DotRange<Id> range{columns_.replicas()[span.line], span.first, span.last()};
        intersection(DotSet<Id>(range), droppable_)
            .visit_numbers([&](const auto&, std::uint64_t first, std::uint64_t last) {
                if (next < first) parts.push_back({next, first - 1, false});
                parts.push_back({first, last, true});
                next = last + 1;
            });
        if (next != 0 && next <= span.last()) parts.push_back({next, span.last(), false});
        if (!span.is_backward) {
            for (const Part& part : parts) visit(part.first, part.last, part.is_droppable);
        } else {
            for (auto part = parts.rbegin(); part != parts.rend(); ++part)
                visit(part->last, part->first, part->is_droppable);
        }
    }
    void keep_parents() {
        while (!fresh_.empty()) {
            const Mark head = fresh_.back();
            fresh_.pop_back();
            const Parent& parent = run_of(head)->parent;
            if (parent.sequence != 0) keep({parent.line, parent.sequence});
        }
    }

  public:
    Compaction(const SequenceColumns<Id>& columns, const OrderIndex<Id>& order,
               DotSet<Id> droppable)
        : columns_(columns),
          order_(order),
          droppable_(std::move(droppable)),
          runs_(columns.replicas().size()) {}

    /// Returns the dots of the slots that can be removed.
    DotSet<Id> run() {
        add_runs();
        keep_content();
        keep_places();
        keep_parents();
        DotSet<Id> dots;
        for (std::uint32_t line = 0; line < runs_.size(); ++line) {
            for (const Kept& run : runs_[line]) {
                if (run.last_kept == run.last) continue;
                const std::uint64_t first = run.last_kept == 0 ? run.first : run.last_kept + 1;
                dots.add(DotRange<Id>{columns_.replicas()[line], first, run.last});
            }
        }
        return dots;
    }
};

}  // namespace crdt::detail

// SPDX-License-Identifier: MIT
//! OrderWalk: walks the tree of origins of a sequence, run by run.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include <crdt/causal/causal_context.hpp>
#include <crdt/causal/dot.hpp>
#include <crdt/sequence/columns.hpp>
#include <crdt/sequence/runs.hpp>

namespace crdt::detail {

/// A parent with an origin that has not been received. The children of this parent wait.
struct MissingParent {
    Mark dot;
    bool is_absent;  // Is there no slot at `dot`?
};

/// The in-order walk of the tree of origins. FugueOrder visits each slot. This walk visits ranges
/// of slots of one run, so it is faster. It calls visit(line, first, last, is_backward) for each
/// range.
///
/// Cost    O(r log r) for r runs; no function is recursive
template <ReplicaId Id>
class OrderWalk {
    /// Either the first slot of a run, or the placeholder of a removed slot. A placeholder is a
    /// child of the start of the sequence.
    struct Child {
        Mark parent;
        Side side;
        Mark self;
        std::uint64_t last = 0;  // the last slot of the run; 0 for a placeholder
        Side direction = Side::right;
        std::size_t run = 0;  // the index of the run in starts_
    };
    struct Task {
        enum Kind : std::uint8_t { walk, ascending, descending, placeholder } kind;
        std::uint32_t line;
        std::uint64_t first, last;
        Side direction;
        std::size_t child;  // the first child with a parent at or after `first`
    };

    const SequenceColumns<Id>& columns_;
    std::vector<Child> children_{};      // ordered by parent, side, dot
    std::vector<std::size_t> starts_{};  // for each run, the first child at or after its first slot
    std::vector<Task> tasks_{};
    std::uint64_t runs_reached_ = 0;

    bool is_before(const Mark& a, const Mark& b) const {
        if (a.line == b.line) return a.number < b.number;
        return columns_.replicas()[a.line] < columns_.replicas()[b.line];
    }
    /// Precondition: there is no slot at `mark`.
    bool is_removed(const Mark& mark, const CausalContext<Id>& context) const {
        return context.contains(Dot<Id>{columns_.replicas()[mark.line], mark.number});
    }
    void sort() {
        std::sort(children_.begin(), children_.end(), [this](const Child& a, const Child& b) {
            if (std::tie(a.parent, a.side) != std::tie(b.parent, b.side))
                return std::tie(a.parent, a.side) < std::tie(b.parent, b.side);
            return is_before(a.self, b.self);
        });
    }
    void add_heads() {
        for (std::uint32_t line = 0; line < columns_.replicas().size(); ++line) {
            const Runs& runs = columns_.line(line).runs;
            for (auto run = runs.begin(); run != runs.end(); ++run) {
                const Parent& parent = run.value().parent;
                children_.push_back({{parent.line, parent.sequence},
                                     parent.side,
                                     {line, run.key()},
                                     run.value().last,
                                     run.value().direction,
                                     children_.size()});
            }
        }
    }
    /// Finds for each run the first child with a parent at or after the beginning of the run. Runs
    /// and parents are in ascending order, so one pass finds all.
    void find_starts() {
        starts_.reserve(children_.size());
        std::size_t child = 0;
        for (std::uint32_t line = 0; line < columns_.replicas().size(); ++line) {
            const Runs& runs = columns_.line(line).runs;
            for (auto run = runs.begin(); run != runs.end(); ++run) {
                const Mark first{line, run.key()};
                while (child < children_.size() && children_[child].parent < first) ++child;
                starts_.push_back(child);
            }
        }
    }
    /// Adds a placeholder for each removed parent.
    void add_placeholders(const CausalContext<Id>& context) {
        std::vector<Mark> removed;
        std::uint32_t line = 0;
        auto run = children_.empty() ? Runs::Position() : columns_.line(0).runs.begin();
        for (const Child& child : children_) {
            const Mark& parent = child.parent;
            if (parent.number == 0 || (!removed.empty() && removed.back() == parent)) continue;
            // Parents and runs are in ascending order, so `run` only moves forwards.
            const Runs& runs = columns_.line(parent.line).runs;
            if (parent.line != line) run = runs.begin();
            line = parent.line;
            while (run != runs.end() && run.value().last < parent.number) ++run;
            if (run != runs.end() && run.key() <= parent.number) continue;
            if (!columns_.has_slot(parent) && is_removed(parent, context))
                removed.push_back(parent);
        }
        for (const Mark& dot : removed) children_.push_back({{}, Side::right, dot});
        placeholders_ = removed.size();
    }
    /// Returns the index of the first child of `parent`. If `parent` has no child, returns the
    /// index of the first child of a later parent.
    std::size_t child_at(const Mark& parent) const {
        return static_cast<std::size_t>(
            std::lower_bound(children_.begin(), children_.end(), parent,
                             [](const Child& a, const Mark& b) { return a.parent < b; }) -
            children_.begin());
    }
    void push(const Child& child) {
        const auto [line, number] = child.self;
        if (child.last == 0)
            return tasks_.push_back(
                {Task::placeholder, line, number, number, {}, child_at(child.self)});
        ++runs_reached_;
        tasks_.push_back(
            {Task::walk, line, number, child.last, child.direction, starts_[child.run]});
    }
    void push_span(std::uint32_t line, std::uint64_t first, std::uint64_t last, Side direction) {
        if (first <= last)
            tasks_.push_back({direction == Side::right ? Task::ascending : Task::descending, line,
                              first, last, direction, 0});
    }
    /// Pushes the right children of `slot`, then the slot, then its left children, so that the walk
    /// visits them in the opposite order. The rest of the run counts as one of the children on the
    /// side `direction`.
    void push_slot(const Task& task, std::uint64_t slot, Side direction) {
        const std::size_t child = task.child;
        std::size_t right = child, end = child;
        const Mark self{task.line, slot};
        while (end < children_.size() && children_[end].parent == self) {
            if (children_[end].side == Side::left) right = end + 1;
            ++end;
        }
        const auto push_side = [&](Side side, std::size_t first, std::size_t last) {
            const bool has_rest = side == direction && slot < task.last;
            const Mark rest{task.line, slot + 1};
            std::size_t at = last;
            const auto push_rest = [&] {
                tasks_.push_back({Task::walk, task.line, slot + 1, task.last, direction, end});
            };
            while (at > first && !(has_rest && is_before(children_[at - 1].self, rest)))
                push(children_[--at]);
            if (has_rest) push_rest();
            while (at > first) push(children_[--at]);
        };
        push_side(Side::right, right, end);
        push_span(task.line, slot, slot, Side::right);
        push_side(Side::left, child, right);
    }
    /// Walks the slots of a run from `task.first` on.
    void walk_run(const Task& task) {
        const Side direction = task.direction;
        const bool has_children = task.child < children_.size() &&
                                  children_[task.child].parent.line == task.line &&
                                  children_[task.child].parent.number <= task.last;
        if (!has_children) return push_span(task.line, task.first, task.last, direction);
        const std::uint64_t slot = children_[task.child].parent.number;
        // The run has more slots, from `task.first` to `slot` - 1. In the order, these slots come
        // before `slot` if the run goes to the right, and after `slot` if the run goes to the left.
        // The task that is pushed last is done first.
        if (direction == Side::left) push_span(task.line, task.first, slot - 1, direction);
        push_slot(task, slot, direction);
        if (direction == Side::right) push_span(task.line, task.first, slot - 1, direction);
    }
    template <class Visit>
    void walk(Visit&& visit) {
        for (std::size_t i = child_at({0, 1}); i > 0; --i)
            if (children_[i - 1].parent == Mark()) push(children_[i - 1]);
        while (!tasks_.empty()) {
            const Task task = tasks_.back();
            tasks_.pop_back();
            if (task.kind == Task::walk) {
                walk_run(task);
            } else if (task.kind == Task::placeholder) {
                const std::size_t first = task.child;
                std::size_t end = first;
                while (end < children_.size() &&
                       children_[end].parent == Mark{task.line, task.first})
                    ++end;
                while (end > first) push(children_[--end]);
            } else {
                visit(task.line, task.first, task.last, task.kind == Task::descending);
            }
        }
    }

    std::size_t placeholders_ = 0;

  public:
    explicit OrderWalk(const SequenceColumns<Id>& columns) : columns_(columns) {}

    /// Are there children of removed slots? Precondition: run() was called.
    bool has_placeholders() const { return placeholders_ > 0; }
    /// Returns the parents that have no origin here, except removed parents. A removed parent never
    /// gets an origin, and run() has replaced it by a placeholder. Precondition: run(context) was
    /// called.
    std::vector<MissingParent> missing_parents(const CausalContext<Id>& context) const {
        std::vector<MissingParent> missing;
        for (const Child& child : children_) {
            if (child.parent.number == 0 ||
                (!missing.empty() && missing.back().dot == child.parent))
                continue;
            const Runs& runs = columns_.line(child.parent.line).runs;
            if (runs.find(child.parent.number) != runs.end()) continue;
            const bool is_absent = !columns_.has_slot(child.parent);
            if (!is_absent || !is_removed(child.parent, context))
                missing.push_back({child.parent, is_absent});
        }
        return missing;
    }
    /// Walks all slots that can be reached from the start. Returns whether all slots with an origin
    /// can be reached.
    template <class Visit>
    bool run(const CausalContext<Id>& context, Visit&& visit) {
        std::uint64_t heads = 0;
        add_heads();
        heads = children_.size();
        sort();
        add_placeholders(context);
        if (placeholders_ > 0) sort();
        find_starts();
        walk(visit);
        return runs_reached_ == heads;
    }
};

}  // namespace crdt::detail

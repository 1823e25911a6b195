// SPDX-License-Identifier: MIT
//! Runs: the origins of the dots of one replica, stored as runs.
#pragma once

#include <compare>
#include <cstdint>
#include <iterator>

#include <crdt/detail/failure.hpp>
#include <crdt/detail/min_max.hpp>
#include <crdt/lattice/column_map.hpp>
#include <crdt/sequence/origin.hpp>

namespace crdt::detail {

/// A dot in a short form. `line` is the number of its replica in the ReplicaTable of the sequence.
struct Mark {
    std::uint32_t line = 0;
    std::uint64_t number = 0;

    friend bool operator==(const Mark&, const Mark&) = default;
    friend auto operator<=>(const Mark&, const Mark&) = default;
};

/// An Origin in a short form. `line` is the number of the parent's replica in the ReplicaTable.
struct Parent {
    std::uint64_t sequence = 0;  // 0: the start
    std::uint32_t line = 0;      // the number of the replica; 0 at the start
    Side side = Side::right;

    friend bool operator==(const Parent&, const Parent&) = default;
};

/// Consecutive dots of one replica. Each dot except the first was inserted beside the dot before
/// it, on the side `direction`. If a user types text forwards, `direction` is right.
struct Run {
    std::uint64_t last = 0;
    Parent parent{};  // the parent of the first dot
    Side direction = Side::right;

    friend bool operator==(const Run&, const Run&) = default;
};

/// The origins of dots of one replica, in runs. The runs follow from the origins alone, so equal
/// origins have equal runs. Let v, w and x be consecutive dots. A run begins at x in three cases.
/// First, w has no origin here. Second, x was not inserted beside w. Third, w was inserted beside v
/// on one side, but x was inserted beside w on the other side.
///
/// Cost    O(log n)
/// Errors  if an allocation fails, an operation changes nothing
class Runs {
    using Map = ColumnMap<std::uint64_t, Run>;

    Map runs_;
    std::uint32_t line_;  // the number of the replica

  public:
    using Position = Map::const_iterator;

    explicit Runs(std::uint32_t line = 0) : line_(line) {}

    bool empty() const { return runs_.empty(); }
    std::size_t size() const { return runs_.size(); }
    Position begin() const { return runs_.begin(); }
    Position end() const { return runs_.end(); }
    /// Returns the first run that ends at or after `number`, or end() if there is none.
    Position seek(std::uint64_t number) const {
        if (runs_.empty()) return runs_.end();
        const Position last = std::prev(runs_.end());
        if (last.key() <= number) return last.value().last >= number ? last : runs_.end();
        const Position next = runs_.upper_bound(number);
        if (next == runs_.begin()) return next;
        const Position run = std::prev(next);
        return run.value().last >= number ? run : next;
    }
    /// Returns the run that contains `number`, or end() if the dot `number` has no origin here.
    Position find(std::uint64_t number) const {
        const Position run = seek(number);
        return run != end() && run.key() <= number ? run : end();
    }
    /// Returns the parent of the dot `number`, which is in `run`.
    Parent parent(Position run, std::uint64_t number) const {
        if (number == run.key()) return run.value().parent;
        return {number - 1, line_, run.value().direction};
    }

    /// Can the dots from `first` to `run.last` be stored as one run? They cannot if there are
    /// several dots, and the first one was inserted beside the dot before it on the side opposite
    /// to `run.direction`.
    bool is_one_run(std::uint64_t first, const Run& run) const {
        return run.last == first || !continues(first, run.parent) ||
               run.parent.side == run.direction;
    }
    /// Appends a run after all others. Precondition: the new run does not continue the last one.
    void append(std::uint64_t first, const Run& run) { runs_.push_back(first, run); }
    /// Adds the origins of the dots from `first` to `run.last`. Precondition: these dots have no
    /// origins here.
    void add(std::uint64_t first, const Run& run) {
        if (run.last > first && continues(first, run.parent) && run.parent.side != run.direction) {
            add_run(first, {first, run.parent, Side::right});
            OnFailure undo([&]() noexcept { remove(first, first); });
            add_run(first + 1, {run.last, {first, line_, run.direction}, run.direction});
            undo.dismiss();
        } else {
            add_run(first, run);
        }
    }
    /// If the dots from `first` to `run.last` continue the last run here, returns this last run.
    /// append_to() can then add the dots to the result. Otherwise returns null.
    Run* last_before(std::uint64_t first, const Run& run) {
        if (runs_.empty()) return nullptr;
        Run& last = runs_.last_value();
        const bool continues = last.last == first - 1 && is_one_run(first, run) &&
                               extends(runs_.last_key(), last, run);
        return continues ? &last : nullptr;
    }
    static void append_to(Run& before, const Run& run) noexcept {
        before.last = run.last;
        before.direction = run.parent.side;
    }
    /// Removes the origins of the dots from `first` to `last`. Allocates only if it cuts a run in
    /// two.
    void remove(std::uint64_t first, std::uint64_t last) {
        Position run = seek(first);
        while (run != end() && run.key() <= last) {
            const std::uint64_t begin = run.key();
            const Run old = run.value();
            if (begin < first && old.last > last) {
                runs_.insert(std::next(run), last + 1, rest(old, last + 1));
                run = find(begin);
                shorten(run, first - 1);
                return;
            }
            if (begin < first) {
                shorten(run, first - 1);
                ++run;
            } else if (old.last > last) {
                runs_.value(run) = rest(old, last + 1);
                runs_.set_key(run, last + 1);
            } else {
                run = runs_.erase(run);
            }
            if (old.last >= last) return;
        }
    }

    friend bool operator==(const Runs& a, const Runs& b) { return a.runs_ == b.runs_; }

    /// Can `run` and `next` be joined into one run? `run` begins at `first`. `next` begins at the
    /// dot after `run.last`.
    bool extends(std::uint64_t first, const Run& run, const Run& next) const {
        if (!continues(run.last + 1, next.parent)) return false;
        if (run.last == first)
            return !continues(first, run.parent) || run.parent.side == next.parent.side;
        return run.direction == next.parent.side;
    }

  private:
    /// Is `parent` the dot before `number`? Precondition: `parent` is the parent of the dot
    /// `number`.
    bool continues(std::uint64_t number, const Parent& parent) const {
        return parent.sequence != 0 && parent.sequence == number - 1 && parent.line == line_;
    }
    Run rest(const Run& run, std::uint64_t first) const {
        return {run.last,
                {first - 1, line_, run.direction},
                run.last == first ? Side::right : run.direction};
    }
    void shorten(Position run, std::uint64_t last) {
        Run& changed = runs_.value(run);
        changed.last = last;
        if (last == run.key()) changed.direction = Side::right;
    }
    void add_run(std::uint64_t first, Run run) {
        if (run.last == first) run.direction = Side::right;
        Position next = runs_.end();
        if (!runs_.empty() && std::prev(runs_.end()).key() > first) next = runs_.upper_bound(first);
        Position place = next;
        if (next != runs_.begin() && std::prev(next).value().last == first - 1 &&
            extends(std::prev(next).key(), std::prev(next).value(), run)) {
            place = std::prev(next);
            append_to(runs_.value(place), run);
        } else {
            place = runs_.insert(next, first, run);
        }
        next = std::next(place);
        if (next == runs_.end() || next.key() - 1 != run.last) return;
        Run& joined = runs_.value(place);
        if (!extends(place.key(), joined, next.value())) return;
        joined.direction = next.value().parent.side;
        joined.last = next.value().last;
        runs_.erase(next);
    }
};

}  // namespace crdt::detail

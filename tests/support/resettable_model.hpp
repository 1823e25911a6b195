// SPDX-License-Identifier: MIT
//! The model of counters with an exact observed reset: a single counter, or counters at keys.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "support/oracle.hpp"

namespace support {

enum class Deed { add, reset, compact };

struct CounterOp {
    Deed deed;
    /// The counters concerned: one for an addition, any number for a reset.
    int first, last;
    std::int64_t amount;

    bool concerns(const CounterOp& other) const {
        return first <= other.first && other.first <= last;
    }
};

/// Unique additions. A reset undoes those that its replica had seen, and no others.
///
/// An addition is known through any later one of the same replica, counter and sign in the same
/// epoch: they share a running total. A replica's own reset ends its epoch, and so does its
/// compaction of what others have undone.
template <class Counter, int counter_count>
struct ResettableModel {
    using State = Counter;
    using Op = CounterOp;
    using Events = std::vector<Event<Op>>;

    static Op draw(Random& random) {
        constexpr std::array<std::int64_t, 5> amounts{1, 2, 5, -1, -3};
        const int key = static_cast<int>(random.below(counter_count));
        const auto choice = random.below(10);
        if (choice == 0) return {Deed::compact, 0, counter_count - 1, 0};
        if (choice == 1) return {Deed::reset, 0, counter_count - 1, 0};
        if (choice < 4) return {Deed::reset, key, key, 0};
        return {Deed::add, key, key, amounts[random.below(amounts.size())]};
    }

    void happen(const Events& events) {
        const auto& [replica, op, seen] = events.back();
        epochs_.push_back(next_epoch_[replica][op.first]);
        Known undone;
        if (op.deed == Deed::reset) {
            for (std::size_t i = 0; i + 1 < events.size(); ++i) {
                if (op.concerns(events[i].op) && is_undone_now(events, i)) undone.add(i);
            }
            for (int key = op.first; key <= op.last; ++key) ++next_epoch_[replica][key];
        }
        if (op.deed == Deed::compact) undone = end_undone_epochs(events);
        undone_by_.push_back(undone);
    }

    /// Returns the sums of the received additions that were not undone, for each counter with such
    /// an addition.
    std::map<int, std::int64_t> expected(const Events& events, Known known) const {
        const Known undone = undone_within(known);
        std::map<int, std::int64_t> sums;
        for (std::size_t i = 0; i < events.size(); ++i) {
            if (is_known(events, known, i) && !undone.has(i))
                sums[events[i].op.first] += events[i].op.amount;
        }
        return sums;
    }

  private:
    std::vector<int> epochs_;
    std::vector<Known> undone_by_;
    std::array<std::map<int, int>, 3> next_epoch_{};

    bool is_known(const Events& events, Known known, std::size_t addition) const {
        for (std::size_t i = addition; i < events.size(); ++i) {
            if (known.has(i) && share_total(events, i, addition)) return true;
        }
        return false;
    }
    bool share_total(const Events& events, std::size_t a, std::size_t b) const {
        const Op& one = events[a].op;
        const Op& other = events[b].op;
        return one.deed == Deed::add && other.deed == Deed::add &&
               events[a].replica == events[b].replica && one.first == other.first &&
               (one.amount < 0) == (other.amount < 0) && epochs_[a] == epochs_[b];
    }
    /// The last event is a reset. Of its own replica's additions it undoes those of the epoch; of
    /// another's running total it states how much is undone, if there is anything new to that.
    bool is_undone_now(const Events& events, std::size_t addition) const {
        const auto& [replica, op, seen] = events.back();
        if (events[addition].op.deed != Deed::add) return false;
        if (events[addition].replica == replica)
            return epochs_[addition] == next_epoch_[replica].at(events[addition].op.first);
        bool is_new = false;
        for (std::size_t i = 0; i + 1 < events.size(); ++i) {
            is_new = is_new || (share_total(events, i, addition) && is_known(events, seen, i) &&
                                !undone_within(seen).has(i));
        }
        return is_new && is_known(events, seen, addition);
    }
    Known undone_within(Known known) const {
        Known undone;
        for (std::size_t i = 0; i < undone_by_.size(); ++i) {
            if (known.has(i)) undone.add(undone_by_[i]);
        }
        return undone;
    }
    /// Called if the last event is a compaction. Ends the epochs of its replica in which everything
    /// was undone.
    Known end_undone_epochs(const Events& events) {
        const auto& [replica, op, seen] = events.back();
        Known ended;
        for (int key = op.first; key <= op.last; ++key) {
            Known own;
            for (std::size_t i = 0; i + 1 < events.size(); ++i) {
                const Op& earlier = events[i].op;
                if (earlier.deed == Deed::add && earlier.first == key &&
                    events[i].replica == replica && epochs_[i] == next_epoch_[replica][key])
                    own.add(i);
            }
            if (!own.all_in(undone_within(seen))) continue;
            ended.add(own);
            ++next_epoch_[replica][key];
        }
        return ended;
    }
};

/// The same model for a type that is a single counter.
template <class Counter>
struct OneResettableModel : ResettableModel<Counter, 1> {
    static Counter run(Counter& counter, std::size_t replica, const CounterOp& op) {
        const std::string& id = replica_name(replica);
        if (op.deed == Deed::add) return counter.add(id, op.amount);
        return op.deed == Deed::reset ? counter.reset(id) : counter.compact(id);
    }
    static std::map<int, std::int64_t> actual(const Counter& counter) {
        if (counter.is_empty(counter.lattice().store())) return {};
        return {{0, counter.value()}};
    }
};

}  // namespace support

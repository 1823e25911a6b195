// SPDX-License-Identifier: MIT
//! Models of counters in which each replica keeps running totals. A replica that has a running
//! total has all additions in it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "support/oracle.hpp"

namespace support {

/// An addition to the counter at that key.
struct Addition {
    int key;
    std::int64_t amount;
};

/// A model with unique additions. `Totals` has same_total(const Addition&, const Addition&), which
/// returns whether two additions of a replica belong to the same running total.
template <class Counter, class Totals, int key_count = 1>
struct CounterModel : NoMemory {
    using State = Counter;
    using Op = Addition;
    using Events = std::vector<Event<Op>>;

    static Op draw(Random& random) {
        constexpr std::array<std::int64_t, 5> amounts{1, 2, 3, -1, -2};
        return {static_cast<int>(random.below(key_count)),
                random.below(8) == 0 ? 0 : amounts[random.below(amounts.size())]};
    }

    static bool is_known(const Events& events, Known known, std::size_t addition) {
        for (std::size_t i = addition; i < events.size(); ++i) {
            const auto& [replica, op, seen] = events[i];
            if (known.has(i) && replica == events[addition].replica && op.amount != 0 &&
                Totals::same_total(op, events[addition].op))
                return true;
        }
        return false;
    }
    /// Returns the sum for each key with a received addition.
    static std::map<int, std::int64_t> sums(const Events& events, Known known) {
        std::map<int, std::int64_t> result;
        for (std::size_t i = 0; i < events.size(); ++i) {
            const Op& op = events[i].op;
            if (op.amount != 0 && is_known(events, known, i)) result[op.key] += op.amount;
        }
        return result;
    }
};

/// The same model for a type that is a single counter.
template <class Counter, class Totals>
struct OneCounterModel : CounterModel<Counter, Totals> {
    using Base = CounterModel<Counter, Totals>;

    static Counter run(Counter& counter, std::size_t replica, const Addition& op) {
        return counter.add(replica_name(replica), op.amount);
    }
    static std::int64_t expected(const typename Base::Events& events, Known known) {
        return Base::sums(events, known)[0];
    }
    static std::int64_t actual(const Counter& counter) {
        return static_cast<std::int64_t>(counter.value());
    }
};

struct ByReplica {
    static bool same_total(const Addition& a, const Addition& b) { return a.key == b.key; }
};
struct BySign {
    static bool same_total(const Addition& a, const Addition& b) {
        return a.key == b.key && (a.amount < 0) == (b.amount < 0);
    }
};

}  // namespace support

// SPDX-License-Identifier: MIT
//! Fills counters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <crdt/gcounter.hpp>
#include <crdt/pncounter.hpp>

#include "baselines.hpp"
#include "inputs.hpp"
#include "limits.hpp"

namespace bench {

/// Adds an amount to each key. Each call uses other amounts.
struct AddToAll {
    Random random{7};
    std::int64_t amount() { return 1 + static_cast<std::int64_t>(random.below(1000)); }

    template <class Id>
    void operator()(crdt::GCounter<Id>& counter, const std::vector<U64>& keys) {
        for (const U64 key : keys) counter.add(make_id<Id>(key), amount());
    }
    template <class Id>
    void operator()(crdt::PNCounter<Id>& counter, const std::vector<U64>& keys) {
        for (const U64 key : keys) {
            counter.add(make_id<Id>(key), amount());
            counter.add(make_id<Id>(key), -amount());
        }
    }
    template <class Id>
    void operator()(baseline::GCounter<Id>& counter, const std::vector<U64>& keys) {
        for (const U64 key : keys) counter.add(make_id<Id>(key), static_cast<U64>(amount()));
    }
    template <class Id>
    void operator()(baseline::PNCounter<Id>& counter, const std::vector<U64>& keys) {
        for (const U64 key : keys) {
            counter.add(make_id<Id>(key), amount());
            counter.add(make_id<Id>(key), -amount());
        }
    }
    void operator()(limit::Counter& counter, const std::vector<U64>& keys) {
        counter.keys = keys;
        for (auto& column : counter.counts) {
            column.clear();
            for (std::size_t i = 0; i < keys.size(); ++i)
                column.push_back(static_cast<U64>(amount()));
        }
    }
};

inline limit::Counter columns(std::size_t count) {
    return {{}, std::vector<std::vector<U64>>(count)};
}

}  // namespace bench

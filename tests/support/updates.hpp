// SPDX-License-Identifier: MIT
//! Updates for the simulator: types that can fail in different ways, and functions that change
//! them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <crdt/awset.hpp>
#include <crdt/bag.hpp>
#include <crdt/gset.hpp>
#include <crdt/ormap.hpp>
#include <crdt/pncounter.hpp>
#include <crdt/random.hpp>
#include <crdt/resettable_counter.hpp>

namespace support {

using crdt::Random;

using Numbers = crdt::GSet<std::uint64_t>;
using Words = crdt::AWSet<std::uint64_t, std::size_t>;
using Counter = crdt::PNCounter<std::size_t>;
using Counters = crdt::ORMap<std::uint64_t, crdt::ResettableCounter<std::size_t>>;
using Stock = crdt::Bag<std::uint64_t, std::size_t>;

/// Inserts a number that no other update inserts.
inline Numbers insert_unique(Numbers& set, std::size_t, Random& random) {
    return set.insert(random.next());
}

inline Words add_or_remove(Words& set, std::size_t writer, Random& random) {
    const std::uint64_t element = random.below(10);
    return random.below(3) == 0 ? set.erase(element) : set.insert(writer, element);
}

inline Counter count_one(Counter& counter, std::size_t writer, Random&) {
    return counter.add(writer, 1);
}

inline Counters count_or_reset(Counters& map, std::size_t writer, Random& random) {
    const std::uint64_t key = random.below(4);
    if (random.below(5) == 0) return map.erase(writer, key);
    return map.update(key, [&](auto& counter) {
        return random.below(4) == 0 ? counter.reset(writer) : counter.add(writer, 1);
    });
}

/// Changes runs of thousands of dots at once, and cuts them.
inline Stock fill_or_take(Stock& stock, std::size_t writer, Random& random) {
    const std::uint64_t item = random.below(3);
    const std::size_t count = 1 + random.below(random.below(2) == 0 ? 5 : 5000);
    if (random.below(3) > 0) return stock.insert(writer, item, count);
    return stock.erase(writer, item, (std::min)(count, stock.count(item)));
}

}  // namespace support

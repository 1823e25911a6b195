// SPDX-License-Identifier: MIT
//! Fills sets and maps.
#pragma once

#include <cstddef>
#include <vector>

#include <crdt/awset.hpp>
#include <crdt/ewflag.hpp>
#include <crdt/ormap.hpp>
#include <crdt/resettable_counter.hpp>

#include "baselines.hpp"
#include "inputs.hpp"
#include "limits.hpp"

namespace bench {

template <class Id>
using Set = crdt::AWSet<U64, Id>;
template <class Id>
using Map = crdt::ORMap<U64, crdt::ResettableCounter<Id>>;
template <class Id>
using Nested = crdt::ORMap<U64, crdt::ORMap<U64, crdt::EWFlag<Id>>>;

/// Adds to a state at each key, with one id.
template <class Id>
struct Adds {
    Id id;

    void operator()(Set<Id>& set, const std::vector<U64>& keys) const {
        for (const U64 key : keys) set.insert(id, key);
    }
    void operator()(baseline::AWSet<U64, Id>& set, const std::vector<U64>& keys) const {
        for (const U64 key : keys) set.insert(id, key);
    }
    void operator()(limit::AddWinsSet& set, const std::vector<U64>& keys) const {
        for (const U64 key : keys) set.insert(key, set.elements.size() + 1);
    }
    void operator()(Map<Id>& map, const std::vector<U64>& keys) const {
        for (const U64 key : keys)
            map.update(key, [&](auto& counter) { return counter.add(id, 1); });
    }
    /// Each inner map has eight keys.
    void operator()(Nested<Id>& map, const std::vector<U64>& keys) const {
        for (std::size_t i = 0; i < keys.size(); ++i) {
            map.update(keys[i - i % 8], [&](auto& inner) {
                return inner.update(keys[i], [&](auto& flag) { return flag.enable(id); });
            });
        }
    }
};

}  // namespace bench

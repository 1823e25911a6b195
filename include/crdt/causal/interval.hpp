// SPDX-License-Identifier: MIT
//! Interval, Extent and Overlap: ranges of the numbers of one replica's dots.
#pragma once

#include <compare>
#include <cstdint>

#include <crdt/causal/dot.hpp>

namespace crdt {

/// Whether a number is in a set of numbers, and up to which number the answer stays the same.
struct Extent {
    bool is_inside;      ///< Is the number in the set?
    std::uint64_t last;  ///< The answer stays the same up to this number.
};

/// How many elements of a set are in another set: none, some or all. For the empty set, the answer
/// is `all`.
enum class Overlap : std::uint8_t { none, some, all };

namespace detail {

/// Stands in place of a replica id in a map that has the dots of only one replica.
struct SoleReplica {
    friend auto operator<=>(const SoleReplica&, const SoleReplica&) = default;
    friend std::uint64_t hash_value(const SoleReplica&) { return 0; }
};
using Interval = DotRange<SoleReplica>;

}  // namespace detail

}  // namespace crdt

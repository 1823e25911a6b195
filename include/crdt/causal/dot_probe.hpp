// SPDX-License-Identifier: MIT
//! DotProbe: compares many ranges of dots with one set of dots.
#pragma once

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_set.hpp>

namespace crdt::detail {

/// Compares ranges of dots with a set. A probe stores two ranges that it has found: one inside the
/// set, and one outside. If the set has few ranges, as a context has, most comparisons need only
/// the stored ranges.
template <ReplicaId Id>
class DotProbe {
    const DotSet<Id>& set_;
    DotRange<Id> inside_{}, outside_{};

    static bool covers(const DotRange<Id>& known, const auto& range) {
        return known.first <= range.first && range.last <= known.last &&
               known.replica == range.replica;
    }

  public:
    /// `set` must outlive the probe, and must not change.
    explicit DotProbe(const DotSet<Id>& set) : set_(set) {}

    Overlap overlap(const auto& range) {
        if (covers(inside_, range)) return Overlap::all;
        if (covers(outside_, range)) return Overlap::none;
        const Extent known = set_.extent(range.replica, range.first);
        if (known.last < range.last) return Overlap::some;
        (known.is_inside ? inside_ : outside_) = {range.replica, range.first, known.last};
        return known.is_inside ? Overlap::all : Overlap::none;
    }
};

}  // namespace crdt::detail

// SPDX-License-Identifier: MIT
//! CausalContext: the events that a state has seen.
#pragma once

#include <string>

#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/version_vector.hpp>

namespace crdt {

/// The dots that a causal state has seen, in force or removed. In the papers a context is a version
/// vector and a cloud of dots beyond it, compacted from time to time. Here both are ranges, which
/// are always compact: a replica's range that begins at 1 is its entry in the vector, and all other
/// ranges are the cloud.
template <ReplicaId Id = std::string>
using CausalContext = DotSet<Id>;

/// The version vector of a context: for each replica, up to which number it has all dots.
/// O(ranges).
template <ReplicaId Id>
VersionVector<Id> version_vector(const CausalContext<Id>& context) {
    VersionVector<Id> vector;
    context.visit([&](const DotRange<Id>& range) {
        if (range.first == 1) vector.advance_to(range.replica, range.last);
    });
    return vector;
}

/// The dots of a context that are not in its version vector. O(ranges).
template <ReplicaId Id>
DotSet<Id> dot_cloud(const CausalContext<Id>& context) {
    DotSet<Id> cloud;
    context.visit([&](const DotRange<Id>& range) {
        if (range.first != 1) cloud.add(range);
    });
    return cloud;
}

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! CausalContext: the events that a state knows of.
#pragma once

#include <string>

#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/version_vector.hpp>

namespace crdt {

/// The dots that a causal state has seen, live or dead. In the papers it is a version vector and a
/// cloud of dots beyond it, which is compacted now and then; here ranges do both, always compact:
/// the range of a replica that begins at 1 is its entry in the vector, all others are the cloud.
template <ReplicaId Id = std::string>
using CausalContext = DotSet<Id>;

/// The version vector in a context: for each replica, how many of its dots are there from the
/// first one on without a gap. O(ranges).
template <ReplicaId Id>
VersionVector<Id> version_vector(const CausalContext<Id>& context) {
    VersionVector<Id> vector;
    context.visit([&](const DotRange<Id>& range) {
        if (range.first == 1) vector.advance_to(range.replica, range.last);
    });
    return vector;
}

/// The dots of a context that its version vector does not hold. O(ranges).
template <ReplicaId Id>
DotSet<Id> dot_cloud(const CausalContext<Id>& context) {
    DotSet<Id> cloud;
    context.visit([&](const DotRange<Id>& range) {
        if (range.first != 1) cloud.add(range);
    });
    return cloud;
}

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! CausalContext: the events that a state has received.
#pragma once

#include <string>

#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/version_vector.hpp>

namespace crdt {

/// The dots that a causal state has received, both current and removed. In the papers, a context
/// has two components: a version vector, and a cloud of dots beyond the vector. From time to time,
/// dots are moved from the cloud into the vector. Here, a context is one set of ranges, so dots are
/// never moved. A range that begins at 1 is the entry of its replica in the vector. All other
/// ranges are the cloud.
template <ReplicaId Id = std::string>
using CausalContext = DotSet<Id>;

/// Returns the version vector of `context`. For each replica, the vector has the number up to which
/// `context` has all dots. O(ranges).
template <ReplicaId Id>
VersionVector<Id> version_vector(const CausalContext<Id>& context) {
    VersionVector<Id> vector;
    context.visit([&](const DotRange<Id>& range) {
        if (range.first == 1) vector.advance_to(range.replica, range.last);
    });
    return vector;
}

/// Returns the dots of a context that are not in its version vector. O(ranges).
template <ReplicaId Id>
DotSet<Id> dot_cloud(const CausalContext<Id>& context) {
    DotSet<Id> cloud;
    context.visit([&](const DotRange<Id>& range) {
        if (range.first != 1) cloud.add(range);
    });
    return cloud;
}

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! CausalDigest: what a difference needs to know of a causal state.
#pragma once

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

#include <crdt/causal/causal_context.hpp>
#include <crdt/causal/dot_fun.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/detail/column_map.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/covers.hpp>

namespace crdt {

namespace detail {

// The digest of a dot store is a set of dots, a map from dots to digests, or a tuple of such.

/// The dots of a digest that are in `dots`.
template <ReplicaId Id>
DotSet<Id> live_within(const DotSet<Id>& live, const DotSet<Id>& dots) {
    return intersection(live, dots);
}
template <ReplicaId Id, class Digest>
DotSet<Id> live_within(const ColumnMap<Dot<Id>, Digest>& live, const DotSet<Id>& dots) {
    return keys_within(live, dots);
}
template <ReplicaId Id, class... Live>
DotSet<Id> live_within(const std::tuple<Live...>& live, const DotSet<Id>& dots) {
    DotSet<Id> found;
    std::apply([&](const Live&... part) { (found.merge(live_within(part, dots)), ...); }, live);
    return found;
}

/// Where a dot lives in both: does its content in `a` cover that in `b`?
template <ReplicaId Id>
bool content_covers(const DotSet<Id>&, const DotSet<Id>&) {
    return true;
}
template <ReplicaId Id, class Digest>
bool content_covers(const ColumnMap<Dot<Id>, Digest>& a, const ColumnMap<Dot<Id>, Digest>& b) {
    return std::all_of(b.begin(), b.end(), [&](const auto& entry) {
        const auto mine = a.find(entry.first);
        return mine == a.end() || covers(mine->second, entry.second);
    });
}
template <class... Live>
bool content_covers(const std::tuple<Live...>& a, const std::tuple<Live...>& b) {
    return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        return (content_covers(std::get<Index>(a), std::get<Index>(b)) && ...);
    }
    (std::index_sequence_for<Live...>{});
}

}  // namespace detail

/// What Causal's digest holds: which dots live, and which have been seen. A dot that was seen and
/// does not live is dead, so removals show.
template <class LiveDigest, ReplicaId Id>
struct CausalDigest {
    /// The live dots, with what of their content can change.
    LiveDigest live{};
    /// The dots that have been seen.
    CausalContext<Id> context{};

    DotSet<Id> dead() const { return difference(context, detail::live_within(live, context)); }

    friend bool operator==(const CausalDigest&, const CausalDigest&) = default;
    friend bool covers(const CausalDigest& a, const CausalDigest& b) {
        return b.context.leq(a.context) && detail::live_within(a.live, b.dead()).is_bottom() &&
               detail::content_covers(a.live, b.live);
    }
};

}  // namespace crdt

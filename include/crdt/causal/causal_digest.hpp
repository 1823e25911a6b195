// SPDX-License-Identifier: MIT
//! CausalDigest: the digest of a causal state.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <tuple>
#include <utility>

#include <crdt/causal/causal_context.hpp>
#include <crdt/causal/dot_fun.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/lattice/column_map.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/dominates.hpp>

namespace crdt {

namespace detail {

// The digest of a dot store is a set of dots, a map from dots to digests, a tuple of digests, or a
// class with the members dots_in() and content_dominates().

/// A digest that is a class with the members dots_in() and content_dominates().
template <class Digest>
concept HasContentOrder = requires(const Digest& digest) {
    { digest.content_dominates(digest) } -> std::same_as<bool>;
};

/// Returns the dots of a digest that are in `dots`.
template <ReplicaId Id>
DotSet<Id> dots_in(const DotSet<Id>& content, const DotSet<Id>& dots) {
    return intersection(content, dots);
}
template <ReplicaId Id, class Digest>
DotSet<Id> dots_in(const ColumnMap<Dot<Id>, Digest>& content, const DotSet<Id>& dots) {
    return keys_within(content, dots);
}
template <HasContentOrder Digest, ReplicaId Id>
DotSet<Id> dots_in(const Digest& content, const DotSet<Id>& dots) {
    return content.dots_in(dots);
}
template <ReplicaId Id, class... Digest>
DotSet<Id> dots_in(const std::tuple<Digest...>& content, const DotSet<Id>& dots) {
    DotSet<Id> found;
    std::apply([&](const Digest&... part) { (found.merge(dots_in(part, dots)), ...); }, content);
    return found;
}

/// At each dot that is in both digests: does the content in `a` dominate the content in `b`?
template <ReplicaId Id>
bool content_dominates(const DotSet<Id>&, const DotSet<Id>&) {
    return true;
}
template <ReplicaId Id, class Digest>
bool content_dominates(const ColumnMap<Dot<Id>, Digest>& a, const ColumnMap<Dot<Id>, Digest>& b) {
    return std::all_of(b.begin(), b.end(), [&](const auto& entry) {
        const auto mine = a.find(entry.first);
        return mine == a.end() || dominates(mine->second, entry.second);
    });
}
template <HasContentOrder Digest>
bool content_dominates(const Digest& a, const Digest& b) {
    return a.content_dominates(b);
}
template <class... Digest>
bool content_dominates(const std::tuple<Digest...>& a, const std::tuple<Digest...>& b) {
    return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        return (content_dominates(std::get<Index>(a), std::get<Index>(b)) && ...);
    }
    (std::index_sequence_for<Digest...>{});
}

}  // namespace detail

/// The digest of a causal state: the dots of its store, and its context. A dot in the context but
/// not in the store was removed, so a digest shows removals.
template <class DotsDigest, ReplicaId Id>
struct CausalDigest {
    /// The dots of the store. Content that can change is represented by its digest.
    DotsDigest dots{};
    /// The context of the state.
    CausalContext<Id> context{};

    /// Returns the removed dots, which are in the context but not in the store.
    DotSet<Id> removed() const { return difference(context, detail::dots_in(dots, context)); }

    /// Are the two digests equal?
    friend bool operator==(const CausalDigest&, const CausalDigest&) = default;
    /// Does the state of `a` contain everything that the state of `b` contains?
    friend bool dominates(const CausalDigest& a, const CausalDigest& b) {
        return b.context.leq(a.context) && detail::dots_in(a.dots, b.removed()).is_bottom() &&
               detail::content_dominates(a.dots, b.dots);
    }
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! DotStore: what a causal state keeps of the events that are still in force.
#pragma once

#include <concepts>
#include <cstddef>

#include <crdt/causal/dot_set.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt {

/// A container in which every piece of content stands at the dot of the event that brought it.
///
/// A dot in a store is live; one in the causal context but not in the store is dead. DotSet has
/// dots alone, DotFun a state at each dot, DotMap a store at each key, DotTuple several stores
/// side by side; Causal joins a store with the context that all of its dots share.
///
///     s.dots()                    the live dots
///     s.dots_in(dots)         those of them in `dots`
///     s.remove(dots)              lets dots die
///     s.absorb(other, seen)       takes the live dots of `other` that are not `seen`, joins what
///                                 is at those that live in both; returns what was new
///     s.merge_disjoint(other)               the same where none of the dots of `other` has been
///     seen here:
///                                 all of it is new
///     s.missing_at(theirs, seen)  what `absorb` would return at theirs, a store or its digest
///     s.leq_on_common(other)        s ⊑ other at each dot that lives in both
///     s.add_digest_to(digest)     what missing_at needs to know of s: live dots, without content
///                                 that never changes
///     s.visit_parts_of<By>(f)     calls f(part) for each irreducible part or, if By is ByRanges,
///                                 for each range of such
///     s.count_parts_of<By>()          how often that is, or the greatest std::size_t
/// Source  Almeida, Shoker, Baquero: Delta state replicated data types (JPDC 2018), 7.2
template <class S>
concept DotStore = std::regular<S> && ReplicaId<typename S::id_type> &&
    std::regular<typename S::Digest> &&
    requires(S& changing, const S& store, const DotSet<typename S::id_type>& dots,
             typename S::Digest& digest, void (*visit)(const S&)) {
    { store.dots() } -> std::convertible_to<DotSet<typename S::id_type>>;
    { store.dots_in(dots) } -> std::same_as<DotSet<typename S::id_type>>;
    { store.missing_at(store, dots) } -> std::same_as<S>;
    { store.missing_at(digest, dots) } -> std::same_as<S>;
    { store.leq_on_common(store) } -> std::same_as<bool>;
    { store.is_bottom() } -> std::same_as<bool>;
    { store.template count_parts_of<detail::ByParts>() } -> std::same_as<std::size_t>;
    { store.template count_parts_of<detail::ByRanges>() } -> std::same_as<std::size_t>;
    { changing.absorb(store, dots) } -> std::same_as<S>;
    changing.merge_disjoint(store);
    changing.remove(dots);
    store.add_digest_to(digest);
    store.template visit_parts_of<detail::ByParts>(visit);
    store.template visit_parts_of<detail::ByRanges>(visit);
};

}  // namespace crdt

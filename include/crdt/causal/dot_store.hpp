// SPDX-License-Identifier: MIT
//! DotStore: a container of the current content of a causal state.
#pragma once

#include <concepts>
#include <cstddef>

#include <crdt/causal/dot_set.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt {

/// A container in which each piece of content is at the dot of the event that added it.
///
/// A dot in the store is current. A dot in the causal context but not in the store was removed.
/// DotSet has dots alone, DotFun has a state at each dot, DotMap has a store at each key, and
/// DotTuple has several stores side by side. Causal combines a store with the context that all of
/// its dots share.
///
///     s.dots()                    returns the dots in the store
///     s.dots_in(dots)             returns the dots in the store that are in `dots`
///     s.remove(dots)              removes dots, with the content at them
///     s.absorb(other, seen)       adds the content of `other` at dots that are not in `seen`, and
///                                 joins the contents at dots that are in both stores; returns the
///                                 new content
///     s.merge_disjoint(other)     adds the content of `other`; all its dots must be new
///     s.missing_at(theirs, seen)  returns the content of s that another state lacks; `seen` is the
///                                 context of that state, and `theirs` is its store or the digest
///                                 of its store
///     s.leq_on_common(other)      is s ⊑ other at each dot that is in both stores?
///     s.add_digest_to(digest)     adds what missing_at() needs of s: the dots, without
///                                 content that never changes
///     s.visit_parts_of<By>(f)     calls f(part) for each join-irreducible part or, if By is
///                                 ByRanges, for each range of parts
///     s.count_parts_of<By>()      returns the number of these calls, limited to the greatest
///                                 std::size_t
///
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

namespace detail {

/// Joins the content of `other`, except at removed dots: dots that are in `seen` and not in
/// `store`. If all dots of `other` are in `seen`, returns true iff `store` grew. Calls the member
/// join() if the store has one, because join() makes no delta.
template <DotStore S>
bool join_store(S& store, const S& other, const DotSet<typename S::id_type>& seen) {
    if constexpr (requires { store.join(other, seen); })
        return store.join(other, seen);
    else
        return !store.absorb(other, seen).is_bottom();
}

}  // namespace detail

}  // namespace crdt

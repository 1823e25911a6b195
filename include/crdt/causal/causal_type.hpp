// SPDX-License-Identifier: MIT
//! CausalType: the base of a data type that is a causal state with members of its own.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <concepts>
#include <utility>

#include <crdt/causal/causal.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/dot_store.hpp>
#include <crdt/lattice/composed.hpp>

namespace crdt {

/// Gives `Self` the lattice contract of Causal<Store>, and the members that every causal type has.
/// Maps and records of causal types rely on those. `Self` changes itself only by change(),
/// replace() and revise().
///
/// Order   that of Causal, and so are cost and errors of merge, absorb and difference
template <class Self, DotStore Store>
class CausalType : public Composed<Self, Causal<Store>> {
  public:
    /// The dot store, which holds the content in force.
    using store_type = Store;
    /// The type of replica ids.
    using id_type = typename Store::id_type;
    /// Does reset() leave nothing but context? If not, content stays until the replicas that wrote
    /// it run compact().
    static constexpr bool reset_leaves_context_only = true;
    /// Are there stores that are not bottom, and in which nothing is visible?
    static constexpr bool has_hidden_states = false;

    /// The content in force.
    const Store& store() const { return this->lattice().store(); }
    /// The dots that have been seen.
    const CausalContext<id_type>& context() const { return this->lattice().context(); }
    /// Has any dot of `id` been seen? O(log n).
    bool has_writes_of(const id_type& id) const { return context().last(id) != 0; }

    /// Undoes all writes seen here, and no concurrent ones; returns the delta. O(n).
    Self reset(const id_type& /*id*/) { return change(store().dots()); }
    /// Is nothing visible in `store`?
    static bool is_empty(const Store& store) { return store.is_bottom(); }

  protected:
    /// Removes dots and adds content, at new dots; returns the delta.
    Self change(DotSet<id_type> removed, Store added = {}) {
        return this->mutate(
            [&](Causal<Store>& state) { return state.change(removed, std::move(added)); });
    }
    /// Puts `next` in the place of the store at `key`. It is the join of that store and of `delta`;
    /// the dots in the store of `delta` are new. Returns `delta`.
    template <class Key, class Part>
    Self revise(const Key& key, Part next, Causal<Store> delta) {
        return this->mutate([&](Causal<Store>& state) {
            return state.revise(key, std::move(next), std::move(delta));
        });
    }
    /// Puts `added`, at new dots or empty, in the place of the store at `key`; returns the delta.
    template <class Key, class Part>
    Self replace(const Key& key, Part added) {
        return this->mutate(
            [&](Causal<Store>& state) { return state.replace(key, std::move(added)); });
    }
};

/// A value of an ORMap, an RWMap or a Record: the causal types, maps and records of them, and
/// causal types of your own. Lattices without dots, such as GCounter, have no removals; they belong
/// in a GMap.
template <class V>
concept CausalValue = DecomposableLattice<V> && DotStore<typename V::store_type> &&
    std::same_as<typename V::lattice_type, Causal<typename V::store_type>> &&
    requires(V value, const V& state, const typename V::store_type& store,
             const typename V::id_type& id) {
    { V::reset_leaves_context_only } -> std::convertible_to<bool>;
    { V::is_empty(store) } -> std::same_as<bool>;
    { state.context() } -> std::convertible_to<const CausalContext<typename V::id_type>&>;
    { value.reset(id) } -> std::same_as<V>;
};

namespace detail {

/// What a map from keys of a K to values of a V lacks.
template <class K, class V>
constexpr Flaw flaw_of_causal_map() {
    constexpr Flaw found = flaw_of_keys<K>();
    return found == Flaw::none && !CausalValue<V> ? Flaw::without_dots : found;
}

}  // namespace detail

}  // namespace crdt

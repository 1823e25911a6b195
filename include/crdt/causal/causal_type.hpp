// SPDX-License-Identifier: MIT
//! CausalType: the base of a data type that is a causal state with words of its own.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <concepts>
#include <utility>

#include <crdt/causal/causal.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/dot_store.hpp>
#include <crdt/lattice/composed.hpp>

namespace crdt {

/// Gives `Self` the lattice contract of Causal<Store>, and the members that every causal type has
/// and a map of them relies on. `Self` changes itself by change(), replace() and revise() alone.
template <class Self, DotStore Store>
class CausalType : public Composed<Self, Causal<Store>> {
  public:
    using store_type = Store;
    using id_type = typename Store::id_type;
    /// Does reset() leave nothing but context? Otherwise compact() does, at the replicas concerned.
    static constexpr bool reset_leaves_context_only = true;
    /// Are there stores that are not bottom, and show nothing?
    static constexpr bool has_hidden_states = false;

    /// The content in force.
    const Store& store() const { return this->lattice().store(); }
    /// The dots that have been seen.
    const CausalContext<id_type>& context() const { return this->lattice().context(); }
    /// Is there a write of `id` here, or a removal of one? O(log n).
    bool has_writes_of(const id_type& id) const { return context().last(id) != 0; }

    /// Undoes all that is known here and nothing that is concurrent; returns the delta. O(n).
    Self reset(const id_type& /*id*/) { return change(store().dots()); }
    /// Is nothing visible in `store`?
    static bool is_empty(const Store& store) { return store.is_bottom(); }

  protected:
    /// Removes dots and adds content, at new dots; returns the delta.
    Self change(DotSet<id_type> removed, Store added = {}) {
        return this->mutate(
            [&](Causal<Store>& state) { return state.change(removed, std::move(added)); });
    }
    /// Puts `next`, the join of what is at `key` and of `delta`, in the place of that; returns
    /// `delta`, whose live dots are new.
    template <class Key, class Part>
    Self revise(const Key& key, Part next, Causal<Store> delta) {
        return this->mutate([&](Causal<Store>& state) {
            return state.revise(key, std::move(next), std::move(delta));
        });
    }
    /// Puts `added`, at new dots or empty, in the place of what is at `key`; returns the delta.
    template <class Key, class Part>
    Self replace(const Key& key, Part added) {
        return this->mutate(
            [&](Causal<Store>& state) { return state.replace(key, std::move(added)); });
    }
};

/// What a map of causal values can hold: the causal types, maps of them, and a user's own ones.
/// The lattices without dots, such as GCounter, belong into a GMap: nothing there is ever removed.
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

// SPDX-License-Identifier: MIT
//! CausalType: the base class of a data type that is a causal state with its own members.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <concepts>
#include <utility>

#include <crdt/causal/causal.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/dot_store.hpp>
#include <crdt/lattice/composed.hpp>

namespace crdt {

/// Gives `Self` the lattice functions of Causal<Store>, and the members that every causal type has.
/// Maps and records of causal types use these members. `Self` changes its state only with change(),
/// replace() and revise().
///
/// Order   the order of Causal. The cost and the errors of merge, absorb and difference are also
///         those of Causal
template <class Self, DotStore Store>
class CausalType : public Composed<Self, Causal<Store>> {
  public:
    /// The dot store, which has the current content.
    using store_type = Store;
    /// The type of replica ids.
    using id_type = typename Store::id_type;
    /// Does reset() leave only context, and no content? If it leaves content, the content stays
    /// until the replicas that wrote it call compact().
    static constexpr bool reset_leaves_context_only = true;
    /// Can a value look empty although its store is not? For example, the store of a disabled
    /// DWFlag has dots. Such a value is hidden: a map does not show its key.
    static constexpr bool has_hidden_states = false;

    /// Returns the current content.
    const Store& store() const { return this->lattice().store(); }
    /// Returns the context: the dots of the store and the removed dots.
    const CausalContext<id_type>& context() const { return this->lattice().context(); }
    /// Does the context have a dot of `id`? O(log n).
    bool has_writes_of(const id_type& id) const { return context().last(id) != 0; }

    /// Undoes all writes that this replica has received. Concurrent writes stay. Returns the delta.
    /// O(n).
    Self reset(const id_type& /*id*/) { return change(store().dots()); }
    /// Is nothing visible in `store`?
    static bool is_empty(const Store& store) { return store.is_bottom(); }

  protected:
    /// Removes the dots `removed`, and joins the content `added`, which is usually at new dots.
    /// Returns the delta.
    Self change(DotSet<id_type> removed, Store added = {}) {
        return this->mutate(
            [&](Causal<Store>& state) { return state.change(removed, std::move(added)); });
    }
    /// Replaces the store at `key` by `next`. Precondition: `next` is the join of that store and
    /// `delta`, and the dots in the store of `delta` are new. Returns `delta`.
    template <class Key, class Part>
    Self revise(const Key& key, Part next, Causal<Store> delta) {
        return this->mutate([&](Causal<Store>& state) {
            return state.revise(key, std::move(next), std::move(delta));
        });
    }
    /// Replaces the store at `key` by `added`. Precondition: `added` is empty or has only new dots.
    /// Returns the delta.
    template <class Key, class Part>
    Self replace(const Key& key, Part added) {
        Self delta;
        this->state().replace(static_cast<CausalType&>(delta).state(), key, std::move(added));
        return delta;
    }
};

/// A type that the values of an ORMap, an RWMap or a Record can have. It is a causal type, either
/// of the library or of your own. Maps and records of causal types are causal types, too. A lattice
/// without dots, such as GCounter, cannot record a removal. Put such a lattice into a GMap.
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

/// Returns the reason why K and V are not valid for a map of causal values, or Flaw::none.
template <class K, class V>
constexpr Flaw flaw_of_causal_map() {
    constexpr Flaw found = flaw_of_keys<K>();
    return found == Flaw::none && !CausalValue<V> ? Flaw::without_dots : found;
}

}  // namespace detail

}  // namespace crdt

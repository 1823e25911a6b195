// SPDX-License-Identifier: MIT
//! RWMap: a map to add to and remove from, nested to any depth; a concurrent remove wins.
#pragma once

#include <string_view>
#include <utility>

#include <crdt/causal/causal.hpp>
#include <crdt/causal/causal_map.hpp>
#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/dot_tuple.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/diagnostics.hpp>

namespace crdt {

namespace detail {

/// A causal value and the removes of it that are in force. While there is one, nothing is to be
/// seen of the value, and the next update begins afresh.
template <CausalValue Value>
class Removable
    : public CausalType<Removable<Value>,
                        DotTuple<DotSet<typename Value::id_type>, typename Value::store_type>> {
    using Id = typename Value::id_type;
    using Store = DotTuple<DotSet<Id>, typename Value::store_type>;

    const DotSet<Id>& removes() const { return this->store().template get<0>(); }

    template <class Mutate>
    Removable apply(Mutate&& mutate) {
        return this->mutate(
            [&](auto& state) { return state.template apply<Value>(Part<1>{}, mutate); });
    }

    /// For what is done in several steps, each of which may throw.
    template <class Change>
    Removable change_copy(Change&& change) {
        Removable next = *this;
        Removable delta = change(next);
        *this = std::move(next);
        return delta;
    }

  public:
    static constexpr bool reset_leaves_context_only = Value::reset_leaves_context_only;

    template <class Mutate>
    Removable update(const Id& id, Mutate&& mutate) {
        if (removes().is_bottom()) return apply(mutate);
        return change_copy([&](Removable& next) {
            Removable delta = next.reset(id);
            delta.merge(next.apply(mutate));
            return delta;
        });
    }
    Removable remove(const Id& id) {
        return change_copy([&](Removable& next) {
            Removable delta = next.apply([&](Value& value) { return value.reset(id); });
            const Dot<Id> dot = next.context().next(id);
            delta.merge(next.change(next.removes(), {Part<0>{}, DotSet<Id>{dot}}));
            return delta;
        });
    }
    Removable reset(const Id& id) {
        return change_copy([&](Removable& next) {
            Removable delta = next.apply([&](Value& value) { return value.reset(id); });
            delta.merge(next.change(next.removes()));
            return delta;
        });
    }
    Removable compact(const Id& id) requires(!reset_leaves_context_only) {
        return apply([&](Value& value) { return value.compact(id); });
    }
    static bool has_amounts_of(const Store& store, const Id& id) requires requires {
        Value::has_amounts_of(store.template get<1>(), id);
    }
    { return Value::has_amounts_of(store.template get<1>(), id); }
    static bool is_empty(const Store& store) {
        return !store.template get<0>().is_bottom() || Value::is_empty(store.template get<1>());
    }
};

}  // namespace detail

template <class KeyType, class Value>
class RWMap : detail::NotAKey<KeyType>, detail::NotACausalValue<Value> {};  // says why

/// An observed-remove map with remove-wins keys. Its values are causal types, maps too, and all
/// share its context.
///
/// State   at each key a store and the removes in force, and the context
/// Order   that of Causal;  join: key by key
/// Writes  a remove wins over concurrent updates of the key. The next update begins afresh: it
///         undoes the remove, and all that its writer knows of what was removed or hidden.
///         Concurrent updates join as the values do
/// Cost    a removed key keeps the dot of its remove, and unseen what concurrent updates brought,
///         until it is updated again, or reset()
/// Source  the rule of RWSet, on the maps of Almeida, Shoker, Baquero: Delta state replicated data
///         types (JPDC 2018), 7.4
///
/// Example (tests/examples/rwmap.cpp):
///     crdt::RWMap<std::string, crdt::AWSet<std::string>> a;
///     a.apply("a", "guests", [](auto& set) { return set.add("a", "eve"); });
///     crdt::RWMap<std::string, crdt::AWSet<std::string>> b = a;
///     a.remove("a", "guests");
///     b.apply("b", "guests", [](auto& set) { return set.add("b", "dan"); });
///     a.merge(b);  // !a.contains("guests")
template <Key KeyType, CausalValue Value>
class RWMap<KeyType, Value>
    : public CausalMap<RWMap<KeyType, Value>, KeyType, detail::Removable<Value>> {
    using Removable = detail::Removable<Value>;

  public:
    using mapped_type = Value;
    using id_type = typename Value::id_type;
    static constexpr std::string_view type_name = "rwmap";

    /// Runs a delta-mutator of the value at `key`, which is empty at first and after a remove, and
    /// returns the delta. `mutate` does one mutation, or joins the deltas of several. O(log n)
    /// beyond `mutate`, which has the map's context and must not use the map; O(size of the value)
    /// after a remove. Throws what `mutate` throws; unchanged, if that is the first thing that it
    /// did.
    template <class Mutate>
    RWMap apply(const id_type& id, const KeyType& key, Mutate&& mutate) {
        return this->apply_at(key, [&](Removable& value) { return value.update(id, mutate); });
    }
    /// Removes `key` and returns the delta, which is not bottom even if the key is not there: it
    /// may be on its way. O(size of the value).
    RWMap remove(const id_type& id, const KeyType& key) {
        return this->apply_at(key, [&](Removable& value) { return value.remove(id); });
    }

    /// The value at `key`, as a state of its own with the map's context: empty if there is none. To
    /// be read, or to be merged into the same key: in another place its context would be taken for
    /// removes. O(size of the value and of the context).
    Value at(const auto& key) const {
        const auto& store = this->store().at(key);
        const bool there = !Removable::is_empty(store);
        return Value::from_lattice(Causal(
            there ? store.template get<1>() : typename Value::store_type(), this->context()));
    }
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! RWMap: a map of causal values, nested to any depth, in which concurrent erases win.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <cstddef>
#include <string_view>
#include <utility>

#include <crdt/causal/causal.hpp>
#include <crdt/causal/causal_map.hpp>
#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/dot_tuple.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt {

namespace detail {

/// A causal value and its current erases. While there is an erase, the value is hidden, and the
/// next update starts with an empty value.
template <CausalValue Value>
class Removable
    : public CausalType<Removable<Value>,
                        DotTuple<DotSet<typename Value::id_type>, typename Value::store_type>> {
    using Id = typename Value::id_type;
    using Store = DotTuple<DotSet<Id>, typename Value::store_type>;

    const DotSet<Id>& erases() const { return this->store().template get<0>(); }

    template <class Mutate>
    Removable apply(Mutate&& mutate) {
        return this->mutate(
            [&](auto& state) { return state.template apply<Value>(Part<1>{}, mutate); });
    }

    /// Calls `change` with a copy, and then replaces this value by the copy, because each step of
    /// `change` may throw. Returns the delta.
    template <class Change>
    Removable change_copy(Change&& change) {
        Removable next = *this;
        Removable delta = change(next);
        *this = std::move(next);
        return delta;
    }

  public:
    static constexpr bool reset_leaves_context_only = Value::reset_leaves_context_only;
    static constexpr bool has_hidden_states = true;

    /// Returns the visible content of the value.
    static const typename Value::store_type& visible_store(const Store& store) {
        static const typename Value::store_type nothing{};
        return is_empty(store) ? nothing : store.template get<1>();
    }

    template <class Mutate>
    Removable update(const Id& id, Mutate&& mutate) {
        if (erases().is_bottom()) return apply(mutate);
        return change_copy([&](Removable& next) {
            Removable delta = next.reset(id);
            delta.merge(next.apply(mutate));
            return delta;
        });
    }
    Removable erase(const Id& id) {
        return change_copy([&](Removable& next) {
            Removable delta = next.apply([&](Value& value) { return value.reset(id); });
            const Dot<Id> dot = next.context().next(id);
            delta.merge(next.change(next.erases(), {Part<0>{}, DotSet<Id>{dot}}));
            return delta;
        });
    }
    Removable reset(const Id& id) {
        return change_copy([&](Removable& next) {
            Removable delta = next.apply([&](Value& value) { return value.reset(id); });
            delta.merge(next.change(next.erases()));
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

/// This primary template is chosen if the template arguments are not valid. It does not compile,
/// and the compiler prints the reason.
template <class KeyType, class Value>
class RWMap : detail::Refused<detail::flaw_of_causal_map<KeyType, Value>(), KeyType, Value> {
};  // prints why

/// A map with remove-wins keys: an erase of a key wins over concurrent updates of the key. The
/// values are of causal types, which include maps and records. All values share the context of the
/// map.
///
/// State       the causal context, and for each key the dot store of its value and the dots of its
///             current erases
/// Order       the order of Causal;  join: key by key
/// Bottom      no keys, empty context
/// Concurrent  an erase wins over concurrent updates of the key. The next update removes the erases
///             and the hidden content that the updating replica has received, so the update starts
///             with an empty value. Concurrent updates are joined by the rule of the values
/// Cost        an erased key keeps the dot of its erase, and the hidden content of concurrent
///             updates, until the key is updated again, or until reset(); update, view, find
///             O(log n) plus the cost of the value's own operation; size O(1), but O(n) once after
///             a large merge
/// Errors      update and erase throw std::overflow_error when the replica has used all 2^64 - 1
///             dots; the state is then unchanged
/// Iterators   in ascending order of the keys, with views of the values; every change invalidates
///             iterators and views;  Threads  as a standard container
/// Source      the rule of RWSet, applied to the maps of Almeida, Shoker, Baquero: Delta state
///             replicated data types (JPDC 2018), 7.4
///
/// Example (tests/examples/rwmap.cpp):
///     crdt::RWMap<std::string, crdt::AWSet<std::string>> a;
///     a.update("a", "guests", [](auto& set) { return set.insert("a", "eve"); });
///     crdt::RWMap<std::string, crdt::AWSet<std::string>> b = a;
///     a.erase("a", "guests");
///     b.update("b", "guests", [](auto& set) { return set.insert("b", "dan"); });
///     a.merge(b);  // !a.contains("guests")
template <Key KeyType, CausalValue Value>
class RWMap<KeyType, Value>
    : public CausalMap<RWMap<KeyType, Value>, KeyType, detail::Removable<Value>>,
      public CausalMapReader<RWMap<KeyType, Value>, KeyType, detail::Removable<Value>, Value> {
    using Removable = detail::Removable<Value>;

  public:
    /// The base class with the read-only members. Views of a value in a map or a record use it too.
    template <class Self>
    using Reader = CausalMapReader<Self, KeyType, Removable, Value>;
    /// The type of keys.
    using key_type = KeyType;
    /// The type of values.
    using mapped_type = Value;
    /// The type of replica ids.
    using id_type = typename Value::id_type;
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "rwmap";

    /// Changes the value at `key`, and returns the delta. If `key` is new or erased, its value
    /// starts empty. `change(Value&)` makes one or more mutations and returns the join of their
    /// deltas. During the call, the value holds the map's context, so `change` must not use the
    /// map. O(log n) plus the cost of `change`; after an erase O(size of the value) more. Throws
    /// what `change` throws. If `change` throws before it changes the value, the state is
    /// unchanged.
    template <class Change>
    RWMap update(const id_type& id, const KeyType& key, Change&& change) {
        return this->update_at(key, [&](Removable& value) { return value.update(id, change); });
    }
    /// Erases `key` and returns the delta. The delta is not bottom even if the key is not in the
    /// map, since a concurrent update of the key may exist. O(size of the value). Throws
    /// std::overflow_error after 2^64 - 1 writes of `id`; the state is then unchanged.
    RWMap erase(const id_type& id, const KeyType& key) {
        return this->update_at(key, [&](Removable& value) { return value.erase(id); });
    }
    /// Erases each key of the map and returns the delta. O(n). Throws as erase() does; the state
    /// is then unchanged.
    RWMap clear(const id_type& id) {
        RWMap next = *this, delta;
        for (const KeyType& key : this->keys()) delta.merge(next.erase(id, key));
        *this = std::move(next);
        return delta;
    }

    /// Returns the number of keys. O(1), but O(n) once after reset(), or after a merge of more than
    /// an eighth of the keys.
    std::size_t size() const {
        return this->size_or([this] { return Reader<RWMap>::size(); });
    }
    /// Is there no key? Costs as much as size().
    bool empty() const { return size() == 0; }
};

}  // namespace crdt

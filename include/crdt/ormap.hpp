// SPDX-License-Identifier: MIT
//! ORMap: a map of causal values, nested to any depth, in which concurrent updates win.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <cstddef>
#include <string_view>
#include <utility>

#include <crdt/causal/causal_map.hpp>
#include <crdt/causal/causal_type.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt {

/// This primary template is chosen if the template arguments are not valid. It does not compile,
/// and the compiler prints the reason.
template <class KeyType, class Value>
class ORMap : detail::Refused<detail::flaw_of_causal_map<KeyType, Value>(), KeyType, Value> {
};  // prints why

/// An observed-remove map with update-wins keys. Its values are of causal types, which include maps
/// and records. All values share the context of the map.
///
/// State       the causal context, and for each key the dot store of its value
/// Order       the order of Causal;  join: key by key
/// Bottom      no keys, empty context
/// Concurrent  an erase undoes those writes at the key that the erasing replica has received. A
///             concurrent update of the key survives, but restores nothing that was erased.
///             Concurrent updates are joined by the rule of the values
/// Cost        an erased key leaves only context, but some values, such as ResettableCounter, keep
///             content; update, view, find O(log n) plus the cost of the value's own operation;
///             size O(1) or, if values can be hidden (see has_hidden_states), O(n) once after a
///             large merge
/// Errors      only errors of keys, of values and of allocations
/// Iterators   in ascending order of the keys, with views of the values; every change invalidates
///             iterators and views;  Threads  as a standard container
/// Beware      a key is in the map only while something is visible at the key. So an update that
///             writes nothing inserts no key
/// Source      Almeida, Shoker, Baquero: Delta state replicated data types (JPDC 2018), 7.4
///
/// Example (tests/examples/ormap.cpp):
///     crdt::ORMap<std::string, crdt::AWSet<std::string>> a;
///     a.update("fruit", [](auto& set) { return set.insert("a", "fig"); });
///     crdt::ORMap<std::string, crdt::AWSet<std::string>> b = a;
///     a.erase("a", "fruit");
///     b.update("fruit", [](auto& set) { return set.insert("b", "kiwi"); });
///     a.merge(b);  // a.view("fruit") has "kiwi" alone
template <Key KeyType, CausalValue Value>
class ORMap<KeyType, Value> : public CausalMap<ORMap<KeyType, Value>, KeyType, Value>,
                              public CausalMapReader<ORMap<KeyType, Value>, KeyType, Value> {
  public:
    /// The base class with the read-only members. Views of a value in a map or a record use it too.
    template <class Self>
    using Reader = CausalMapReader<Self, KeyType, Value>;
    /// The type of keys.
    using key_type = KeyType;
    /// The type of values.
    using mapped_type = Value;
    /// The type of replica ids.
    using id_type = typename Value::id_type;
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "ormap";

    /// Changes the value at `key`, and returns the delta. If `key` is new, its value starts empty.
    /// `change(Value&)` makes one or more mutations and returns the join of their deltas. During
    /// the call, the value holds the map's context, so `change` must not use the map. O(log n) plus
    /// the cost of `change`. Throws what `change` throws. If `change` throws before it changes the
    /// value, the state is unchanged.
    template <class Change>
    ORMap update(const KeyType& key, Change&& change) {
        return this->update_at(key, change);
    }
    /// Erases `key`: undoes those writes at `key` that this replica has received. Returns the
    /// delta, which is bottom if the key is not in the map. `id` is the id of the calling replica.
    /// Values such as ResettableCounter need `id`, because their reset is a write. O(size of the
    /// value).
    ORMap erase(const id_type& id, const KeyType& key) {
        if (!this->store().contains(key)) return {};
        return this->update_at(key, [&](Value& value) { return value.reset(id); });
    }
    /// Erases all keys and returns the delta. O(n).
    ORMap clear(const id_type& id) { return this->reset(id); }

    /// Returns the number of keys. O(1). If values can be hidden (see has_hidden_states), O(n) once
    /// after reset(), or after a merge of more than an eighth of the keys.
    std::size_t size() const {
        return this->size_or([this] { return Reader<ORMap>::size(); });
    }
    /// Is there no key? Costs as much as size().
    bool empty() const { return size() == 0; }
};

}  // namespace crdt

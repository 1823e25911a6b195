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

template <class KeyType, class Value>
class ORMap : detail::Refused<detail::flaw_of_causal_map<KeyType, Value>(), KeyType, Value> {
};  // says why

/// An observed-remove map with update-wins keys. Its values are causal types, maps and records too,
/// and all share its context.
///
/// State       a store at each key, and the causal context
/// Order       that of Causal;  join: key by key
/// Bottom      empty, nothing seen
/// Concurrent  an erase undoes what it has seen of a key; a concurrent update of the key survives,
///             and brings nothing back that was erased. Concurrent updates join as the values do
/// Cost        an erased key leaves nothing but context, apart from values such as
///             ResettableCounter; update, view, find O(log n) beyond the value's own; size O(1),
///             where values can be hidden O(n) once after a merge
/// Errors      none of its own
/// Iterators   in ascending order of the keys, with views of the values; they and the views are
///             invalidated by every change;  Threads  as a standard container
/// Beware      a key at which nothing is visible is not there: an update that writes nothing
///             inserts nothing
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
    template <class Self>
    using Reader = CausalMapReader<Self, KeyType, Value>;
    using key_type = KeyType;
    using mapped_type = Value;
    using id_type = typename Value::id_type;
    static constexpr std::string_view type_name = "ormap";

    /// Runs a delta-mutator of the value at `key`, which is empty at first, and returns the delta:
    /// `change(Value&)` makes one mutation, or joins the deltas of several, and returns the delta.
    /// The value has the map's context; `change` must not use the map. O(log n) beyond `change`.
    /// Throws what `change` throws; unchanged if that is the first thing that it did.
    template <class Change>
    ORMap update(const KeyType& key, Change&& change) {
        return this->update_at(key, change);
    }
    /// Erases what is known of `key` and returns the delta: bottom if it is not there. `id` is the
    /// caller's own: values such as ResettableCounter write where they are reset. O(size of the
    /// value).
    ORMap erase(const id_type& id, const KeyType& key) {
        if (!this->store().contains(key)) return {};
        return this->update_at(key, [&](Value& value) { return value.reset(id); });
    }
    /// Erases what is known of all keys and returns the delta. O(n).
    ORMap clear(const id_type& id) { return this->reset(id); }

    /// The number of keys. O(1); where values can be hidden, O(n) once after a merge.
    std::size_t size() const {
        return this->size_or([this] { return Reader<ORMap>::size(); });
    }
};

}  // namespace crdt

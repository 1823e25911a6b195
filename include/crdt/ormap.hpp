// SPDX-License-Identifier: MIT
//! ORMap: a map to add to and remove from, nested to any depth; a concurrent update wins.
#pragma once

#include <string_view>

#include <crdt/causal/causal.hpp>
#include <crdt/causal/causal_map.hpp>
#include <crdt/causal/causal_type.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/diagnostics.hpp>

namespace crdt {

template <class KeyType, class Value>
class ORMap : detail::NotAKey<KeyType>, detail::NotACausalValue<Value> {};  // says why

/// An observed-remove map with update-wins keys. Its values are causal types, maps too, and all
/// share its context.
///
/// State   a store at each key, and the context
/// Order   that of Causal;  join: key by key
/// Writes  a remove undoes what it has seen of a key; a concurrent update of the key survives, and
///         brings nothing back that was removed. Concurrent updates join as the values do
/// Cost    a removed key leaves nothing but context; see ResettableCounter for values of that kind
/// Source  Almeida, Shoker, Baquero: Delta state replicated data types (JPDC 2018), 7.4
///
/// Example (tests/examples/ormap.cpp):
///     crdt::ORMap<std::string, crdt::AWSet<std::string>> a;
///     a.apply("fruit", [](auto& set) { return set.add("a", "fig"); });
///     crdt::ORMap<std::string, crdt::AWSet<std::string>> b = a;
///     a.remove("a", "fruit");
///     b.apply("fruit", [](auto& set) { return set.add("b", "kiwi"); });
///     a.merge(b);  // a.at("fruit") has "kiwi" alone
template <Key KeyType, CausalValue Value>
class ORMap<KeyType, Value> : public CausalMap<ORMap<KeyType, Value>, KeyType, Value> {
  public:
    using mapped_type = Value;
    using id_type = typename Value::id_type;
    static constexpr std::string_view type_name = "ormap";

    /// Runs a delta-mutator of the value at `key`, which is empty at first, and returns the delta.
    /// `mutate` does one mutation, or joins the deltas of several; it has the map's context, and
    /// must not use the map. O(log n) beyond `mutate`. Throws what `mutate` throws; unchanged, if
    /// that is the first thing that it did.
    template <class Mutate>
    ORMap apply(const KeyType& key, Mutate&& mutate) {
        return this->apply_at(key, mutate);
    }
    /// Removes what is known of `key` and returns the delta: bottom if it is not there. O(size of
    /// the value).
    ORMap remove(const id_type& id, const KeyType& key) {
        if (!this->store().contains(key)) return {};
        return this->apply_at(key, [&](Value& value) { return value.reset(id); });
    }

    /// The value at `key`, as a state of its own with the map's context: empty if there is none. To
    /// be read, or to be merged into the same key: in another place its context would be taken for
    /// removes. O(size of the value and of the context).
    Value at(const auto& key) const {
        return Value::from_lattice(Causal(this->store().at(key), this->context()));
    }
};

}  // namespace crdt

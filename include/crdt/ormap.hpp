// SPDX-License-Identifier: MIT
//! ORMap: a map to add to and remove from, nested to any depth; a concurrent update wins.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_map.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt {

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
template <Key KeyType, class Value>
class ORMap
    : public CausalType<ORMap<KeyType, Value>, DotMap<KeyType, typename Value::store_type>> {
    using Store = DotMap<KeyType, typename Value::store_type>;

    /// Runs a mutator at each key and joins the deltas.
    template <class Mutate>
    ORMap apply_to_all(Mutate&& mutate) {
        ORMap delta;
        std::vector<KeyType> keys;
        for (const auto& entry : this->store()) keys.push_back(entry.first);
        for (const KeyType& key : keys) delta.merge(apply(key, mutate));
        return delta;
    }

  public:
    using key_type = KeyType;
    using mapped_type = Value;
    using typename CausalType<ORMap, Store>::id_type;
    static constexpr std::string_view type_name = "ormap";
    static constexpr bool is_oblivious = Value::is_oblivious;

    /// Runs a delta-mutator of the value at `key`, which is empty at first, and returns the delta.
    /// `mutate` does one mutation, or joins the deltas of several. O(log n) beyond `mutate`.
    /// Throws what `mutate` throws, and is then unchanged.
    template <class Mutate>
    ORMap apply(const KeyType& key, Mutate&& mutate) {
        return this->mutate(
            [&](auto& state) { return state.template apply<Value>(key, mutate); });
    }
    /// Removes what is known of `key` and returns the delta: bottom if it is not there. O(size of
    /// the value).
    ORMap remove(const id_type& id, const KeyType& key) {
        if (!this->store().contains(key)) return {};
        return apply(key, [&](Value& value) { return value.reset(id); });
    }
    /// Removes what is known of all keys and returns the delta. O(n).
    ORMap reset(const id_type& id) {
        if constexpr (is_oblivious) {
            return CausalType<ORMap, Store>::reset(id);
        } else {
            return apply_to_all([&](Value& value) { return value.reset(id); });
        }
    }
    /// Lets go of what other replicas have undone of the values of `id`; returns the delta. O(n).
    ORMap compact(const id_type& id) requires(!is_oblivious) {
        return apply_to_all([&](Value& value) { return value.compact(id); });
    }

    /// The value at `key`, as a state of its own with the map's context: empty if there is none.
    /// O(size of the value).
    Value at(const auto& key) const {
        return Value::from_lattice(Causal(this->store().at(key), this->context()));
    }
    bool contains(const auto& key) const { return !Value::is_clear(this->store().at(key)); }
    static bool is_clear(const Store& store) {
        return std::all_of(store.begin(), store.end(),
                           [](const auto& entry) { return Value::is_clear(entry.second); });
    }
    /// The number of keys. O(n) for values that are not oblivious.
    std::size_t size() const {
        if constexpr (is_oblivious) return this->store().size();
        return keys().size();
    }
    /// The keys in ascending order. O(n).
    std::vector<KeyType> keys() const {
        std::vector<KeyType> result;
        for (const auto& [key, store] : this->store()) {
            if (!Value::is_clear(store)) result.push_back(key);
        }
        return result;
    }
};

}  // namespace crdt

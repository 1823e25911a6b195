// SPDX-License-Identifier: MIT
//! CausalMap: what the maps of causal values have in common.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_map.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt {

/// The base of a map from keys to causal values, which share its context. A key is there while
/// its value is not clear.
template <class Self, Key KeyType, CausalValue Value>
class CausalMap : public CausalType<Self, DotMap<KeyType, typename Value::store_type>> {
    using Store = DotMap<KeyType, typename Value::store_type>;
    using Base = CausalType<Self, Store>;

    /// Runs a mutator at each key, of a copy, and joins the deltas.
    template <class Mutate>
    Self apply_to_all(Mutate&& mutate) {
        Self next = static_cast<const Self&>(*this);
        Self delta;
        for (const auto& entry : this->store()) delta.merge(next.apply_at(entry.first, mutate));
        static_cast<Self&>(*this) = std::move(next);
        return delta;
    }

  protected:
    /// Runs a mutator of the value at `key` and returns the delta. O(log n) beyond `mutate`.
    template <class Mutate>
    Self apply_at(const KeyType& key, Mutate&& mutate) {
        return this->mutate([&](auto& state) { return state.template apply<Value>(key, mutate); });
    }

  public:
    using key_type = KeyType;
    using typename Base::id_type;
    static constexpr bool reset_leaves_context_only = Value::reset_leaves_context_only;

    /// Undoes what is known of all keys and returns the delta. O(n).
    Self reset(const id_type& id) {
        if constexpr (reset_leaves_context_only) {
            return Base::reset(id);
        } else {
            return apply_to_all([&](Value& value) { return value.reset(id); });
        }
    }
    /// Lets go of what other replicas have undone of the values of `id`; returns the delta. O(n).
    Self compact(const id_type& id) requires(!reset_leaves_context_only) {
        return apply_to_all([&](Value& value) { return value.compact(id); });
    }

    bool contains(const auto& key) const { return !Value::is_empty(this->store().at(key)); }
    static bool is_empty(const Store& store) {
        return std::all_of(store.begin(), store.end(),
                           [](const auto& entry) { return Value::is_empty(entry.second); });
    }
    /// Does a value in `store` have amounts of `id`? For values that grow at dots that are known.
    static bool has_amounts_of(const Store& store, const id_type& id) requires requires {
        Value::has_amounts_of(std::declval<typename Value::store_type>(), id);
    }
    {
        return std::any_of(store.begin(), store.end(), [&](const auto& entry) {
            return Value::has_amounts_of(entry.second, id);
        });
    }
    /// The number of keys. O(n).
    std::size_t size() const { return keys().size(); }
    /// The keys in ascending order. O(n).
    std::vector<KeyType> keys() const {
        std::vector<KeyType> result;
        for (const auto& [key, store] : this->store()) {
            if (!Value::is_empty(store)) result.push_back(key);
        }
        return result;
    }
};

}  // namespace crdt

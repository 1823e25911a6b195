// SPDX-License-Identifier: MIT
//! CausalMap: the base class of the maps with values of causal types.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/count_around_join.hpp>
#include <crdt/causal/dot_map.hpp>
#include <crdt/causal/view.hpp>
#include <crdt/detail/cached_count.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/entry.hpp>
#include <crdt/lattice/filtered_iterator.hpp>

namespace crdt {

/// The read-only members of a map of causal values. The map and its views derive from this class.
/// `Stored` is the type of a value in the store, and `Value` is the type of a value in the
/// interface. The two types differ only in RWMap, where the store also has the erases of a key.
template <class Self, Key KeyType, class Stored, class Value = Stored>
class CausalMapReader {
    using Store = DotMap<KeyType, typename Stored::store_type>;
    using Context = CausalContext<typename Value::id_type>;

    const Self& self() const { return static_cast<const Self&>(*this); }

    static const typename Value::store_type& visible_store(
        const typename Stored::store_type& store) {
        if constexpr (std::is_same_v<Stored, Value>)
            return store;
        else
            return Stored::visible_store(store);
    }

    class Show {
        const Context* context_ = nullptr;

      public:
        Show() = default;
        explicit Show(const Context& context) : context_(&context) {}
        static bool is_visible(const auto& entry) { return !Stored::is_empty(entry.second); }
        const Entry<KeyType, View<Value>> operator()(const auto& entry) const {
            return {entry.first, View<Value>(visible_store(entry.second), *context_)};
        }
    };
    auto iterator_at(typename Store::const_iterator place) const {
        return const_iterator(place, self().store().end(), Show(self().context()));
    }

  public:
    /// The type of keys.
    using key_type = KeyType;
    /// The type of values. Iterators and view() show a value as a View<mapped_type>.
    using mapped_type = Value;
    /// A key and a view of its value.
    using value_type = Entry<KeyType, View<Value>>;
    /// Visits the keys in ascending order, each with a view of its value.
    using const_iterator = FilteredIterator<typename Store::const_iterator, Show>;
    /// The same as const_iterator: elements cannot be changed in place.
    using iterator = const_iterator;

    /// Is anything visible at `key`? O(log n).
    bool contains(const auto& key) const { return !Stored::is_empty(self().store().at(key)); }
    /// Returns 1 if anything is visible at `key`, else 0. O(log n).
    std::size_t count(const auto& key) const { return contains(key) ? 1 : 0; }
    /// Returns a view of the value at `key`. If there is no value, the view is empty. Never
    /// inserts. O(log n).
    View<Value> view(const auto& key) const {
        return View<Value>(visible_store(self().store().at(key)), self().context());
    }
    /// Returns the position of `key` and a view of its value, or end() if nothing is visible at
    /// `key`. O(log n).
    const_iterator find(const auto& key) const {
        return contains(key) ? iterator_at(self().store().find(key)) : end();
    }
    /// Returns the number of visible keys. O(1). In a view of a map, O(n) if values can be hidden
    /// (see has_hidden_states).
    std::size_t size() const {
        const auto& store = self().store();
        if constexpr (Stored::has_hidden_states)
            return static_cast<std::size_t>(std::count_if(
                store.begin(), store.end(), [](const auto& e) { return Show::is_visible(e); }));
        else
            return store.size();
    }
    /// Is there no visible key? O(1), plus O(1) for each hidden key before the first visible key.
    bool empty() const { return begin() == end(); }
    /// Returns the position of the first key.
    const_iterator begin() const { return iterator_at(self().store().begin()); }
    /// Returns the position past the last key.
    const_iterator end() const { return iterator_at(self().store().end()); }
    /// Returns the keys in ascending order. O(n).
    std::vector<KeyType> keys() const {
        std::vector<KeyType> result;
        for (const auto& [key, value] : *this) result.push_back(key);
        return result;
    }
};

/// The base class of a map from keys to causal values. The values share the context of the map. A
/// key is in the map while anything of its value is visible.
template <class Self, Key KeyType, CausalValue Value>
class CausalMap : public CausalType<Self, DotMap<KeyType, typename Value::store_type>> {
    using Store = DotMap<KeyType, typename Value::store_type>;
    using Base = CausalType<Self, Store>;

    detail::CachedCount size_;  // used only if values can be hidden

    template <class Join>
    auto around_join(const Self& other, Join&& join) {
        if constexpr (Value::has_hidden_states)
            return detail::count_around_join(
                size_, static_cast<const Self&>(*this), other,
                [](const auto& store) { return !Value::is_empty(store); }, join);
        else
            return join();
    }
    /// Calls `mutate` for the value at each key of a copy, replaces this map by the copy, and
    /// returns the join of the deltas. If `mutate` throws, nothing changes.
    template <class Mutate>
    Self update_all(Mutate&& mutate) {
        Self next = static_cast<const Self&>(*this);
        Self delta;
        for (const auto& entry : this->store()) delta.merge(next.update_at(entry.first, mutate));
        static_cast<Self&>(*this) = std::move(next);
        return delta;
    }

  protected:
    /// Changes the value at `key` with the mutator `mutate` and returns the delta. O(log n) plus
    /// the cost of `mutate`.
    template <class Mutate>
    Self update_at(const KeyType& key, Mutate&& mutate) {
        return size_.around(
            [&] { return std::size_t{Value::is_empty(this->store().at(key)) ? 0U : 1U}; },
            [&] {
                return this->mutate(
                    [&](auto& state) { return state.template apply<Value>(key, mutate); });
            });
    }
    /// Returns the number of visible keys: the cached number, or the result of `count` if no number
    /// is cached.
    template <class Count>
    std::size_t size_or(Count&& count) const {
        return Value::has_hidden_states ? size_.get_or(count) : this->store().size();
    }

  public:
    /// The type of keys.
    using key_type = KeyType;
    /// The type of replica ids.
    using typename Base::id_type;
    /// Does reset() leave only context, in all values? See CausalType.
    static constexpr bool reset_leaves_context_only = Value::reset_leaves_context_only;
    /// Can a map look empty although its store is not? It can if any value can. See CausalType.
    static constexpr bool has_hidden_states = Value::has_hidden_states;

    /// this := this ⊔ other. Returns true iff this grew. See Causal.
    bool merge(const Self& other) {
        return around_join(other, [&] { return Base::merge(other); });
    }
    /// Merges `other`. Returns the delta: the part of `other` that this state lacked. See Causal.
    Self absorb(const Self& other) {
        return around_join(other, [&] { return Base::absorb(other); });
    }

    /// Undoes, at all keys, the writes that this replica has received. Concurrent writes stay.
    /// Returns the delta. O(n).
    Self reset(const id_type& id) {
        size_.invalidate();
        if constexpr (reset_leaves_context_only) {
            return Base::reset(id);
        } else {
            return update_all([&](Value& value) { return value.reset(id); });
        }
    }
    /// Removes each dot of `id` that holds no content any more, because resets have undone all of
    /// it. Returns the delta. The visible content does not change. O(n).
    Self compact(const id_type& id) requires(!reset_leaves_context_only) {
        return update_all([&](Value& value) { return value.compact(id); });
    }

    /// Is nothing visible at any key of `store`?
    static bool is_empty(const Store& store) {
        return std::all_of(store.begin(), store.end(),
                           [](const auto& entry) { return Value::is_empty(entry.second); });
    }
    /// Does a value in `store` have amounts that `id` has added or subtracted? The context does not
    /// show whether such an amount is new, because a ResettableCounter grows at dots that are in
    /// the context already.
    static bool has_amounts_of(const Store& store, const id_type& id) requires requires {
        Value::has_amounts_of(std::declval<typename Value::store_type>(), id);
    }
    {
        return std::any_of(store.begin(), store.end(), [&](const auto& entry) {
            return Value::has_amounts_of(entry.second, id);
        });
    }
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! DotMapEdits: how a mutator changes the store at a key of a DotMap.
#pragma once

#include <utility>

#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/keyed_stores.hpp>
#include <crdt/lattice/column_map.hpp>

namespace crdt {

/// The members of a DotMap that change the store at one key. Only CausalChanges calls these
/// members, because it also changes the context. A DotMap derives from this class.
template <class Map, class KeyType, class Store>
class DotMapEdits {
    using const_iterator = typename ColumnMap<KeyType, Store>::const_iterator;

    detail::KeyedStores<KeyType, Store>& stores() { return static_cast<Map&>(*this).stores_; }
    const detail::KeyedStores<KeyType, Store>& stores() const {
        return static_cast<const Map&>(*this).stores_;
    }

  public:
    // The members below are for CausalChanges::replace and revise.

    /// The position of a key. If the map lacks the key, this is the position at which the key would
    /// be inserted.
    struct Place {
        const_iterator entry;  ///< The entry of the key, or the first entry after it.
        bool is_there;         ///< Is `entry` the entry of the key?
    };
    /// Returns the position of `key`. O(log n).
    Place place_of(const KeyType& key) const {
        const auto entry = stores().entries().lower_bound(key);
        return {entry, entry != stores().entries().end() && entry.key() == key};
    }
    /// Adds `key` with `store`. If `store` is empty, does nothing. Precondition: the map is empty.
    void append(const KeyType& key, const Store& store) { stores().append(key, store); }
    /// Replaces the store at `key` by `next`. If an allocation fails, nothing changes.
    void put(const Place& place, const KeyType& key, Store&& next) {
        if (place.is_there)
            stores().replace(place.entry, key, std::move(next));
        else
            stores().insert(place.entry, key, std::move(next));
    }

    // The members below are for CausalChanges::apply. apply() calls with_room_at, part_at,
    // end_edit, reindex and fill in this order. If the mutator throws, apply() calls drop_index
    // instead of reindex and fill.

    /// Returns a map with an empty store at `key`. fill() then replaces the empty store. No other
    /// map contains an empty store.
    static Map with_room_at(const KeyType& key) {
        Map map;
        map.stores_.make_entry(key);
        return map;
    }
    /// Puts `store` in place of the empty store that with_room_at() made. If `store` is empty,
    /// erases the key.
    void fill(const KeyType&, Store store) noexcept {
        stores().store(stores().entries().begin()) = std::move(store);
        stores().erase_if_empty(stores().entries().begin());
    }
    /// Returns the store at `key`, which the caller may change. If there is none, inserts an empty
    /// store. O(log n).
    Store& part_at(const KeyType& key) { return stores().store(stores().make_entry(key)); }
    /// Ends the change of the store at `key`. Erases the key if its store is empty.
    void end_edit(const KeyType& key) noexcept {
        stores().erase_if_empty(stores().entries().find(key));
    }
    /// Updates the index after a change. The dots of `added` are new at `key`. The dots in
    /// `changed` but not in `added` were removed.
    void reindex(const KeyType& key, const Store& added,
                 const DotSet<typename Store::id_type>& changed) noexcept {
        stores().reindex(key, added, changed);
    }
    /// Drops the index. A later change makes a new one if there are enough keys.
    void drop_index() noexcept { stores().drop_index(); }

    /// Returns true, because this class has no data.
    friend bool operator==(const DotMapEdits&, const DotMapEdits&) = default;
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! DotMap: a dot store with a store at each key.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

#include <crdt/causal/ascending_search.hpp>
#include <crdt/causal/dot_map_edits.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/dot_store.hpp>
#include <crdt/causal/keyed_stores.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/lattice/column_appender.hpp>
#include <crdt/lattice/column_map.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>

namespace crdt {

/// A dot store that maps keys to dot stores. A key with an empty store is not in the map.
///
/// Order   the order of Causal, key by key
/// Cost    O(log n) for each key and range that an operation touches. The digest has no keys, and
///         leaves out content that never changes
///
/// A delta names the removed dots, but not their keys. To find these keys, a map with more than a
/// few keys has an index from dots to keys. The index is computed from the entries and is not part
/// of the state.
template <Key KeyType, DotStore Store>
class DotMap : public DotMapEdits<DotMap<KeyType, Store>, KeyType, Store> {
  public:
    /// The type of keys.
    using key_type = KeyType;
    /// The type of the store at a key.
    using mapped_type = Store;
    /// The type of replica ids.
    using id_type = typename Store::id_type;
    /// The type of the digest: one digest for the stores at all keys together, without the keys.
    using Digest = typename Store::Digest;
    /// A sorted map from keys to stores.
    using Entries = ColumnMap<KeyType, Store>;

  private:
    using Id = id_type;
    using Stores = detail::KeyedStores<KeyType, Store>;
    /// Does content never change? If so, the dots of a store determine its content.
    static constexpr bool is_written_once = std::is_same_v<Digest, DotSet<Id>>;

    Stores stores_;

    friend DotMapEdits<DotMap, KeyType, Store>;
    explicit DotMap(Stores stores) : stores_(std::move(stores)) {}

  public:
    /// Visits the keys in ascending order, each with its store.
    using const_iterator = typename Entries::const_iterator;

    /// Makes the empty store.
    DotMap() = default;
    /// Makes the store of one key.
    DotMap(const KeyType& key, Store store) : stores_(key, std::move(store)) {}
    /// Makes the store of several keys. Precondition: no store is empty, and no dot is at two keys.
    /// O(n log n).
    explicit DotMap(Entries entries) : stores_(std::move(entries)) {}
    /// Makes the store of several keys. Precondition: no store is empty. If a dot is at two keys,
    /// returns std::nullopt. O(n log n).
    static std::optional<DotMap> checked(Entries entries) {
        auto stores = Stores::checked(std::move(entries));
        return stores ? std::optional<DotMap>(DotMap(std::move(*stores))) : std::nullopt;
    }

    /// Returns the position of the first key, with its store.
    const_iterator begin() const { return entries().begin(); }
    /// Returns the position past the last key.
    const_iterator end() const { return entries().end(); }
    /// Returns the number of keys. O(1).
    std::size_t size() const { return entries().size(); }
    /// Is there a store at `key`? O(log n).
    bool contains(const auto& key) const { return entries().contains(key); }
    /// Is there no dot in the store?
    bool is_bottom() const { return entries().empty(); }
    /// Returns the first entry with a key that is not before `key`.
    const_iterator lower_bound(const auto& key) const { return entries().lower_bound(key); }

    /// Returns the entry of `key`, or end() if there is none. O(log n).
    const_iterator find(const auto& key) const { return entries().find(key); }
    /// Returns the store at `key`, or an empty store if there is none. Never inserts.
    const Store& at(const auto& key) const {
        static const Store empty{};
        const auto entry = entries().find(key);
        return entry == entries().end() ? empty : entry.value();
    }

    /// Returns the dots in the store.
    DotSet<Id> dots() const { return stores_.dots(); }
    /// Returns the dots of the store that are in `dots`.
    DotSet<Id> dots_in(const DotSet<Id>& dots) const { return stores_.dots_in(dots); }
    /// Calls visit(key) for each key with a store that has any of `dots`. May call visit several
    /// times for one key.
    template <class Visit>
    void visit_keys(const DotSet<Id>& dots, Visit&& visit) const {
        stores_.visit_keys(dots, visit);
    }
    /// Removes `dots` from the stores that have them. Then erases the keys with empty stores.
    void remove(const DotSet<Id>& dots) { stores_.remove(dots); }

    /// Adds the content of `other`. Precondition: all dots of `other` are new to this store.
    void merge_disjoint(const DotMap& other) { stores_.merge_disjoint(other.stores_); }
    /// Joins the content of `other`, except at removed dots: dots that are in `seen` and not in
    /// this store. Returns the content that was new.
    DotMap absorb(const DotMap& other, const DotSet<Id>& seen) {
        if (is_written_once || other.dots_in(seen).is_bottom()) {
            DotMap novel = other.missing_at(Digest(), seen);
            merge_disjoint(novel);
            return novel;
        }
        if (stores_.has_many_keys_of(other.stores_)) return absorb_many(other, seen);
        Entries delta;
        typename Stores::IndexEdit edit(stores_);
        for (const auto& [key, theirs] : other.entries()) {
            KeyType named = key;  // copied before anything changes
            const auto entry = stores_.make_entry(key);
            detail::OnFailure emptying([&]() noexcept { stores_.erase_if_empty(entry); });
            Store novel = stores_.store(entry).absorb(theirs, seen);
            emptying.dismiss();
            stores_.erase_if_empty(entry);
            stores_.add_to_index(key, novel.dots());
            append_to(delta, std::move(named), std::move(novel));
        }
        edit.complete();
        return DotMap(std::move(delta));
    }
    /// Does the same as absorb(), without the delta. Returns true iff content grew at dots that
    /// both stores have.
    bool join(const DotMap& other, const DotSet<Id>& seen) {
        if (is_written_once) return absorb(other, seen), false;
        if (stores_.has_many_keys_of(other.stores_)) return join_many(other, seen);
        bool grew = false;
        typename Stores::IndexEdit edit(stores_);
        for (const auto& [key, theirs] : other.entries()) {
            const DotSet<Id> fresh = difference(theirs.dots(), seen);
            const auto entry = fresh.is_bottom() ? entries().find(key) : stores_.make_entry(key);
            if (entry == entries().end()) continue;  // all dots of `theirs` were removed here
            detail::OnFailure emptying([&]() noexcept { stores_.erase_if_empty(entry); });
            grew |= detail::join_store(stores_.store(entry), theirs, seen);
            emptying.dismiss();
            if (!fresh.is_bottom()) stores_.add_to_index(key, fresh);
        }
        edit.complete();
        return grew;
    }
    /// Returns the content of this store that another state lacks. The other state has the store
    /// `theirs` and the context `seen`.
    DotMap missing_at(const DotMap& theirs, const DotSet<Id>& seen) const {
        if (is_written_once) return missing_at(Digest(), seen);
        Entries result;
        detail::AscendingSearch search(theirs.entries(), size());
        for (const auto& [key, mine] : entries())
            append_to(result, key, mine.missing_at(search.at(key), seen));
        return DotMap(std::move(result));
    }
    /// Returns the same as the overload above. `theirs` is the digest of the other store.
    DotMap missing_at(const Digest& theirs, const DotSet<Id>& seen) const {
        if constexpr (is_written_once) return DotMap(stores_.missing_at(seen));
        Entries result;
        for (const auto& [key, mine] : entries())
            append_to(result, key, mine.missing_at(theirs, seen));
        return DotMap(std::move(result));
    }
    /// Is this ⊑ `other` at each dot that both stores have?
    bool leq_on_common(const DotMap& other) const {
        detail::AscendingSearch search(other.entries(), size());
        return std::all_of(begin(), end(), [&](const auto& entry) {
            return entry.second.leq_on_common(search.at(entry.first));
        });
    }
    /// Adds to `digest` what missing_at() needs of this store.
    void add_digest_to(Digest& digest) const {
        if constexpr (is_written_once) return digest.add(dots());
        for (const auto& [key, store] : entries()) store.add_digest_to(digest);
    }
    /// Returns how often visit_parts_of() calls visit, limited to the greatest std::size_t.
    template <class By>
    std::size_t count_parts_of() const {
        std::size_t total = 0;
        for (const auto& [key, store] : entries())
            total = detail::saturating_add(total, store.template count_parts_of<By>());
        return total;
    }
    /// Calls visit(part) for each join-irreducible part or, if By is ByRanges, for each range.
    template <class By, class Visit>
    void visit_parts_of(Visit&& visit) const {
        for (const auto entry : entries()) {
            entry.second.template visit_parts_of<By>(
                [&](const Store& part) { visit(DotMap(entry.first, part)); });
        }
    }

    /// Do both stores have the same content at the same dots?
    friend bool operator==(const DotMap& a, const DotMap& b) { return a.entries() == b.entries(); }

    /// Is one dot at two keys, or are the stores at any key in conflict? O(m log n) for m entries
    /// of `b`.
    friend bool conflicts(const DotMap& a, const DotMap& b) {
        return std::any_of(b.begin(), b.end(), [&](const auto& entry) {
            const auto& [key, theirs] = entry;
            return a.is_elsewhere(key, theirs.dots()) || detail::in_conflict(a.at(key), theirs);
        });
    }
    /// Returns a stable hash: equal stores have the same hash on every platform. O(n).
    friend std::uint64_t hash_value(const DotMap& a) {
        std::uint64_t hash = a.size();
        for (const auto& [key, store] : a) {
            hash = hash_combine(hash_combine(hash, detail::hash_of(key)), detail::hash_of(store));
        }
        return hash;
    }

  private:
    const Entries& entries() const { return stores_.entries(); }
    /// Appends an entry after all others. If `store` is empty, does nothing.
    static void append_to(Entries& entries, KeyType key, Store store) {
        if (!store.is_bottom()) entries.push_back(std::move(key), std::move(store));
    }
    /// Does what absorb() does, for many keys.
    DotMap absorb_many(const DotMap& other, const DotSet<Id>& seen) {
        Entries delta;
        ColumnAppender<KeyType, Store> appender(delta, other.size());
        typename Stores::IndexEdit edit(stores_);
        stores_.join_all(other.stores_, [&](const KeyType& key, Store& mine, const Store& theirs) {
            Store novel = mine.absorb(theirs, seen);
            if (!novel.is_bottom()) appender.push_back(key, std::move(novel));
        });
        appender.finish();
        DotMap result(std::move(delta));
        stores_.add_all_to_index(result.stores_);
        edit.complete();
        return result;
    }
    /// Does what join() does, for many keys.
    bool join_many(const DotMap& other, const DotSet<Id>& seen) {
        bool grew = false;
        typename Stores::IndexEdit edit(stores_);
        const DotSet<Id> fresh = difference(other.dots(), seen);
        stores_.join_all(other.stores_, [&](const KeyType&, Store& mine, const Store& theirs) {
            grew |= detail::join_store(mine, theirs, seen);
        });
        stores_.add_part_to_index(other.stores_, fresh);
        edit.complete();
        return grew;
    }
    bool is_elsewhere(const KeyType& key, const DotSet<Id>& dots) const {
        const DotSet<Id> here = dots_in(dots);
        return !here.is_bottom() && !here.leq(at(key).dots());
    }
};

}  // namespace crdt

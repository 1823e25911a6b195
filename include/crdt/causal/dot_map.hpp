// SPDX-License-Identifier: MIT
//! DotMap: a dot store with a store at each key.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_probe.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/dot_store.hpp>
#include <crdt/causal/key_index.hpp>
#include <crdt/causal/key_index_builder.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/detail/indirect.hpp>
#include <crdt/detail/small_vector.hpp>
#include <crdt/lattice/column_map.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>

namespace crdt {

/// A dot store that maps keys to dot stores. A key with an empty store is not in the map.
///
/// Order   that of Causal, key by key
/// Cost    O(log n) for each key and range that an operation touches. The digest has no keys, and
///         leaves out content that never changes
///
/// A delta names removed dots without their keys. If there are more than a few keys, an index from
/// dots to keys finds the keys. The index is computed from the entries and is not part of the
/// state.
template <Key KeyType, DotStore Store>
class DotMap {
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

    using Index = detail::KeyIndex<Id, KeyType>;
    /// A map of at most this many entries is searched entry by entry, without an index.
    static constexpr std::size_t few = 4;
    /// Does content never change? Then the dots in a store tell its content.
    static constexpr bool is_written_once = std::is_same_v<Digest, DotSet<Id>>;

    Entries entries_;
    detail::Indirect<Index> index_;

  public:
    /// Visits the keys in ascending order, each with its store.
    using const_iterator = typename Entries::const_iterator;

    /// Makes the empty store.
    DotMap() = default;
    /// Makes the store of one key.
    DotMap(const KeyType& key, Store store)
        : entries_(store.is_bottom() ? Entries() : Entries(key, std::move(store))) {}
    /// Makes the store of several keys. Precondition: no store is empty, and no dot is at two keys.
    /// O(n log n).
    explicit DotMap(Entries entries) : entries_(std::move(entries)) {
        if (size() > few) reindex_all();
    }

    /// Makes the store of several keys, none with an empty store. Returns nothing if a dot is at
    /// two keys. O(n log n).
    static std::optional<DotMap> checked(Entries entries) {
        DotMap map;
        map.entries_ = std::move(entries);
        const bool is_disjoint = map.reindex_all();
        for (auto entry = map.begin(); entry != map.end(); ++entry)
            map.share_names(map.entries_.value(entry));
        if (map.size() <= few) map.drop_index();
        return is_disjoint ? std::optional<DotMap>(std::move(map)) : std::nullopt;
    }

    /// Returns the position of the first key, with its store.
    const_iterator begin() const { return entries_.begin(); }
    /// Returns the position past the last key.
    const_iterator end() const { return entries_.end(); }
    /// Returns the number of keys. O(1).
    std::size_t size() const { return entries_.size(); }
    /// Is there a store at `key`? O(log n).
    bool contains(const auto& key) const { return entries_.contains(key); }
    /// Is there no dot in the store?
    bool is_bottom() const { return entries_.empty(); }
    /// Returns the first entry with a key that is not before `key`.
    const_iterator lower_bound(const auto& key) const { return entries_.lower_bound(key); }

    /// Returns the entry of `key`, or end() if there is none. O(log n).
    const_iterator find(const auto& key) const { return entries_.find(key); }
    /// Returns the store at `key`, or an empty one if there is none. Never inserts.
    const Store& at(const auto& key) const {
        static const Store empty{};
        const auto entry = entries_.find(key);
        return entry == entries_.end() ? empty : entry.value();
    }

    /// Returns the dots in the store.
    DotSet<Id> dots() const {
        if (index_) return index_->dots();
        DotSet<Id> dots;
        for (const auto& [key, store] : entries_) dots.merge(store.dots());
        return dots;
    }
    /// Returns the dots of the store that are in `dots`.
    DotSet<Id> dots_in(const DotSet<Id>& dots) const {
        if (index_) return intersection(index_->dots(), dots);
        DotSet<Id> found;
        for (const auto& [key, store] : entries_) found.merge(store.dots_in(dots));
        return found;
    }
    /// Calls visit(key) for each key that has any of `dots`, perhaps several times for one key.
    template <class Visit>
    void visit_keys(const DotSet<Id>& dots, Visit&& visit) const {
        if (index_) {
            index_->visit(dots, [&](const DotRange<Id>&, const KeyType& key) { visit(key); });
        } else {
            for (const auto& [key, store] : entries_)
                if (!store.dots_in(dots).is_bottom()) visit(key);
        }
    }
    /// Removes `dots` from the stores that have them. Erases the keys whose stores are then empty.
    void remove(const DotSet<Id>& dots) {
        if (dots.is_bottom()) return;
        IndexEdit edit(*this);
        if (index_) return remove_by_index(dots), edit.complete();
        for (auto entry = entries_.begin(); entry != entries_.end();) {
            entries_.value(entry).remove(dots);
            entry = entry.value().is_bottom() ? entries_.erase(entry) : std::next(entry);
        }
        edit.complete();
    }

    /// Adds the content of `other`. Precondition: all dots of `other` are new to this store.
    void merge_disjoint(const DotMap& other) {
        if (entries_.empty()) return void(*this = other);
        IndexEdit edit(*this);
        if (other.size() > size() / 8)
            take_many(other);
        else
            take_few(other);
        if (index_ && other.index_)
            index_->merge(*other.index_);
        else
            for (const auto& [key, theirs] : other.entries_) add_to_index(key, theirs.dots());
        edit.complete();
    }
    /// Joins the content of `other`, except at removed dots: dots that are in `seen` and not in
    /// this store. Returns the content that was new.
    DotMap absorb(const DotMap& other, const DotSet<Id>& seen) {
        if (is_written_once || other.dots_in(seen).is_bottom()) {
            DotMap novel = other.missing_at(Digest(), seen);
            merge_disjoint(novel);
            return novel;
        }
        Entries delta;
        IndexEdit edit(*this);
        for (const auto& [key, theirs] : other.entries_) {
            KeyType named = key;  // copied before anything changes
            const auto entry = make_entry(key);
            detail::OnFailure emptying([&]() noexcept { erase_if_empty(entry); });
            Store novel = entries_.value(entry).absorb(theirs, seen);
            emptying.dismiss();
            erase_if_empty(entry);
            add_to_index(key, novel.dots());
            append(delta, std::move(named), std::move(novel));
        }
        edit.complete();
        return DotMap(std::move(delta));
    }
    /// Does the same as absorb(), without the delta. Returns true iff content grew at dots that
    /// both stores have.
    bool join(const DotMap& other, const DotSet<Id>& seen) {
        if (is_written_once) return absorb(other, seen), false;
        bool grew = false;
        IndexEdit edit(*this);
        for (const auto& [key, theirs] : other.entries_) entries_.prefetch(key);
        for (const auto& [key, theirs] : other.entries_) {
            const DotSet<Id> fresh = difference(theirs.dots(), seen);
            const auto entry = fresh.is_bottom() ? entries_.find(key) : make_entry(key);
            if (entry == entries_.end()) continue;  // all of it was removed here
            detail::OnFailure emptying([&]() noexcept { erase_if_empty(entry); });
            grew |= detail::join_store(entries_.value(entry), theirs, seen);
            emptying.dismiss();
            if (!fresh.is_bottom()) add_to_index(key, fresh);
        }
        edit.complete();
        return grew;
    }
    /// Returns what absorb() would return at a store with the contents `theirs` and the context
    /// `seen`.
    DotMap missing_at(const DotMap& theirs, const DotSet<Id>& seen) const {
        if (is_written_once) return missing_at(Digest(), seen);
        Entries result;
        for (const auto& [key, mine] : entries_)
            append(result, key, mine.missing_at(theirs.at(key), seen));
        return DotMap(std::move(result));
    }
    /// Returns the same as the overload above. `theirs` is the digest of a store.
    DotMap missing_at(const Digest& theirs, const DotSet<Id>& seen) const {
        if constexpr (is_written_once) {
            const DotSet<Id> mine = dots(), fresh = difference(mine, seen);
            if (fresh.is_bottom()) return {};
            if (fresh == mine) return *this;
            return part_at(fresh, seen);
        }
        Entries result;
        for (const auto& [key, mine] : entries_) append(result, key, mine.missing_at(theirs, seen));
        return DotMap(std::move(result));
    }
    /// At each dot that both stores have: is the content in this store below the content in
    /// `other`?
    bool leq_on_common(const DotMap& other) const {
        return std::all_of(begin(), end(), [&](const auto& entry) {
            return entry.second.leq_on_common(other.at(entry.first));
        });
    }
    /// Adds to `digest` what missing_at() needs of this store.
    void add_digest_to(Digest& digest) const {
        if constexpr (is_written_once) return digest.add(dots());
        for (const auto& [key, store] : entries_) store.add_digest_to(digest);
    }
    /// Returns how often visit_parts_of() calls visit, at most the greatest std::size_t.
    template <class By>
    std::size_t count_parts_of() const {
        std::size_t total = 0;
        for (const auto& [key, store] : entries_)
            total = detail::saturating_add(total, store.template count_parts_of<By>());
        return total;
    }
    /// Calls visit(part) for each join-irreducible part or, if By is ByRanges, for each range.
    template <class By, class Visit>
    void visit_parts_of(Visit&& visit) const {
        for (const auto entry : entries_) {
            entry.second.template visit_parts_of<By>(
                [&](const Store& part) { visit(DotMap(entry.first, part)); });
        }
    }

    /// Do both stores have the same content at the same dots?
    friend bool operator==(const DotMap& a, const DotMap& b) { return a.entries_ == b.entries_; }

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

    // The members below are only for Causal::replace and Causal::revise.

    /// The position of a key. If the map lacks the key, it is the position at which it would be
    /// inserted.
    struct Place {
        const_iterator entry;  ///< The entry of the key, or the first entry after it.
        bool is_there;         ///< Is it the entry of the key?
    };
    /// Returns the position of `key`. O(log n).
    Place place_of(const KeyType& key) const {
        const auto entry = entries_.lower_bound(key);
        return {entry, entry != entries_.end() && entry.key() == key};
    }
    /// Appends a key after all others, unless the store is empty.
    void append(const KeyType& key, const Store& store) {
        if (!store.is_bottom()) entries_.push_back(key, store);
    }
    /// Replaces the store at `key` by `next`. If an allocation fails, nothing changes.
    void put(const Place& place, const KeyType& key, Store&& next) {
        if (place.is_there) return replace(place, key, std::move(next));
        if (next.is_bottom()) return;
        const const_iterator entry = entries_.insert(place.entry, key, std::move(next));
        edit_index([&] { add_to_index(key, entry.value().dots()); });
    }

    // The members below are only for Causal::apply. It calls with_room_at, part_at, end_edit,
    // reindex and fill in this order. If the change is interrupted, it calls drop_index in place of
    // reindex.

    /// Returns a map for fill(). Before fill(), its store at `key` is empty. No other map contains
    /// an empty store.
    static DotMap with_room_at(const KeyType& key) {
        DotMap map;
        map.entries_ = Entries(key, Store{});
        return map;
    }
    /// Replaces the empty store of with_room_at() by `store`.
    void fill(const KeyType&, Store store) noexcept {
        entries_.value(entries_.begin()) = std::move(store);
        erase_if_empty(entries_.begin());
    }
    /// Returns the store at `key`, for changes. Makes it if there is none. O(log n).
    Store& part_at(const KeyType& key) { return entries_.value(make_entry(key)); }
    /// Ends the change of the store at `key`. Erases the key if its store is empty.
    void end_edit(const KeyType& key) noexcept { erase_if_empty(entries_.find(key)); }
    /// Updates the index after a change. The dots of `added` are new at `key`, and the other dots
    /// of `changed` were removed.
    void reindex(const KeyType& key, const Store& added, const DotSet<Id>& changed) noexcept {
        edit_index([&] {
            const DotSet<Id> fresh = added.dots();
            add_to_index(key, fresh);
            remove(difference(changed, fresh));
        });
    }
    /// Drops the index. A later change makes a new one if there are enough keys.
    void drop_index() noexcept { index_ = {}; }
    /// Makes a new index. Returns false if a dot is at two keys.
    bool reindex_all() {
        detail::KeyIndexBuilder<Id, KeyType> builder(size());
        for (const auto& [key, store] : entries_) builder.add(key, store.dots());
        Index index;
        const bool is_disjoint = builder.build(index);
        index_ = detail::Indirect<Index>(std::move(index));
        return is_disjoint;
    }

  private:
    /// Guards a change. If an exception interrupts the change, the index may be wrong, so the guard
    /// drops it.
    class IndexEdit {
        DotMap* map_;

      public:
        explicit IndexEdit(DotMap& map) : map_(&map) {}
        IndexEdit(const IndexEdit&) = delete;
        IndexEdit& operator=(const IndexEdit&) = delete;
        ~IndexEdit() {
            if (map_ != nullptr) map_->drop_index();
        }
        void complete() { map_ = nullptr; }
    };
    /// Runs an update of the index, and drops the index if the update fails.
    void edit_index(auto&& edit) noexcept {
        if (!detail::attempt(edit)) drop_index();
    }
    /// Does the same for a key that is in the map.
    void replace(const Place& place, const KeyType& key, Store&& next) {
        const Store before = std::exchange(entries_.value(place.entry), std::move(next));
        const Store& after = place.entry.value();
        edit_index([&] {
            if (index_) index_->remove(before.dots());
            if (!after.is_bottom()) add_to_index(key, after.dots());
        });
        erase_if_empty(place.entry);
    }
    void erase_if_empty(const_iterator entry) noexcept {
        if (entry.value().is_bottom()) entries_.erase(entry);
    }
    /// Returns the entry of `key`, and makes it if there is none.
    const_iterator make_entry(const KeyType& key) {
        const const_iterator position = entries_.lower_bound(key);
        if (position != entries_.end() && position.key() == key) return position;
        return entries_.insert(position, key, Store{});
    }
    void take_few(const DotMap& other) {
        for (const auto& [key, theirs] : other.entries_) entries_.prefetch(key);
        for (const auto& [key, theirs] : other.entries_) {
            const const_iterator position = entries_.lower_bound(key);
            if (position != entries_.end() && position.key() == key)
                entries_.value(position).merge_disjoint(theirs);
            else
                share_names(entries_.value(entries_.insert(position, key, theirs)));
        }
    }
    /// Makes a store that was copied from another map share the ids of this map. See SharedId.
    void share_names(Store& copied) const noexcept {
        if constexpr (requires { copied.rename(*index_); }) {
            if (index_) copied.rename(*index_);
        }
    }
    /// Does the same as take_few(), but walks both maps side by side.
    void take_many(const DotMap& other) {
        Entries both;
        typename Entries::Appender appender(both);
        const_iterator mine = begin();
        for (const auto& [key, theirs] : other.entries_) {
            for (; mine != end() && mine.key() < key; ++mine)
                appender.push_back(mine.key(), mine.value());
            Store store = theirs;
            share_names(store);
            if (mine != end() && mine.key() == key) {
                store.merge_disjoint(mine.value());
                ++mine;
            }
            appender.push_back(key, std::move(store));
        }
        for (; mine != end(); ++mine) appender.push_back(mine.key(), mine.value());
        appender.finish();
        entries_ = std::move(both);
    }
    void add_to_index(const KeyType& key, const DotSet<Id>& added) {
        if (index_) index_->add(key, added);
        if (index_ ? index_->is_overgrown() : size() > few) reindex_all();
    }
    void remove_by_index(const DotSet<Id>& dots) {
        detail::SmallVector<std::pair<DotRange<Id>, KeyType>, 1> removed;
        index_->visit(dots, [&](const DotRange<Id>& range, const KeyType& key) {
            removed.push_back({range, key});
        });
        index_->remove(dots);
        for (const auto& [range, key] : removed) {
            const auto entry = entries_.find(key);
            if (entry == entries_.end()) continue;
            entries_.value(entry).remove(DotSet<Id>(range));
            if (entry.value().is_bottom()) entries_.erase(entry);
        }
    }
    /// Returns the content at `fresh`: the dots of the store that are not in `seen`. O(n), or
    /// O(m log n) for m dots if they are few.
    DotMap part_at(const DotSet<Id>& fresh, const DotSet<Id>& seen) const {
        DotMap part;
        typename Entries::Appender appender(part.entries_);
        detail::DotProbe<Id> probe(seen);
        const auto add = [&](const KeyType& key, const Store& store) {
            if constexpr (std::is_same_v<Store, DotSet<Id>>) {
                if (const DotRange<Id>* const range = store.single_range()) {
                    const detail::Share seen_share = probe.share(*range);
                    if (seen_share == detail::Share::none) appender.push_back(key, store);
                    if (seen_share != detail::Share::some) return;
                }
            }
            Store missing = store.missing_at(Digest(), seen);
            if (!missing.is_bottom()) appender.push_back(key, std::move(missing));
        };
        if (index_ && fresh.size() < size() / 8) {
            std::vector<KeyType> keys;
            index_->visit(fresh,
                          [&](const DotRange<Id>&, const KeyType& key) { keys.push_back(key); });
            std::sort(keys.begin(), keys.end());
            keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
            for (const KeyType& key : keys) add(key, at(key));
        } else {
            for (const auto& [key, store] : entries_) add(key, store);
        }
        appender.finish();
        if (part.size() > few) part.index_ = detail::Indirect<Index>(index_->part_at(fresh));
        return part;
    }
    /// Adds an entry after all others, unless the store is empty.
    static void append(Entries& entries, KeyType key, Store store) {
        if (!store.is_bottom()) entries.push_back(std::move(key), std::move(store));
    }
    bool is_elsewhere(const KeyType& key, const DotSet<Id>& dots) const {
        const DotSet<Id> here = dots_in(dots);
        return !here.is_bottom() && !here.leq(at(key).dots());
    }
};

}  // namespace crdt

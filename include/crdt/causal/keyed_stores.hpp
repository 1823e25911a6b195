// SPDX-License-Identifier: MIT
//! KeyedStores: dot stores by key, with an index from dots to keys.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_collector.hpp>
#include <crdt/causal/dot_probe.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/key_index.hpp>
#include <crdt/causal/key_index_builder.hpp>
#include <crdt/causal/merge_entries.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/detail/indirect.hpp>
#include <crdt/detail/small_vector.hpp>
#include <crdt/lattice/column_appender.hpp>
#include <crdt/lattice/column_map.hpp>
#include <crdt/lattice/search_columns.hpp>

namespace crdt {

/// Are removals from a DotMap with stores of this type so rare that a removal may cost O(n)? If so,
/// the map saves memory: its index from dots to keys has keys only after a removal. Specialise this
/// variable as true before the map is used, and only if the content of the stores can change.
template <class Store>
inline constexpr bool removals_are_rare = false;

}  // namespace crdt

namespace crdt::detail {

/// The entries of a DotMap: a dot store at each key. No store is empty, and no dot is at two keys.
/// If there are more than a few keys, an index has all dots. If there are more than several keys,
/// the index also has the key of each dot. The index is computed from the entries.
///
/// If removals_are_rare, the index at first has dots without keys, even if there are more keys. A
/// removal then adds the keys to the index. If the number of additions since the last removal is
/// more than about twice the number of keys, the index drops the keys again. So a map from which
/// nothing is removed needs no memory for keys in its index.
///
/// Errors  if the index cannot be updated for lack of memory, it is dropped; a later change makes a
///         new one
template <class KeyType, class Store>
class KeyedStores {
  public:
    using Entries = ColumnMap<KeyType, Store>;
    using const_iterator = typename Entries::const_iterator;

  private:
    using Id = typename Store::id_type;
    using Index = KeyIndex<Id, KeyType>;
    /// This many entries or fewer are searched one by one, without an index.
    static constexpr std::size_t few = 4;
    /// The index of this many entries or fewer has no keys: entries are searched for dots.
    static constexpr std::size_t several = 32;
    /// Does the index of more than several entries always have keys?
    static constexpr bool keeps_keys = !removals_are_rare<Store>;
    static_assert(keeps_keys || !std::is_same_v<typename Store::Digest, DotSet<Id>>,
                  "joins of content that never changes look up keys");

    Entries entries_;
    Indirect<Index> index_;

  public:
    KeyedStores() = default;
    KeyedStores(const KeyType& key, Store store)
        : entries_(store.is_bottom() ? Entries() : Entries(key, std::move(store))) {}
    /// Precondition: no store is empty.
    explicit KeyedStores(Entries entries) : entries_(std::move(entries)) {
        if (entries_.size() > few) reindex_all();
    }

    /// Makes the stores of `entries`, like the constructor. If a dot is at two keys, returns
    /// std::nullopt.
    static std::optional<KeyedStores> checked(Entries entries) {
        KeyedStores stores;
        stores.entries_ = std::move(entries);
        bool names_are_shared = false;
        if (!stores.reindex_all(stores.needs_keys(), &names_are_shared)) return std::nullopt;
        if (!names_are_shared) stores.share_all_names();
        if (stores.entries_.size() <= few) stores.drop_index();
        return stores;
    }

    const Entries& entries() const { return entries_; }

    DotSet<Id> dots() const { return index_ ? index_->dots() : collect_dots(); }
    /// Returns the content at dots that are not in `seen`. O(n). If few dots of m stores are not in
    /// `seen`, O(m log n).
    KeyedStores missing_at(const DotSet<Id>& seen) const {
        if (!index_) return part_of({}, seen);
        const DotSet<Id> fresh = difference(index_->dots(), seen);
        if (fresh.is_bottom()) return {};
        return fresh == index_->dots() ? *this : part_of(fresh, seen);
    }
    DotSet<Id> dots_in(const DotSet<Id>& dots) const {
        if (index_) return intersection(index_->dots(), dots);
        DotSet<Id> found;
        for (const auto& [key, store] : entries_) found.merge(store.dots_in(dots));
        return found;
    }
    /// Calls visit(key) for each key with a store that has any of `dots`. May call visit several
    /// times for one key.
    template <class Visit>
    void visit_keys(const DotSet<Id>& dots, Visit&& visit) const {
        if (has_keys())
            return index_->visit(dots,
                                 [&](const DotRange<Id>&, const KeyType& key) { visit(key); });
        if (index_ && are_disjoint(dots, index_->dots())) return;
        for (const auto& [key, store] : entries_)
            if (!has_none_of(dots, store)) visit(key);
    }
    /// Removes `dots` from the stores that have them. Then erases the keys with empty stores.
    void remove(const DotSet<Id>& dots) {
        if (dots.is_bottom()) return;
        IndexEdit edit(*this);
        if (index_ && !index_->has_keys() && entries_.size() > several) reindex_all(true);
        if (has_keys())
            remove_by_index(dots);
        else
            remove_by_search(dots);
        edit.complete();
    }

    /// Adds the content of `other`. Precondition: all dots of `other` are new to this store.
    void merge_disjoint(const KeyedStores& other) {
        if (entries_.empty()) return void(*this = other);
        IndexEdit edit(*this);
        merge_entries(entries_, other.entries_, names());
        add_all_to_index(other);
        edit.complete();
    }
    /// See are_many_keys().
    bool has_many_keys_of(const KeyedStores& other) const {
        return are_many_keys(other.entries_, entries_);
    }
    /// Calls join(key, store, store of other) for each key of `other`. If the key is new, `store`
    /// is empty. Does not add the new dots to the index.
    template <class Join>
    void join_all(const KeyedStores& other, Join&& join) {
        join_many_entries(entries_, other.entries_, names(), join);
    }
    /// Adds the dots of `added` to the index. These dots are in the entries already.
    void add_all_to_index(const KeyedStores& added) {
        if (make_missing_index() || !index_) return;
        if (!index_->has_keys())
            index_->add(added.dots());
        else if (added.has_keys())
            index_->merge(*added.index_);
        else
            index_->add_all(added.entries_, added.dots());
        if (index_->is_overgrown()) reindex_all(true);
        drop_idle_keys();
    }
    /// Adds the dots `fresh` to the index. These dots are in `other`, and in the entries already.
    void add_part_to_index(const KeyedStores& other, const DotSet<Id>& fresh) {
        if (fresh.is_bottom() || make_missing_index() || !index_) return;
        if (index_->has_keys())
            index_->merge(other.index_of(fresh));
        else
            index_->add(fresh);
        drop_idle_keys();
    }

    /// Appends a key after all others. If `store` is empty, does nothing. Precondition: there are
    /// at most `few` keys.
    void append(const KeyType& key, const Store& store) {
        if (!store.is_bottom()) entries_.push_back(key, store);
    }
    /// Inserts `store` before `position`. If `store` is empty, does nothing. If an allocation
    /// fails, nothing changes.
    void insert(const_iterator position, const KeyType& key, Store&& store) {
        if (store.is_bottom()) return;
        const const_iterator entry = entries_.insert(position, key, std::move(store));
        edit_index([&] { add_to_index(key, entry.value().dots()); });
    }
    /// Replaces the store of an entry, or erases the entry if `next` is empty.
    void replace(const_iterator entry, const KeyType& key, Store&& next) {
        const Store before = std::exchange(entries_.value(entry), std::move(next));
        const Store& after = entry.value();
        edit_index([&] {
            if (index_) index_->remove(before.dots());
            if (!after.is_bottom()) add_to_index(key, after.dots());
        });
        erase_if_empty(entry);
    }
    /// Returns the entry of `key`. If there is none, inserts an entry with an empty store.
    const_iterator make_entry(const KeyType& key) {
        const const_iterator position = entries_.lower_bound(key);
        if (position != entries_.end() && position.key() == key) return position;
        return entries_.insert(position, key, Store{});
    }
    /// Returns the store of `entry`, which the caller may change. After the changes, call
    /// add_to_index(), reindex() or drop_index(), and then erase_if_empty().
    Store& store(const_iterator entry) { return entries_.value(entry); }
    void erase_if_empty(const_iterator entry) noexcept {
        if (entry.value().is_bottom()) entries_.erase(entry);
    }
    /// Adds new dots of a key to the index. These dots are in the entries already.
    void add_to_index(const KeyType& key, const DotSet<Id>& added) {
        if (make_missing_index() || !index_) return;
        index_->add(key, added);
        if (index_->is_overgrown()) reindex_all(true);
        drop_idle_keys();
    }
    /// Updates the index after a change. The dots of `added` are new at `key`. The dots in
    /// `changed` but not in `added` were removed.
    void reindex(const KeyType& key, const Store& added, const DotSet<Id>& changed) noexcept {
        edit_index([&] {
            const DotSet<Id> fresh = added.dots();
            add_to_index(key, fresh);
            const DotSet<Id> removed = difference(changed, fresh);
            if (index_ && !index_->has_keys())
                index_->remove(removed);  // the store at `key` has lost them already
            else
                remove(removed);
        });
    }
    /// Drops the index. A later change makes a new one if there are enough keys.
    void drop_index() noexcept { index_ = {}; }
    /// Guards a change. If an exception interrupts the change, the index may be wrong, so the guard
    /// drops the index.
    class IndexEdit {
        KeyedStores* stores_;

      public:
        explicit IndexEdit(KeyedStores& stores) : stores_(&stores) {}
        IndexEdit(const IndexEdit&) = delete;
        IndexEdit& operator=(const IndexEdit&) = delete;
        ~IndexEdit() {
            if (stores_ != nullptr) stores_->drop_index();
        }
        void complete() { stores_ = nullptr; }
    };

  private:
    /// Does what missing_at() does. If there is an index, `fresh` must have exactly those dots of
    /// the stores that are not in `seen`.
    KeyedStores part_of(const DotSet<Id>& fresh, const DotSet<Id>& seen) const {
        KeyedStores part;
        ColumnAppender<KeyType, Store> appender(part.entries_);
        DotProbe<Id> probe(seen);
        const auto add = [&](const KeyType& key, const Store& store) {
            if constexpr (std::is_same_v<Store, DotSet<Id>>) {
                Overlap overlap = Overlap::some;
                if (store.range_count() == 1)
                    store.visit_numbers([&](const ReplicaName<Id>& replica, std::uint64_t first,
                                            std::uint64_t last) {
                        overlap = probe.overlap(DotRangeRef{replica, first, last});
                    });
                if (overlap == Overlap::none) appender.push_back(key, store);
                if (overlap != Overlap::some) return;
            }
            Store missing = store.missing_at(typename Store::Digest(), seen);
            if (!missing.is_bottom()) appender.push_back(key, std::move(missing));
        };
        if (has_keys() && !are_many(fresh.size(), entries_.size())) {
            std::vector<KeyType> keys;
            index_->visit(fresh,
                          [&](const DotRange<Id>&, const KeyType& key) { keys.push_back(key); });
            std::sort(keys.begin(), keys.end());
            keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
            for (const KeyType& key : keys) add(key, entries_.find(key).value());
        } else {
            for (const auto& [key, store] : entries_) add(key, store);
        }
        appender.finish();
        if (part.entries_.size() <= few) return part;
        if (index_)
            part.index_ = Indirect<Index>(index_->part_at(fresh, part.needs_keys()));
        else
            part.reindex_all();
        return part;
    }

    /// Should the index have keys, whatever was removed?
    bool needs_keys() const { return keeps_keys && entries_.size() > several; }
    /// If there should be an index, or an index with keys, and there is none, makes it from all
    /// entries. Returns whether it did.
    bool make_missing_index() {
        if (index_ ? index_->has_keys() || !needs_keys() : entries_.size() <= few) return false;
        reindex_all();
        return true;
    }
    void drop_idle_keys() noexcept {
        if (!keeps_keys && index_ && index_->is_idle()) index_->drop_keys();
    }
    bool has_keys() const { return index_ && index_->has_keys(); }
    /// Returns an index, with keys, of `dots`. Precondition: all of `dots` are in the entries.
    Index index_of(const DotSet<Id>& dots) const {
        if (has_keys()) return index_->part_at(dots, true);
        KeyIndexBuilder<Id, KeyType> builder(entries_.size());
        for (const auto& [key, store] : entries_) builder.add(key, store.dots_in(dots));
        Index index;
        builder.build(index);
        return index;
    }
    void share_all_names() noexcept {
        for (auto entry = entries_.begin(); entry != entries_.end(); ++entry)
            share_names(entries_.value(entry), names());
    }
    /// Makes a new index. Returns false if a dot is at two keys. If `names_are_shared` is not null,
    /// sets it to whether all dots of a replica share one object as their id.
    bool reindex_all(bool with_keys, bool* names_are_shared = nullptr) {
        KeyIndexBuilder<Id, KeyType> builder(entries_.size());
        for (const auto& [key, store] : entries_) builder.add(key, store.dots());
        Index index;
        if (!with_keys) index.drop_keys();
        if (names_are_shared != nullptr) *names_are_shared = builder.names_are_shared();
        const bool is_disjoint = builder.build(index);
        index_ = Indirect<Index>(std::move(index));
        return is_disjoint;
    }
    /// Does the same, with keys if the index should have keys.
    void reindex_all() {
        if (entries_.size() <= several)
            index_ = Indirect<Index>(Index(collect_dots()));
        else
            reindex_all(keeps_keys);
    }
    /// Returns the dots of all entries.
    DotSet<Id> collect_dots() const {
        if constexpr (std::is_same_v<Store, DotSet<Id>>) {
            DotCollector<Id> dots;
            for (const auto& [key, store] : entries_) dots.add(store);
            return dots.collect();
        } else {
            DotSet<Id> dots;
            for (const auto& [key, store] : entries_) dots.add(store.dots());
            return dots;
        }
    }
    /// Returns the index, or null if there is none. Stores that are added share the ids of the
    /// index, see share_names().
    const Index* names() const { return index_ ? &*index_ : nullptr; }
    /// Runs an update of the index, and drops the index if the update fails.
    void edit_index(auto&& edit) noexcept {
        if (!attempt(edit)) drop_index();
    }
    static bool has_none_of(const DotSet<Id>& dots, const Store& store) {
        if constexpr (std::is_same_v<Store, DotSet<Id>>)
            return are_disjoint(store, dots);
        else
            return store.dots_in(dots).is_bottom();
    }
    /// Searches the entries until all dots are found.
    void remove_by_search(const DotSet<Id>& dots) {
        DotSet<Id> left = dots;
        for (auto entry = entries_.begin(); !left.is_bottom() && entry != entries_.end();) {
            if (has_none_of(left, entry.value())) {
                ++entry;
                continue;
            }
            const DotSet<Id> found = entry.value().dots_in(left);
            entries_.value(entry).remove(found);
            left.erase(found);
            entry = entry.value().is_bottom() ? entries_.erase(entry) : std::next(entry);
        }
        if (index_) index_->remove(dots);
    }
    void remove_by_index(const DotSet<Id>& dots) {
        SmallVector<std::pair<DotRange<Id>, KeyType>, 1> removed;
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
};

}  // namespace crdt::detail

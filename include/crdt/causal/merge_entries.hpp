// SPDX-License-Identifier: MIT
//! merge_entries: adds the dot stores of one map to another.
#pragma once

#include <cstddef>
#include <utility>

#include <crdt/lattice/column_appender.hpp>
#include <crdt/lattice/column_map.hpp>
#include <crdt/lattice/join_columns.hpp>
#include <crdt/lattice/search_columns.hpp>

namespace crdt::detail {

/// Makes the store `copied` share the ids of `names`. The store was copied from another map. If
/// `names` is null, does nothing. See SharedId.
template <class Store, class Names>
void share_names(Store& copied, const Names* names) noexcept {
    if constexpr (requires { copied.rename(*names); }) {
        if (names != nullptr) copied.rename(*names);
    }
}

/// Does what merge_entries() does, by a search in `mine` for each key of `theirs`.
template <class K, class Store, class Names>
void merge_few_entries(ColumnMap<K, Store>& mine, const ColumnMap<K, Store>& theirs,
                       const Names* names) {
    join_few(
        mine, theirs,
        [](const K&, const Store& other, Store& store) { store.merge_disjoint(other); },
        [](const K&, const Store&) {},
        [&](const Store& other) {
            Store copied = other;
            share_names(copied, names);
            return copied;
        });
}

/// Does what merge_entries() does, by a walk over both maps side by side.
template <class K, class Store, class Names>
void merge_many_entries(ColumnMap<K, Store>& mine, const ColumnMap<K, Store>& theirs,
                        const Names* names) {
    ColumnMap<K, Store> both;
    ColumnAppender<K, Store> appender(both, mine.size() + theirs.size());
    auto entry = mine.begin();
    for (const auto& [key, store] : theirs) {
        for (; entry != mine.end() && entry.key() < key; ++entry)
            appender.push_back(entry.key(), entry.value());
        Store merged = store;
        share_names(merged, names);
        if (entry != mine.end() && entry.key() == key) {
            merged.merge_disjoint(entry.value());
            ++entry;
        }
        appender.push_back(key, std::move(merged));
    }
    for (; entry != mine.end(); ++entry) appender.push_back(entry.key(), entry.value());
    appender.finish();
    mine = std::move(both);
}

/// Does `theirs` have so many keys that a walk over both maps is faster than a search for each key?
/// Up to 8 keys are always searched, because a walk copies the stores of `mine`, which can be
/// large.
template <class K, class Store>
bool are_many_keys(const ColumnMap<K, Store>& theirs, const ColumnMap<K, Store>& mine) {
    constexpr std::size_t not_many = 8;
    return theirs.size() > not_many && are_many(theirs.size(), mine.size());
}

/// Adds the stores of `theirs` to those of `mine`, key by key. The copies share the ids of `names`,
/// unless `names` is null. Precondition: no dot is in both maps.
template <class K, class Store, class Names>
void merge_entries(ColumnMap<K, Store>& mine, const ColumnMap<K, Store>& theirs,
                   const Names* names) {
    if (are_many_keys(theirs, mine))
        merge_many_entries(mine, theirs, names);
    else
        merge_few_entries(mine, theirs, names);
}

/// Calls join(key, store of mine, store of theirs) for each key of `theirs`. If `mine` lacks the
/// key, the store of mine is a new empty store. If join() puts content into this store, adds the
/// store to `mine`. Walks both maps side by side.
template <class K, class Store, class Names, class Join>
void join_many_entries(ColumnMap<K, Store>& mine, const ColumnMap<K, Store>& theirs,
                       const Names* names, Join&& join) {
    ColumnMap<K, Store> added;
    ColumnAppender<K, Store> appender(added, theirs.size());
    auto entry = mine.begin();
    for (const auto& [key, store] : theirs) {
        while (entry != mine.end() && entry.key() < key) ++entry;
        if (entry != mine.end() && entry.key() == key) {
            join(key, mine.value(entry), store);
        } else {
            Store fresh;
            join(key, fresh, store);
            if (!fresh.is_bottom()) appender.push_back(key, std::move(fresh));
        }
    }
    appender.finish();
    if (!added.empty()) merge_entries(mine, added, names);
}

}  // namespace crdt::detail

// SPDX-License-Identifier: MIT
//! count_around_join: updates the cached number of visible keys when a map of dot stores is joined.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <crdt/causal/dot_set.hpp>
#include <crdt/detail/cached_count.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/search_columns.hpp>

namespace crdt::detail {

/// Runs join(), which joins `other` into `state`. Returns the result of join(). Both states are
/// causal, and their stores are DotMaps. `count` is the number of keys of `state` with stores that
/// are visible according to is_visible(store). If the count is known and the join concerns few
/// keys, this function also updates the count. The update costs about as much as the join.
/// Otherwise, a join that changes something leaves the count unknown.
template <class State, class IsVisible, class Join>
auto count_around_join(CachedCount& count, const State& state, const State& other,
                       IsVisible&& is_visible, Join&& join) {
    using Key = typename State::store_type::key_type;
    const auto& store = state.store();
    if (!count.is_known()) return join();
    if (are_many(other.store().size(), store.size())) return count.around_join(join);
    const auto lost = store.dots_in(difference(other.context(), other.store().dots()));
    if (are_many(lost.size(), store.size())) return count.around_join(join);
    std::vector<Key> keys;
    for (const auto& entry : other.store()) keys.push_back(entry.first);
    store.visit_keys(lost, [&](const Key& key) { keys.push_back(key); });
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    const auto visible = [&] {
        return static_cast<std::size_t>(std::count_if(
            keys.begin(), keys.end(), [&](const Key& key) { return is_visible(store.at(key)); }));
    };
    return count.around(visible, join);
}

}  // namespace crdt::detail

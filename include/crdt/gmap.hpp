// SPDX-License-Identifier: MIT
//! GMap: a map whose keys only become more, and whose values are lattices.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include <crdt/lattice/composed.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/map_of.hpp>

namespace crdt {

template <class KeyType, class Value>
class GMap : MapOf<KeyType, Value> {};  // says what the key or the value lacks

/// A grow-only map from keys to states of any lattice.
///
/// State   a map without bottoms
/// Order   key by key;  join: key by key;  bottom: the empty map
/// Writes  concurrent writes to a key join as its values do; nothing is ever removed
/// Source  Preguiça, Baquero, Shapiro: Conflict-free replicated data types (2018)
///
/// Example (tests/examples/gmap.cpp):
///     crdt::GMap<std::string, crdt::GCounter<>> a, b;
///     a.apply("apples", [](auto& counter) { return counter.add("a", 2); });
///     b.apply("apples", [](auto& counter) { return counter.add("b", 3); });
///     a.merge(b);  // a.at("apples").value() == 5
template <Key KeyType, DecomposableLattice Value>
class GMap<KeyType, Value> : public Composed<GMap<KeyType, Value>, MapOf<KeyType, Value>> {
  public:
    using key_type = KeyType;
    using mapped_type = Value;
    using const_iterator = typename MapOf<KeyType, Value>::const_iterator;
    static constexpr std::string_view type_name = "gmap";

    /// Runs a delta-mutator of the value at `key`, which is bottom at first, and returns the
    /// delta. O(log n) beyond `mutate`. Throws what `mutate` throws, and is then unchanged.
    template <class Mutate>
    GMap apply(const KeyType& key, Mutate&& mutate) {
        return this->mutate([&](auto& values) { return values.apply(key, mutate); });
    }

    /// Is there a value that holds anything that `id` wrote? O(n).
    bool has_writes_of(const auto& id) const requires requires(const Value& value) {
        value.has_writes_of(id);
    }
    {
        return std::any_of(begin(), end(),
                           [&](const auto& entry) { return entry.second.has_writes_of(id); });
    }

    /// The value at `key`: bottom if there is none. O(log n).
    const Value& at(const auto& key) const { return this->lattice().at(key); }
    bool contains(const auto& key) const { return this->lattice().contains(key); }
    std::size_t size() const { return this->lattice().size(); }
    const_iterator begin() const { return this->lattice().begin(); }
    const_iterator end() const { return this->lattice().end(); }
    /// The first entry whose key is not before `key`. O(log n).
    const_iterator lower_bound(const auto& key) const { return this->lattice().lower_bound(key); }
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! GMap: a grow-only map, with values of any lattice.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <string_view>
#include <utility>

#include <crdt/detail/range_of.hpp>
#include <crdt/lattice/composed.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/map_of.hpp>

namespace crdt {

/// This primary template is chosen if the template arguments are not valid. It does not compile,
/// and the compiler prints the reason.
template <class KeyType, class Value>
class GMap : detail::Refused<detail::flaw_of_keys<KeyType>(), KeyType>,
             detail::NotALattice<Value> {};  // prints why

/// A grow-only map from keys to states of any lattice.
///
/// State       a map in which no value is bottom, see MapOf
/// Order       key by key;  join: key by key;  bottom: the empty map
/// Concurrent  writes to one key are joined by the rule of the values; nothing is ever erased
/// Cost        update, view, find O(log n) plus the cost of the value's own operation; size O(1);
///             merge as MapOf
/// Errors      only errors of keys, of values and of allocations
/// Iterators   in ascending order of the keys, invalidated by every change;  Threads  as a standard
///             container
/// Beware      a key is in the map only if its value is not bottom. So `update("ann", add 0)`
///             inserts no key, and a score of 0 is the same as no score
/// Source      Preguiça, Baquero, Shapiro: Conflict-free replicated data types (2018)
///
/// Example (tests/examples/gmap.cpp):
///     crdt::GMap<std::string, crdt::GCounter<>> a, b;
///     a.update("apples", [](auto& counter) { return counter.add("a", 2); });
///     b.update("apples", [](auto& counter) { return counter.add("b", 3); });
///     a.merge(b);  // a.view("apples").value() == 5
template <Key KeyType, DecomposableLattice Value>
class GMap<KeyType, Value> : public Composed<GMap<KeyType, Value>, MapOf<KeyType, Value>> {
  public:
    /// The type of keys.
    using key_type = KeyType;
    /// The lattice of the values.
    using mapped_type = Value;
    /// The type of entries that a constructor takes: a key and a value.
    using value_type = std::pair<KeyType, Value>;
    /// Visits the entries in ascending order of the keys.
    using const_iterator = typename MapOf<KeyType, Value>::const_iterator;
    /// The same as const_iterator: only update() changes values.
    using iterator = const_iterator;
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "gmap";

    /// Makes the empty map.
    GMap() = default;
    /// Makes the map of these entries. Joins the values of the same key. O(n log n).
    GMap(std::initializer_list<value_type> entries) : GMap(entries.begin(), entries.end()) {}
    /// Makes the map of the entries of a range, such as a std::map. O(n log n).
    template <detail::RangeOf<value_type, GMap> Range>
    explicit GMap(Range&& range) : GMap(std::begin(range), std::end(range)) {}
    /// Makes the map of the entries from `first` to `last`. O(n log n).
    template <class Iterator, class Sentinel>
    GMap(Iterator first, Sentinel last) {
        for (; first != last; ++first) {
            const auto& [key, value] = *first;
            const Value& added = value;  // some compilers cannot capture `value`
            update(key, [&](Value& there) { return there.absorb(added); });
        }
    }

    /// Changes the value at `key`, and returns the delta. If `key` is new, its value starts as
    /// bottom. `change(Value&)` is a delta-mutator: it changes the value and returns the delta of
    /// the value. O(log n) plus the cost of `change`. Throws what `change` throws; the state is
    /// then unchanged.
    template <class Change>
    GMap update(const KeyType& key, Change&& change) {
        return this->mutate([&](auto& values) { return values.update(key, change); });
    }

    /// Does any value contain a write of `id`? O(n).
    bool has_writes_of(const auto& id) const requires requires(const Value& value) {
        value.has_writes_of(id);
    }
    {
        return std::any_of(begin(), end(),
                           [&](const auto& entry) { return entry.second.has_writes_of(id); });
    }

    /// Returns the value at `key`, or bottom if there is none. Never inserts. O(log n).
    const Value& view(const auto& key) const { return this->lattice().at(key); }
    /// Is there a value at `key`? O(log n).
    bool contains(const auto& key) const { return this->lattice().contains(key); }
    /// Returns 1 if there is a value at `key`, else 0. O(log n).
    std::size_t count(const auto& key) const { return contains(key) ? 1 : 0; }
    /// Returns the position of `key` and its value, or end() if `key` is not in the map. O(log n).
    const_iterator find(const auto& key) const { return this->lattice().find(key); }
    /// Returns the number of keys. O(1).
    std::size_t size() const { return this->lattice().size(); }
    /// Is there no key?
    bool empty() const { return size() == 0; }
    /// Returns the position of the first entry.
    const_iterator begin() const { return this->lattice().begin(); }
    /// Returns the position past the last entry.
    const_iterator end() const { return this->lattice().end(); }
    /// Returns the first entry with a key that is not before `key`. O(log n).
    const_iterator lower_bound(const auto& key) const { return this->lattice().lower_bound(key); }
};

}  // namespace crdt

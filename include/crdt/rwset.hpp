// SPDX-License-Identifier: MIT
//! RWSet: a set to add to and remove from; a concurrent remove wins.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_map.hpp>
#include <crdt/dwflag.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/diagnostics.hpp>

namespace crdt {

template <class Element, class Id = std::string>
class RWSet : detail::NotKeys<Element, Id> {};  // says why

/// A remove-wins set: a map from elements to disable-wins flags.
///
/// State   for each element the adds and removes in force, and the context
/// Order   that of Causal;  join: a write is in force until someone who saw it writes again
/// Writes  of an add and a concurrent remove of one element, the remove wins
/// Cost    a removed element keeps the dot of its remove until it is added again, or reset()
/// Source  Almeida, Shoker, Baquero: Delta state replicated data types (JPDC 2018), 7.4
///
/// Example (tests/examples/rwset.cpp):
///     crdt::RWSet<std::string> a;
///     a.add("a", "guest");
///     crdt::RWSet<std::string> b = a;
///     a.add("a", "guest");
///     b.remove("b", "guest");
///     a.merge(b);  // !a.contains("guest")
template <Key Element, ReplicaId Id>
class RWSet<Element, Id>
    : public CausalType<RWSet<Element, Id>, DotMap<Element, typename DWFlag<Id>::store_type>> {
    using Flag = DWFlag<Id>;

    RWSet write(const Id& id, const Element& element, bool there) {
        return this->replace(
            element, typename Flag::store_type(this->context().next(id), WriteOnce<bool>(there)));
    }

  public:
    using value_type = Element;
    static constexpr std::string_view type_name = "rwset";

    /// Adds `element` and returns the delta. O(log n).
    RWSet add(const Id& id, const Element& element) { return write(id, element, true); }
    /// Removes `element` and returns the delta, which is not bottom even if it is not there: it
    /// may be on its way. O(log n).
    RWSet remove(const Id& id, const Element& element) { return write(id, element, false); }

    /// Is no element there? Removes may be in force all the same.
    static bool is_empty(const typename RWSet::store_type& store) {
        return std::all_of(store.begin(), store.end(),
                           [](const auto& entry) { return Flag::is_empty(entry.second); });
    }

    bool contains(const auto& element) const { return Flag::value_of(this->store().at(element)); }
    /// O(n).
    std::size_t size() const {
        std::size_t count = 0;
        visit([&](const Element&) { ++count; });
        return count;
    }
    /// Calls visit(element) for each element, in ascending order.
    template <class Visit>
    void visit(Visit&& visit) const {
        for (const auto& [element, writes] : this->store()) {
            if (Flag::value_of(writes)) visit(element);
        }
    }
};

}  // namespace crdt

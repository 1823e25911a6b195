// SPDX-License-Identifier: MIT
//! AWSet: a set to add to and remove from; a concurrent add wins.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_map.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/detail/key_iterator.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/diagnostics.hpp>

namespace crdt {

template <class Element, class Id = std::string>
class AWSet : detail::NotKeys<Element, Id> {};  // says why

/// An add-wins set, also known as observed-remove set (ORSet).
///
/// State   for each element the adds in force, and the context
/// Order   that of Causal;  join: an add is in force until someone who saw it removes it
/// Writes  of an add and a concurrent remove of one element, the add wins
/// Cost    no tombstones: live elements, and a context of a few ranges a replica
/// Source  Bieniusa et al.: An optimized conflict-free replicated set (2012); Almeida, Shoker,
///         Baquero: Delta state replicated data types (JPDC 2018), 7.4
///
/// Example (tests/examples/awset.cpp):
///     crdt::AWSet<std::string> a;
///     a.add("a", "milk");
///     crdt::AWSet<std::string> b = a;
///     a.remove("milk");
///     b.add("b", "milk");
///     a.merge(b);  // a.contains("milk")
template <Key Element, ReplicaId Id>
class AWSet<Element, Id> : public CausalType<AWSet<Element, Id>, DotMap<Element, DotSet<Id>>> {
  public:
    using value_type = Element;
    using const_iterator =
        detail::KeyIterator<typename DotMap<Element, DotSet<Id>>::const_iterator>;
    static constexpr std::string_view type_name = "awset";

    /// Adds `element` and returns the delta: one new dot, in place of those it has. O(log n).
    AWSet add(const Id& id, const Element& element) {
        return this->replace(element, DotSet<Id>{this->context().next(id)});
    }
    /// Removes what is known of `element` and returns the delta: bottom if it is not there.
    /// O(log n).
    AWSet remove(const Element& element) { return this->replace(element, DotSet<Id>()); }

    bool contains(const auto& element) const { return this->store().contains(element); }
    std::size_t size() const { return this->store().size(); }
    const_iterator begin() const { return const_iterator(this->store().begin()); }
    const_iterator end() const { return const_iterator(this->store().end()); }
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! GSet: a set that only grows.
#pragma once

#include <cstddef>
#include <string_view>

#include <crdt/detail/key_iterator.hpp>
#include <crdt/lattice/composed.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/diagnostics.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/max.hpp>

namespace crdt {

template <class Element>
class GSet : detail::NotAKey<Element> {};  // says why

/// A grow-only set.
///
/// State   the elements: a map from element to true
/// Order   inclusion;  join: union;  bottom: the empty set
/// Writes  concurrent inserts all stay; nothing is ever removed
/// Source  Shapiro, Preguiça, Baquero, Zawirski: A comprehensive study of Convergent and
///         Commutative Replicated Data Types (INRIA 7506, 2011), 3.3.1
///
/// Example (tests/examples/gset.cpp):
///     crdt::GSet<int> a, b;
///     a.insert(7);
///     b.insert(8);
///     a.merge(b);  // a.size() == 2
template <Key Element>
class GSet<Element> : public Composed<GSet<Element>, MapOf<Element, Max<bool>>> {
  public:
    using value_type = Element;
    /// Visits the elements in ascending order.
    using const_iterator = detail::KeyIterator<typename MapOf<Element, Max<bool>>::const_iterator>;
    static constexpr std::string_view type_name = "gset";

    /// Adds `element` and returns the delta: that element, or bottom if it was there. O(log n).
    GSet insert(const Element& element) {
        return this->mutate([&](auto& elements) {
            return elements.apply(element, [](Max<bool>& there) { return there.advance(true); });
        });
    }

    bool contains(const auto& element) const { return this->lattice().contains(element); }
    std::size_t size() const { return this->lattice().size(); }
    const_iterator begin() const { return const_iterator(this->lattice().begin()); }
    const_iterator end() const { return const_iterator(this->lattice().end()); }
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! TwoPhaseSet: a set from which what is removed stays removed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include <crdt/lattice/composed.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/diagnostics.hpp>
#include <crdt/lattice/linear_sum.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/unit.hpp>

namespace crdt {

template <class Element>
class TwoPhaseSet : detail::NotAKey<Element> {};  // says why

/// A set whose elements come once and go once.
///
/// State   for each element ever inserted: there, or gone for good
/// Order   element by element: never there < there < gone;  join: the later;  bottom: nothing
/// Writes  a remove, of an element that its writer has, wins over concurrent and later inserts
/// Cost    every element that was ever inserted stays in the state
/// Source  Shapiro, Preguiça, Baquero, Zawirski: A comprehensive study of Convergent and
///         Commutative Replicated Data Types (INRIA 7506, 2011), 3.3.2
///
/// Example (tests/examples/two_phase_set.cpp):
///     crdt::TwoPhaseSet<int> a;
///     a.insert(7);
///     crdt::TwoPhaseSet<int> b = a;
///     b.remove(7);
///     a.insert(7);
///     a.merge(b);  // !a.contains(7)
template <Key Element>
class TwoPhaseSet<Element>
    : public Composed<TwoPhaseSet<Element>, MapOf<Element, LinearSum<Max<bool>, Unit>>> {
    using Phase = LinearSum<Max<bool>, Unit>;

    TwoPhaseSet advance(const Element& element, const Phase& phase) {
        return this->mutate([&](auto& phases) {
            return phases.apply(element, [&](Phase& current) { return current.absorb(phase); });
        });
    }

  public:
    using value_type = Element;
    static constexpr std::string_view type_name = "two_phase_set";

    /// Adds `element` and returns the delta: bottom if it is there, or gone for good. O(log n).
    TwoPhaseSet insert(const Element& element) {
        return advance(element, Phase::from_lower(Max<bool>(true)));
    }
    /// Removes `element` for good and returns the delta: bottom if it is not there. O(log n).
    TwoPhaseSet remove(const Element& element) {
        return contains(element) ? advance(element, Phase::from_upper({})) : TwoPhaseSet();
    }

    bool contains(const auto& element) const {
        const Phase& phase = this->lattice().at(element);
        return !phase.is_upper() && !phase.is_bottom();
    }
    /// The number of elements that are there. O(n).
    std::size_t size() const {
        std::size_t count = 0;
        visit([&](const Element&) { ++count; });
        return count;
    }
    /// Calls visit(element) for each element that is there, in ascending order.
    template <class Visit>
    void visit(Visit&& visit) const {
        for (const auto& [element, phase] : this->lattice()) {
            if (!phase.is_upper()) visit(element);
        }
    }
};

}  // namespace crdt

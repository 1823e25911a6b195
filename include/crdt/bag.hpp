// SPDX-License-Identifier: MIT
//! Bag: a set in which an element can be several times.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_map.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/detail/key_iterator.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/diagnostics.hpp>

namespace crdt {

template <class Element, class Id = std::string>
class Bag : detail::NotKeys<Element, Id> {};  // says why

/// An add-wins bag (multiset): each occurrence is an event of its own.
///
/// State   for each element the occurrences in force, and the context
/// Order   that of Causal;  join: an occurrence is in force until someone who saw it removes it
/// Writes  concurrent adds all count. A replica removes occurrences of its own first; where two
///         remove the same occurrence at once, it is gone once
/// Cost    occurrences that one replica added in a row are one range
/// Source  an AWSet (Bieniusa et al. 2012) in which an add leaves the earlier ones in force
///
/// Example (tests/examples/bag.cpp):
///     crdt::Bag<std::string> a, b;
///     a.add("a", "nail", 100);
///     b.add("b", "nail", 20);
///     a.merge(b);
///     a.remove("a", "nail", 30);  // a.count("nail") == 90
template <Key Element, ReplicaId Id>
class Bag<Element, Id> : public CausalType<Bag<Element, Id>, DotMap<Element, DotSet<Id>>> {
    using Store = DotMap<Element, DotSet<Id>>;
    using Entry = typename Store::const_iterator;

    /// The first `count` of these dots, those of `id` before all others.
    static DotSet<Id> choose(const DotSet<Id>& dots, const Id& id, std::size_t count) {
        DotSet<Id> chosen;
        const auto take = [&](const DotRange<Id>& range) {
            if (count == 0) return;
            const std::uint64_t length =
                std::min<std::uint64_t>(count, range.last - range.first + 1);
            chosen.add({range.replica, range.first, range.first + (length - 1)});
            count -= static_cast<std::size_t>(length);
        };
        const DotSet<Id> own =
            intersection(dots, DotSet<Id>({id, 1, (std::numeric_limits<std::uint64_t>::max)()}));
        own.visit(take);
        difference(dots, own).visit(take);
        return chosen;
    }

  public:
    using value_type = Element;
    using const_iterator = detail::KeyIterator<Entry>;
    static constexpr std::string_view type_name = "bag";

    /// Adds `element`, `count` times, and returns the delta. O(log n). Throws std::overflow_error
    /// if the replica has not as many dots left; the state is then unchanged.
    Bag add(const Id& id, const Element& element, std::size_t count = 1) {
        if (count == 0) return {};
        const Dot<Id> first = this->context().next(id);
        if (count - 1 > (std::numeric_limits<std::uint64_t>::max)() - first.sequence)
            detail::throw_or_abort<std::overflow_error>("Bag::add: no dots are left");
        const DotSet<Id> added({id, first.sequence, first.sequence + (count - 1)});
        DotSet<Id> next = this->store().at(element);
        next.merge(added);
        return this->revise(element, std::move(next), Causal(Store(element, added)));
    }
    /// Removes `count` occurrences of `element` and returns the delta. O(ranges log n). Throws
    /// std::out_of_range if there are not as many; the state is then unchanged.
    Bag remove(const Id& id, const Element& element, std::size_t count = 1) {
        if (count > this->count(element))
            detail::throw_or_abort<std::out_of_range>("Bag::remove: not as many are there");
        const DotSet<Id>& present = this->store().at(element);
        DotSet<Id> chosen = choose(present, id, count);
        return this->revise(element, difference(present, chosen), Causal(Store(), chosen));
    }

    /// How often `element` is there. O(log n + ranges).
    std::size_t count(const auto& element) const { return this->store().at(element).size(); }
    /// The number of different elements.
    std::size_t distinct_size() const { return this->store().size(); }
    /// Visits the different elements in ascending order.
    const_iterator begin() const { return const_iterator(this->store().begin()); }
    const_iterator end() const { return const_iterator(this->store().end()); }
};

}  // namespace crdt

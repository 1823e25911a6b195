// SPDX-License-Identifier: MIT
//! GCounter: a counter that only grows, one slot a replica.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <crdt/detail/checked.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/lattice/bulk.hpp>
#include <crdt/lattice/composed.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/max.hpp>

namespace crdt {

template <class Id = std::string, class Count = std::uint64_t>
class GCounter : detail::Refused<detail::flaw_of_counter<Id>(), Id, Count> {};  // says why

/// A grow-only counter.
///
/// State   a map from replica id to how much that replica has added
/// Order   slot by slot;  join: the larger of each slot;  bottom: no slots
/// Writes  concurrent adds all count, as long as no two replicas share an id
/// Units   whole numbers; a slot and the total each fit a Count or are an error
/// Source  Shapiro, Preguiça, Baquero, Zawirski: A comprehensive study of Convergent and
///         Commutative Replicated Data Types (INRIA 7506, 2011), 3.1.1
///
/// Example (tests/examples/gcounter.cpp):
///     crdt::GCounter<> a, b;
///     a.add("a", 2);
///     b.add("b", 3);
///     a.merge(b);  // a.value() == 5
template <ReplicaId Id, UnsignedInteger Count>
class GCounter<Id, Count> : public Composed<GCounter<Id, Count>, MapOf<Id, Max<Count>>> {
  public:
    using id_type = Id;
    using value_type = Count;
    static constexpr std::string_view type_name = "gcounter";

    /// Adds `amount` to the slot of `id` and returns the delta: that slot, or bottom for 0.
    /// O(log n). Throws std::invalid_argument for a negative amount, std::overflow_error if the
    /// slot would exceed Count; the state is then unchanged.
    GCounter add(const Id& id, Integer auto amount) {
        if (detail::is_negative(amount))
            detail::throw_or_abort<std::invalid_argument>("GCounter::add: the amount is negative");
        return this->mutate([&](auto& counts) {
            return counts.update(id, [&](Max<Count>& slot) {
                return slot.advance(detail::checked_add(slot.value(), detail::magnitude(amount),
                                                        "GCounter::add: the slot would overflow"));
            });
        });
    }

    /// Is there anything here that `id` wrote? O(log n).
    bool has_writes_of(const Id& id) const { return this->lattice().contains(id); }
    /// The same total in one slot. O(n). Throws std::overflow_error if it exceeds Count.
    GCounter collapsed_into(const Id& id) const {
        GCounter one;
        for (const auto& [each, slot] : this->lattice()) one.add(id, slot.value());
        return one;
    }
    /// How much `id` has added. O(log n).
    Count value(const auto& id) const { return this->lattice().at(id).value(); }

    /// The total. O(n). Throws std::overflow_error if it exceeds Count.
    Count value() const {
        detail::WideSum sum[1];
        this->lattice().visit_rows([&](const Id*, const Max<Count>* counts, std::size_t count) {
            detail::bulk_sum(counts, count, sum);
        });
        return sum[0].template narrow<Count>("GCounter::value: the total does not fit");
    }
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! GCounter: a grow-only counter, with one slot per replica.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

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

/// This primary template is chosen if the template arguments are not valid. It does not compile,
/// and the compiler prints the reason.
template <class Id = std::string, class Count = std::uint64_t>
class GCounter : detail::Refused<detail::flaw_of_counter<Id>(), Id, Count> {};  // prints why

/// A grow-only counter.
///
/// State       a map from replica id to the amount that the replica has added
/// Order       slot by slot;  join: the larger amount of each slot;  bottom: no slots
/// Concurrent  all additions count, as long as no two replicas share an id
/// Units       whole numbers; a slot or a total that does not fit a Count is an error
/// Cost        add O(log n), value O(n), merge as MapOf
/// Errors      add throws std::invalid_argument for a negative amount, std::overflow_error if the
///             slot would exceed Count; the state is then unchanged; value throws
///             std::overflow_error if the total exceeds Count
/// Threads     as a standard container
/// Source      Shapiro, Preguiça, Baquero, Zawirski: A comprehensive study of Convergent and
///             Commutative Replicated Data Types (INRIA 7506, 2011), 3.1.1
///
/// Example (tests/examples/gcounter.cpp):
///     crdt::GCounter<> a, b;
///     a.add("a", 2);
///     b.add("b", 3);
///     a.merge(b);  // a.value() == 5
template <ReplicaId Id, UnsignedInteger Count>
class GCounter<Id, Count> : public Composed<GCounter<Id, Count>, MapOf<Id, Max<Count>>> {
  public:
    /// The type of replica ids.
    using id_type = Id;
    /// The type of totals.
    using value_type = Count;
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "gcounter";

    /// Adds `amount` to the slot of `id` and returns the delta: the slot, or bottom if `amount` is
    /// 0. O(log n). Throws std::invalid_argument for a negative amount, std::overflow_error if the
    /// slot would exceed Count; the state is then unchanged.
    GCounter add(const Id& id, Integer auto amount) {
        if (detail::is_negative(amount))
            detail::throw_or_abort<std::invalid_argument>(
                "GCounter::add: expected an amount of 0 or more, found a negative one");
        return this->mutate([&](auto& counts) {
            return counts.update(id, [&](Max<Count>& slot) {
                return slot.advance(detail::checked_add(slot.value(), detail::magnitude(amount),
                                                        "GCounter::add: the slot would overflow"));
            });
        });
    }

    /// Is a write of `id` in this state? O(log n).
    bool has_writes_of(const Id& id) const { return this->lattice().contains(id); }
    /// Returns a counter that has the same total, but only the slot of `id`. O(n). Throws
    /// std::overflow_error if the total exceeds Count.
    GCounter collapsed_into(const Id& id) const {
        GCounter one;
        for (const auto& [each, slot] : this->lattice()) one.add(id, slot.value());
        return one;
    }
    /// Returns how much `id` has added. O(log n).
    Count value(const auto& id) const { return this->lattice().at(id).value(); }

    /// Returns the total. O(n). Throws std::overflow_error if the total exceeds Count.
    Count value() const {
        detail::WideSum sum[1];
        detail::bulk_sum(this->lattice(), sum);
        return sum[0].template narrow<Count>("GCounter::value: the total does not fit");
    }
};

}  // namespace crdt

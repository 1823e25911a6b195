// SPDX-License-Identifier: MIT
//! PNCounter: a counter that goes up and down, with two numbers per replica.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include <crdt/detail/checked.hpp>
#include <crdt/lattice/bulk.hpp>
#include <crdt/lattice/composed.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/product.hpp>
#include <crdt/total.hpp>

namespace crdt {

/// This primary template is chosen if the template arguments are not valid. It does not compile,
/// and the compiler prints the reason.
template <class Id = std::string, class Count = std::uint64_t>
class PNCounter : detail::Refused<detail::flaw_of_counter<Id>(), Id, Count> {};  // prints why

/// A counter that can be incremented and decremented.
///
/// State       a map from replica id to (how much it has added, how much it has subtracted)
/// Order       number by number;  join: the larger of each number;  bottom: no slots
/// Concurrent  additions and subtractions all count, as long as no two replicas share an id
/// Units       whole numbers. A number that does not fit a Count is an error. value_type is the
///             signed type with the size of Count. total() returns the total even if it does not
///             fit value_type
/// Cost        add, subtract O(log n), value O(n), merge as MapOf
/// Errors      add and subtract throw std::overflow_error if a number would exceed Count; the state
///             is then unchanged; value throws std::overflow_error if the total does not fit
///             value_type
/// Threads     as a standard container
/// Source      Shapiro, Preguiça, Baquero, Zawirski: A comprehensive study of Convergent and
///             Commutative Replicated Data Types (INRIA 7506, 2011), 3.1.3
///
/// Example (tests/examples/pncounter.cpp):
///     crdt::PNCounter<> a, b;
///     a.add("a", 2);
///     b.add("b", -5);
///     a.merge(b);  // a.value() == -3
template <ReplicaId Id, UnsignedInteger Count>
class PNCounter<Id, Count>
    : public Composed<PNCounter<Id, Count>, MapOf<Id, Product<Max<Count>, Max<Count>>>> {
    using Slot = Product<Max<Count>, Max<Count>>;

    template <std::size_t Sign>
    PNCounter add_to(const Id& id, std::uint64_t amount) {
        return this->mutate([&](auto& counts) {
            return counts.update(id, [&](auto& slot) {
                return slot.template apply<Sign>([&](Max<Count>& total) {
                    return total.advance(detail::checked_add(
                        total.value(), amount, "PNCounter::add: the slot would overflow"));
                });
            });
        });
    }

  public:
    /// The type of replica ids.
    using id_type = Id;
    /// The type of totals.
    using value_type = std::make_signed_t<Count>;
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "pncounter";

    /// Adds `amount`, which may be negative, to the slot of `id`. Returns the delta: the one number
    /// that changed, or bottom if `amount` is 0. O(log n). Throws std::overflow_error if that
    /// number would exceed Count; the state is then unchanged.
    PNCounter add(const Id& id, Integer auto amount) {
        return detail::is_negative(amount) ? add_to<1>(id, detail::magnitude(amount))
                                           : add_to<0>(id, detail::magnitude(amount));
    }
    /// Subtracts `amount`, which may be negative, from the slot of `id`. The delta, cost and errors
    /// are those of add().
    PNCounter subtract(const Id& id, Integer auto amount) {
        return detail::is_negative(amount) ? add_to<0>(id, detail::magnitude(amount))
                                           : add_to<1>(id, detail::magnitude(amount));
    }

    /// Is a write of `id` in this state? O(log n).
    bool has_writes_of(const Id& id) const { return this->lattice().contains(id); }
    /// Returns a counter that has the same total, but only the slot of `id`. O(n). Throws
    /// std::overflow_error if a sum exceeds Count.
    PNCounter collapsed_into(const Id& id) const {
        PNCounter one;
        for (const auto& [each, slot] : this->lattice()) {
            one.add(id, slot.template get<0>().value());
            one.subtract(id, slot.template get<1>().value());
        }
        return one;
    }
    /// Returns the amount that `id` has added minus the amount that it has subtracted. O(log n).
    /// Throws std::overflow_error if the result does not fit value_type.
    value_type value(const auto& id) const {
        detail::WideSum added, subtracted;
        const auto& slot = this->lattice().at(id);
        added.add(slot.template get<0>().value());
        subtracted.add(slot.template get<1>().value());
        return narrow(added, subtracted);
    }

    /// Returns the total. O(n). Throws std::overflow_error if the total does not fit value_type.
    value_type value() const {
        detail::WideSum sums[2];
        add_up(sums);
        return narrow(sums[detail::place<0, Slot>()], sums[detail::place<1, Slot>()]);
    }
    /// Returns the total, even if it does not fit value_type. O(n).
    Total total() const {
        detail::WideSum sums[2];
        add_up(sums);
        return detail::total_of(sums[detail::place<0, Slot>()], sums[detail::place<1, Slot>()]);
    }

  private:
    void add_up(detail::WideSum (&sums)[2]) const { detail::bulk_sum(this->lattice(), sums); }
    static value_type narrow(detail::WideSum added, detail::WideSum subtracted) {
        return detail::WideSum::narrow_difference<value_type>(added, subtracted,
                                                              "PNCounter: the total does not fit");
    }
};

}  // namespace crdt

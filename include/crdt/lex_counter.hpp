// SPDX-License-Identifier: MIT
//! LexCounter: a counter that goes up and down, with one versioned number per replica.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

#include <crdt/detail/checked.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/lattice/composed.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/lex.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/write_once.hpp>

namespace crdt {

/// This primary template is chosen if the template arguments are not valid. It does not compile,
/// and the compiler prints the reason.
template <class Id = std::string, class Count = std::int64_t>
class LexCounter : detail::Refused<detail::flaw_of_counter<Id>(), Id, Count> {};  // prints why

/// A counter that can be incremented and decremented. Only the net value of a slot must fit a
/// Value. The sum of all additions may exceed a Value.
///
/// State       a map from replica id to (version, net value). Each change of a slot increments its
///             version
/// Order       slot by slot, by version;  join: for each replica, the slot with the higher
///             version;  bottom: no slots
/// Concurrent  additions and subtractions all count, as long as no two replicas share an id
/// Units       whole numbers; a slot or a total that does not fit a Value is an error
/// Cost        add, subtract O(log n), value O(n), merge as MapOf
/// Errors      add and subtract throw std::overflow_error if the slot would not fit a Value, or the
///             replica has used 2^64 - 1 versions; the state is then unchanged; value throws
///             std::overflow_error if the total does not fit a Value
/// Threads     as a standard container
/// Source      Baquero, Almeida, Cunha, Ferreira: Composition in state-based replicated data types
///             (Bulletin of the EATCS 123, 2017); used in Cassandra
///
/// Example (tests/examples/lex_counter.cpp):
///     crdt::LexCounter<> a, b;
///     a.add("a", 2);
///     b.add("b", -5);
///     a.merge(b);  // a.value() == -3
template <ReplicaId Id, std::signed_integral Value>
class LexCounter<Id, Value>
    : public Composed<LexCounter<Id, Value>, MapOf<Id, Lex<Max<std::uint64_t>, WriteOnce<Value>>>> {
    using Slot = Lex<Max<std::uint64_t>, WriteOnce<Value>>;

    static Value value_of(const Slot& slot) {
        return slot.second().has_value() ? slot.second().value() : Value{0};
    }

    static void add_to(detail::WideSum& plus, detail::WideSum& minus, Integer auto amount) {
        (detail::is_negative(amount) ? minus : plus).add(detail::magnitude(amount));
    }

    /// Returns the slot after an addition, or after a subtraction if Sign is -1.
    template <int Sign = 1>
    static Slot sum(const Slot& slot, Integer auto amount) {
        detail::WideSum plus, minus;
        add_to(plus, minus, value_of(slot));
        Sign > 0 ? add_to(plus, minus, amount) : add_to(minus, plus, amount);
        const auto value = detail::WideSum::narrow_difference<Value>(
            plus, minus, "LexCounter::add: the slot would overflow");
        if (slot.first().value() == (std::numeric_limits<std::uint64_t>::max)())
            detail::throw_or_abort<std::overflow_error>("LexCounter::add: no versions are left");
        return Slot(Max<std::uint64_t>(slot.first().value() + 1), WriteOnce<Value>(value));
    }

  public:
    /// The type of replica ids.
    using id_type = Id;
    /// The type of totals.
    using value_type = Value;
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "lex_counter";

    /// Adds `amount`, which may be negative, to the slot of `id`. Returns the delta: the changed
    /// slot, or bottom if `amount` is 0. O(log n). Throws std::overflow_error if the slot would not
    /// fit a Value; the state is then unchanged.
    LexCounter add(const Id& id, Integer auto amount) {
        if (amount == 0) return {};
        return this->mutate([&](auto& counts) {
            return counts.update(id, [&](Slot& slot) { return slot.absorb(sum(slot, amount)); });
        });
    }

    /// Subtracts `amount`, which may be negative, from the slot of `id`. The delta, cost and errors
    /// are those of add().
    LexCounter subtract(const Id& id, Integer auto amount) {
        if (amount == 0) return {};
        return this->mutate([&](auto& counts) {
            return counts.update(id,
                                 [&](Slot& slot) { return slot.absorb(sum<-1>(slot, amount)); });
        });
    }

    /// Is a write of `id` in this state? O(log n).
    bool has_writes_of(const Id& id) const { return this->lattice().contains(id); }
    /// Returns the amount that `id` has added minus the amount that it has subtracted. O(log n).
    Value value(const auto& id) const { return value_of(this->lattice().at(id)); }

    /// Returns the total. O(n). Throws std::overflow_error if the total does not fit a Value.
    Value value() const {
        detail::WideSum plus, minus;
        for (const auto& [id, slot] : this->lattice()) add_to(plus, minus, value_of(slot));
        return detail::WideSum::narrow_difference<Value>(
            plus, minus, "LexCounter::value: the total does not fit the value type");
    }
};

}  // namespace crdt

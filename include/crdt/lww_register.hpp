// SPDX-License-Identifier: MIT
//! LWWRegister: a register in which the last write wins.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/detail/failure.hpp>
#include <crdt/hlc.hpp>
#include <crdt/lattice/composed.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/lex.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/write_once.hpp>

namespace crdt {

/// This primary template is chosen if the template arguments are not valid. It does not compile,
/// and the compiler prints the reason.
template <class T, class Id = std::string>
class LWWRegister : detail::Refused<detail::flaw_of_stamped<T, Id>(), T, Id> {};  // prints why

/// A register in which the write with the latest stamp wins.
///
/// State       a stamp and the value written with it
/// Order       by stamp;  join: the write with the later stamp;  bottom: nothing written
/// Concurrent  the write with the later stamp stays, and all other writes are lost. Of two writes
///             at the same time, the write of the greater replica id stays
/// Units       the wall clock in a unit that all replicas share, such as milliseconds
/// Cost        O(1); the digest is the stamp, and whether there is a value
/// Errors      assign throws std::overflow_error if no later time is left, std::invalid_argument if
///             another value has the same stamp; the state is then unchanged; value throws
///             std::out_of_range if nothing is written
/// Threads     as a standard container
/// Source      Johnson, Thomas: Maintenance of duplicate databases (RFC 677, 1975); Shapiro,
///             Preguiça, Baquero, Zawirski: A comprehensive study of Convergent and Commutative
///             Replicated Data Types (INRIA 7506, 2011), 3.2.1
///
/// Example (tests/examples/lww_register.cpp):
///     crdt::LWWRegister<std::string> a, b;
///     crdt::HLC clock_a, clock_b;
///     a.assign(clock_a, 1000, "a", "red");  // a's wall clock reads 1000
///     b.assign(clock_b, 1001, "b", "blue");
///     a.merge(b);  // a.value() == "blue"
template <Value T, Chain Id>
class LWWRegister<T, Id> : public Composed<LWWRegister<T, Id>, Lex<Max<Stamp<Id>>, WriteOnce<T>>> {
    using State = Lex<Max<Stamp<Id>>, WriteOnce<T>>;

  public:
    /// The type of the value.
    using value_type = T;
    /// The type of replica ids.
    using id_type = Id;
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "lww_register";

    /// Writes `value` under the id `id` and returns the delta. The new stamp is a tick of `clock`.
    /// It is later than the stamp of the current write, because `clock` first advances to the time
    /// of that stamp. `now` is the reading of the wall clock. A replica uses one clock for all its
    /// registers. O(1). Throws std::overflow_error if no later time is left; the state is then
    /// unchanged.
    LWWRegister assign(HLC& clock, std::uint64_t now, const Id& id, T value) {
        clock.merge(HLC(stamp().time));
        return assign({clock.tick(now).time(), id}, std::move(value));
    }
    /// Writes `value` with a stamp that the caller has made. The stamp must be new, and must have
    /// the id of the writer. Returns the delta, which is bottom if the register has a later write.
    /// O(1). Throws std::invalid_argument if another value has this stamp; the state is then
    /// unchanged.
    LWWRegister assign(const Stamp<Id>& stamp, T value) {
        const State write(Max<Stamp<Id>>(stamp), WriteOnce<T>(std::move(value)));
        if (conflicts(this->lattice(), write))
            detail::throw_or_abort<std::invalid_argument>(
                "LWWRegister::assign: expected a new stamp, found that of another value");
        return this->mutate([&](State& state) { return state.absorb(write); });
    }

    /// Did `id` write the value in this state? O(1).
    bool has_writes_of(const Id& id) const { return has_value() && stamp().replica == id; }
    /// Has a value been written? O(1).
    bool has_value() const { return this->lattice().second().has_value(); }
    /// Returns the value of the last write. O(1). Throws std::out_of_range if nothing is written.
    const T& value() const {
        if (!has_value())
            detail::throw_or_abort<std::out_of_range>("LWWRegister::value: nothing is written");
        return this->lattice().second().value();
    }
    /// Returns value(), or `other` if nothing is written.
    T value_or(T other) const { return has_value() ? value() : other; }
    /// Returns the stamp of the last write, or the least stamp if nothing is written. O(1).
    const Stamp<Id>& stamp() const { return this->lattice().first().value(); }
};

}  // namespace crdt

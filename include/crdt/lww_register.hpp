// SPDX-License-Identifier: MIT
//! LWWRegister: a value of which the last write wins.
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

template <class T, class Id = std::string>
class LWWRegister : detail::Refused<detail::flaw_of_stamped<T, Id>(), T, Id> {};  // says why

/// A register in which the write with the latest stamp wins.
///
/// State       a stamp and the value written with it
/// Order       by stamp;  join: the later;  bottom: nothing written
/// Concurrent  the write with the later stamp stays, at the same time that of the greater replica
///             id; the others are lost
/// Units       the wall clock in a unit that all replicas share, such as milliseconds
/// Cost        O(1); the digest is the stamp and whether there is a value, without the value
/// Errors      see assign() and value()
/// Threads     as a standard container
/// Source      Johnson, Thomas: Maintenance of duplicate databases (RFC 677, 1975); Shapiro,
///             Preguiça, Baquero, Zawirski: A comprehensive study of Convergent and Commutative
///             Replicated Data Types (INRIA 7506, 2011), 3.2.1
///
/// Example (tests/examples/lww_register.cpp):
///     crdt::LWWRegister<std::string> a, b;
///     crdt::HLC clock_a, clock_b;
///     a.assign(clock_a, 1000, "a", "red");   // a's wall clock reads 1000
///     b.assign(clock_b, 1001, "b", "blue");
///     a.merge(b);  // a.value() == "blue"
template <Value T, Chain Id>
class LWWRegister<T, Id> : public Composed<LWWRegister<T, Id>, Lex<Max<Stamp<Id>>, WriteOnce<T>>> {
    using State = Lex<Max<Stamp<Id>>, WriteOnce<T>>;

  public:
    using value_type = T;
    using id_type = Id;
    static constexpr std::string_view type_name = "lww_register";

    /// Writes `value` as `id`, with a stamp of `clock`, which is moved past the wall clock's
    /// reading `now` and past the stamp of the write that is here; returns the delta. The clock is
    /// the replica's own, one for all its registers. O(1). Throws std::overflow_error at the end of
    /// time; unchanged then.
    LWWRegister assign(HLC& clock, std::uint64_t now, const Id& id, T value) {
        clock.merge(HLC(stamp().time));
        return assign({clock.tick(now).time(), id}, std::move(value));
    }
    /// Writes `value` with a stamp made elsewhere, which must be new and the writer's own; returns
    /// the delta: bottom if a later write is here. O(1). Throws std::invalid_argument if the stamp
    /// is that of another value; unchanged then.
    LWWRegister assign(const Stamp<Id>& stamp, T value) {
        const State write(Max<Stamp<Id>>(stamp), WriteOnce<T>(std::move(value)));
        if (conflicts(this->lattice(), write))
            detail::throw_or_abort<std::invalid_argument>(
                "LWWRegister::assign: the stamp is that of another value");
        return this->mutate([&](State& state) { return state.absorb(write); });
    }

    /// Is the value here written by `id`? O(1).
    bool has_writes_of(const Id& id) const { return has_value() && stamp().replica == id; }
    /// Is anything written?
    bool has_value() const { return this->lattice().second().has_value(); }
    /// The value of the last write. Throws std::out_of_range if nothing is written.
    const T& value() const {
        if (!has_value())
            detail::throw_or_abort<std::out_of_range>("LWWRegister::value: nothing is written");
        return this->lattice().second().value();
    }
    /// value(), or `other` if nothing is written.
    T value_or(T other) const { return has_value() ? value() : other; }
    /// The stamp of the last write; the least one if there is none.
    const Stamp<Id>& stamp() const { return this->lattice().first().value(); }
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! LWWRegister: a value of which the last write wins.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <crdt/detail/failure.hpp>
#include <crdt/hlc.hpp>
#include <crdt/lattice/composed.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/diagnostics.hpp>
#include <crdt/lattice/lex.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/write_once.hpp>

namespace crdt {

template <class T, class Id = std::string>
class LWWRegister : detail::NotKeys<T, Id>, detail::NotAChain<Id> {};  // says why

/// A register in which the write with the latest stamp wins.
///
/// State   a stamp and the value written with it
/// Order   by stamp;  join: the later;  bottom: nothing written
/// Writes  of concurrent writes, the one with the later stamp stays, at the same time the one of
///         the greater replica id; the others are lost
/// Cost    the digest is the stamp and whether there is a value, without the value
/// Source  Johnson, Thomas: Maintenance of duplicate databases (RFC 677, 1975); Shapiro, Preguiça,
///         Baquero, Zawirski: A comprehensive study of Convergent and Commutative Replicated Data
///         Types (INRIA 7506, 2011), 3.2.1
///
/// Example (tests/examples/lww_register.cpp):
///     crdt::LWWRegister<std::string> a, b;
///     crdt::HLC clock_a, clock_b;
///     a.set({clock_a.tick(1000).time(), "a"}, "red");
///     b.set({clock_b.tick(1001).time(), "b"}, "blue");
///     a.merge(b);  // a.value() == "blue"
template <Key T, Chain Id>
class LWWRegister<T, Id> : public Composed<LWWRegister<T, Id>, Lex<Max<Stamp<Id>>, WriteOnce<T>>> {
    using State = Lex<Max<Stamp<Id>>, WriteOnce<T>>;

  public:
    using value_type = T;
    using id_type = Id;
    static constexpr std::string_view type_name = "lww_register";

    /// Writes `value` at `stamp`, which must be new and the writer's own, from an HLC that has
    /// seen this register's stamp; returns the delta: bottom if a later write is there. O(1).
    /// Throws std::invalid_argument if the stamp is that of another value; the state is then
    /// unchanged.
    LWWRegister set(const Stamp<Id>& stamp, T value) {
        const State write(Max<Stamp<Id>>(stamp), WriteOnce<T>(std::move(value)));
        if (conflicts(this->lattice(), write))
            detail::throw_or_abort<std::invalid_argument>("LWWRegister::set: a stamp used twice");
        return this->mutate([&](State& state) { return state.absorb(write); });
    }

    /// Is what is here written by `id`? O(1).
    bool has_writes_of(const Id& id) const { return has_value() && stamp().replica == id; }
    bool has_value() const { return this->lattice().second().has_value(); }
    /// The last value. Precondition: has_value().
    const T& value() const { return this->lattice().second().value(); }
    /// Of the last write; least if there is none.
    const Stamp<Id>& stamp() const { return this->lattice().first().value(); }
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! EWFlag: a flag of which concurrent enables win.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <string>
#include <string_view>

#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt {

/// What an EWFlag shows, as a base of the flag and of views of it.
template <class Self>
class EWFlagReader {
  public:
    /// Is it enabled?
    bool enabled() const { return !static_cast<const Self&>(*this).store().is_bottom(); }
};

template <class Id = std::string>
class EWFlag : detail::Refused<detail::flaw_of_keys<Id>(), Id> {};  // says why

/// An enable-wins flag. It begins disabled.
///
/// State       the dots of the enables in force, and the causal context
/// Order       that of Causal;  join: an enable is in force until someone who saw it writes again
/// Bottom      disabled, nothing seen
/// Concurrent  an enable and a disable: the enable wins
/// Errors      enable throws std::overflow_error when the replica's dots are used up; the state is
///             then unchanged
/// Threads     as a standard container
/// Source      Almeida, Shoker, Baquero: Delta state replicated data types (JPDC 2018), 7.3
///
/// Example (tests/examples/ewflag.cpp):
///     crdt::EWFlag<> a;
///     a.enable("a");
///     crdt::EWFlag<> b = a;
///     a.disable();
///     b.enable("b");
///     a.merge(b);  // a.enabled()
template <ReplicaId Id>
class EWFlag<Id> : public CausalType<EWFlag<Id>, DotSet<Id>>, public EWFlagReader<EWFlag<Id>> {
  public:
    template <class Self>
    using Reader = EWFlagReader<Self>;
    static constexpr std::string_view type_name = "ewflag";

    /// Enables it and returns the delta: one new dot, in place of those in force.
    EWFlag enable(const Id& id) {
        return this->change(this->store(), DotSet<Id>{this->context().next(id)});
    }
    /// Disables it and returns the delta: bottom if it is disabled.
    EWFlag disable() { return this->change(this->store()); }
};

}  // namespace crdt

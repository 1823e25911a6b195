// SPDX-License-Identifier: MIT
//! EWFlag: a flag; a concurrent enable wins.
#pragma once

#include <string>
#include <string_view>

#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt {

/// An enable-wins flag. It begins disabled.
///
/// State   the enables in force, and the context
/// Order   that of Causal;  join: an enable is in force until someone who saw it writes again
/// Writes  of an enable and a concurrent disable, the enable wins
/// Source  Almeida, Shoker, Baquero: Delta state replicated data types (JPDC 2018), 7.3
///
/// Example (tests/examples/ewflag.cpp):
///     crdt::EWFlag<> a;
///     a.enable("a");
///     crdt::EWFlag<> b = a;
///     a.disable();
///     b.enable("b");
///     a.merge(b);  // a.value()
template <ReplicaId Id = std::string>
class EWFlag : public CausalType<EWFlag<Id>, DotSet<Id>> {
  public:
    static constexpr std::string_view type_name = "ewflag";

    /// Returns the delta: one new dot, in place of those in force.
    EWFlag enable(const Id& id) {
        return this->change(this->store(), DotSet<Id>{this->context().next(id)});
    }
    /// Returns the delta: bottom if it is disabled.
    EWFlag disable() { return this->change(this->store()); }

    bool value() const { return !this->store().is_bottom(); }
};

}  // namespace crdt

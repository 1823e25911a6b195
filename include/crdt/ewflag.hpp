// SPDX-License-Identifier: MIT
//! EWFlag: a flag in which concurrent enables win.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <string>
#include <string_view>

#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt {

/// The read-only members of an EWFlag. The flag and its views derive from this class.
template <class Self>
class EWFlagReader {
  public:
    /// Is the flag enabled? O(1).
    bool enabled() const { return !static_cast<const Self&>(*this).store().is_bottom(); }
};

/// This primary template is chosen if the template arguments are not valid. It does not compile,
/// and the compiler prints the reason.
template <class Id = std::string>
class EWFlag : detail::Refused<detail::flaw_of_keys<Id>(), Id> {};  // prints why

/// An enable-wins flag. It begins disabled.
///
/// State       the dots of the current enables, and the causal context
/// Order       the order of Causal;  join: a replica's enable or disable removes every earlier
///             enable that the replica has received
/// Bottom      disabled, empty context
/// Concurrent  an enable and a disable: the enable wins
/// Cost        a dot for each concurrent enable, and a few ranges of context per replica; enable
///             and disable O(concurrent enables), enabled O(1)
/// Errors      enable throws std::overflow_error when the replica has used all 2^64 - 1 dots; the
///             state is then unchanged
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
    /// The base class with the read-only members. Views of a value in a map or a record use it too.
    template <class Self>
    using Reader = EWFlagReader<Self>;
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "ewflag";

    /// Enables the flag and returns the delta: one new dot, which replaces the current dots.
    /// O(writes). Throws std::overflow_error after 2^64 - 1 writes of `id`; the state is then
    /// unchanged.
    EWFlag enable(const Id& id) {
        return this->change(this->store(), DotSet<Id>{this->context().next(id)});
    }
    /// Disables the flag and returns the delta, which is bottom if the flag is disabled already.
    /// O(writes).
    EWFlag disable() { return this->change(this->store()); }
};

}  // namespace crdt

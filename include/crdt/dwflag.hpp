// SPDX-License-Identifier: MIT
//! DWFlag: a flag of which concurrent disables win.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <algorithm>
#include <string>
#include <string_view>

#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_fun.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/write_once.hpp>

namespace crdt {

/// What a DWFlag shows, as a base of the flag and of views of it.
template <class Self, ReplicaId Id>
class DWFlagReader {
  public:
    /// Is it enabled?
    bool enabled() const { return enabled_in(static_cast<const Self&>(*this).store()); }
    /// Is a flag with these writes in force enabled? It is if there is one, and none disables it.
    static bool enabled_in(const DotFun<WriteOnce<bool>, Id>& writes) {
        return !writes.is_bottom() && std::all_of(writes.begin(), writes.end(), [](const auto& w) {
            return w.second.has_value() && w.second.value();
        });
    }
};

template <class Id = std::string>
class DWFlag : detail::Refused<detail::flaw_of_keys<Id>(), Id> {};  // says why

/// A disable-wins flag. It begins disabled.
///
/// State       the writes in force, on or off, and the causal context
/// Order       that of Causal;  join: a write is in force until someone who saw it writes again
/// Bottom      disabled, nothing seen
/// Concurrent  an enable and a disable: the disable wins
/// Errors      enable and disable throw std::overflow_error when the replica's dots are used up;
///             the state is then unchanged
/// Threads     as a standard container
/// Source      Almeida, Shoker, Baquero: Delta state replicated data types (JPDC 2018), 7.3. There
///             a flag without writes is enabled; here a disable keeps a dot of its own, so it is
///             not
///
/// Example (tests/examples/dwflag.cpp):
///     crdt::DWFlag<> a;
///     a.enable("a");
///     crdt::DWFlag<> b = a;
///     a.enable("a");
///     b.disable("b");
///     a.merge(b);  // !a.enabled()
template <ReplicaId Id>
class DWFlag<Id> : public CausalType<DWFlag<Id>, DotFun<WriteOnce<bool>, Id>>,
                   public DWFlagReader<DWFlag<Id>, Id> {
    DWFlag write(const Id& id, bool enabled) {
        return this->change(this->store().dots(),
                            {this->context().next(id), WriteOnce<bool>(enabled)});
    }

  public:
    template <class Self>
    using Reader = DWFlagReader<Self, Id>;
    static constexpr std::string_view type_name = "dwflag";
    static constexpr bool has_hidden_states = true;

    /// Enables it and returns the delta: one new dot, in place of those in force.
    DWFlag enable(const Id& id) { return write(id, true); }
    /// Disables it and returns the delta: a write, even where it is disabled.
    DWFlag disable(const Id& id) { return write(id, false); }

    /// Is a flag with these writes disabled, as a flag begins?
    static bool is_empty(const DotFun<WriteOnce<bool>, Id>& writes) {
        return !DWFlag::enabled_in(writes);
    }
};

}  // namespace crdt

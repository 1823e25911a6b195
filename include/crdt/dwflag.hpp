// SPDX-License-Identifier: MIT
//! DWFlag: a flag in which concurrent disables win.
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

/// The read-only members of a DWFlag. The flag and its views derive from this class.
template <class Self, ReplicaId Id>
class DWFlagReader {
  public:
    /// Is the flag enabled? O(current writes).
    bool enabled() const { return enabled_in(static_cast<const Self&>(*this).store()); }
    /// Is a flag with these current writes enabled? A flag is enabled if it has writes, and all its
    /// writes enable the flag.
    static bool enabled_in(const DotFun<WriteOnce<bool>, Id>& writes) {
        return !writes.is_bottom() && std::all_of(writes.begin(), writes.end(), [](const auto& w) {
            return w.second.has_value() && w.second.value();
        });
    }
};

/// This primary template is chosen if the template arguments are not valid. It does not compile,
/// and the compiler prints the reason.
template <class Id = std::string>
class DWFlag : detail::Refused<detail::flaw_of_keys<Id>(), Id> {};  // prints why

/// A disable-wins flag. It begins disabled.
///
/// State       the causal context, and the current writes. Each write enables or disables the flag
/// Order       the order of Causal;  join: a replica's write replaces every write that the replica
///             has received
/// Bottom      disabled, empty context
/// Concurrent  an enable and a disable: the disable wins
/// Cost        a dot for each concurrent write, and a few ranges of context per replica; enable,
///             disable and enabled O(concurrent writes)
/// Errors      enable and disable throw std::overflow_error when the replica has used all 2^64 - 1
///             dots; the state is then unchanged
/// Threads     as a standard container
/// Source      Almeida, Shoker, Baquero: Delta state replicated data types (JPDC 2018), 7.3. In the
///             paper, a flag without writes is enabled. Here, a disable has its own dot, and a flag
///             without writes is disabled
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
    /// The base class with the read-only members. Views of a value in a map or a record use it too.
    template <class Self>
    using Reader = DWFlagReader<Self, Id>;
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "dwflag";
    /// true, because a disabled flag looks empty, although its store has dots.
    static constexpr bool has_hidden_states = true;

    /// Enables the flag and returns the delta: one new dot, which replaces the current dots.
    /// O(writes). Throws std::overflow_error after 2^64 - 1 writes of `id`; the state is then
    /// unchanged.
    DWFlag enable(const Id& id) { return write(id, true); }
    /// Disables the flag and returns the delta: a new dot, even if the flag is disabled already.
    /// O(writes). Throws as enable() does.
    DWFlag disable(const Id& id) { return write(id, false); }

    /// Is a flag with these writes disabled? A flag without writes is disabled.
    static bool is_empty(const DotFun<WriteOnce<bool>, Id>& writes) {
        return !DWFlag::enabled_in(writes);
    }
};

}  // namespace crdt

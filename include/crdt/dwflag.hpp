// SPDX-License-Identifier: MIT
//! DWFlag: a flag; a concurrent disable wins.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_fun.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/write_once.hpp>

namespace crdt {

/// A disable-wins flag. It begins disabled.
///
/// State   the writes in force, on or off, and the context
/// Order   that of Causal;  join: a write is in force until someone who saw it writes again
/// Writes  of an enable and a concurrent disable, the disable wins
/// Source  Almeida, Shoker, Baquero: Delta state replicated data types (JPDC 2018), 7.3. There a
///         flag without writes is enabled; here a disable keeps a dot of its own, so it is not.
///
/// Example (tests/examples/dwflag.cpp):
///     crdt::DWFlag<> a;
///     a.enable("a");
///     crdt::DWFlag<> b = a;
///     a.enable("a");
///     b.disable("b");
///     a.merge(b);  // !a.value()
template <ReplicaId Id = std::string>
class DWFlag : public CausalType<DWFlag<Id>, DotFun<WriteOnce<bool>, Id>> {
    DWFlag write(const Id& id, bool enabled) {
        return this->change(this->store().dots(),
                            {this->context().next(id), WriteOnce<bool>(enabled)});
    }

  public:
    static constexpr std::string_view type_name = "dwflag";

    /// Each returns the delta: one new dot, in place of those in force.
    DWFlag enable(const Id& id) { return write(id, true); }
    /// Returns the delta. A write, even where it is disabled.
    DWFlag disable(const Id& id) { return write(id, false); }

    /// Disabled, as a flag begins: a write may be in force all the same.
    static bool is_empty(const DotFun<WriteOnce<bool>, Id>& writes) { return !value_of(writes); }

    bool value() const { return value_of(this->store()); }
    /// The value of a flag with these writes in force.
    static bool value_of(const DotFun<WriteOnce<bool>, Id>& writes) {
        return !writes.is_bottom() && std::all_of(writes.begin(), writes.end(), [](const auto& w) {
            return w.second.has_value() && w.second.value();
        });
    }
};

}  // namespace crdt

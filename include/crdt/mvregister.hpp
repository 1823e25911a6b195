// SPDX-License-Identifier: MIT
//! MVRegister: a value of which concurrent writes are all kept.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_fun.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/diagnostics.hpp>
#include <crdt/lattice/write_once.hpp>

namespace crdt {

template <class T, class Id = std::string>
class MVRegister : detail::NotKeys<T, Id> {};  // says why

/// A multi-value register: a write takes the place of all that its writer saw.
///
/// State   the writes in force, each with its value, and the context
/// Order   that of Causal;  join: a write is in force until someone who saw it writes again
/// Writes  the values of concurrent writes are all there; the next write settles it
/// Cost    one value for each concurrent write; the digest holds no values
/// Source  DeCandia et al.: Dynamo (2007); Almeida, Shoker, Baquero: Delta state replicated data
///         types (JPDC 2018), 7.3
///
/// Example (tests/examples/mvregister.cpp):
///     crdt::MVRegister<std::string> a, b;
///     a.set("a", "red");
///     b.set("b", "blue");
///     a.merge(b);  // a.values() is {"blue", "red"}
///     a.set("a", "mauve");
///     b.merge(a);  // b.values() is {"mauve"}
template <Key T, ReplicaId Id>
class MVRegister<T, Id> : public CausalType<MVRegister<T, Id>, DotFun<WriteOnce<T>, Id>> {
  public:
    using value_type = T;
    static constexpr std::string_view type_name = "mvregister";

    /// Writes `value` in place of all values and returns the delta. O(values).
    MVRegister set(const Id& id, T value) {
        return this->change(this->store().dots(),
                            {this->context().next(id), WriteOnce<T>(std::move(value))});
    }

    /// The values in force, ascending, each once. Empty if none was written. O(values).
    std::vector<T> values() const {
        std::vector<T> result;
        for (const auto& [dot, write] : this->store()) {
            if (write.has_value()) result.push_back(write.value());
        }
        std::sort(result.begin(), result.end());
        result.erase(std::unique(result.begin(), result.end()), result.end());
        return result;
    }
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! MVRegister: a register in which concurrent writes are all kept.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_fun.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/value_order.hpp>
#include <crdt/lattice/write_once.hpp>

namespace crdt {

/// The read-only members of an MVRegister. The register and its views derive from this class.
template <class Self, Value T, ReplicaId Id>
class MVRegisterReader {
    const auto& writes() const { return static_cast<const Self&>(*this).store(); }

    /// Returns the least of the current values, or null if nothing is written.
    const T* first() const {
        const T* least = nullptr;
        for (const auto& [dot, write] : writes()) {
            if (!write.has_value()) continue;
            if (least == nullptr || detail::value_less(write.value(), *least))
                least = &write.value();
        }
        return least;
    }

  public:
    /// The type of values.
    using value_type = T;

    /// Returns the different current values in ascending order: no values if nothing was written,
    /// and several values only after concurrent writes. O(n log n) for n values.
    std::vector<T> values() const {
        std::vector<T> result;
        for (const auto& [dot, write] : writes()) {
            if (write.has_value()) result.push_back(write.value());
        }
        std::sort(result.begin(), result.end(), detail::value_less<T>);
        result.erase(std::unique(result.begin(), result.end(), detail::same_value<T>),
                     result.end());
        return result;
    }
    /// Has a value been written? O(values).
    bool has_value() const { return first() != nullptr; }
    /// Are there several values, from concurrent writes? O(n log n) for n values.
    bool has_conflict() const { return values().size() > 1; }
    /// Returns the current value. If there are several, returns the least, so equal states return
    /// the same value. O(values). Throws std::out_of_range if nothing is written.
    T value() const {
        const T* const found = first();
        if (found == nullptr)
            detail::throw_or_abort<std::out_of_range>("MVRegister::value: nothing is written");
        return *found;
    }
    /// Returns value(), or `other` if nothing is written.
    T value_or(T other) const {
        const T* const found = first();
        return found == nullptr ? other : *found;
    }
};

/// This primary template is chosen if the template arguments are not valid. It does not compile,
/// and the compiler prints the reason.
template <class T, class Id = std::string>
class MVRegister : detail::Refused<detail::flaw_of_register<T, Id>(), T, Id> {};  // prints why

/// A multi-value register: a write replaces all writes that the writing replica has received.
///
/// State       the causal context, and the current writes with their values
/// Order       the order of Causal;  join: a replica's write replaces every write that the replica
///             has received
/// Bottom      nothing written, empty context
/// Concurrent  the register keeps the values of all concurrent writes; the next write replaces them
/// Cost        one value for each concurrent write; the digest has no values
/// Errors      assign throws std::overflow_error when the replica has used all 2^64 - 1 dots; the
///             state is then unchanged
/// Threads     as a standard container
/// Source      DeCandia et al.: Dynamo (2007); Almeida, Shoker, Baquero: Delta state replicated
///             data types (JPDC 2018), 7.3
///
/// Example (tests/examples/mvregister.cpp):
///     crdt::MVRegister<std::string> a, b;
///     a.assign("a", "red");
///     b.assign("b", "blue");
///     a.merge(b);  // a.values() is {"blue", "red"}
///     a.assign("a", "mauve");
///     b.merge(a);  // b.value() == "mauve"
template <Value T, ReplicaId Id>
class MVRegister<T, Id> : public CausalType<MVRegister<T, Id>, DotFun<WriteOnce<T>, Id>>,
                          public MVRegisterReader<MVRegister<T, Id>, T, Id> {
  public:
    /// The base class with the read-only members. Views of a value in a map or a record use it too.
    template <class Self>
    using Reader = MVRegisterReader<Self, T, Id>;
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "mvregister";

    /// Makes a register without a value.
    MVRegister() = default;
    /// Makes the register in which `id` has written `value`.
    MVRegister(const Id& id, T value) { assign(id, std::move(value)); }

    /// Replaces all current values by `value` and returns the delta. O(values). Throws
    /// std::overflow_error after 2^64 - 1 writes of `id`; the state is then unchanged.
    MVRegister assign(const Id& id, T value) {
        return this->change(this->store().dots(),
                            {this->context().next(id), WriteOnce<T>(std::move(value))});
    }
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! MVRegister: a value of which concurrent writes are all kept.
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

/// What an MVRegister shows, as a base of the register and of views of it.
template <class Self, Value T, ReplicaId Id>
class MVRegisterReader {
    const auto& writes() const { return static_cast<const Self&>(*this).store(); }

    /// The first of the values in force; null if there is none.
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
    using value_type = T;

    /// The values in force, ascending, each once: one, unless there were concurrent writes; none if
    /// nothing was written. O(values).
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
    /// Is anything written?
    bool has_value() const { return first() != nullptr; }
    /// Are there several values, of concurrent writes?
    bool has_conflict() const { return values().size() > 1; }
    /// The value; of several, the first in their order, which is the same at all replicas. Throws
    /// std::out_of_range if nothing is written.
    T value() const {
        const T* const found = first();
        if (found == nullptr)
            detail::throw_or_abort<std::out_of_range>("MVRegister::value: nothing is written");
        return *found;
    }
    /// value(), or `other` if nothing is written.
    T value_or(T other) const {
        const T* const found = first();
        return found == nullptr ? other : *found;
    }
};

template <class T, class Id = std::string>
class MVRegister : detail::Refused<detail::flaw_of_register<T, Id>(), T, Id> {};  // says why

/// A multi-value register: a write takes the place of all that its writer saw.
///
/// State       the writes in force, each with its value, and the causal context
/// Order       that of Causal;  join: a write is in force until someone who saw it writes again
/// Bottom      nothing written, nothing seen
/// Concurrent  the values of concurrent writes are all there; the next write replaces them
/// Cost        one value for each concurrent write; the digest holds no values
/// Errors      assign throws std::overflow_error when the replica's dots are used up; the state is
///             then unchanged
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
    template <class Self>
    using Reader = MVRegisterReader<Self, T, Id>;
    static constexpr std::string_view type_name = "mvregister";

    /// Nothing written.
    MVRegister() = default;
    /// The register in which `id` has written `value`.
    MVRegister(const Id& id, T value) { assign(id, std::move(value)); }

    /// Writes `value` in place of all values and returns the delta. O(values). Throws
    /// std::overflow_error after 2^64 - 1 writes of `id`; unchanged then.
    MVRegister assign(const Id& id, T value) {
        return this->change(this->store().dots(),
                            {this->context().next(id), WriteOnce<T>(std::move(value))});
    }
};

}  // namespace crdt

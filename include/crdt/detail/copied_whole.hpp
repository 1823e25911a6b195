// SPDX-License-Identifier: MIT
//! CopiedWhole: a value of a user's type, in a state.
#pragma once

#include <type_traits>
#include <utility>

#include <crdt/detail/cpp20.hpp>

namespace crdt::detail {

/// A value of a user's type. If its copy assignment throws, nothing has changed. The assignment of
/// the type itself may leave a part of the new value: std::vector copies element by element, or
/// frees its elements before it allocates.
template <class T>
struct CopiedWhole {
    T value;

    constexpr explicit CopiedWhole(T initial) : value(std::move(initial)) {}
    CopiedWhole(const CopiedWhole&) = default;
    CopiedWhole(CopiedWhole&&) = default;
    constexpr CopiedWhole& operator=(const CopiedWhole& other) {
        return *this = CopiedWhole(other);
    }
    CopiedWhole& operator=(CopiedWhole&&) = default;
    ~CopiedWhole() = default;

    friend bool operator==(const CopiedWhole&, const CopiedWhole&) = default;
};

/// Such a value is copied at once.
template <class T>
    requires std::is_trivially_copy_assignable_v<T>
struct CopiedWhole<T> {
    T value;

    constexpr explicit CopiedWhole(T initial) : value(std::move(initial)) {}

    friend bool operator==(const CopiedWhole&, const CopiedWhole&) = default;
};

}  // namespace crdt::detail

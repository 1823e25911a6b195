// SPDX-License-Identifier: MIT
//! Result: a decoded value, or why there is none.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include <crdt/detail/cpp20.hpp>

namespace crdt {

/// Why an input was refused, and where in it.
struct DecodeError {
    /// For people.
    std::string reason;
    /// A byte offset ("byte 17") where the text is broken, a JSON pointer ("/state/n1") else.
    std::string where;

    std::string text() const { return where.empty() ? reason : reason + " at " + where; }
};

/// A T or a DecodeError.
template <class T>
class [[nodiscard]] Result {
    std::variant<T, DecodeError> outcome_;

  public:
    /// What was decoded.
    Result(T value) : outcome_(std::in_place_index<0>, std::move(value)) {}
    /// Why nothing was.
    Result(DecodeError error) : outcome_(std::in_place_index<1>, std::move(error)) {}

    /// Is there a value?
    explicit operator bool() const { return outcome_.index() == 0; }
    /// The value. Throws std::bad_variant_access if there is none.
    const T& operator*() const& { return std::get<0>(outcome_); }
    /// The same, to be moved from.
    T&& operator*() && { return std::get<0>(std::move(outcome_)); }
    /// The value. Precondition: there is one.
    const T* operator->() const { return &std::get<0>(outcome_); }
    /// The error. Throws std::bad_variant_access if there is none.
    const DecodeError& error() const { return std::get<1>(outcome_); }
};

}  // namespace crdt

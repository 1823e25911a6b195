// SPDX-License-Identifier: MIT
//! Integer, UnsignedInteger: the types of amounts and counts.
#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>

#include <crdt/detail/cpp20.hpp>

namespace crdt {

/// A whole number: an integral type other than bool and the character types, of at most 64 bits.
template <class T>
concept Integer = std::integral<T> && sizeof(T) <= sizeof(std::uint64_t) &&
                  !std::same_as<std::remove_cv_t<T>, bool> &&
                  !std::same_as<std::remove_cv_t<T>, char> &&
                  !std::same_as<std::remove_cv_t<T>, wchar_t> &&
                  !std::same_as<std::remove_cv_t<T>, char8_t> &&
                  !std::same_as<std::remove_cv_t<T>, char16_t> &&
                  !std::same_as<std::remove_cv_t<T>, char32_t>;

/// A whole number that is not negative.
template <class T>
concept UnsignedInteger = Integer<T> && std::is_unsigned_v<T>;

}  // namespace crdt

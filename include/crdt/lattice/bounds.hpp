// SPDX-License-Identifier: MIT
//! Bounds: the least and the greatest value of a total order.
#pragma once

#include <concepts>
#include <cstddef>
#include <limits>
#include <type_traits>
#include <utility>

#include <crdt/codec/forms/standard.hpp>

namespace crdt {

/// The least and the greatest value of a total order. Specialise Bounds for your own type. An order
/// without a greatest value, such as that of strings, has only `least()`. Its type can be used in
/// Max but not in Min.
template <class T>
struct Bounds {};

template <std::integral T>
struct Bounds<T> {
    /// Returns the least value.
    static constexpr T least() { return std::numeric_limits<T>::lowest(); }
    /// Returns the greatest value.
    static constexpr T greatest() { return (std::numeric_limits<T>::max)(); }
};

namespace detail {

template <class T>
concept HasLeast = requires {
    Bounds<T>::least();
};
template <class T>
concept HasGreatest = requires {
    Bounds<T>::greatest();
};

/// Does each component of a tuple have a least (or a greatest) value?
template <class T>
constexpr bool has_bounds(bool greatest) {
    return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        return ((greatest ? HasGreatest<std::tuple_element_t<Index, T>>
                          : HasLeast<std::tuple_element_t<Index, T>>)&&...);
    }
    (std::make_index_sequence<std::tuple_size<T>::value>{});
}

/// The empty string, sequence or optional is the least value.
template <class T>
struct LeastIsEmpty {
    static constexpr T least() { return {}; }
};

}  // namespace detail

template <class T>
    requires std::is_enum_v<T>
struct Bounds<T> {
    /// The underlying type.
    using Number = std::underlying_type_t<T>;
    /// Returns the least value.
    static constexpr T least() { return static_cast<T>(Bounds<Number>::least()); }
    /// Returns the greatest value.
    static constexpr T greatest() { return static_cast<T>(Bounds<Number>::greatest()); }
};

template <class T>
    requires detail::is_string<T>
struct Bounds<T> : detail::LeastIsEmpty<T> {
};
template <detail::SequenceLike T>
struct Bounds<T> : detail::LeastIsEmpty<T> {};
template <detail::OptionalLike T>
struct Bounds<T> : detail::LeastIsEmpty<T> {};

template <detail::Duration T>
struct Bounds<T> {
    /// Returns the least value.
    static constexpr T least() { return T(Bounds<typename T::rep>::least()); }
    /// Returns the greatest value.
    static constexpr T greatest() { return T(Bounds<typename T::rep>::greatest()); }
};
template <detail::TimePoint T>
struct Bounds<T> {
    /// Returns the least value.
    static constexpr T least() { return T(Bounds<typename T::duration>::least()); }
    /// Returns the greatest value.
    static constexpr T greatest() { return T(Bounds<typename T::duration>::greatest()); }
};

/// The bounds of an array, a pair or a tuple consist of the bounds of its components.
template <detail::TupleLike T>
    requires(detail::has_bounds<T>(false))
struct Bounds<T> {
    /// Returns the least value.
    static constexpr T least() {
        T values{};
        fill(values,
             [](auto& value) { value = Bounds<std::remove_cvref_t<decltype(value)>>::least(); });
        return values;
    }
    /// Returns the greatest value.
    static constexpr T greatest() requires(detail::has_bounds<T>(true)) {
        T values{};
        fill(values,
             [](auto& value) { value = Bounds<std::remove_cvref_t<decltype(value)>>::greatest(); });
        return values;
    }

  private:
    static constexpr void fill(T& values, auto&& each) {
        [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            (each(get<Index>(values)), ...);
        }
        (std::make_index_sequence<std::tuple_size<T>::value>{});
    }
};

}  // namespace crdt

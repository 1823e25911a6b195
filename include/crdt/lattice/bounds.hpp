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
/// without a greatest value, such as that of strings, has only `min()`. A type with such an order
/// can be used in Max but not in Min.
template <class T>
struct Bounds {};

template <std::integral T>
struct Bounds<T> {
    /// Returns the least value.
    static constexpr T(min)() { return std::numeric_limits<T>::lowest(); }
    /// Returns the greatest value.
    static constexpr T(max)() { return (std::numeric_limits<T>::max)(); }
};

namespace detail {

template <class T>
concept HasMin = requires {
    (Bounds<T>::min)();
};
template <class T>
concept HasMax = requires {
    (Bounds<T>::max)();
};

/// Does each component of the tuple T have a bound? The bound is the greatest value if `greatest`
/// is true, otherwise the least value.
template <class T>
constexpr bool has_bounds(bool greatest) {
    return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        return ((greatest ? HasMax<std::tuple_element_t<Index, T>>
                          : HasMin<std::tuple_element_t<Index, T>>)&&...);
    }
    (std::make_index_sequence<std::tuple_size<T>::value>{});
}

/// The empty string, sequence or optional is the least value.
template <class T>
struct MinIsEmpty {
    static constexpr T(min)() { return {}; }
};

}  // namespace detail

template <class T>
    requires std::is_enum_v<T>
struct Bounds<T> {
    /// The underlying type.
    using Number = std::underlying_type_t<T>;
    /// Returns the least value.
    static constexpr T(min)() { return static_cast<T>((Bounds<Number>::min)()); }
    /// Returns the greatest value.
    static constexpr T(max)() { return static_cast<T>((Bounds<Number>::max)()); }
};

template <class T>
    requires detail::is_string<T>
struct Bounds<T> : detail::MinIsEmpty<T> {
};
template <detail::SequenceLike T>
struct Bounds<T> : detail::MinIsEmpty<T> {};
template <detail::OptionalLike T>
struct Bounds<T> : detail::MinIsEmpty<T> {};

template <detail::Duration T>
struct Bounds<T> {
    /// Returns the least value.
    static constexpr T(min)() { return T((Bounds<typename T::rep>::min)()); }
    /// Returns the greatest value.
    static constexpr T(max)() { return T((Bounds<typename T::rep>::max)()); }
};
template <detail::TimePoint T>
struct Bounds<T> {
    /// Returns the least value.
    static constexpr T(min)() { return T((Bounds<typename T::duration>::min)()); }
    /// Returns the greatest value.
    static constexpr T(max)() { return T((Bounds<typename T::duration>::max)()); }
};

/// The bounds of an array, a pair or a tuple consist of the bounds of its components.
template <detail::TupleLike T>
    requires(detail::has_bounds<T>(false))
struct Bounds<T> {
    /// Returns the least value.
    static constexpr T(min)() {
        T values{};
        fill(values,
             [](auto& value) { value = (Bounds<std::remove_cvref_t<decltype(value)>>::min)(); });
        return values;
    }
    /// Returns the greatest value.
    static constexpr T(max)() requires(detail::has_bounds<T>(true)) {
        T values{};
        fill(values,
             [](auto& value) { value = (Bounds<std::remove_cvref_t<decltype(value)>>::max)(); });
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

// SPDX-License-Identifier: MIT
//! OwnsItsValue: the types with values that own their content. Other values point to content that
//! another object owns.
#pragma once

#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include <crdt/detail/cpp20.hpp>

namespace crdt {
namespace detail {

/// Pointers, and types that are used like pointers: iterators, smart pointers, reference wrappers
/// and views.
template <class T>
concept PointsElsewhere = std::is_pointer_v<T> || std::is_member_pointer_v<T> ||
    std::is_null_pointer_v<T> || std::ranges::enable_view<T> ||
    std::ranges::enable_borrowed_range<T> || requires(T value) {
    *value;
    ++value;
    typename T::difference_type;
} || requires(const T& value) {
    *value;
    value.operator->();
    typename T::element_type;
} || requires(const T& value) {
    requires std::is_lvalue_reference_v<decltype(value.get())>;
    requires std::convertible_to<T, decltype(value.get())>;
    requires !std::default_initializable<T>;
};

template <class T>
constexpr bool points_elsewhere();

/// Does a component of a tuple point to content of another object?
template <class T, std::size_t... Index>
constexpr bool components_point_elsewhere(std::index_sequence<Index...>) {
    return (points_elsewhere<std::tuple_element_t<Index, T>>() || ...);
}

/// Does a T, or one of its components or elements, point to content of another object?
template <class T>
constexpr bool points_elsewhere() {
    if constexpr (PointsElsewhere<T>) {
        return true;
    } else if constexpr (requires { std::tuple_size<T>::value; }) {
        return components_point_elsewhere<T>(std::make_index_sequence<std::tuple_size_v<T>>());
    } else if constexpr (requires { typename T::value_type; }) {
        if constexpr (!std::same_as<T, typename T::value_type>)
            return points_elsewhere<typename T::value_type>();
    }
    return false;
}

}  // namespace detail

/// A type with values that own their content. Such a value has the same meaning at every replica,
/// also after the objects that it was made from are destroyed. Pointers, views such as
/// std::string_view, iterators and references do not own their content. A pair or a vector of
/// pointers or views does not own its content either.
template <class T>
concept OwnsItsValue = !detail::points_elsewhere<T>();

/// A type with moves that cannot throw. So a change that throws never leaves a state in which only
/// some of the values were moved.
template <class T>
concept MovesSafely =
    std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>;

/// Any type except numbers of more than 64 bits, such as __int128. Hashes and serializers have room
/// for only 64 bits.
template <class T>
concept FitsIn64Bits = std::is_class_v<T> || std::is_union_v<T> || sizeof(T) <= 8;

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! type_name: the name of a type, with all its arguments, in documents and stores.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <crdt/codec/forms/standard.hpp>
#include <crdt/codec/serializer.hpp>

namespace crdt {

/// A type with its own name. The name does not contain template arguments. It is a static member
/// `type_name` of the class. For keys, values and combinators, it is a member of the Serializer.
template <class T>
concept HasOwnName = requires {
    { T::type_name } -> std::convertible_to<std::string_view>;
}
|| requires {
    { Serializer<T>::type_name } -> std::convertible_to<std::string_view>;
};

template <class T>
const std::string& type_name();

template <class T>
struct TypeName;

/// A type with a name, and with names for all its arguments. See type_name().
template <class T>
concept HasTypeName = TypeName<T>::is_named;

namespace detail {

/// Returns the name of T without its arguments, or an empty text if T has no name.
template <class T>
constexpr std::string_view own_name() {
    if constexpr (requires { T::type_name; })
        return std::string_view(T::type_name);
    else if constexpr (HasOwnName<T>)
        return std::string_view(Serializer<T>::type_name);
    else
        return {};
}

constexpr bool is_word(std::string_view name) { return name.find_first_of("<>(),") == name.npos; }

/// Returns "name<first,second>".
template <class... Argument>
std::string applied(std::string_view name) {
    std::string list;
    ((list += list.empty() ? "" : ",", list += type_name<Argument>()), ...);
    return std::string(name) + '<' + list + '>';
}

/// Returns the reason why a T cannot be a document, or Flaw::none if it can.
template <class T>
constexpr Flaw flaw_of_document() {
    return HasTypeName<T> ? Flaw::none : Flaw::nameless;
}

}  // namespace detail

/// Defines the type_name() of a T. The primary template returns T's own name and, if T is composed
/// of lattices, the composition: "tally(map<text,max<u64>>)". The primary template cannot name
/// template arguments that are numbers. Put such arguments into T's own name, unless the
/// composition contains them.
template <class T>
struct TypeName {
    /// True if there is a name.
    static constexpr bool is_named =
        [] {
            if constexpr (requires { typename T::lattice_type; })
                return TypeName<typename T::lattice_type>::is_named;
            return true;
        }() &&
        HasOwnName<T> && !detail::own_name<T>().empty() && detail::is_word(detail::own_name<T>());
    /// The name.
    static std::string make() {
        std::string name(detail::own_name<T>());
        if constexpr (requires { typename T::lattice_type; })
            name += '(' + type_name<typename T::lattice_type>() + ')';
        return name;
    }
};

/// A template with only type arguments is named with all of them:
/// "ormap<text,mvregister<i64,text>>". If some arguments do not affect the data, such as
/// allocators, specialise TypeName.
template <template <class...> class Template, class... Argument>
struct TypeName<Template<Argument...>> {
    /// True if there is a name.
    static constexpr bool is_named = (TypeName<Argument>::is_named && ...) &&
                                     HasOwnName<Template<Argument...>> &&
                                     detail::is_word(detail::own_name<Template<Argument...>>());
    /// The name.
    static std::string make() {
        return detail::applied<Argument...>(detail::own_name<Template<Argument...>>());
    }
};

namespace detail {

/// A type of the standard library, recognised by its shape.
template <class T>
concept StandardShape = (OptionalLike<T> || TupleLike<T> || SequenceLike<T> || Duration<T> ||
                         TimePoint<T> || is_string<T>)&&!HasOwnName<T>;

/// Returns whether the types that a T is made of have names.
template <class T, std::size_t... Index>
constexpr bool are_components_named(std::index_sequence<Index...>) {
    return (TypeName<std::tuple_element_t<Index, T>>::is_named && ...);
}
template <class T>
constexpr bool is_content_named() {
    if constexpr (TupleLike<T>)
        return are_components_named<T>(std::make_index_sequence<std::tuple_size<T>::value>{});
    else if constexpr (Duration<T>)
        return TypeName<typename T::rep>::is_named;
    else if constexpr (TimePoint<T>)
        return TypeName<typename T::duration>::is_named;
    else if constexpr (is_string<T>)
        return true;
    else
        return TypeName<typename T::value_type>::is_named;
}

template <class T, std::size_t... Index>
std::string tuple_name(std::index_sequence<Index...>) {
    return applied<std::tuple_element_t<Index, T>...>("tuple");
}
/// Returns the name of a string type. UTF-8 has the name "text". The name for other characters
/// contains the number of bits of a character, such as "text16".
template <class T>
std::string string_name() {
    using Char = typename T::value_type;
    if constexpr (Utf8<T>) return "text";
    return std::same_as<Char, wchar_t> ? "wide_text" : "text" + std::to_string(8 * sizeof(Char));
}
template <class T>
std::string shape_name() {
    if constexpr (is_string<T>)
        return string_name<T>();
    else if constexpr (ByteArray<T>)
        return "bytes" + std::to_string(std::tuple_size<T>::value);
    else if constexpr (TupleLike<T> && requires { typename T::value_type; })
        return "array<" + type_name<typename T::value_type>() + ',' +
               std::to_string(std::tuple_size<T>::value) + '>';
    else if constexpr (TupleLike<T>)
        return tuple_name<T>(std::make_index_sequence<std::tuple_size<T>::value>{});
    else if constexpr (OptionalLike<T>)
        return applied<typename T::value_type>("optional");
    else if constexpr (Duration<T>)
        return "duration<" + type_name<typename T::rep>() + ',' + std::to_string(T::period::num) +
               '/' + std::to_string(T::period::den) + '>';
    else if constexpr (TimePoint<T>)
        return applied<typename T::duration>("time_point");
    else if constexpr (Byte<typename T::value_type>)
        return "bytes";
    else
        return applied<typename T::value_type>("vector");
}

template <class T>
struct ShapeName {
    /// True if there is a name.
    static constexpr bool is_named = is_content_named<T>();
    /// The name.
    static std::string make() { return shape_name<T>(); }
};

}  // namespace detail

/// Names types of the standard library, such as "tuple<i32,vector<text>>", "bytes16" and
/// "duration<i64,1/1000>".
template <detail::StandardShape T>
struct TypeName<T> : detail::ShapeName<T> {};
template <template <class...> class Template, class... Argument>
    requires detail::StandardShape<Template<Argument...>>
struct TypeName<Template<Argument...>> : detail::ShapeName<Template<Argument...>> {
};

/// The name of a number type is its kind and its width, such as "u64", "i8" or "f64". Types of the
/// same kind and width are serialized alike.
template <class T>
    requires std::integral<T> || std::floating_point<T>
struct TypeName<T> {
    /// True if there is a name.
    static constexpr bool is_named = true;
    /// The name.
    static std::string make() {
        return (std::floating_point<T> ? 'f'
                : std::is_signed_v<T>  ? 'i'
                                       : 'u') +
               std::to_string(8 * sizeof(T));
    }
};

/// An enum is named by its underlying type, unless its Serializer has a type_name.
template <class T>
    requires(std::is_enum_v<T> && !HasOwnName<T>)
struct TypeName<T> {
    /// True if there is a name.
    static constexpr bool is_named = true;
    /// The name.
    static std::string make() { return detail::applied<std::underlying_type_t<T>>("enum"); }
};

/// bool has a name without a width.
template <>
struct TypeName<bool> {
    /// True if there is a name.
    static constexpr bool is_named = true;
    /// The name.
    static std::string make() { return "bool"; }
};

/// Returns the name of T with all its arguments and their arguments. The name is the same on all
/// platforms. A document of one name cannot be read as a type of another name. Does not compile if
/// a type lacks a name.
template <class T>
const std::string& type_name() {
    static_assert(sizeof(detail::Refused<detail::flaw_of_document<T>(), T>) >
                  0);  // names the reason
    static const std::string name = TypeName<T>::make();
    return name;
}

}  // namespace crdt

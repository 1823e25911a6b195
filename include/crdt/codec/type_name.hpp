// SPDX-License-Identifier: MIT
//! type_name: what documents and stores call a type, with all its arguments.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <crdt/codec/serializer.hpp>

namespace crdt {

/// A class with a name of its own, without its arguments: a static `type_name` of the class or, for
/// keys, values and combinators, of its Form.
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

/// A type that has a name with all its arguments, and they have names, too. See type_name().
template <class T>
concept HasTypeName = TypeName<T>::is_named;

namespace detail {

/// The name of its own, or none.
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

/// "name<first,second>".
template <class... Argument>
std::string applied(std::string_view name) {
    std::string list;
    ((list += list.empty() ? "" : ",", list += type_name<Argument>()), ...);
    return std::string(name) + '<' + list + '>';
}

/// The base of what is put into a document without a name: does not compile, and says why.
template <class T>
struct NotNamed {
    static constexpr bool is_named = HasTypeName<T>;
    static_assert(is_named,
                  "a type in a document lacks a name: a lattice has a static type_name, a key or a "
                  "value has one in its crdt::Serializer; it is a word without < > ( ) and commas");
};

}  // namespace detail

/// How type_name() names a T. Here: by its own name and, if it is composed of lattices, by what it
/// is composed of, as its arguments, if it has any, cannot be listed: "tally(map<text,max<u64>>)".
/// Numbers among its parameters belong into its own name, unless its composition shows them.
template <class T>
struct TypeName {
    /// Has it one?
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

/// A template of types is named with all its arguments: "ormap<text,mvregister<i64,text>>". If some
/// of them are no part of the data, such as allocators, specialise TypeName.
template <template <class...> class Template, class... Argument>
struct TypeName<Template<Argument...>> {
    /// Has it one?
    static constexpr bool is_named = (TypeName<Argument>::is_named && ...) &&
                                     HasOwnName<Template<Argument...>> &&
                                     detail::is_word(detail::own_name<Template<Argument...>>());
    /// The name.
    static std::string make() {
        return detail::applied<Argument...>(detail::own_name<Template<Argument...>>());
    }
};

/// What whole numbers are called: by sign and width, as types of one width have one form.
template <std::integral T>
struct TypeName<T> {
    /// Has it one?
    static constexpr bool is_named = true;
    /// The name.
    static std::string make() {
        return (std::signed_integral<T> ? 'i' : 'u') + std::to_string(8 * sizeof(T));
    }
};

/// Its arguments are not data, or it has none.
template <>
struct TypeName<bool> {
    /// Has it one?
    static constexpr bool is_named = true;
    /// The name.
    static std::string make() { return "bool"; }
};

/// Its arguments are not data, or it has none.
template <>
struct TypeName<std::string> {
    /// Has it one?
    static constexpr bool is_named = true;
    /// The name.
    static std::string make() { return "text"; }
};

/// Its arguments are not data, or it has none.
template <class... T>
struct TypeName<std::tuple<T...>> {
    /// Has it one?
    static constexpr bool is_named = (TypeName<T>::is_named && ...);
    /// The name.
    static std::string make() { return detail::applied<T...>("tuple"); }
};

/// Its arguments are not data, or it has none.
template <class T>
struct TypeName<std::vector<T>> {
    /// Has it one?
    static constexpr bool is_named = TypeName<T>::is_named;
    /// The name.
    static std::string make() { return detail::applied<T>("vector"); }
};

/// The name of T with all its arguments, and with those of its arguments: the same on all
/// platforms. Types of different names do not read each other's documents. Does not compile where a
/// type lacks a name.
template <class T>
const std::string& type_name() {
    static_assert(sizeof(detail::NotNamed<T>) > 0);
    static const std::string name = TypeName<T>::make();
    return name;
}

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! Serializer: defines once, for all codecs, how a type is written and read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>

#include <crdt/detail/cpp20.hpp>

// A serializer calls these members of a codec's Writer and Reader:
//
//     a Writer            a Reader             JSON                        binary
//     boolean(b)          boolean()            true                        a byte, 0 or 1
//     u64(n)              u64()                7                           LEB128
//     i64(n)              i64()                -7                          zigzag, LEB128
//     f64(x)              f64()                0.5, "NaN", "Infinity"      8 bytes, little endian
//     string(t)           string()             "a"; must be UTF-8          length, bytes
//     bytes(t)            bytes()              "00ff", two digits a byte   length, bytes
//     fixed_bytes(t)      fixed_bytes(n)       the same; 16 as a UUID      bytes
//     interned_string(t)  interned_string()    as string                   0, string; or the number
//                                                                          of one written before
//     unit()              unit()               null                        a byte, 0
//     option(b)           option()             null, or what follows       boolean, what follows
//     begin_tuple(n)      begin_tuple(n)       [...], of n                 no bytes
//     begin_seq(n)        begin_seq()          [...]                       n
//     element()           element(i)           the next element, the i-th
//     begin_struct()      begin_struct(names)  {...}, with no others       no bytes
//     member(name)        member(name)         the member; binary has no names
//     begin_variant(b)    begin_variant()      {"upper": ...}              boolean
//     parts(mask)         parts(names)         the members present         u64, a bit each
//     flag(name)          flag(name)           "name": true                no bytes: in the mask
//
// A Reader never throws. fail(reason) records the first failure and its position. After a failure
// ok() is false, and all values read are defaults that must not be used.

namespace crdt {

/// Writes and reads a T with two functions: static void write(auto& out, const T&) and static T
/// read(auto& in). The library has serializers for plain types and for types composed of lattices.
/// A key or a value of your own type needs a serializer:
///
///     template <>
///     struct crdt::Serializer<Point> : crdt::Members<&Point::x, &Point::y> {
///         static constexpr std::string_view type_name = "point";  // in documents
///     };
///
/// Alternatively, define the two functions yourself. They call the members of Writer and Reader
/// above:
///
///     template <>
///     struct crdt::Serializer<Point> {
///         static constexpr std::string_view type_name = "point";
///         static void write(auto& out, const Point& p) { serialize_tuple(out, p.x, p.y); }
///         static Point read(auto& in) {
///             const auto [x, y] = deserialize_tuple<int, int>(in);
///             return {x, y};
///         }
///     };
template <class T>
struct Serializer;

/// A type with a Serializer.
template <class T>
concept Serializable = requires {
    sizeof(Serializer<T>);
};

/// Writes `value`.
template <Serializable T>
void serialize(auto&& out, const T& value) {
    Serializer<T>::write(out, value);
}

/// Reads what serialize() wrote.
template <Serializable T>
T deserialize(auto&& in) {
    return Serializer<T>::read(in);
}

/// Writes values as a tuple.
template <Serializable... T>
void serialize_tuple(auto& out, const T&... values) {
    out.begin_tuple(sizeof...(T));
    (serialize(out.element(), values), ...);
}

/// Reads what serialize_tuple() wrote.
template <Serializable... T>
std::tuple<T...> deserialize_tuple(auto& in) {
    in.begin_tuple(sizeof...(T));
    return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        return std::tuple<T...>{deserialize<T>(in.element(Index))...};
    }
    (std::index_sequence_for<T...>{});
}

/// Calls visit(reader) for each element of a sequence. `reader` is positioned at this element.
void for_each_element(auto& in, auto&& visit) {
    const std::size_t count = in.begin_seq();
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        auto&& item = in.element(i);
        visit(item);
    }
}

/// Reads the version of the data that follows. Fails if this version is not `known`.
void expect_version(auto&& in, std::uint64_t known) {
    const std::uint64_t version = in.u64();
    if (version > known) in.fail("version newer than this one");
    if (version < known) in.fail("unknown version");
}

namespace detail {

template <class Member>
struct MemberOf;
template <class Class, class T>
struct MemberOf<T Class::*> {
    using class_type = Class;
    using type = T;
};

}  // namespace detail

/// Writes and reads a struct as a tuple of the given data members. The struct needs a default
/// constructor.
template <auto... Member>
struct Members {
    /// Writes the members as a tuple.
    static void write(auto& out, const auto& value) { serialize_tuple(out, value.*Member...); }
    /// Reads a struct with these members.
    static auto read(auto& in) {
        typename detail::MemberOf<
            std::tuple_element_t<0, std::tuple<decltype(Member)...>>>::class_type value{};
        in.begin_tuple(sizeof...(Member));
        std::size_t index = 0;
        ((value.*Member =
              deserialize<typename detail::MemberOf<decltype(Member)>::type>(in.element(index++))),
         ...);
        return value;
    }
};

}  // namespace crdt

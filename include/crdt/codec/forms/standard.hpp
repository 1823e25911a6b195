// SPDX-License-Identifier: MIT
//! The serializers of composed types of the standard library: durations and time points, arrays,
//! pairs, tuples, optionals and vectors. They recognise standard templates by their shape, so this
//! file does not include the headers of those templates.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

#include <crdt/codec/forms/plain.hpp>
#include <crdt/codec/serializer.hpp>

namespace crdt {

namespace detail {

/// A std::chrono::duration.
template <class T>
concept Duration = requires(const T& value) {
    typename T::rep;
    typename T::period;
    T(value.count());
};
/// A std::chrono::time_point.
template <class T>
concept TimePoint = Duration<typename T::duration> && requires(const T& value) {
    typename T::clock;
    T(value.time_since_epoch());
};

/// A std::array, std::pair or std::tuple.
template <class T>
concept TupleLike = requires {
    typename std::tuple_size<T>::type;
}
&&std::default_initializable<T>;
/// A std::optional.
template <class T>
concept OptionalLike = std::default_initializable<T> && requires(T& value) {
    typename T::value_type;
    { value.has_value() } -> std::same_as<bool>;
    { *value } -> std::same_as<typename T::value_type&>;
    value.reset();
    value.emplace();
};
/// A std::vector.
template <class T>
concept SequenceLike = !is_string<T> && std::default_initializable<T> && requires(T & value) {
    typename T::value_type;
    value.push_back(typename T::value_type());
    { value.size() } -> std::convertible_to<std::size_t>;
    value.capacity();
};
template <class T>
concept ByteArray = TupleLike<T> && requires(const T& value) {
    requires Byte<typename T::value_type>;
    value.data();
};
/// True if all components of a tuple are serializable.
template <class T, class Indices = std::make_index_sequence<std::tuple_size<T>::value>>
inline constexpr bool has_serializable_components = false;
template <class T, std::size_t... Index>
inline constexpr bool has_serializable_components<T, std::index_sequence<Index...>> =
    (Serializable<std::tuple_element_t<Index, T>> && ...);

/// True if a T can be written as null. If so, an optional T is written as a list.
template <class T>
inline constexpr bool may_be_null = OptionalLike<T>;

}  // namespace detail

/// A duration is written as its count of periods, and a time point as the duration since the epoch
/// of its clock.
template <detail::Duration T>
struct Serializer<T> {
    static void write(auto& out, const T& value) { serialize(out, value.count()); }
    static T read(auto& in) { return T(deserialize<typename T::rep>(in)); }
};
template <detail::TimePoint T>
struct Serializer<T> {
    static void write(auto& out, const T& value) { serialize(out, value.time_since_epoch()); }
    static T read(auto& in) { return T(deserialize<typename T::duration>(in)); }
};

/// A tuple is written as its components in order.
template <detail::TupleLike T>
    requires(!detail::ByteArray<T> && detail::has_serializable_components<T>)
struct Serializer<T> {
    static void write(auto& out, const T& values) {
        out.begin_tuple(size);
        for_each_index([&](auto index) { serialize(out.element(), get<index>(values)); });
    }
    static T read(auto& in) {
        T values{};
        in.begin_tuple(size);
        for_each_index([&](auto index) {
            get<index>(values) = deserialize<std::tuple_element_t<index, T>>(in.element(index));
        });
        return values;
    }

  private:
    static constexpr std::size_t size = std::tuple_size<T>::value;

    static void for_each_index(auto&& visit) {
        [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            (visit(std::integral_constant<std::size_t, Index>{}), ...);
        }
        (std::make_index_sequence<size>{});
    }
};

/// An array of bytes is written as raw bytes, without a length. In JSON, 16 bytes are a UUID.
template <detail::ByteArray T>
struct Serializer<T> {
    static void write(auto& out, const T& value) { out.fixed_bytes(detail::as_characters(value)); }
    static T read(auto& in) {
        T value{};
        const std::string bytes = in.fixed_bytes(value.size());
        for (std::size_t i = 0; i < bytes.size(); ++i)
            value[i] = static_cast<typename T::value_type>(bytes[i]);
        return value;
    }
};

/// An optional is null or its value. If the value can be null, the optional is a list of zero or
/// one element.
template <detail::OptionalLike T>
    requires Serializable<typename T::value_type>
struct Serializer<T> {
    using Content = typename T::value_type;

    static void write(auto& out, const T& value) {
        if constexpr (detail::may_be_null<Content>) {
            out.begin_seq(value ? 1 : 0);
            if (value) serialize(out.element(), *value);
        } else {
            out.option(value.has_value());
            if (value) serialize(out, *value);
        }
    }
    static T read(auto& in) {
        T value;
        if constexpr (detail::may_be_null<Content>) {
            for_each_element(in, [&](auto& item) {
                if (value) item.fail("more than one value");
                value = deserialize<Content>(item);
            });
        } else {
            if (in.option()) value = deserialize<Content>(in);
        }
        return value;
    }
};

/// A sequence is written as a list of elements, or as raw bytes if its elements are bytes.
template <detail::SequenceLike T>
    requires Serializable<typename T::value_type>
struct Serializer<T> {
    using Element = typename T::value_type;

    static void write(auto& out, const T& values) {
        if constexpr (detail::Byte<Element>) {
            out.bytes(detail::as_characters(values));
        } else {
            out.begin_seq(values.size());
            for (const Element& value : values) serialize(out.element(), value);
        }
    }
    static T read(auto& in) {
        T values;
        if constexpr (detail::Byte<Element>) {
            for (const char byte : in.bytes()) values.push_back(static_cast<Element>(byte));
        } else {
            for_each_element(in, [&](auto& item) { values.push_back(deserialize<Element>(item)); });
        }
        return values;
    }
};

}  // namespace crdt

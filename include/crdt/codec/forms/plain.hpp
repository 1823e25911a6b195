// SPDX-License-Identifier: MIT
//! The serializers of plain values: numbers, enums, strings, bytes, and types that the standard
//! library composes of them. They recognise standard templates by their shape, so this file does
//! not include the headers of those templates.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <crdt/codec/serializer.hpp>

namespace crdt {

namespace detail {

/// The types of a raw byte.
template <class T>
concept Byte = std::same_as<T, std::byte> || std::same_as<T, unsigned char>;

/// A std::basic_string of any character type.
template <class T>
inline constexpr bool is_string = false;
template <class Char, class Traits, class Allocator>
inline constexpr bool is_string<std::basic_string<Char, Traits, Allocator>> = true;
/// A string whose characters are bytes of UTF-8.
template <class T>
concept Utf8 = std::same_as<T, std::string> || std::same_as<T, std::u8string>;

/// A std::chrono::duration.
template <class T>
concept Duration = requires(const T& value) {
    typename T::rep;
    typename T::period;
    T(value.count());
};
/// A std::chrono::time_point.
template <class T>
concept TimePoint = requires(const T& value) {
    typename T::clock;
    typename T::duration;
    T(value.time_since_epoch());
}
&&Duration<typename T::duration>;

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

/// True if a T can be written as null. If so, an optional T is written in another way.
template <class T>
inline constexpr bool may_be_null = OptionalLike<T>;

/// Returns bytes of any type as characters.
std::string_view as_characters(const auto& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace detail

template <>
struct Serializer<bool> {
    static void write(auto& out, bool value) { out.boolean(value); }
    static bool read(auto& in) { return in.boolean(); }
};

/// Numbers of at most 64 bits. A wider number would lose its upper half.
template <std::integral T>
    requires(sizeof(T) <= sizeof(std::uint64_t))
struct Serializer<T> {
    static void write(auto& out, T value) {
        if constexpr (std::signed_integral<T>)
            out.i64(value);
        else
            out.u64(value);
    }
    static T read(auto& in) {
        using Limits = std::numeric_limits<T>;
        if constexpr (std::signed_integral<T>) {
            const std::int64_t value = in.i64();
            if (value < Limits::lowest()) return in.fail("number too small"), T{};
            if (value > (Limits::max)()) return in.fail("number too large"), T{};
            return static_cast<T>(value);
        } else {
            const std::uint64_t value = in.u64();
            if (value > (Limits::max)()) return in.fail("number too large"), T{};
            return static_cast<T>(value);
        }
    }
};

/// float and double. All NaNs are written as one value; -0.0 and 0.0 are two values.
template <std::floating_point T>
    requires(sizeof(T) <= sizeof(double))
struct Serializer<T> {
    static void write(auto& out, T value) { out.f64(static_cast<double>(value)); }
    static T read(auto& in) {
        const double value = in.f64();
        if (value == value && static_cast<double>(static_cast<T>(value)) != value)
            return in.fail("number that a float cannot hold"), T{};
        return static_cast<T>(value);
    }
};

/// An enum is written as its number.
template <class T>
    requires std::is_enum_v<T> &&(!std::same_as<T, std::byte>)struct Serializer<T> {
        using Number = std::underlying_type_t<T>;
        static void write(auto& out, T value) { serialize(out, static_cast<Number>(value)); }
        static T read(auto& in) { return static_cast<T>(deserialize<Number>(in)); }
    };

    /// Text. The JSON codec requires UTF-8.
    template <detail::Utf8 T>
    struct Serializer<T> {
        static void write(auto& out, const T& value) { out.string(detail::as_characters(value)); }
        static T read(auto& in) {
            std::string text = in.string();
            if constexpr (std::same_as<T, std::string>)
                return text;
            else
                return T(text.begin(), text.end());
        }
    };

    /// A string of wider characters is written as a list of their numbers.
    template <class T>
        requires detail::is_string<T> &&(!detail::Utf8<T>)struct Serializer<T> {
            using Unit = typename T::value_type;
            static void write(auto& out, const T& value) {
                out.begin_seq(value.size());
                for (const Unit unit : value)
                    serialize(out.element(), static_cast<std::uint32_t>(unit));
            }
            static T read(auto& in) {
                T value;
                for_each_element(in, [&](auto& item) {
                    const auto unit = deserialize<std::uint32_t>(item);
                    if (static_cast<std::uint32_t>(static_cast<Unit>(unit)) != unit)
                        item.fail("character too wide");
                    value += static_cast<Unit>(unit);
                });
                return value;
            }
        };

        /// A duration is written as its count of periods, and a time point as the duration since
        /// the epoch of its clock.
        template <detail::Duration T>
        struct Serializer<T> {
            static void write(auto& out, const T& value) { serialize(out, value.count()); }
            static T read(auto& in) { return T(deserialize<typename T::rep>(in)); }
        };
        template <detail::TimePoint T>
        struct Serializer<T> {
            static void write(auto& out, const T& value) {
                serialize(out, value.time_since_epoch());
            }
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
                    get<index>(values) =
                        deserialize<std::tuple_element_t<index, T>>(in.element(index));
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

        /// An array of bytes is written as raw bytes, without a length. In JSON, 16 bytes are a
        /// UUID.
        template <detail::ByteArray T>
        struct Serializer<T> {
            static void write(auto& out, const T& value) {
                out.fixed_bytes(detail::as_characters(value));
            }
            static T read(auto& in) {
                T value{};
                const std::string bytes = in.fixed_bytes(value.size());
                for (std::size_t i = 0; i < bytes.size(); ++i)
                    value[i] = static_cast<typename T::value_type>(bytes[i]);
                return value;
            }
        };

        /// An optional is null or its value. If the value can be null, the optional is a list of
        /// zero or one element.
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
                    for_each_element(
                        in, [&](auto& item) { values.push_back(deserialize<Element>(item)); });
                }
                return values;
            }
        };

        template <>
        struct Serializer<std::byte> {
            static void write(auto& out, std::byte value) {
                out.u64(static_cast<unsigned char>(value));
            }
            static std::byte read(auto& in) { return std::byte{deserialize<unsigned char>(in)}; }
        };

}  // namespace crdt

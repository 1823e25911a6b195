// SPDX-License-Identifier: MIT
//! The serializers of plain values: numbers, enums, strings and bytes.
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
/// A string of bytes of UTF-8.
template <class T>
concept Utf8 = std::same_as<T, std::string> || std::same_as<T, std::u8string>;

/// A string of wider characters.
template <class T>
concept WideString = is_string<T> && !Utf8<T>;
/// An enum.
template <class T>
concept Enum = std::is_enum_v<T>;

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
template <detail::Enum T>
struct Serializer<T> {
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
template <detail::WideString T>
struct Serializer<T> {
    using Unit = typename T::value_type;
    static void write(auto& out, const T& value) {
        out.begin_seq(value.size());
        for (const Unit unit : value) serialize(out.element(), static_cast<std::uint32_t>(unit));
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

/// A raw byte is written as its number.
template <>
struct Serializer<std::byte> {
    static void write(auto& out, std::byte value) { out.u64(static_cast<unsigned char>(value)); }
    static std::byte read(auto& in) { return std::byte{deserialize<unsigned char>(in)}; }
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! Hashes that are the same on every platform, so that replicas can compare them.
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>

#include <crdt/codec/forms/plain.hpp>
#include <crdt/codec/keyed_hash.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/detail/mix64.hpp>

namespace crdt {

/// Extends `seed` by one more value; the order of values matters.
constexpr std::uint64_t hash_combine(std::uint64_t seed, std::uint64_t value) {
    return detail::mix64(seed + 0x9E3779B97F4A7C15U + detail::mix64(value));
}

/// A stable hash of an integer, of 64 bits at most.
template <std::integral T>
    requires(sizeof(T) <= sizeof(std::uint64_t))
constexpr std::uint64_t hash_value(T number) {
    return detail::mix64(static_cast<std::uint64_t>(number));
}

/// A stable hash of text (FNV-1a, finalised).
constexpr std::uint64_t hash_value(std::string_view text) {
    std::uint64_t hash = 0xCBF29CE484222325U;
    for (const char byte : text) {
        hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001B3U;
    }
    return detail::mix64(hash);
}

namespace detail {

template <class T>
concept HasHashValue = requires(const T& value) {
    { hash_value(value) } -> std::same_as<std::uint64_t>;
};

// Overloads for the standard types stand in crdt, where argument-dependent lookup does not go for
// them: calls from templates pass through here, after all overloads are declared.
template <class T>
    requires HasHashValue<T> || Serializable<T>
constexpr std::uint64_t hash_of(const T& value) {
    if constexpr (HasHashValue<T>)
        return hash_value(value);
    else
        return keyed_hash(value, 0);
}

}  // namespace detail
}  // namespace crdt

// SPDX-License-Identifier: MIT
//! Hashes that are the same on every platform, so that replicas can compare them.
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>

#include <crdt/codec/forms/standard.hpp>
#include <crdt/codec/keyed_hash.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/detail/mix64.hpp>

namespace crdt {

/// Adds `value` to a hash of several values, and returns the new hash. `seed` is the hash of the
/// values before `value`. The same values in another order have another hash.
constexpr std::uint64_t hash_combine(std::uint64_t seed, std::uint64_t value) {
    return detail::mix64(seed + 0x9E3779B97F4A7C15U + detail::mix64(value));
}

/// Returns a stable hash of an integer of at most 64 bits.
template <std::integral T>
    requires(sizeof(T) <= sizeof(std::uint64_t))
constexpr std::uint64_t hash_value(T number) {
    return detail::mix64(static_cast<std::uint64_t>(number));
}

/// Returns a stable hash of text (FNV-1a, finalised).
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

// Argument-dependent lookup for a standard type, such as std::string, does not find hash_value() in
// namespace crdt. So templates call hash_of(), which is declared after the overloads of
// hash_value() and finds them by ordinary lookup.
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

// SPDX-License-Identifier: MIT
//! same_value, value_less, value_hash: how values are compared that need not be keys.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>

#include <crdt/codec/binary/writer.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/detail/canonical_bits.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt::detail {

/// The value as it is written: equal bytes, equal values.
template <Serializable T>
std::string canonical_bytes(const T& value) {
    std::string bytes;
    binary::Writer writer(bytes);
    serialize(writer, value);
    writer.finish();
    return bytes;
}
/// As a number whose order is that of floating-point numbers, with NaN behind all others.
constexpr std::uint64_t ordered_bits(double value) {
    const std::uint64_t bits = canonical_bits(value);
    constexpr std::uint64_t sign = std::uint64_t{1} << 63U;
    return (bits & sign) != 0 ? ~bits : bits | sign;
}

/// Keys by `==`; floating-point numbers by their bits, and all else by its bytes: NaN is equal to
/// itself.
template <Value T>
constexpr bool same_value(const T& a, const T& b) {
    if constexpr (Key<T>)
        return a == b;
    else if constexpr (std::floating_point<T>)
        return canonical_bits(static_cast<double>(a)) == canonical_bits(static_cast<double>(b));
    else
        return canonical_bytes(a) == canonical_bytes(b);
}
/// A total order that same_value() agrees with.
template <Value T>
constexpr bool value_less(const T& a, const T& b) {
    if constexpr (Key<T>)
        return a < b;
    else if constexpr (std::floating_point<T>)
        return ordered_bits(static_cast<double>(a)) < ordered_bits(static_cast<double>(b));
    else
        return canonical_bytes(a) < canonical_bytes(b);
}

}  // namespace crdt::detail

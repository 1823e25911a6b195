// SPDX-License-Identifier: MIT
//! same_value, value_less: how values that need not be keys are compared.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>

#include <crdt/codec/binary/writer.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/detail/canonical_bits.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt::detail {

/// The bytes that the binary codec writes for a value. Values of equal bytes are the same value.
template <Serializable T>
std::string canonical_bytes(const T& value) {
    std::string bytes;
    binary::Writer writer(bytes);
    serialize(writer, value);
    writer.finish();
    return bytes;
}
/// A number that is ordered as the floating-point number is, with NaN behind all others.
constexpr std::uint64_t ordered_bits(double value) {
    const std::uint64_t bits = canonical_bits(value);
    constexpr std::uint64_t sign = std::uint64_t{1} << 63U;
    return (bits & sign) != 0 ? ~bits : bits | sign;
}

/// Are two values the same? Keys are compared by `==`, floating-point numbers by their bits, all
/// others by their canonical bytes. NaN is equal to itself.
template <Value T>
constexpr bool same_value(const T& a, const T& b) {
    if constexpr (Key<T>)
        return a == b;
    else if constexpr (std::floating_point<T>)
        return canonical_bits(static_cast<double>(a)) == canonical_bits(static_cast<double>(b));
    else
        return canonical_bytes(a) == canonical_bytes(b);
}
/// A total order of values, in which only same values are equal.
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

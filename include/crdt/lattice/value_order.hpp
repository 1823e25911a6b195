// SPDX-License-Identifier: MIT
//! same_value, value_less: compare values, which may be keys or not.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>

#include <crdt/codec/binary/writer.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/detail/canonical_bits.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt::detail {

/// Returns the bytes that the binary codec writes for a value. Values with equal bytes are the same
/// value.
template <Serializable T>
std::string canonical_bytes(const T& value) {
    std::string bytes;
    binary::Writer writer(bytes);
    serialize(writer, value);
    writer.finish();
    return bytes;
}
/// Maps `value` to an integer. The integers are in the same order as the floating-point numbers.
/// The integer of NaN is greater than all others.
constexpr std::uint64_t ordered_bits(double value) {
    const std::uint64_t bits = canonical_bits(value);
    constexpr std::uint64_t sign = std::uint64_t{1} << 63U;
    return (bits & sign) != 0 ? ~bits : bits | sign;
}

/// Are two values the same? Keys are compared by `==`, floating-point numbers by their bits, and
/// all other values by their canonical bytes. NaN is equal to itself.
template <Value T>
constexpr bool same_value(const T& a, const T& b) {
    if constexpr (Key<T>)
        return a == b;
    else if constexpr (std::floating_point<T>)
        return canonical_bits(static_cast<double>(a)) == canonical_bits(static_cast<double>(b));
    else
        return canonical_bytes(a) == canonical_bytes(b);
}
/// Is `a` before `b` in a total order of values? If neither of two values is before the other, they
/// are the same value.
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

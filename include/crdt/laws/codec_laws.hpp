// SPDX-License-Identifier: MIT
//! The laws of the binary codec, for every type with a Serializer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/forms/causal.hpp>
#include <crdt/codec/forms/lattice.hpp>
#include <crdt/codec/forms/sequence.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/laws/laws.hpp>
#include <crdt/random.hpp>

namespace crdt::laws {

namespace detail {

/// Returns bytes in hexadecimal digits.
inline std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result;
    for (const char byte : bytes) {
        const auto number = static_cast<unsigned char>(byte);
        result += {digits[number / 16], digits[number % 16]};
    }
    return result;
}

/// Checks that the bytes `got` are equal to the bytes `expected`.
void expect_bytes(auto& expect, std::string_view law, std::string_view got,
                  std::string_view expected) {
    expect(law, got == expected,
           [&] { return "got bytes " + hex(got) + ", expected " + hex(expected); });
}

/// Returns `bytes` after one small change: one bit is flipped, or one byte is inserted, erased, or
/// exchanged with the next byte.
inline std::string neighbour(std::string bytes, crdt::Random& random) {
    const std::size_t at = random.below(bytes.size());
    const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random.below(4)) {
        case 0: *place ^= static_cast<char>(1U << random.below(8)); break;
        case 1: bytes.insert(place, "\0\1\2\3\x7F\x80\xFF"[random.below(7)]); break;
        case 2: bytes.erase(place); break;
        default: std::swap(bytes[at], bytes[at + 1 == bytes.size() ? 0 : at + 1]);
    }
    return bytes;
}

}  // namespace detail

/// Checks the laws of one value. Its bytes must decode to the value. Bytes with one small change,
/// as neighbour() makes it, must be rejected or be the bytes of another value. A prefix of the
/// bytes must be rejected.
template <Serializable T, class Expect>
void codec_laws(const T& value, Expect&& expect) {
    const std::string written = binary::encode_value(value);
    const Expected<T> read = binary::try_decode_value<T>(written);
    expect("binary: decode(encode(x)) is x", read && *read == value, [&] {
        return "got " + (read ? value_text(*read) : "\"" + read.error().to_string() + "\"") +
               ", expected " + value_text(value);
    });
    if (read && *read == value)
        detail::expect_bytes(expect, "binary: equal values have equal bytes",
                             binary::encode_value(*read), written);
    expect("binary: size(x) is the number of bytes of x", binary::size(value), written.size());

    if (written.empty()) return;
    crdt::Random random(hash_value(written));
    const std::string changed = detail::neighbour(written, random);
    if (const Expected<T> other = binary::try_decode_value<T>(changed))
        detail::expect_bytes(expect, "binary: a value has one form", binary::encode_value(*other),
                             changed);
    const std::size_t length = random.below(written.size());
    const Expected<T> cut =
        binary::try_decode_value<T>(std::string_view(written).substr(0, length));
    expect("binary: truncated bytes are refused", !cut, [&] {
        return "got " + value_text(*cut) + " of " + std::to_string(length) + " bytes of " +
               std::to_string(written.size()) + " of " + value_text(value) + ", expected a refusal";
    });
}

/// Checks that equal states have equal bytes. The states are made by joins in two orders.
template <Lattice L, class Expect>
    requires Serializable<L>
void codec_laws(const L& a, const L& b, Expect&& expect) {
    const L ab = join(a, b), ba = join(b, a);
    if (ab == ba)
        detail::expect_bytes(expect, "binary: equal values have equal bytes",
                             binary::encode_value(ab), binary::encode_value(ba));
}

}  // namespace crdt::laws

// SPDX-License-Identifier: MIT
//! keyed_hash: a hash of a serialized value and a key. Replicas compare such hashes.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <crdt/codec/serializer.hpp>
#include <crdt/detail/canonical_bits.hpp>
#include <crdt/detail/mix64.hpp>

namespace crdt {

namespace detail {

/// SipHash-1-3 over 64-bit words instead of bytes.
///
/// Source  Aumasson, Bernstein: SipHash: a fast short-input PRF (INDOCRYPT 2012)
class SipHash {
    std::uint64_t v0_, v1_, v2_, v3_;
    std::uint64_t words_ = 0;

    constexpr void round() {
        v0_ += v1_;
        v1_ = std::rotl(v1_, 13) ^ v0_;
        v0_ = std::rotl(v0_, 32);
        v2_ += v3_;
        v3_ = std::rotl(v3_, 16) ^ v2_;
        v0_ += v3_;
        v3_ = std::rotl(v3_, 21) ^ v0_;
        v2_ += v1_;
        v1_ = std::rotl(v1_, 17) ^ v2_;
        v2_ = std::rotl(v2_, 32);
    }
    constexpr void absorb(std::uint64_t word) {
        v3_ ^= word;
        round();
        v0_ ^= word;
    }

  public:
    constexpr explicit SipHash(std::uint64_t key)
        : v0_(key ^ 0x736F6D6570736575U),
          v1_(mix64(key) ^ 0x646F72616E646F6DU),
          v2_(key ^ 0x6C7967656E657261U),
          v3_(mix64(key) ^ 0x7465646279746573U) {}

    constexpr void add(std::uint64_t word) {
        absorb(word);
        ++words_;
    }
    constexpr std::uint64_t finish() {
        absorb(words_);
        v2_ ^= 0xFFU;
        for (int i = 0; i < 3; ++i) round();
        return v0_ ^ v1_ ^ v2_ ^ v3_;
    }
};

/// A Writer (see serializer.hpp) that hashes its input. Each call adds one or more words. Different
/// values add different sequences of words, so two values collide only if SipHash collides.
class HashWriter {
    SipHash hash_;

  public:
    static constexpr bool is_text = false;

    /// Makes a writer with the key `key`.
    explicit HashWriter(std::uint64_t key) : hash_(key) {}
    HashWriter(const HashWriter&) = delete;
    HashWriter& operator=(const HashWriter&) = delete;

    /// Returns the hash of everything written. The caller must write nothing after this call.
    std::uint64_t finish() { return hash_.finish(); }

    void boolean(bool value) { u64(value ? 1 : 0); }
    void u64(std::uint64_t value) { hash_.add(value); }
    void i64(std::int64_t value) { hash_.add(static_cast<std::uint64_t>(value)); }
    void f64(double value) { u64(canonical_bits(value)); }
    void bytes(std::string_view value) { string(value); }
    void fixed_bytes(std::string_view value) { string(value); }
    void string(std::string_view value) {
        u64(value.size());
        for (; !value.empty(); value.remove_prefix(value.size() < 8 ? value.size() : 8)) {
            std::uint64_t word = 0;
            for (std::size_t i = 0; i < value.size() && i < 8; ++i)
                word |= std::uint64_t{static_cast<unsigned char>(value[i])} << (8 * i);
            u64(word);
        }
    }
    void interned_string(std::string_view value) { string(value); }
    void unit() { u64(0); }
    void option(bool is_there) { boolean(is_there); }
    void begin_tuple(std::size_t) {}
    void begin_seq(std::size_t size) { u64(size); }
    HashWriter& element() { return *this; }
    void begin_struct() {}
    HashWriter& member(std::string_view) { return *this; }
    void begin_variant(bool is_upper) { boolean(is_upper); }
    void parts(std::uint64_t mask) { u64(mask); }
    void flag(std::string_view) {}
};

}  // namespace detail

/// Returns a hash of `value` that cannot be predicted without the key. The hash is the same on all
/// platforms. O(size of the value).
template <Serializable T>
std::uint64_t keyed_hash(const T& value, std::uint64_t key) {
    detail::HashWriter writer(key);
    serialize(writer, value);
    return writer.finish();
}

}  // namespace crdt

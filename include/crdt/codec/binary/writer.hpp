// SPDX-License-Identifier: MIT
//! The binary codec's Writer: writes values as bytes, or counts the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>

#include <crdt/codec/binary/names.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/detail/canonical_bits.hpp>
#include <crdt/detail/leb128.hpp>

namespace crdt::binary {

namespace leb128 = crdt::detail::leb128;

/// Counts bytes. A Writer can append to a ByteCount in place of a string.
class ByteCount {
    std::size_t size_ = 0;

  public:
    /// Adds the number of `bytes`.
    void append(std::string_view bytes) { size_ += bytes.size(); }
    /// The number of bytes so far.
    std::size_t size() const { return size_; }
};

/// Writes values as bytes. serializer.hpp describes the members. The last bytes stay in a buffer
/// until finish() appends them to the `Bytes`.
template <class Bytes = std::string>
class Writer {
    Bytes* bytes_;
    char block_[512];
    std::size_t filled_ = 0;
    /// The number of each name. The names are copies, because a name may be a temporary of the
    /// caller.
    std::map<std::string, std::uint64_t, std::less<>> names_;

    static char* write(char* to, std::uint64_t value) {
        if (leb128::is_fast) return to + leb128::write(to, value);
        for (; value > 0x7F; value >>= 7U) *to++ = static_cast<char>((value & 0x7FU) | 0x80U);
        *to++ = static_cast<char>(value);
        return to;
    }

  public:
    /// This form is binary.
    static constexpr bool is_text = false;
    /// The greatest number of numbers in one call of u64s().
    static constexpr std::size_t most_numbers = sizeof(block_) / leb128::longest;

    /// Makes a writer that appends to `bytes`, which must outlive this object.
    explicit Writer(Bytes& bytes) : bytes_(&bytes) {}
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Appends all bytes that were written so far.
    void finish() {
        bytes_->append(std::string_view(block_, filled_));
        filled_ = 0;
    }

    /// Writes a byte, 0 or 1.
    void boolean(bool value) { u64(value ? 1 : 0); }
    /// Writes a number in LEB128: 7 bits per byte, the lowest first.
    void u64(std::uint64_t value) {
        // Most numbers are small, and have one byte.
        if (value < 0x80 && filled_ < sizeof(block_))
            block_[filled_++] = static_cast<char>(value);
        else
            u64s(&value, 1);
    }
    /// Writes `count` numbers, as u64() does. Returns their size in bytes. Precondition: `count` is
    /// at most most_numbers.
    std::size_t u64s(const std::uint64_t* numbers, std::size_t count) {
        if (sizeof(block_) - filled_ < count * leb128::longest) finish();
        const std::size_t before = filled_;
        char* to = block_ + before;
        for (std::size_t i = 0; i < count; ++i) to = write(to, numbers[i]);
        filled_ = static_cast<std::size_t>(to - block_);
        return filled_ - before;
    }
    /// Reserves memory for about `size` more bytes, if `Bytes` can do that.
    void expect(std::size_t size) {
        if constexpr (requires { bytes_->reserve(size); })
            bytes_->reserve(bytes_->size() + filled_ + size);
    }
    /// Writes a signed number in zigzag form and LEB128.
    void i64(std::int64_t value) {
        const auto bits = static_cast<std::uint64_t>(value);
        u64(value < 0 ? ~(bits << 1U) : bits << 1U);
    }
    /// Writes 8 bytes, little endian. All NaNs are written as one value.
    void f64(double value) {
        const std::uint64_t bits = crdt::detail::canonical_bits(value);
        char little[8];
        for (unsigned i = 0; i < 8; ++i) little[i] = static_cast<char>(bits >> (8 * i) & 0xFFU);
        fixed_bytes(std::string_view(little, 8));
    }
    /// Writes the length, and the bytes.
    void string(std::string_view value) {
        u64(value.size());
        fixed_bytes(value);
    }
    /// Writes the length, and the bytes.
    void bytes(std::string_view value) { string(value); }
    /// Writes the bytes without their length.
    void fixed_bytes(std::string_view value) {
        if (value.size() > sizeof(block_) - filled_) {
            finish();
            bytes_->append(value);
        } else if (!value.empty()) {
            std::memcpy(block_ + filled_, value.data(), value.size());
            filled_ += value.size();
        }
    }
    /// Writes either 0 and the string, or the number of an equal name that was written before.
    void interned_string(std::string_view value) {
        if (value.size() <= longest_numbered_name) {
            if (const auto known = names_.find(value); known != names_.end())
                return u64(known->second);
            names_.emplace(value, names_.size() + 1);
        }
        u64(0);
        string(value);
    }
    /// Writes a byte, 0.
    void unit() { boolean(false); }
    /// Writes whether a value follows.
    void option(bool is_there) { boolean(is_there); }
    /// Writes nothing. The elements follow.
    void begin_tuple(std::size_t) {}
    /// Writes the number of elements, which follow.
    void begin_seq(std::size_t size) { u64(size); }
    /// Returns the Writer of the next element.
    Writer& element() { return *this; }
    /// Writes nothing. The members follow.
    void begin_struct() {}
    /// Returns the Writer of a member. The name is not written.
    Writer& member(std::string_view) { return *this; }
    /// Writes the side. The state of that side follows.
    void begin_variant(bool is_upper) { boolean(is_upper); }
    /// Writes the mask: a bit for each part that follows.
    void parts(std::uint64_t mask) { u64(mask); }
    /// Writes nothing, because the mask has the flag.
    void flag(std::string_view) {}
};

}  // namespace crdt::binary

// SPDX-License-Identifier: MIT
//! The binary codec's Reader: reads values from bytes, and records the position of a failure.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/causal/replica_name.hpp>
#include <crdt/codec/binary/names.hpp>
#include <crdt/codec/expected.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/detail/canonical_bits.hpp>
#include <crdt/detail/inlining.hpp>
#include <crdt/detail/leb128.hpp>
#include <crdt/detail/small_vector.hpp>
#include <crdt/detail/utf8.hpp>

namespace crdt::binary {

namespace leb128 = crdt::detail::leb128;

/// Reads values from bytes. serializer.hpp describes the members. A Reader accepts only bytes that
/// a Writer writes, so equal values have equal bytes.
///
/// Memory  each element, and each letter of a string, needs at least one byte of the input. So the
///         memory is at most the size of the input times the size of an element. A dot needs at
///         least three bytes. These bytes can refer to a name of up to longest_numbered_name bytes
///         that was read before
class Reader {
    std::string_view bytes_;
    std::size_t next_ = 0;
    std::optional<DecodeError> error_;
    /// A name that has a number.
    struct Name {
        std::string_view bytes{};
        SharedId<std::string> shared{};  // made when shared_name() first returns it

        static constexpr bool is_relocatable = true;
    };
    crdt::detail::SmallVector<Name, 2> names_;
    /// The names, if there are at least few_names. Fewer names are compared one by one.
    std::set<std::string_view> known_names_;
    static constexpr std::size_t few_names = 8;

    /// Has `name` a number already?
    bool is_known(std::string_view name) {
        if (names_.size() < few_names) {
            for (const Name& known : names_)
                if (known.bytes == name) return true;
            return false;
        }
        if (known_names_.empty())
            for (const Name& known : names_) known_names_.insert(known.bytes);
        return !known_names_.insert(name).second;
    }
    /// Reads a name, or the number of a name. Returns the entry of the name. If the name is too
    /// long to have a number, returns null, and `bytes` is the name.
    Name* read_name(std::string_view& bytes) {
        const std::uint64_t number = u64();
        if (number > names_.size()) fail("undefined name reference");
        if (!ok()) return nullptr;
        if (number != 0) return &names_[static_cast<std::size_t>(number) - 1];
        bytes = string_bytes();
        if (!ok() || bytes.size() > longest_numbered_name) return nullptr;
        if (is_known(bytes)) fail("duplicate name definition");
        names_.push_back({bytes, {}});
        return &names_.back();
    }

    static void share(Name& name) {
        if (!name.bytes.empty() && name.shared.get().empty())
            name.shared = SharedId<std::string>(std::in_place, name.bytes);
    }

    std::size_t left() const { return bytes_.size() - next_; }
    std::uint8_t byte() {
        if (!ok()) return 0;
        if (left() == 0) return fail("unexpected end of input"), std::uint8_t{0};
        return static_cast<std::uint8_t>(bytes_[next_++]);
    }
    /// Reads the next `size` bytes.
    std::string_view consume_bytes(std::uint64_t size) {
        if (size > left()) fail("string longer than the input");
        if (!ok()) return {};
        const auto count = static_cast<std::size_t>(size);
        next_ += count;
        return bytes_.substr(next_ - count, count);
    }
    std::string_view string_bytes() { return consume_bytes(u64()); }
    /// Reads a number that may have several bytes, be the last of the input, or be malformed.
    CRDT_NOINLINE std::uint64_t long_u64() {
        if (leb128::is_fast && ok() && left() >= leb128::longest) {
            const leb128::Number number = leb128::read(bytes_.data() + next_);
            next_ += number.size;
            if (number.size != 0) return number.value;
        }
        // Reads the last few bytes of the input, and malformed numbers.
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const std::uint64_t part = byte();
            value |= (part & 0x7FU) << shift;
            if (part > 0x7F) continue;
            if (part == 0 && shift > 0) fail("number in more bytes than needed");
            if (shift == 63 && part > 1) fail("number too large");
            return value;
        }
        return fail("number too large"), 0;
    }

  public:
    static constexpr bool is_text = false;  ///< this form is binary

    /// Makes a reader of `bytes`, which must outlive this object.
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    bool ok() const { return !error_; }  ///< Is there no failure so far?
    /// Records a failure at the next byte, unless a failure was recorded before.
    void fail(const char* reason) {
        if (ok()) error_ = DecodeError{reason, "byte " + std::to_string(next_)};
    }
    /// Fails if any bytes remain.
    void expect_eof() {
        if (left() != 0) fail("trailing bytes");
    }
    const std::optional<DecodeError>& error() const { return error_; }  ///< the first failure

    /// Reads a byte, 0 or 1.
    bool boolean() {
        const std::uint8_t value = byte();
        if (value > 1) fail("expected true or false");
        return value == 1;
    }
    /// Reads a number in LEB128. Fails if it has more bytes than needed.
    std::uint64_t u64() {
        // Most numbers are small, and have one byte.
        if (left() != 0 && static_cast<unsigned char>(bytes_[next_]) < 0x80 && ok())
            return static_cast<unsigned char>(bytes_[next_++]);
        return long_u64();
    }
    /// Copies the next `count` numbers to `numbers`, but does not skip them. Returns their size in
    /// bytes, which the caller passes to skip(). If a number is malformed or the end of the input
    /// is near, returns 0, and the caller must call u64() for each number.
    std::size_t peek_u64s(std::uint64_t* numbers, std::size_t count) const {
        if (!leb128::is_fast || !ok() || left() / leb128::longest < count) return 0;
        const char* const begin = bytes_.data() + next_;
        const char* at = begin;
        for (std::size_t i = 0; i < count; ++i) {
            const leb128::Number number = leb128::read(at);
            if (number.size == 0) return 0;
            numbers[i] = number.value;
            at += number.size;
        }
        return static_cast<std::size_t>(at - begin);
    }
    /// Returns the next bytes for leb128::read(), or null if fewer than `size` bytes are left.
    /// After reading, the caller calls skip() with the number of bytes that were read.
    const char* ahead(std::size_t size) const {
        return leb128::is_fast && ok() && left() >= size ? bytes_.data() + next_ : nullptr;
    }
    void skip(std::size_t size) { next_ += size; }  ///< Skips `size` bytes.
    /// Reads a signed number in zigzag form and LEB128.
    std::int64_t i64() {
        const std::uint64_t bits = u64();
        return static_cast<std::int64_t>((bits & 1U) != 0 ? ~(bits >> 1U) : bits >> 1U);
    }
    /// Reads 8 bytes, little endian. Fails for a NaN that a Writer does not write.
    double f64() {
        const std::string_view little = consume_bytes(8);
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < little.size(); ++i)
            bits |= std::uint64_t{static_cast<unsigned char>(little[i])} << (8 * i);
        const auto value = std::bit_cast<double>(bits);
        if (crdt::detail::canonical_bits(value) != bits) fail("NaN not in canonical form");
        return value;
    }
    std::string bytes() { return string(); }  ///< Reads a length, and bytes.
    /// Reads `size` bytes.
    std::string fixed_bytes(std::size_t size) { return std::string(consume_bytes(size)); }
    /// Reads `count` code points in UTF-8. Returns them as a view into the input.
    std::string_view code_points(std::uint64_t count) {
        const std::string_view rest = bytes_.substr(next_);
        std::size_t size = 0;
        for (; count > 0 && ok(); --count) {
            const std::size_t length =
                size < rest.size() ? crdt::detail::utf8_length(rest.substr(size)) : 0;
            if (length == 0)
                fail(size < rest.size() ? "text that is not UTF-8" : "text that ends early");
            size += length;
        }
        return consume_bytes(size);
    }
    std::string string() { return std::string(string_bytes()); }  ///< Reads a length, and bytes.
    /// Reads either 0 and a string, or the number of a name that was read before.
    std::string interned_string() {
        std::string_view bytes;
        const Name* const name = read_name(bytes);
        return std::string(name == nullptr ? bytes : name->bytes);
    }
    /// Reads the same as interned_string(). All results for one number share one string.
    SharedId<std::string> shared_name() {
        std::string_view bytes;
        Name* const name = read_name(bytes);
        if (name == nullptr) return SharedId<std::string>(std::string(bytes));
        share(*name);
        return name->shared;
    }
    /// Returns the name with this number, or null if there is none.
    const SharedId<std::string>* numbered_name(std::uint64_t number) {
        if (number - 1 >= names_.size()) return nullptr;
        Name& name = names_[static_cast<std::size_t>(number) - 1];
        share(name);
        return &name.shared;
    }
    /// Reads a byte, 0.
    void unit() {
        if (byte() != 0) fail("expected null");
    }
    bool option() { return boolean(); }  ///< Reads whether a value follows.

    void begin_tuple(std::size_t) {}  ///< Reads nothing.
    /// Reads the number of elements. Fails if there are fewer bytes than elements.
    std::size_t begin_seq() {
        const std::uint64_t size = u64();
        if (size > left()) fail("list longer than the input");
        return ok() ? static_cast<std::size_t>(size) : 0;
    }
    Reader& element(std::size_t) { return *this; }                 ///< Reads the next element.
    void begin_struct(std::initializer_list<std::string_view>) {}  ///< Reads nothing.
    Reader& member(std::string_view) { return *this; }             ///< Reads the next member.
    bool begin_variant() { return boolean(); }                     ///< Is the upper side next?
    /// Reads a mask: bit i is set if the part names[i] is present.
    std::uint64_t parts(const std::vector<std::string_view>& names) {
        const std::uint64_t mask = u64();
        if (mask >> names.size() != 0) fail("unknown part");
        return mask;
    }
    bool flag(std::string_view) { return true; }  ///< Reads nothing, since the mask has the flag.
};

}  // namespace crdt::binary

// SPDX-License-Identifier: MIT
//! The binary codec's Writer: forms become bytes, or a count of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <crdt/codec/form.hpp>
#include <crdt/detail/before.hpp>

namespace crdt::binary {

/// Stands for bytes of which only the number matters.
class ByteCount {
    std::size_t size_ = 0;

  public:
    void push_back(char) { ++size_; }
    void append(std::string_view bytes) { size_ += bytes.size(); }
    std::size_t size() const { return size_; }
};

/// Writes to the end of `Bytes`; form.hpp says what the words mean.
template <class Bytes = std::string>
class Writer {
    Bytes* bytes_;
    /// Copies: what is written may be put together on the way, and gone before the next one.
    std::map<std::string, std::uint64_t, crdt::detail::Before> names_;

  public:
    static constexpr bool is_text = false;

    explicit Writer(Bytes& bytes) : bytes_(&bytes) {}
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void boolean(bool value) { bytes_->push_back(value ? '\1' : '\0'); }
    void natural(std::uint64_t value) {
        for (; value > 0x7F; value >>= 7U)
            bytes_->push_back(static_cast<char>((value & 0x7FU) | 0x80U));
        bytes_->push_back(static_cast<char>(value));
    }
    void integer(std::int64_t value) {
        const auto bits = static_cast<std::uint64_t>(value);
        natural(value < 0 ? ~(bits << 1U) : bits << 1U);
    }
    void text(std::string_view value) {
        natural(value.size());
        bytes_->append(value);
    }
    void name(std::string_view value) {
        if (const auto known = names_.find(value); known != names_.end())
            return natural(known->second);
        names_.emplace(value, names_.size() + 1);
        natural(0);
        text(value);
    }
    void nothing() { boolean(false); }
    void presence(bool is_there) { boolean(is_there); }
    void begin_components(std::size_t) {}
    void begin_list(std::size_t size) { natural(size); }
    Writer& element() { return *this; }
    void begin_members() {}
    Writer& member(std::string_view) { return *this; }
    void begin_side(bool is_upper) { boolean(is_upper); }
    void parts(std::uint64_t mask) { natural(mask); }
    void flag(std::string_view) {}
};

}  // namespace crdt::binary

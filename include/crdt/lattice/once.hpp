// SPDX-License-Identifier: MIT
//! Once: a value that is written once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/explain.hpp>

namespace crdt {

template <class T>
class Once : detail::NotAKey<T> {};  // says why

/// A value that whoever writes it writes once, such as the content of one write.
///
/// State   nothing, or a value;  order: nothing, then the values in their order;  join: the later;
///         bottom: nothing
/// Writes  two different values are a mistake of the caller: conflicts() reports it, and a join
///         of the two keeps the larger
/// Cost    O(1); the digest says only whether there is a value
template <Key T>
class Once<T> {
    std::optional<T> value_;

  public:
    using value_type = T;
    static constexpr bool is_chain = true;
    static constexpr bool is_written_once = true;

    Once() = default;
    /// The value, written.
    constexpr explicit Once(T value) : value_(std::move(value)) {}

    constexpr bool has_value() const { return value_.has_value(); }
    /// The value. Precondition: has_value().
    constexpr const T& value() const { return *value_; }

    constexpr bool merge(const Once& other) {
        if (other.leq(*this)) return false;
        *this = Once(other);
        return true;
    }
    constexpr Once absorb(const Once& other) {
        Once delta = other;  // copied before anything changes
        if (!merge(delta)) return Once();
        return delta;
    }
    constexpr bool leq(const Once& other) const {
        return !value_ || (other.value_ && !(*other.value_ < *value_));
    }
    constexpr bool is_bottom() const { return !value_; }

    friend bool operator==(const Once&, const Once&) = default;
    friend constexpr bool conflicts(const Once& a, const Once& b) {
        return a.value_ && b.value_ && !(*a.value_ == *b.value_);
    }
    friend constexpr Once difference(const Once& a, const Once& b) { return a.leq(b) ? Once() : a; }
    friend constexpr Once difference(const Once& a, bool written) { return written ? Once() : a; }
    friend constexpr bool digest(const Once& a) { return a.has_value(); }
    friend constexpr std::size_t part_count(const Once& a) { return a.has_value() ? 1 : 0; }
    friend constexpr std::uint64_t hash_value(const Once& a) {
        return a.value_ ? hash_combine(1, detail::hash_of(*a.value_)) : 0;
    }
    template <class Visit>
    friend constexpr void decompose(const Once& a, Visit&& visit) {
        if (a.value_) visit(a);
    }
};

/// Once("text"s) is a Once<std::string>.
template <Key T>
Once(T) -> Once<T>;

}  // namespace crdt

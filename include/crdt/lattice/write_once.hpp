// SPDX-License-Identifier: MIT
//! WriteOnce: a value that is written once.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <crdt/detail/copied_whole.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/value_order.hpp>

namespace crdt {

/// This primary template is chosen for arguments that are not valid. It does not compile, and the
/// compiler prints the reason.
template <class T>
class WriteOnce : detail::Refused<detail::flaw_of<T>(false), T> {};  // prints why

/// A value that one writer writes once, such as the content of one write.
///
/// State   nothing, or a value
/// Order   nothing, then the values by <;  join: the larger value;  bottom: nothing
/// Errors  two different values are an error of the caller: conflicts() reports them, and their
///         join keeps the larger value
/// Cost    O(1); the digest is one bool, which is true if there is a value
template <Value T>
class WriteOnce<T> {
    std::optional<detail::CopiedWhole<T>> value_;

  public:
    /// The type of the value.
    using value_type = T;
    /// true, because the states are totally ordered: nothing, then the values in their order.
    static constexpr bool is_chain = true;
    /// true, because a value never changes after it is written. Digests do not contain such values.
    static constexpr bool is_written_once = true;

    /// Makes a state without a value.
    WriteOnce() = default;
    /// Makes a state with the value.
    constexpr explicit WriteOnce(T value) : value_(std::in_place, std::move(value)) {}

    /// Is the value written?
    constexpr bool has_value() const { return value_.has_value(); }
    /// Returns the value. Precondition: has_value().
    constexpr const T& value() const { return value_->value; }

    /// this := the larger of the two values. If there is only one value, this := that value.
    /// Returns true iff this grew.
    constexpr bool merge(const WriteOnce& other) {
        if (other.leq(*this)) return false;
        *this = WriteOnce(other);
        return true;
    }
    /// Merges `other`. Returns the delta: the new value, or nothing if this state has not grown.
    constexpr WriteOnce absorb(const WriteOnce& other) {
        WriteOnce delta = other;  // copied before anything changes
        if (!merge(delta)) return WriteOnce();
        return delta;
    }
    /// Is there no value in this state, or a value that is not greater than the value of `other`?
    constexpr bool leq(const WriteOnce& other) const {
        return !value_ || (other.value_ && !detail::value_less(other.value(), value()));
    }
    /// Is there no value?
    constexpr bool is_bottom() const { return !value_; }

    /// Do both have no value, or the same value? In this comparison NaN is equal to itself.
    friend constexpr bool operator==(const WriteOnce& a, const WriteOnce& b) {
        return a.has_value() == b.has_value() &&
               (!a.value_ || detail::same_value(a.value(), b.value()));
    }
    /// Do both have a value, and are the values different?
    friend constexpr bool conflicts(const WriteOnce& a, const WriteOnce& b) {
        return a.value_ && b.value_ && !detail::same_value(a.value(), b.value());
    }
    /// Returns Δ(a, b): `a`, or nothing if a ⊑ b.
    friend constexpr WriteOnce difference(const WriteOnce& a, const WriteOnce& b) {
        return a.leq(b) ? WriteOnce() : a;
    }
    /// Returns Δ(a, b). `written` is the digest of `b`: does `b` have a value?
    friend constexpr WriteOnce difference(const WriteOnce& a, bool written) {
        return written ? WriteOnce() : a;
    }
    /// Returns whether the value is written.
    friend constexpr bool digest(const WriteOnce& a) { return a.has_value(); }
    /// Returns 1, or 0 without a value.
    friend constexpr std::size_t part_count(const WriteOnce& a) { return a.has_value() ? 1 : 0; }
    /// Returns a stable hash: equal states have the same hash on every platform.
    friend constexpr std::uint64_t hash_value(const WriteOnce& a) {
        return a.value_ ? hash_combine(1, detail::hash_of(a.value())) : 0;
    }
    /// Calls visit(a), if there is a value.
    template <class Visit>
    friend constexpr void decompose(const WriteOnce& a, Visit&& visit) {
        if (a.value_) visit(a);
    }
};

/// WriteOnce("text"s) is a WriteOnce<std::string>.
template <Value T>
WriteOnce(T) -> WriteOnce<T>;

}  // namespace crdt

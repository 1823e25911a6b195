// SPDX-License-Identifier: MIT
//! Checked integer arithmetic for counters. If a result does not fit its type, an operation throws.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>

#include <crdt/detail/failure.hpp>
#include <crdt/lattice/integer.hpp>

namespace crdt::detail {

template <Integer T>
constexpr bool is_negative(T number) {
    if constexpr (std::is_signed_v<T>) return number < 0;
    return false;
}

/// Returns |number|. The result is correct even for the least value of a signed type.
template <Integer T>
constexpr std::uint64_t magnitude(T number) {
    const auto bits = static_cast<std::uint64_t>(number);
    return is_negative(number) ? std::uint64_t{0} - bits : bits;
}

template <UnsignedInteger Count>
constexpr Count checked_add(Count total, std::uint64_t amount, const char* what) {
    if (amount > std::uint64_t{(std::numeric_limits<Count>::max)()} - total)
        throw_or_abort<std::overflow_error>(what);
    return static_cast<Count>(total + amount);
}

/// The exact sum of up to 2^64 numbers, each of which is less than 2^64.
class WideSum {
    std::uint64_t high_ = 0;
    std::uint64_t low_ = 0;

  public:
    constexpr void add(std::uint64_t number) {
        low_ += number;
        if (low_ < number) ++high_;
    }

    friend constexpr auto operator<=>(const WideSum&, const WideSum&) = default;

    /// Returns this minus `other`, or 0 if the difference is negative.
    constexpr WideSum less(const WideSum& other) const {
        WideSum result;
        if (high_ < other.high_ || (high_ == other.high_ && low_ < other.low_)) return result;
        result.low_ = low_ - other.low_;
        result.high_ = high_ - other.high_ - (low_ < other.low_ ? 1U : 0U);
        return result;
    }

    /// Returns the sum in decimal digits.
    std::string decimal() const {
        std::uint64_t limbs[]{high_ >> 32U, high_ & 0xFFFF'FFFFU, low_ >> 32U, low_ & 0xFFFF'FFFFU};
        std::string digits(39, '0');  // 2^128 has 39 digits
        std::size_t first = digits.size();
        for (std::uint64_t left = 1; left != 0;) {
            std::uint64_t rest = 0;
            left = 0;
            for (std::uint64_t& limb : limbs) {
                rest = rest << 32U | limb;
                limb = rest / 10;
                rest %= 10;
                left |= limb;
            }
            digits[--first] = static_cast<char>('0' + rest);
        }
        return digits.substr(first);
    }

    /// Returns the sum as a `Count`, or the highest `Count` if the sum does not fit.
    template <UnsignedInteger Count>
    constexpr Count clamp() const {
        constexpr auto highest = (std::numeric_limits<Count>::max)();
        return high_ != 0 || low_ > highest ? highest : static_cast<Count>(low_);
    }

    /// Returns the sum as a `Count`. If the sum does not fit, throws std::overflow_error with the
    /// text `what`.
    template <UnsignedInteger Count>
    constexpr Count narrow(const char* what) const {
        if (high_ != 0 || low_ > (std::numeric_limits<Count>::max)())
            throw_or_abort<std::overflow_error>(what);
        return static_cast<Count>(low_);
    }

    /// Returns plus - minus as a signed `Value`. If the result does not fit, throws
    /// std::overflow_error with the text `what`.
    template <std::signed_integral Value>
    static constexpr Value narrow_difference(WideSum plus, WideSum minus, const char* what) {
        const WideSum above = plus.less(minus);
        const WideSum below = minus.less(plus);
        constexpr auto highest = static_cast<std::uint64_t>((std::numeric_limits<Value>::max)());
        if (above.high_ != 0 || above.low_ > highest || below.high_ != 0 ||
            below.low_ > highest + 1)
            throw_or_abort<std::overflow_error>(what);
        return static_cast<Value>(above.low_ - below.low_);
    }
};

}  // namespace crdt::detail

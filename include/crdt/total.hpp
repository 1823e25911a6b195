// SPDX-License-Identifier: MIT
//! Total: the total of a counter, exact even if it fits no built-in number type.
#pragma once

#include <compare>
#include <concepts>
#include <limits>
#include <string>

#include <crdt/detail/checked.hpp>

namespace crdt {

class Total;
namespace detail {
/// Returns the difference of `plus` and `minus`.
constexpr Total total_of(const WideSum& plus, const WideSum& minus);
}  // namespace detail

/// A whole number of up to 128 bits and a sign. Each replica checks its own additions for overflow,
/// but concurrent additions can sum up to more than a built-in number type holds. A Total can hold
/// such a sum. After later subtractions the sum may fit a built-in type again.
class Total {
    detail::WideSum above_{}, below_{};  // at least one of the two is 0

    constexpr Total(const detail::WideSum& plus, const detail::WideSum& minus)
        : above_(plus.less(minus)), below_(minus.less(plus)) {}
    friend constexpr Total detail::total_of(const detail::WideSum& plus,
                                            const detail::WideSum& minus);

  public:
    /// Makes the number 0.
    constexpr Total() = default;
    /// Makes the Total of `number`.
    template <Integer T>
    constexpr Total(T number) {
        (detail::is_negative(number) ? below_ : above_).add(detail::magnitude(number));
    }

    /// Adds a number. The sum of at most 2^64 numbers is exact.
    template <Integer T>
    constexpr Total& operator+=(T number) {
        return *this = sum(number, detail::is_negative(number));
    }
    /// Subtracts a number.
    template <Integer T>
    constexpr Total& operator-=(T number) {
        return *this = sum(number, !detail::is_negative(number));
    }

    /// Does the number fit a T?
    template <Integer T>
    constexpr bool fits() const {
        return *this >= Total(std::numeric_limits<T>::lowest()) &&
               *this <= Total((std::numeric_limits<T>::max)());
    }
    /// Returns the number as a T. Throws std::overflow_error if the number does not fit.
    template <std::signed_integral T>
    constexpr T as() const {
        return detail::WideSum::narrow_difference<T>(above_, below_,
                                                     "Total::as: the number does not fit the type");
    }
    /// Returns the decimal digits, with a sign if the number is negative.
    std::string to_string() const {
        return below_ == detail::WideSum() ? above_.decimal() : '-' + below_.decimal();
    }

    /// Are the numbers equal?
    friend constexpr bool operator==(const Total&, const Total&) = default;
    /// Compares the numbers.
    friend constexpr std::strong_ordering operator<=>(const Total& a, const Total& b) {
        const auto order = a.above_ <=> b.above_;
        return order == 0 ? b.below_ <=> a.below_ : order;
    }

  private:
    /// Returns this number plus the magnitude of `number`. If `is_subtracted` is true, subtracts
    /// the magnitude instead.
    template <Integer T>
    constexpr Total sum(T number, bool is_subtracted) const {
        detail::WideSum plus = above_, minus = below_;
        (is_subtracted ? minus : plus).add(detail::magnitude(number));
        return Total(plus, minus);
    }
};

constexpr Total detail::total_of(const WideSum& plus, const WideSum& minus) {
    return Total(plus, minus);
}

}  // namespace crdt

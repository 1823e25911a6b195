// SPDX-License-Identifier: MIT
//! Expected: a value, or the reason why there is none. It has the shape of C++23's std::expected.
#pragma once

#include <concepts>
#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include <crdt/detail/failure.hpp>

namespace crdt {

/// The reason why an input was rejected, and the position of the error.
struct DecodeError {
    /// The expected input, or the input that was found instead.
    std::string reason;
    /// A byte offset ("byte 17"). In a document that is well-formed JSON, a JSON pointer
    /// ("/state/n1").
    std::string where;

    /// Returns "reason at where".
    std::string to_string() const { return where.empty() ? reason : reason + " at " + where; }

    /// Returns whether the reason and the position are equal.
    friend bool operator==(const DecodeError&, const DecodeError&) = default;
};

/// The exception of Expected::value() if there is no value. what() is the text of the error.
class BadExpectedAccess : public std::runtime_error {
  public:
    /// An exception with the text `what`.
    explicit BadExpectedAccess(const char* what) : std::runtime_error(what) {}
};

/// A T, or an error of type E. Decoders return an Expected: they never throw for malformed input.
///
///     const auto set = crdt::binary::try_decode<crdt::GSet<int>>(bytes);
///     if (!set) return report(set.error().to_string());
///     use(*set);
template <class T, class E = DecodeError>
class [[nodiscard]] Expected {
    // This is a union, because a std::variant would add thirty functions for each decoded type.
    union {
        T value_;
        E error_;
    };
    bool has_value_;

    static constexpr bool moves_never_throw =
        std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_constructible_v<E>;

    /// Returns the address of `object`. std::addressof needs <memory>, which would add ten thousand
    /// lines to each user of this header.
    template <class U>
    static auto* address(U& object) noexcept {
        return __builtin_addressof(object);
    }

    template <class Make>
    Expected(std::in_place_t, Make&& make) : value_(std::forward<Make>(make)()), has_value_(true) {}
    void construct_from(const Expected& other) {
        if (has_value_)
            ::new (static_cast<void*>(address(value_))) T(other.value_);
        else
            ::new (static_cast<void*>(address(error_))) E(other.error_);
    }
    void construct_from(Expected&& other) {
        if (has_value_)
            ::new (static_cast<void*>(address(value_))) T(std::move(other.value_));
        else
            ::new (static_cast<void*>(address(error_))) E(std::move(other.error_));
    }
    void destroy() noexcept {
        if (has_value_)
            value_.~T();
        else
            error_.~E();
    }
    template <class Self, class Function>
    static auto and_then_of(Self&& self, Function&& function) {
        using Result = std::remove_cvref_t<
            std::invoke_result_t<Function, decltype(*std::forward<Self>(self))>>;
        if (self.has_value()) return std::forward<Function>(function)(*std::forward<Self>(self));
        return Result(std::forward<Self>(self).error());
    }
    template <class Self, class Function>
    static auto transform_of(Self&& self, Function&& function) {
        using U = std::remove_cvref_t<
            std::invoke_result_t<Function, decltype(*std::forward<Self>(self))>>;
        if (self.has_value())
            return Expected<U, E>(std::forward<Function>(function)(*std::forward<Self>(self)));
        return Expected<U, E>(std::forward<Self>(self).error());
    }
    void expect_value() const {
        if (has_value()) return;
        if constexpr (requires(const E& error) { error.to_string(); })
            detail::throw_or_abort<BadExpectedAccess>(error().to_string().c_str());
        else
            detail::throw_or_abort<BadExpectedAccess>("Expected: there is an error, and no value");
    }

  public:
    /// The type of the value.
    using value_type = T;
    /// The type of the error.
    using error_type = E;

    /// An Expected with the value `value`.
    Expected(const T& value) : value_(value), has_value_(true) {}
    /// An Expected with the value `value`, which is moved.
    Expected(T&& value) : value_(std::move(value)), has_value_(true) {}
    /// An Expected with the error `error`.
    Expected(E error) : error_(std::move(error)), has_value_(false) {}

    /// Returns an Expected with the value that make() returns. The value is not moved.
    template <std::invocable Make>
    static Expected of(Make&& make) {
        return Expected(std::in_place, std::forward<Make>(make));
    }
    /// Replaces the value, or the error, by the error `error`.
    void fail(E error) noexcept requires std::is_nothrow_move_constructible_v<E> {
        destroy();
        ::new (static_cast<void*>(address(error_))) E(std::move(error));
        has_value_ = false;
    }

    /// A copy of the value or of the error.
    Expected(const Expected& other) requires std::is_copy_constructible_v<T>
        : has_value_(other.has_value_) {
        construct_from(other);
    }
    /// Moves the value or the error. `other` keeps its value or error in a moved-from state.
    Expected(Expected&& other) noexcept(moves_never_throw) : has_value_(other.has_value_) {
        construct_from(std::move(other));
    }
    /// Replaces the value or the error by the value or the error of `other`. Only for types with
    /// moves that cannot throw.
    Expected& operator=(Expected other) noexcept requires(moves_never_throw) {
        destroy();
        has_value_ = other.has_value_;
        construct_from(std::move(other));
        return *this;
    }
    /// Destroys the value or the error.
    ~Expected() { destroy(); }

    /// Returns whether there is a value.
    bool has_value() const noexcept { return has_value_; }
    /// The same as has_value().
    explicit operator bool() const noexcept { return has_value(); }

    /// Returns the value. If there is none, throws BadExpectedAccess with the text of the error.
    const T& value() const& { return expect_value(), value_; }
    /// Returns the value as the overload above does. The caller may move from it.
    T&& value() && { return expect_value(), std::move(value_); }
    /// The value. Precondition: has_value().
    const T& operator*() const& noexcept { return value_; }
    /// The value. Precondition: has_value().
    T& operator*() & noexcept { return value_; }
    /// The value, which the caller may move from. Precondition: has_value().
    T&& operator*() && noexcept { return std::move(value_); }
    /// Accesses a member of the value. Precondition: has_value().
    const T* operator->() const noexcept { return address(value_); }
    /// Accesses a member of the value. Precondition: has_value().
    T* operator->() noexcept { return address(value_); }
    /// Returns the value, or `other` if there is none.
    template <class U>
    T value_or(U&& other) const& {
        return has_value() ? **this : static_cast<T>(std::forward<U>(other));
    }
    /// Like the overload above, but moves the value to the result.
    template <class U>
    T value_or(U&& other) && {
        return has_value() ? *std::move(*this) : static_cast<T>(std::forward<U>(other));
    }
    /// The error. Precondition: !has_value().
    const E& error() const& noexcept { return error_; }
    /// The error, which the caller may move from. Precondition: !has_value().
    E&& error() && noexcept { return std::move(error_); }

    /// If there is a value, returns function(value), which must be an Expected. Otherwise returns
    /// the error.
    template <class Function>
    auto and_then(Function&& function) const& {
        return and_then_of(*this, std::forward<Function>(function));
    }
    /// Like the overload above, but moves the value into `function`.
    template <class Function>
    auto and_then(Function&& function) && {
        return and_then_of(std::move(*this), std::forward<Function>(function));
    }
    /// If there is a value, returns an Expected with function(value). Otherwise returns an Expected
    /// with the error.
    template <class Function>
    auto transform(Function&& function) const& {
        return transform_of(*this, std::forward<Function>(function));
    }
    /// Like the overload above, but moves the value into `function`.
    template <class Function>
    auto transform(Function&& function) && {
        return transform_of(std::move(*this), std::forward<Function>(function));
    }

    /// Returns whether both have equal values, or both have equal errors.
    friend bool operator==(const Expected& a, const Expected& b) requires
        std::equality_comparable<T> && std::equality_comparable<E> {
        if (a.has_value_ != b.has_value_) return false;
        return a.has_value_ ? a.value_ == b.value_ : a.error_ == b.error_;
    }
};

}  // namespace crdt

// SPDX-License-Identifier: MIT
//! Box: a value that may be missing, in memory of its own.
#pragma once

#include <utility>

#include <crdt/detail/cpp20.hpp>

namespace crdt::detail {

/// For what is large and seldom there. A copy copies the value.
template <class T>
class Box {
    T* value_ = nullptr;

  public:
    static constexpr bool is_relocatable = true;

    Box() = default;
    explicit Box(T value) : value_(new T(std::move(value))) {}
    Box(const Box& other) : value_(other.value_ == nullptr ? nullptr : new T(*other.value_)) {}
    Box(Box&& other) noexcept : value_(std::exchange(other.value_, nullptr)) {}
    Box& operator=(Box other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    ~Box() {
        if (value_ != nullptr) delete value_;
    }

    explicit operator bool() const { return value_ != nullptr; }
    T& operator*() { return *value_; }
    const T& operator*() const { return *value_; }
    T* operator->() { return value_; }
    const T* operator->() const { return value_; }
};

}  // namespace crdt::detail

// SPDX-License-Identifier: MIT
//! Indirect: a value that may be missing, in separately allocated memory.
#pragma once

#include <utility>

#include <crdt/detail/cpp20.hpp>
#include <crdt/detail/inlining.hpp>

namespace crdt::detail {

/// Holds a member that is large and often missing. A copy of the object has its own copy of the
/// value.
template <class T>
class Indirect {
    T* value_ = nullptr;

    CRDT_NOINLINE void destroy() noexcept { delete value_; }

  public:
    static constexpr bool is_relocatable = true;

    Indirect() = default;
    explicit Indirect(T value) : value_(new T(std::move(value))) {}
    Indirect(const Indirect& other)
        : value_(other.value_ == nullptr ? nullptr : new T(*other.value_)) {}
    Indirect(Indirect&& other) noexcept : value_(std::exchange(other.value_, nullptr)) {}
    Indirect& operator=(Indirect other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    ~Indirect() {
        if (value_ != nullptr) destroy();
    }

    explicit operator bool() const { return value_ != nullptr; }
    T& operator*() { return *value_; }
    const T& operator*() const { return *value_; }
    T* operator->() { return value_; }
    const T* operator->() const { return value_; }
};

}  // namespace crdt::detail

// SPDX-License-Identifier: MIT
//! Shared: an immutable value with several owners.
#pragma once

#include <cstddef>
#include <utility>

#include <crdt/detail/cpp20.hpp>
#include <crdt/detail/inlining.hpp>
#ifndef __GNUC__
#include <atomic>
#endif

namespace crdt::detail {

/// A pointer to a constant value, which the last owner destroys. Owners can be in several threads.
/// (std::shared_ptr does the same, but its header is large.)
template <class T>
class Shared {
#ifdef __GNUC__
    using Count = std::size_t;
    static void increment(Count& count) { __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED); }
    static bool decrement(Count& count) {
        // The only owner needs no locked instruction, because no other thread can add an owner.
        return __atomic_load_n(&count, __ATOMIC_ACQUIRE) == 1 ||
               __atomic_sub_fetch(&count, 1, __ATOMIC_ACQ_REL) == 0;
    }
#else
    using Count = std::atomic<std::size_t>;
    static void increment(Count& count) { count.fetch_add(1, std::memory_order_relaxed); }
    static bool decrement(Count& count) {
        return count.load(std::memory_order_acquire) == 1 ||
               count.fetch_sub(1, std::memory_order_acq_rel) == 1;
    }
#endif
    struct Cell {
        T value;
        Count owners{1};
    };
    Cell* cell_ = nullptr;

    // Many pointers are null when they are destroyed, so only the check for null is inline.
    CRDT_NOINLINE void release() noexcept {
        if (decrement(cell_->owners)) delete cell_;
    }

  public:
    Shared() = default;
    explicit Shared(T value) : Shared(std::in_place, std::move(value)) {}
    /// Makes the value from `arguments`.
    template <class... Arguments>
    explicit Shared(std::in_place_t, Arguments&&... arguments)
        : cell_(new Cell{T(std::forward<Arguments>(arguments)...)}) {}
    Shared(const Shared& other) noexcept : cell_(other.cell_) {
        if (cell_ != nullptr) increment(cell_->owners);
    }
    Shared(Shared&& other) noexcept : cell_(std::exchange(other.cell_, nullptr)) {}
    Shared& operator=(Shared other) noexcept {
        std::swap(cell_, other.cell_);
        return *this;
    }
    ~Shared() {
        if (cell_ != nullptr) release();
    }

    explicit operator bool() const { return cell_ != nullptr; }
    /// Do both own the same value?
    bool shares(const Shared& other) const { return cell_ == other.cell_; }
    const T& operator*() const { return cell_->value; }
    const T* operator->() const { return &cell_->value; }
};

}  // namespace crdt::detail

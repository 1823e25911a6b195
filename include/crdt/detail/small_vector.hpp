// SPDX-License-Identifier: MIT
//! SmallVector: an array of values. The object itself has room for a few values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include <crdt/detail/inlining.hpp>
#include <crdt/detail/min_max.hpp>
#include <crdt/detail/raw_memory.hpp>
#include <crdt/detail/relocatable.hpp>

namespace crdt::detail {

/// An array that grows. The object itself has room for `Room` values. A larger array is in
/// allocated memory. This memory grows by half, or by a sixteenth from 128 values on, so that
/// little memory is unused.
///
/// Errors  moves of a T must not throw; if an allocation fails, a change does nothing
template <class T, std::size_t Room>
class SmallVector {
    // Are values copied as bytes? A std::tuple of numbers is copied as bytes, although its
    // assignment is not trivial.
    static constexpr bool is_plain =
        std::is_trivially_copy_constructible_v<T> && std::is_trivially_destructible_v<T>;

    union {
        T* heap_ = nullptr;
        alignas(T) unsigned char room_[(max)(Room * sizeof(T), sizeof(T*))];
    };
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = Room;

    bool is_inside() const { return capacity_ <= Room; }

    void release() {
        destroy(data(), size_);
        if (!is_inside()) deallocate(heap_);
    }
    /// Moves the values of `other` here. Precondition: this vector has no values and no memory.
    void steal(SmallVector& other) {
        capacity_ = std::exchange(other.capacity_, Room);
        size_ = std::exchange(other.size_, 0);
        if (!is_inside()) {
            heap_ = other.heap_;
            return;
        }
        // Moves the values one by one. They were often just written one by one, and a wide load of
        // such values stalls the processor.
        for (std::size_t i = 0; i < size_ && i < Room; ++i) {
            ::new (static_cast<void*>(data() + i)) T(std::move(other.data()[i]));
            other.data()[i].~T();
        }
    }
    CRDT_NOINLINE void set_capacity(std::size_t capacity) {
        move_to(allocate<T>(capacity), capacity);
    }
    void move_to(T* fresh, std::size_t capacity) noexcept {
        relocate(fresh, data(), size_);
        if (!is_inside()) deallocate(heap_);
        heap_ = fresh;
        capacity_ = static_cast<std::uint32_t>(capacity);
    }

  public:
    static constexpr bool is_relocatable = Relocatable<T>;

    SmallVector() {}
    /// Makes the vector of one value, constructed from `arguments`.
    template <class... Arguments>
    explicit SmallVector(std::in_place_t, Arguments&&... arguments) requires(Room > 0) : size_(1) {
        ::new (static_cast<void*>(room_)) T(std::forward<Arguments>(arguments)...);
    }
    /// Copies the values. The copy has room for a sixteenth more values.
    SmallVector(const SmallVector& other) : SmallVector() {
        reserve_exactly(std::size_t{other.size_} + other.size_ / 16);
        append(other.data(), other.size_);
    }
    SmallVector(SmallVector&& other) noexcept { steal(other); }
    SmallVector& operator=(const SmallVector& other) {
        if (this == &other) return *this;
        if constexpr (is_plain) {
            // The old values may be overwritten, because nothing can fail after the reservation.
            reserve_exactly(other.size_);
            size_ = 0;
            append(other.data(), other.size_);
        } else {
            *this = SmallVector(other);
        }
        return *this;
    }
    SmallVector& operator=(SmallVector&& other) noexcept {
        if (this == &other) return *this;
        release();
        steal(other);
        return *this;
    }
    ~SmallVector() { release(); }

    T* data() {
        if constexpr (Room == 0) return heap_;
        return is_inside() ? reinterpret_cast<T*>(room_) : heap_;
    }
    const T* data() const {
        if constexpr (Room == 0) return heap_;
        return is_inside() ? reinterpret_cast<const T*>(room_) : heap_;
    }
    std::size_t size() const { return size_; }
    std::size_t capacity() const { return capacity_; }
    bool empty() const { return size_ == 0; }
    T& operator[](std::size_t index) { return data()[index]; }
    const T& operator[](std::size_t index) const { return data()[index]; }
    T& back() { return data()[size_ - 1]; }
    const T& back() const { return data()[size_ - 1]; }
    const T* begin() const { return data(); }
    const T* end() const { return data() + size_; }

    /// Makes room for exactly `capacity` values in all, unless there is more room already.
    void reserve_exactly(std::size_t capacity) {
        if (capacity > capacity_) set_capacity(capacity);
    }
    /// Like reserve_exactly(), but returns false if the allocation fails.
    bool try_reserve_exactly(std::size_t capacity) noexcept {
        if (capacity <= capacity_) return true;
        T* const fresh = try_allocate<T>(capacity);
        if (fresh != nullptr) move_to(fresh, capacity);
        return fresh != nullptr;
    }
    /// Makes room for `count` more values. If this needs an allocation, makes room for later values
    /// too, so that few insertions allocate.
    void reserve_next(std::size_t count = 1) {
        if (count <= std::size_t{capacity_} - size_) return;
        const std::size_t step = capacity_ < 128 ? capacity_ / 2 : capacity_ / 16;
        set_capacity((max)(size_ + count, capacity_ + (max)(step, 2)));
    }
    /// Frees unused memory, if more than a sixteenth of the memory is unused.
    void shrink() noexcept {
        if (is_inside() || size_ <= Room || capacity_ - size_ <= capacity_ / 16) return;
        T* const fresh = try_allocate<T>(size_);
        if (fresh != nullptr) move_to(fresh, size_);
    }

    void push_back(T value) {
        reserve_next();
        append_in_room(std::move(value));
    }
    /// Appends a value that is made from `arguments`.
    template <class... Arguments>
    void emplace_back(Arguments&&... arguments) {
        reserve_next();
        append_in_room(std::forward<Arguments>(arguments)...);
    }
    /// Like emplace_back(). Precondition: there is room.
    template <class... Arguments>
    void append_in_room(Arguments&&... arguments) {
        ::new (static_cast<void*>(data() + size_)) T(std::forward<Arguments>(arguments)...);
        ++size_;
    }
    void insert(std::size_t index, T value) {
        reserve_next();
        insert_in_room(index, std::move(value));
    }
    /// Like insert(). Precondition: there is room.
    void insert_in_room(std::size_t index, T value) {
        T* const place = data() + index;
        if constexpr (Relocatable<T>) {
            std::memmove(static_cast<void*>(place + 1), static_cast<void*>(place),
                         (size_ - index) * sizeof(T));
        } else {
            for (T* i = data() + size_; i != place; --i) relocate(i, i - 1, 1);
        }
        ::new (static_cast<void*>(place)) T(std::move(value));
        ++size_;
    }
    void append(const T* values, std::size_t count) {
        reserve_exactly(size_ + count);
        if constexpr (is_plain) {
            if (count != 0)
                std::memcpy(static_cast<void*>(data() + size_), values, count * sizeof(T));
            size_ += static_cast<std::uint32_t>(count);
        } else {
            for (std::size_t i = 0; i < count; ++i, ++size_)
                ::new (static_cast<void*>(data() + size_)) T(values[i]);
        }
    }
    /// Moves the values of `other`, from `index` on, to the end of this vector.
    void append_tail(SmallVector& other, std::size_t index) {
        reserve_exactly(size_ + (other.size_ - index));
        relocate(data() + size_, other.data() + index, other.size_ - index);
        size_ += other.size_ - static_cast<std::uint32_t>(index);
        other.size_ = static_cast<std::uint32_t>(index);
    }
    void truncate(std::size_t size) {
        destroy(data() + size, size_ - size);
        size_ = static_cast<std::uint32_t>(size);
    }
    /// Adds `count` to the size, for values that the caller has written after the last one.
    void grow_by(std::size_t count) requires is_plain {
        size_ += static_cast<std::uint32_t>(count);
    }
    void erase(std::size_t index) {
        T* const place = data() + index;
        if constexpr (Relocatable<T>) {
            place->~T();
            std::memmove(static_cast<void*>(place), static_cast<void*>(place + 1),
                         (size_ - index - 1) * sizeof(T));
        } else {
            std::move(place + 1, data() + size_, place);
            back().~T();
        }
        --size_;
    }
};

}  // namespace crdt::detail

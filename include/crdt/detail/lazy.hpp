// SPDX-License-Identifier: MIT
//! Lazy: a value that is computed when it is first needed. Several threads can need it at the same
//! time.
#pragma once

#include <cstddef>
#include <utility>

#include <crdt/detail/cpp20.hpp>
#include <crdt/detail/inlining.hpp>
#ifndef __GNUC__
#include <atomic>
#endif

namespace crdt::detail {

/// A computed value that is stored beside a state, but is not part of the state. A copy has no
/// value. Several threads can read the value at the same time, as they can read the state. If there
/// is no value yet, each thread may compute it, and one of the results is kept.
template <class T>
class Lazy {
    struct Node {
        T value;
        Node* older = nullptr;  // a value that other threads may still read
    };
#ifdef __GNUC__  // <atomic> is large
    mutable Node* node_ = nullptr;
    Node* load() const { return __atomic_load_n(&node_, __ATOMIC_ACQUIRE); }
    bool exchange(Node*& expected, Node* next) const {
        return __atomic_compare_exchange_n(&node_, &expected, next, false, __ATOMIC_ACQ_REL,
                                           __ATOMIC_ACQUIRE);
    }
#else
    mutable std::atomic<Node*> node_{nullptr};
    Node* load() const { return node_.load(std::memory_order_acquire); }
    bool exchange(Node*& expected, Node* next) const {
        return node_.compare_exchange_strong(expected, next, std::memory_order_acq_rel);
    }
#endif
    static void destroy(Node* node) {
        if (node != nullptr) destroy_all(node);
    }
    CRDT_NOINLINE static void destroy_all(Node* node) {
        while (node != nullptr) delete std::exchange(node, node->older);
    }

  public:
    static constexpr bool is_relocatable = true;

    Lazy() = default;
    Lazy(const Lazy&) noexcept {}
    Lazy(Lazy&& other) noexcept : node_(other.load()) { other.node_ = nullptr; }
    Lazy& operator=(const Lazy& other) noexcept {
        if (this != &other) reset();
        return *this;
    }
    Lazy& operator=(Lazy&& other) noexcept {
        if (this == &other) return *this;
        reset();
        node_ = other.load();
        other.node_ = nullptr;
        return *this;
    }
    ~Lazy() { destroy(load()); }

    /// Returns the value, or null if there is none.
    T* get() { return load() == nullptr ? nullptr : &load()->value; }
    const T* get() const { return load() == nullptr ? nullptr : &load()->value; }
    /// Returns the value. If there is none, or if is_valid(value) is false, first makes a value
    /// from `arguments`.
    template <class IsValid, class... Arguments>
    const T& get_or_make(const IsValid& is_valid, const Arguments&... arguments) const {
        Node* known = load();
        if (known != nullptr && is_valid(known->value)) return known->value;
        Node* const fresh = new Node{T(arguments...)};
        do {
            if (known != nullptr && is_valid(known->value)) {
                delete fresh;
                return known->value;
            }
            fresh->older = known;
        } while (!exchange(known, fresh));
        return fresh->value;
    }
    /// Destroys values that get_or_make() has replaced. Preconditions: there is a value, and no
    /// other thread reads at the same time.
    void drop_older() { destroy(std::exchange(load()->older, nullptr)); }
    /// Destroys the value.
    void reset() noexcept {
        destroy(load());
        node_ = nullptr;
    }
};

}  // namespace crdt::detail

// SPDX-License-Identifier: MIT
//! Joins and compares rows of numbers, many at a time.
#pragma once

#include <concepts>
#include <cstddef>

#include <crdt/detail/vectors.hpp>

// Each operation has a loop of vector steps, which is written once for all lengths of vectors. It
// also has a plain loop for short rows and for compilers without vectors. Both loops give the same
// results (tests/detail/simd.cpp).

namespace crdt::detail::simd {

#ifdef CRDT_VECTORS
/// Is any number of `theirs` above the number of `mine` at the same position?
template <class T>
struct RiseSteps {
    const T* mine;
    const T* theirs;
    bool rises = false;

    template <std::size_t Bytes, std::size_t Vectors>
    [[gnu::always_inline]] static bool rises_in(const T* mine, const T* theirs) {
        using L = Lanes<T, Bytes>;
        typename L::Vector spare{}, a, b;
        CRDT_UNROLL
        for (std::size_t i = 0; i < Vectors; ++i) {
            L::load(a, mine + i * L::count);
            L::load(b, theirs + i * L::count);
            spare |= (b > a ? b : a) ^ a;
        }
        return L::any(spare);
    }
    template <std::size_t Bytes, std::size_t Vectors>
    [[gnu::always_inline]] bool part(std::size_t offset) {
        rises = rises_in<Bytes, Vectors>(mine + offset, theirs + offset);
        return !rises;
    }
};

/// Sets each number of `mine` to the larger of this number and the number of `theirs` at the same
/// position.
template <class T>
struct RaiseSteps {
    T* mine;
    const T* theirs;
    bool grew = false;

    template <std::size_t Bytes, std::size_t Vectors>
    [[gnu::always_inline]] bool part(std::size_t offset) {
        using L = Lanes<T, Bytes>;
        // A step that would change nothing is skipped, so that memory is not written.
        if (!RiseSteps<T>::template rises_in<Bytes, Vectors>(mine + offset, theirs + offset))
            return true;
        typename L::Vector a, b;
        CRDT_UNROLL
        for (std::size_t i = 0; i < Vectors; ++i) {
            L::load(a, mine + offset + i * L::count);
            L::load(b, theirs + offset + i * L::count);
            L::store(mine + offset + i * L::count, b > a ? b : a);
        }
        return grew = true;
    }
};

/// Does any number of `mine` differ from the number of `theirs` at the same position?
template <class T>
struct DifferSteps {
    const T* mine;
    const T* theirs;
    bool differ = false;

    template <std::size_t Bytes, std::size_t Vectors>
    [[gnu::always_inline]] bool part(std::size_t offset) {
        using L = Lanes<T, Bytes>;
        typename L::Vector spare{}, a, b;
        CRDT_UNROLL
        for (std::size_t i = 0; i < Vectors; ++i) {
            L::load(a, mine + offset + i * L::count);
            L::load(b, theirs + offset + i * L::count);
            spare |= a ^ b;
        }
        return !(differ = L::any(spare));
    }
};
#endif

/// Is a row too short for vectors?
template <class T>
bool is_short(std::size_t size) {
    return size * sizeof(T) < 32;
}

/// Stops the compiler from making vector code of the loop that calls this function. In a short
/// loop, vectors cost more time than they save.
inline void keep_loop() {
#ifdef __GNUC__
    asm volatile("");
#endif
}

/// Sets each number of `mine` to the larger of this number and the number of `theirs` at the same
/// position. Returns true iff a number grew.
template <std::integral T>
bool max_into(T* mine, const T* theirs, std::size_t size, [[maybe_unused]] Isa isa = best_isa()) {
#ifdef CRDT_VECTORS
    if (isa != Isa::plain && !is_short<T>(size)) {
        RaiseSteps<T> steps{mine, theirs};
        run<T>(isa, size, steps);
        return steps.grew;
    }
#endif
    bool grew = false;
    for (std::size_t i = 0; i < size; ++i) {
        keep_loop();
        const bool rises = mine[i] < theirs[i];
        mine[i] = rises ? theirs[i] : mine[i];
        grew |= rises;
    }
    return grew;
}

/// Is any number of `theirs` greater than the number of `mine` at the same position?
template <std::integral T>
bool any_greater(const T* mine, const T* theirs, std::size_t size,
                 [[maybe_unused]] Isa isa = best_isa()) {
#ifdef CRDT_VECTORS
    if (isa != Isa::plain && !is_short<T>(size)) {
        RiseSteps<T> steps{mine, theirs};
        run<T>(isa, size, steps);
        return steps.rises;
    }
#endif
    bool grew = false;
    for (std::size_t i = 0; i < size; ++i) {
        keep_loop();
        const bool rises = mine[i] < theirs[i];
        grew |= rises;
    }
    return grew;
}

/// Is each number of `mine` equal to the number of `theirs` at the same position?
template <std::integral T>
bool equal(const T* mine, const T* theirs, std::size_t size,
           [[maybe_unused]] Isa isa = best_isa()) {
#ifdef CRDT_VECTORS
    if (isa != Isa::plain && !is_short<T>(size)) {
        DifferSteps<T> steps{mine, theirs};
        run<T>(isa, size, steps);
        return !steps.differ;
    }
#endif
    bool differ = false;
    for (std::size_t i = 0; i < size; ++i) {
        keep_loop();
        differ |= mine[i] != theirs[i];
    }
    return !differ;
}

}  // namespace crdt::detail::simd

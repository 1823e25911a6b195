// SPDX-License-Identifier: MIT
//! Joins, compares and sums rows of numbers, many at a time.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <crdt/detail/vectors.hpp>

// Each operation is a loop of vector steps, which is written once, and a plain loop for short rows
// and for compilers without vectors. All variants give the same results (tests/detail/simd.cpp).

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

/// mine := the larger of mine and theirs.
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

/// Does any number differ from the number at the same position?
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

/// Adds numbers to eight sums in turn, and adds to `seen` all bits that are set in any number.
/// Precondition: there are at least eight numbers.
template <std::size_t Bytes>
[[gnu::always_inline]] inline void add_up(const std::uint64_t* numbers, std::size_t size,
                                          std::uint64_t (&sums)[8], std::uint64_t (&seen)[8]) {
    using L = Lanes<std::uint64_t, Bytes>;
    constexpr std::size_t vectors = 8 / L::count;
    // The last vectors overlap the ones before. The first 8 - rest of their numbers are left out.
    static constexpr std::uint64_t all = ~std::uint64_t{0};
    static constexpr std::uint64_t masks[16] = {0,   0,   0,   0,   0,   0,   0,   0,
                                                all, all, all, all, all, all, all, all};
    typename L::Vector sum[vectors], bits[vectors], next, mask;
    for (std::size_t v = 0; v < vectors; ++v) {
        L::load(next, numbers + size - 8 + v * L::count);
        L::load(mask, masks + size % 8 + v * L::count);
        next &= mask;
        L::load(sum[v], sums + v * L::count);
        L::load(bits[v], seen + v * L::count);
        sum[v] += next;
        bits[v] |= next;
    }
    CRDT_UNROLL
    for (; size >= 8; size -= 8, numbers += 8) {
        for (std::size_t v = 0; v < vectors; ++v) {
            L::load(next, numbers + v * L::count);
            sum[v] += next;
            bits[v] |= next;
        }
    }
    for (std::size_t v = 0; v < vectors; ++v) {
        L::store(sums + v * L::count, sum[v]);
        L::store(seen + v * L::count, bits[v]);
    }
}
#ifdef CRDT_LONG_VECTORS
[[gnu::target("avx2")]] inline void add_up_avx2(const std::uint64_t* numbers, std::size_t size,
                                                std::uint64_t (&sums)[8],
                                                std::uint64_t (&seen)[8]) {
    add_up<32>(numbers, size, sums, seen);
}
[[gnu::target("avx512f,avx512vl,avx512bw,avx512dq")]] inline void add_up_avx512(
    const std::uint64_t* numbers, std::size_t size, std::uint64_t (&sums)[8],
    std::uint64_t (&seen)[8]) {
    add_up<64>(numbers, size, sums, seen);
}
#endif
#endif

/// Is a row too short for vectors?
template <class T>
bool is_short(std::size_t size) {
    return size * sizeof(T) < 32;
}

/// In a short loop, stops the compiler from making vectors of it, which cost more than they save.
inline void keep_loop() {
#ifdef __GNUC__
    asm volatile("");
#endif
}

/// mine := the larger of mine and theirs, number by number. Returns true iff a number grew.
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

/// Would max_into() make a number grow?
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

/// Are all numbers equal?
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

/// The sum of each column of a table, whose rows are added in parts. The sums have 64 bits. They
/// are exact if the numbers are small enough for their count.
class Sums {
    std::uint64_t sums_[8] = {}, seen_[8] = {};  // the seen bits of all numbers in a sum
    std::size_t size_ = 0;

  public:
    /// Adds numbers. Each call has whole rows of the table.
    void add(const std::uint64_t* numbers, std::size_t size,
             [[maybe_unused]] Isa isa = best_isa()) {
        size_ += size;
#ifdef CRDT_VECTORS
        if (size >= 8 && isa != Isa::plain) {
#ifdef CRDT_LONG_VECTORS
            if (isa == Isa::avx512) return add_up_avx512(numbers, size, sums_, seen_);
            if (isa == Isa::avx2) return add_up_avx2(numbers, size, sums_, seen_);
#endif
            return add_up<16>(numbers, size, sums_, seen_);
        }
#endif
        for (std::size_t i = 0; i < size; ++i) {
            sums_[i % 8] += numbers[i];
            seen_[i % 8] |= numbers[i];
        }
    }
    /// Are the sums exact?
    bool are_exact() const {
        std::uint64_t bits = 0;
        for (const std::uint64_t seen : seen_) bits |= seen;
        return (bits | size_) >> 32U == 0 || bits <= ~std::uint64_t{0} / (size_ + 1);
    }
    /// Returns the sum of a column of a table with `columns` columns, a divisor of 8.
    std::uint64_t of(std::size_t column, std::size_t columns) const {
        std::uint64_t sum = 0;
        for (; column < 8; column += columns) sum += sums_[column];
        return sum;
    }
};

}  // namespace crdt::detail::simd

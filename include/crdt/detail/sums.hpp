// SPDX-License-Identifier: MIT
//! Sums: adds up rows of numbers, many at a time.
#pragma once

#include <cstddef>
#include <cstdint>

#include <crdt/detail/vectors.hpp>

namespace crdt::detail::simd {

#ifdef CRDT_VECTORS
/// Adds eight numbers to the eight `sums`, and sets their bits in `seen`.
template <std::size_t Bytes, class Vector, std::size_t Vectors>
[[gnu::always_inline]] inline void add_eight(const std::uint64_t* numbers, Vector (&sums)[Vectors],
                                             Vector (&seen)[Vectors]) {
    using L = Lanes<std::uint64_t, Bytes>;
    CRDT_UNROLL
    for (std::size_t v = 0; v < Vectors; ++v) {
        typename L::Vector next;
        L::load(next, numbers + v * L::count);
        sums[v] += next;
        seen[v] |= next;
    }
}

/// Adds each number to one of eight sums, and sets its bits in `seen` at the same index. In a table
/// of 1, 2, 4 or 8 columns, each sum gets the numbers of only one column. Precondition: there are
/// at least eight numbers.
template <std::size_t Bytes>
[[gnu::always_inline]] inline void add_up(const std::uint64_t* numbers, std::size_t size,
                                          std::uint64_t (&sums)[8], std::uint64_t (&seen)[8]) {
    using L = Lanes<std::uint64_t, Bytes>;
    constexpr std::size_t vectors = 8 / L::count;
    // The last eight numbers are added first. The loop below adds numbers in groups of eight. If
    // one of the last eight numbers is in such a group, a mask clears it here.
    static constexpr std::uint64_t all = ~std::uint64_t{0};
    static constexpr std::uint64_t masks[16] = {0,   0,   0,   0,   0,   0,   0,   0,
                                                all, all, all, all, all, all, all, all};
    typename L::Vector sum[vectors], bits[vectors], next, mask;
    CRDT_UNROLL
    for (std::size_t v = 0; v < vectors; ++v) {
        L::load(next, numbers + size - 8 + v * L::count);
        L::load(mask, masks + size % 8 + v * L::count);
        next &= mask;
        L::load(sum[v], sums + v * L::count);
        L::load(bits[v], seen + v * L::count);
        sum[v] += next;
        bits[v] |= next;
    }
    std::size_t done = 0;
    for (; done + 64 <= size; done += 64) {
        CRDT_UNROLL
        for (std::size_t i = 0; i < 64; i += 8) add_eight<Bytes>(numbers + done + i, sum, bits);
    }
    for (; done + 8 <= size; done += 8) add_eight<Bytes>(numbers + done, sum, bits);
    CRDT_UNROLL
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

/// Adds up each column of a table of 1, 2, 4 or 8 columns. Several calls may add rows of one table.
/// The sums have 64 bits. If a sum may have overflowed, are_exact() returns false.
class Sums {
    std::uint64_t sums_[8] = {}, seen_[8] = {};  // seen_[i]: the bits of all numbers in sums_[i]
    std::size_t size_ = 0;

  public:
    /// Adds `size` numbers, which are whole rows of the table.
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
    /// Is it certain that no sum has overflowed?
    bool are_exact() const {
        std::uint64_t bits = 0;
        for (const std::uint64_t seen : seen_) bits |= seen;
        return (bits | size_) >> 32U == 0 || bits <= ~std::uint64_t{0} / (size_ + 1);
    }
    /// Returns the sum of column `column` of a table with `columns` columns. Precondition:
    /// `columns` is 1, 2, 4 or 8.
    std::uint64_t of(std::size_t column, std::size_t columns) const {
        std::uint64_t sum = 0;
        for (; column < 8; column += columns) sum += sums_[column];
        return sum;
    }
};

}  // namespace crdt::detail::simd

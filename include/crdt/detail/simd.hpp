// SPDX-License-Identifier: MIT
//! Joins, compares and sums rows of numbers, many at a time if the processor has the instructions.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <crdt/detail/checked.hpp>

// Each operation is a loop of vector steps, and a plain loop for the remaining numbers. The steps
// are written once, with the vector types of the compiler, and compiled for several sets of x86
// instructions. best_isa() chooses the set at run time. Other processors and other compilers have
// only the plain loop. All variants give the same results (tests/detail/simd.cpp).
#if defined(__x86_64__) && defined(__GNUC__)
#define CRDT_X86_SIMD 1
#define CRDT_UNROLL _Pragma("GCC unroll 8")
#endif

namespace crdt::detail::simd {

/// The set of instructions to use.
enum class Isa { plain, avx2, avx512 };

#ifdef CRDT_X86_SIMD
/// The best instructions that this processor has. Costs a few instructions.
inline Isa best_isa() {
    if (__builtin_cpu_supports("avx512vl")) return Isa::avx512;
    return __builtin_cpu_supports("avx2") ? Isa::avx2 : Isa::plain;
}

template <class T, std::size_t Bytes>
struct Lanes {
    typedef T Vector __attribute__((vector_size(Bytes)));
    static constexpr std::size_t count = Bytes / sizeof(T);
    static constexpr std::size_t step = 8 * count;  ///< one step processes this many numbers

    [[gnu::always_inline]] static void load(Vector& into, const T* from, std::size_t vector) {
        std::memcpy(&into, from + vector * count, Bytes);
    }
    [[gnu::always_inline]] static bool any(const Vector& vector) {
        std::uint64_t words[Bytes / 8], all = 0;
        std::memcpy(words, &vector, Bytes);
        for (const std::uint64_t word : words) all |= word;
        return all != 0;
    }
};

/// Runs Steps::run<Bytes>(...) and returns how many numbers it has processed.
template <class Steps, class... Arguments>
[[gnu::target("avx2")]] std::size_t run_avx2(Arguments&... arguments) {
    return Steps::template run<32>(arguments...);
}
template <class Steps, class... Arguments>
[[gnu::target("avx512f,avx512vl,avx512bw,avx512dq")]] std::size_t run_avx512(
    Arguments&... arguments) {
    return Steps::template run<64>(arguments...);
}
template <class Steps, class... Arguments>
std::size_t run(Isa width, Arguments&... arguments) {
    if (width == Isa::avx512) return run_avx512<Steps>(arguments...);
    if (width == Isa::avx2) return run_avx2<Steps>(arguments...);
    return 0;
}

template <class T>
struct RiseSteps {
    /// Is any number of `theirs` above the number of `mine` at the same position, within one step?
    template <std::size_t Bytes>
    [[gnu::always_inline]] static bool rises(const T* mine, const T* theirs) {
        using L = Lanes<T, Bytes>;
        typename L::Vector spare{}, a, b;
        CRDT_UNROLL
        for (std::size_t i = 0; i < 8; ++i) {
            L::load(a, mine, i);
            L::load(b, theirs, i);
            spare |= (b > a ? b : a) ^ a;
        }
        return L::any(spare);
    }
    template <std::size_t Bytes>
    [[gnu::always_inline]] static std::size_t run(const T* mine, const T* theirs, std::size_t size,
                                                  bool& rises_at_all) {
        constexpr std::size_t step = Lanes<T, Bytes>::step;
        std::size_t done = 0;
        for (; done + step <= size && !rises_at_all; done += step)
            rises_at_all = rises<Bytes>(mine + done, theirs + done);
        return done;
    }
};

template <class T>
struct RaiseSteps {
    template <std::size_t Bytes>
    [[gnu::always_inline]] static std::size_t run(T* mine, const T* theirs, std::size_t size,
                                                  bool& grew) {
        using L = Lanes<T, Bytes>;
        std::size_t done = 0;
        for (; done + L::step <= size; done += L::step) {
            // A step that would change nothing is skipped, so that memory is not written.
            if (!RiseSteps<T>::template rises<Bytes>(mine + done, theirs + done)) continue;
            typename L::Vector a, b;
            CRDT_UNROLL
            for (std::size_t i = 0; i < 8; ++i) {
                L::load(a, mine + done, i);
                L::load(b, theirs + done, i);
                a = b > a ? b : a;
                std::memcpy(mine + done + i * L::count, &a, Bytes);
            }
            grew = true;
        }
        return done;
    }
};

template <class T>
struct SumSteps {
    /// Adds the numbers to `parts` in turn, and adds to `bits` all bits that are set in any number.
    template <std::size_t Bytes>
    [[gnu::always_inline]] static std::size_t run(const T* numbers, std::size_t size, T (&parts)[8],
                                                  T& bits) {
        using L = Lanes<T, Bytes>;
        typename L::Vector sum{}, other_sum{}, seen{}, other_seen{}, next;
        std::size_t done = 0;
        for (; done + L::step <= size; done += L::step) {
            CRDT_UNROLL
            for (std::size_t i = 0; i < 8; i += 2) {
                L::load(next, numbers + done, i);
                sum += next;
                seen |= next;
                L::load(next, numbers + done, i + 1);
                other_sum += next;
                other_seen |= next;
            }
        }
        sum += other_sum;
        seen |= other_seen;
        for (std::size_t lane = 0; lane < L::count; ++lane) {
            parts[lane] += sum[lane];
            bits |= seen[lane];
        }
        return done;
    }
};
#else
inline Isa best_isa() { return Isa::plain; }

// There are no vector steps for this compiler or processor. The plain loops process everything.
template <class T>
struct RiseSteps;
template <class T>
struct RaiseSteps;
template <class T>
struct SumSteps;
template <class Steps, class... Arguments>
std::size_t run(Isa, Arguments&...) {
    return 0;
}
#endif

/// Returns best_isa() for rows that are long enough, else Isa::plain.
inline Isa isa_for(std::size_t size) { return size < 64 ? Isa::plain : best_isa(); }

/// mine := the larger of mine and theirs, number by number. Returns true iff a number grew.
template <std::integral T>
bool max_into(T* mine, const T* theirs, std::size_t size, Isa width) {
    bool grew = false;
    for (std::size_t i = run<RaiseSteps<T>>(width, mine, theirs, size, grew); i < size; ++i) {
        const bool rises = mine[i] < theirs[i];
        mine[i] = rises ? theirs[i] : mine[i];
        grew |= rises;
    }
    return grew;
}

/// Would max_into() make a number grow?
template <std::integral T>
bool any_greater(const T* mine, const T* theirs, std::size_t size, Isa width) {
    bool rises = false;
    for (std::size_t i = run<RiseSteps<T>>(width, mine, theirs, size, rises); i < size; ++i)
        rises |= mine[i] < theirs[i];
    return rises;
}

/// Adds to `sums` the sum of each column of a table, which is in memory row by row. The sums are
/// exact.
///
/// Sums of 64 bits are exact if the numbers are small enough for their count. The function checks
/// this while it adds. If the check fails, it adds up everything again in 128 bits.
template <std::size_t Columns>
void sum(const std::uint64_t* table, std::size_t rows, WideSum (&sums)[Columns], Isa width) {
    const std::size_t size = rows * Columns;
    if constexpr (8 % Columns == 0) {
        std::uint64_t parts[8] = {}, bits = 0;
        std::size_t i = run<SumSteps<std::uint64_t>>(width, table, size, parts, bits);
        for (; i + 8 <= size; i += 8) {
            for (std::size_t lane = 0; lane < 8; ++lane) {
                parts[lane] += table[i + lane];
                bits |= table[i + lane];
            }
        }
        for (; i < size; ++i) {
            parts[i % 8] += table[i];
            bits |= table[i];
        }
        if (bits <= ~std::uint64_t{0} / (size + 1)) {
            for (std::size_t lane = Columns; lane < 8; ++lane) parts[lane % Columns] += parts[lane];
            for (std::size_t column = 0; column < Columns; ++column)
                sums[column].add(parts[column]);
            return;
        }
    }
    for (std::size_t i = 0; i < size; ++i) sums[i % Columns].add(table[i]);
}

}  // namespace crdt::detail::simd

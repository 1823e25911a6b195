// SPDX-License-Identifier: MIT
//! Vectors of numbers: their length, and loops over rows in vector steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <crdt/detail/inlining.hpp>

// Every processor runs steps on vectors of 16 bytes, for example with SSE2 or NEON. An x86
// processor may have longer vectors, so best_isa() chooses their length at run time. Compilers
// without vector types run only plain loops.
#ifdef __GNUC__
#define CRDT_VECTORS 1
#define CRDT_UNROLL _Pragma("GCC unroll 8")
#ifdef __x86_64__
#define CRDT_LONG_VECTORS 1
#endif
#endif

namespace crdt::detail::simd {

/// The set of instructions to use.
enum class Isa { plain, baseline, avx2, avx512 };

/// Returns the best set of instructions that this processor has. The call takes only a few
/// instructions.
inline Isa best_isa() {
#ifdef CRDT_LONG_VECTORS
    if (__builtin_cpu_supports("avx512vl")) return Isa::avx512;
    if (__builtin_cpu_supports("avx2")) return Isa::avx2;
#endif
#ifdef CRDT_VECTORS
    return Isa::baseline;
#else
    return Isa::plain;
#endif
}

#ifdef CRDT_VECTORS
template <class T, std::size_t Bytes>
struct Lanes {
    // There are no vectors of character types, so a vector of integers of the same size is used.
    typedef std::conditional_t<std::is_signed_v<T>, std::make_signed_t<T>, std::make_unsigned_t<T>>
        Vector __attribute__((vector_size(Bytes)));
    static constexpr std::size_t count = Bytes / sizeof(T);

    [[gnu::always_inline]] static void load(Vector& into, const T* from) {
        std::memcpy(&into, from, Bytes);
    }
    [[gnu::always_inline]] static void store(T* to, const Vector& from) {
        std::memcpy(to, &from, Bytes);
    }
    [[gnu::always_inline]] static bool any(const Vector& vector) {
        std::uint64_t words[Bytes / 8], all = 0;
        std::memcpy(words, &vector, Bytes);
        for (const std::uint64_t word : words) all |= word;
        return all != 0;
    }
};

/// Calls steps.part<Bytes, vectors>(offset) for one piece of a row after another, until a call
/// returns false. A piece begins at number `offset` and has `vectors` vectors of `Bytes` bytes. The
/// pieces together contain the whole row. The last two pieces may overlap. Precondition: the row is
/// not shorter than a vector.
template <class T, std::size_t Bytes, class Steps>
[[gnu::always_inline]] inline void step_over(std::size_t size, Steps& steps) {
    constexpr std::size_t count = Lanes<T, Bytes>::count;
    std::size_t done = 0;
    for (; done + 8 * count <= size; done += 8 * count)
        if (!steps.template part<Bytes, 8>(done)) return;
    for (; done + count <= size; done += count)
        if (!steps.template part<Bytes, 1>(done)) return;
    if (done != size) steps.template part<Bytes, 1>(size - count);
}

#ifdef CRDT_LONG_VECTORS
template <class T, class Steps>
[[gnu::target("avx2")]] void step_over_avx2(std::size_t size, Steps& steps) {
    step_over<T, 32>(size, steps);
}
template <class T, class Steps>
[[gnu::target("avx512f,avx512vl,avx512bw,avx512dq")]] void step_over_avx512(std::size_t size,
                                                                            Steps& steps) {
    step_over<T, 64>(size, steps);
}
#endif

/// Calls step_over() with the longest vectors of `isa` that are not longer than the row.
/// Precondition: the row has at least 16 bytes.
template <class T, class Steps>
CRDT_NOINLINE void run([[maybe_unused]] Isa isa, std::size_t size, Steps& steps) {
#ifdef CRDT_LONG_VECTORS
    const std::size_t bytes = size * sizeof(T);
    if (isa == Isa::avx512 && bytes >= 64) return step_over_avx512<T>(size, steps);
    if (isa >= Isa::avx2 && bytes >= 32) return step_over_avx2<T>(size, steps);
#endif
    step_over<T, 16>(size, steps);
}
#endif

}  // namespace crdt::detail::simd

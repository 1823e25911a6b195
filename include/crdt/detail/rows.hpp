// SPDX-License-Identifier: MIT
//! Rows of numbers, joined many at a time where the processor can.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <type_traits>

// One body for each operation, in plain vectors of the compiler. It is compiled for the processors
// that x86 programs meet, and the widest that is there is taken at run time; any other processor,
// and any other compiler, has the plain loop. All give the same results (tests/detail/rows.cpp).
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define CRDT_X86_ROWS 1
#endif

namespace crdt::detail::rows {

/// The instructions to use.
enum class Width { plain, avx2, avx512 };

#ifdef CRDT_X86_ROWS
/// The widest that this processor has. A few instructions.
inline Width widest() {
    if (__builtin_cpu_supports("avx512vl")) return Width::avx512;
    return __builtin_cpu_supports("avx2") ? Width::avx2 : Width::plain;
}

template <class T, std::size_t Bytes>
struct Vector {
    typedef T type __attribute__((vector_size(Bytes)));
    static constexpr std::size_t lanes = Bytes / sizeof(T);
};

/// How many numbers a step of the vector loops takes: eight vectors.
template <class T, std::size_t Bytes>
inline constexpr std::size_t step = 8 * Vector<T, Bytes>::lanes;

/// Is any number of `theirs` above that of `mine`? Of `step` numbers.
template <std::size_t Bytes, class T>
[[gnu::always_inline]] inline bool step_rises(const T* mine, const T* theirs) {
    using V = typename Vector<T, Bytes>::type;
    V spare{};
    for (std::size_t i = 0; i < 8; ++i) {
        V a, b;
        std::memcpy(&a, mine + i * Vector<T, Bytes>::lanes, Bytes);
        std::memcpy(&b, theirs + i * Vector<T, Bytes>::lanes, Bytes);
        spare |= (b > a ? b : a) ^ a;
    }
    std::uint64_t words[Bytes / 8], any = 0;
    std::memcpy(words, &spare, Bytes);
    for (const std::uint64_t word : words) any |= word;
    return any != 0;
}

template <std::size_t Bytes, class T>
[[gnu::always_inline]] inline void step_raise(T* mine, const T* theirs) {
    using V = typename Vector<T, Bytes>::type;
    for (std::size_t i = 0; i < 8; ++i) {
        V a, b;
        std::memcpy(&a, mine + i * Vector<T, Bytes>::lanes, Bytes);
        std::memcpy(&b, theirs + i * Vector<T, Bytes>::lanes, Bytes);
        a = b > a ? b : a;
        std::memcpy(mine + i * Vector<T, Bytes>::lanes, &a, Bytes);
    }
}

/// As many whole steps of raise() as there are. Returns how many numbers that were.
template <std::size_t Bytes, class T>
[[gnu::always_inline]] inline std::size_t steps_raise(T* mine, const T* theirs, std::size_t size,
                                                      bool& grew) {
    constexpr std::size_t step = rows::step<T, Bytes>;
    std::size_t done = 0;
    for (; done + step <= size; done += step) {
        if (!step_rises<Bytes>(mine + done, theirs + done)) continue;
        step_raise<Bytes>(mine + done, theirs + done);
        grew = true;
    }
    return done;
}
template <std::size_t Bytes, class T>
[[gnu::always_inline]] inline std::size_t steps_rise(const T* mine, const T* theirs,
                                                     std::size_t size, bool& rises) {
    constexpr std::size_t step = rows::step<T, Bytes>;
    std::size_t done = 0;
    for (; done + step <= size && !rises; done += step)
        rises = step_rises<Bytes>(mine + done, theirs + done);
    return done;
}

template <class T>
[[gnu::target("avx2")]] std::size_t raise_avx2(T* mine, const T* theirs, std::size_t size,
                                               bool& grew) {
    return steps_raise<32>(mine, theirs, size, grew);
}
template <class T>
[[gnu::target("avx512f,avx512vl,avx512bw,avx512dq")]] std::size_t raise_avx512(
    T* mine, const T* theirs, std::size_t size, bool& grew) {
    return steps_raise<64>(mine, theirs, size, grew);
}
template <class T>
[[gnu::target("avx2")]] std::size_t rise_avx2(const T* mine, const T* theirs, std::size_t size,
                                              bool& rises) {
    return steps_rise<32>(mine, theirs, size, rises);
}
template <class T>
[[gnu::target("avx512f,avx512vl,avx512bw,avx512dq")]] std::size_t rise_avx512(
    const T* mine, const T* theirs, std::size_t size, bool& rises) {
    return steps_rise<64>(mine, theirs, size, rises);
}
#else
inline Width widest() { return Width::plain; }
#endif

/// mine := the larger of mine and theirs, number by number. True iff one grew.
template <std::integral T>
bool raise(T* mine, const T* theirs, std::size_t size, Width width) {
    bool grew = false;
    std::size_t i = 0;
#ifdef CRDT_X86_ROWS
    if (width == Width::avx512) i = raise_avx512(mine, theirs, size, grew);
    if (width == Width::avx2) i = raise_avx2(mine, theirs, size, grew);
#endif
    for (; i < size; ++i) {
        const bool rises = mine[i] < theirs[i];
        mine[i] = rises ? theirs[i] : mine[i];
        grew |= rises;
    }
    return grew;
}
template <std::integral T>
bool raise(T* mine, const T* theirs, std::size_t size) {
    return raise(mine, theirs, size, size < 32 ? Width::plain : widest());
}

/// Would raise() make one grow?
template <std::integral T>
bool would_rise(const T* mine, const T* theirs, std::size_t size, Width width) {
    bool rises = false;
    std::size_t i = 0;
#ifdef CRDT_X86_ROWS
    if (width == Width::avx512) i = rise_avx512(mine, theirs, size, rises);
    if (width == Width::avx2) i = rise_avx2(mine, theirs, size, rises);
#endif
    for (; i < size; ++i) rises |= mine[i] < theirs[i];
    return rises;
}
template <std::integral T>
bool would_rise(const T* mine, const T* theirs, std::size_t size) {
    return would_rise(mine, theirs, size, size < 32 ? Width::plain : widest());
}

}  // namespace crdt::detail::rows

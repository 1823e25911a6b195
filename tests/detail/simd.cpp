// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/detail/checked.hpp>
#include <crdt/detail/simd.hpp>
#include <crdt/lattice/bulk.hpp>
#include <crdt/random.hpp>

namespace simd_tests {

using crdt::Random;
using crdt::detail::WideSum;
namespace simd = crdt::detail::simd;

namespace {

/// Returns the widths of vectors that this processor has.
std::vector<simd::Isa> widths() {
    std::vector<simd::Isa> result{simd::Isa::plain};
#ifdef CRDT_X86_SIMD
    if (__builtin_cpu_supports("avx2")) result.push_back(simd::Isa::avx2);
    if (__builtin_cpu_supports("avx512vl")) result.push_back(simd::Isa::avx512);
#endif
    return result;
}

}  // namespace

// A bug: a misspelt macro disabled all vector loops, and all results were still right.
TEST_CASE("simd: the best instructions of the processor are used") {
#if defined(__x86_64__) && defined(__GNUC__)
    const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
    CHECK((simd::best_isa() != simd::Isa::plain) == has_avx2);
#endif
    CHECK(simd::best_isa() == widths().back());
    CHECK(simd::isa_for(1) == simd::Isa::plain);
    CHECK(simd::isa_for(1024) == simd::best_isa());
}

namespace {

/// Returns numbers that are often equal, and often a limit of their type.
template <class T>
std::vector<T> draw(std::size_t size, Random& random) {
    std::vector<T> numbers(size);
    for (T& number : numbers) {
        switch (random.below(4)) {
            case 0: number = std::numeric_limits<T>::lowest(); break;
            case 1: number = std::numeric_limits<T>::max(); break;
            default: number = static_cast<T>(random.below(5)); break;
        }
    }
    return numbers;
}

template <class T>
void check_raise() {
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        CAPTURE(seed);
        Random random(seed);
        const std::size_t size = random.below(700);
        const std::vector<T> mine = draw<T>(size, random);
        std::vector<T> theirs = draw<T>(size, random);
        if (seed % 2 == 0) theirs = mine;
        // Sometimes only one number differs, at a random position.
        if (seed % 4 == 0 && size > 0) theirs[random.below(size)] = std::numeric_limits<T>::max();
        std::vector<T> expected = mine;
        for (std::size_t i = 0; i < size; ++i) {
            if (expected[i] < theirs[i]) expected[i] = theirs[i];
        }
        const bool grows = expected != mine;
        for (const simd::Isa width : widths()) {
            std::vector<T> joined = mine;
            REQUIRE(simd::any_greater(joined.data(), theirs.data(), size, width) == grows);
            REQUIRE(simd::max_into(joined.data(), theirs.data(), size, width) == grows);
            REQUIRE(joined == expected);
            REQUIRE_FALSE(simd::max_into(joined.data(), theirs.data(), size, width));
        }
    }
}

template <std::size_t Columns>
void check_sum(std::uint64_t below) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        CAPTURE(seed);
        Random random(seed);
        const std::size_t rows_there = random.below(500);
        std::vector<std::uint64_t> table(rows_there * Columns);
        for (std::uint64_t& number : table)
            number = below == 0 ? random.next() : random.below(below);
        std::array<WideSum, Columns> expected;
        for (std::size_t i = 0; i < table.size(); ++i) expected[i % Columns].add(table[i]);
        for (const simd::Isa width : widths()) {
            WideSum sums[Columns];
            simd::sum(table.data(), rows_there, sums, width);
            for (std::size_t i = 0; i < Columns; ++i) REQUIRE(sums[i] == expected[i]);
        }
    }
}

}  // namespace

TEST_CASE("rows: vectors of every width give the same join") {
    check_raise<std::uint64_t>();
    check_raise<std::int64_t>();
    check_raise<std::uint32_t>();
    check_raise<std::int32_t>();
    check_raise<std::uint16_t>();
    check_raise<std::int8_t>();
    check_raise<unsigned char>();
}

TEST_CASE("rows: vectors of every width give the same sum, which never wraps") {
    check_sum<1>(1000);
    check_sum<1>(0);
    check_sum<2>(1000);
    check_sum<2>(0);
    check_sum<3>(0);
}

}  // namespace simd_tests

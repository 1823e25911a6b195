// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/detail/checked.hpp>
#include <crdt/detail/simd.hpp>
#include <crdt/detail/sums.hpp>
#include <crdt/lattice/bulk.hpp>
#include <crdt/pncounter.hpp>
#include <crdt/random.hpp>
#include <crdt/total.hpp>

namespace simd_tests {

using crdt::Random;
using crdt::detail::WideSum;
namespace simd = crdt::detail::simd;

namespace {

/// Returns the sets of instructions that this processor has.
std::vector<simd::Isa> isas() {
    std::vector<simd::Isa> result{simd::Isa::plain};
#ifdef CRDT_VECTORS
    result.push_back(simd::Isa::baseline);
#endif
#ifdef CRDT_LONG_VECTORS
    if (__builtin_cpu_supports("avx2")) result.push_back(simd::Isa::avx2);
    if (__builtin_cpu_supports("avx512vl")) result.push_back(simd::Isa::avx512);
#endif
    return result;
}

}  // namespace

// A bug: a misspelt macro disabled all vector loops, and all results were still right.
TEST_CASE("simd: the best instructions of the processor are used") {
#ifdef __GNUC__
    CHECK(simd::best_isa() >= simd::Isa::baseline);
#endif
#if defined(__x86_64__) && defined(__GNUC__)
    const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
    CHECK((simd::best_isa() >= simd::Isa::avx2) == has_avx2);
#endif
    CHECK(simd::best_isa() == isas().back());
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
        // Short rows are the most frequent ones.
        const std::size_t size = random.below(seed % 2 == 0 ? 40 : 700);
        const std::vector<T> mine = draw<T>(size, random);
        std::vector<T> theirs = draw<T>(size, random);
        if (random.below(2) == 0) theirs = mine;
        // Sometimes only one number differs, at a random position.
        if (random.below(2) == 0 && size > 0)
            theirs[random.below(size)] = std::numeric_limits<T>::max();
        std::vector<T> expected = mine;
        for (std::size_t i = 0; i < size; ++i) {
            if (expected[i] < theirs[i]) expected[i] = theirs[i];
        }
        const bool grows = expected != mine;
        for (const simd::Isa isa : isas()) {
            std::vector<T> joined = mine;
            REQUIRE(simd::equal(joined.data(), theirs.data(), size, isa) == (mine == theirs));
            REQUIRE(simd::any_greater(joined.data(), theirs.data(), size, isa) == grows);
            REQUIRE(simd::max_into(joined.data(), theirs.data(), size, isa) == grows);
            REQUIRE(joined == expected);
            REQUIRE_FALSE(simd::max_into(joined.data(), theirs.data(), size, isa));
        }
    }
}

template <std::size_t Columns>
void check_sum(std::uint64_t below) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        CAPTURE(seed);
        Random random(seed);
        std::vector<std::vector<std::uint64_t>> parts(1 + random.below(5));
        std::array<WideSum, Columns> expected;
        for (auto& part : parts) {
            part.resize(Columns * random.below(seed % 2 == 0 ? 20 : 500));
            for (std::size_t i = 0; i < part.size(); ++i) {
                part[i] = below == 0 ? random.next() : random.below(below);
                expected[i % Columns].add(part[i]);
            }
        }
        for (const simd::Isa isa : isas()) {
            simd::Sums sums;
            for (const auto& part : parts) sums.add(part.data(), part.size(), isa);
            if (below != 0) REQUIRE(sums.are_exact());
            if (!sums.are_exact()) continue;
            for (std::size_t i = 0; i < Columns; ++i) {
                WideSum sum;
                sum.add(sums.of(i, Columns));
                REQUIRE(sum == expected[i]);
            }
        }
    }
}

template <class Count>
void check_total() {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        CAPTURE(seed);
        Random random(seed);
        crdt::PNCounter<std::uint64_t, Count> counter;
        WideSum added, subtracted;
        for (std::uint64_t i = 0, size = random.below(seed % 2 == 0 ? 30 : 2000); i < size; ++i) {
            const auto amount = static_cast<std::int64_t>(
                random.next() >> (seed % 3 == 0 ? 1 : 65 - 8 * sizeof(Count) + 16));
            const auto few = static_cast<std::int64_t>(static_cast<Count>(amount) / 2);
            counter.add(i, few);
            counter.add(i, -few / 2);
            added.add(static_cast<std::uint64_t>(few));
            subtracted.add(static_cast<std::uint64_t>(few / 2));
        }
        REQUIRE(counter.total() == crdt::detail::total_of(added, subtracted));
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
    check_raise<char16_t>();
}

TEST_CASE("rows: vectors of every width give the same sum, unless it may wrap") {
    check_sum<1>(1000);
    check_sum<1>(0);
    check_sum<2>(1000);
    check_sum<2>(0);
    check_sum<4>(1000);
    check_sum<8>(1000);
}

TEST_CASE("rows: the total of a counter is exact, also if it needs more than 64 bits") {
    check_total<std::uint64_t>();
    check_total<std::uint32_t>();
}

}  // namespace simd_tests

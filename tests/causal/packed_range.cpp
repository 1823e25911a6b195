// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/packed_range.hpp>
#include <crdt/random.hpp>

namespace packed_range_tests {

using crdt::DotRange;
using crdt::DotSet;
using crdt::detail::PackedRange;
using Set = DotSet<std::uint64_t>;
using Range = DotRange<std::uint64_t>;

namespace {

constexpr std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();

/// The numbers around each limit: of the first number and of the length.
std::vector<std::uint64_t> limits() {
    std::vector<std::uint64_t> numbers{1, 2, 3, greatest - 2, greatest - 1, greatest};
    for (const unsigned bits : {23U, 32U, 40U, 63U}) {
        const std::uint64_t limit = std::uint64_t{1} << bits;
        for (const std::uint64_t number : {limit - 2, limit - 1, limit, limit + 1, limit + 2})
            numbers.push_back(number);
    }
    return numbers;
}

}  // namespace

TEST_CASE("PackedRange: what fits comes back") {
    for (const std::uint64_t first : limits()) {
        for (const std::uint64_t more : limits()) {
            const std::uint64_t length = more - 1;
            if (length > greatest - first) continue;
            CAPTURE(first);
            CAPTURE(length);
            const std::uint64_t last = first + length;
            REQUIRE(PackedRange::fits(first, last) ==
                    (first < std::uint64_t{1} << 40U && length < std::uint64_t{1} << 23U));
            if (!PackedRange::fits(first, last)) continue;
            const PackedRange range(first, last);
            CHECK(range.is_range());
            CHECK_FALSE(range.is_many());
            CHECK_FALSE(range.is_empty());
            CHECK(range.first() == first);
            CHECK(range.last() == last);
        }
    }
}

TEST_CASE("PackedRange: an address comes back") {
    const std::vector<std::uint64_t> words(3);
    for (const std::uint64_t& word : words) {
        const PackedRange range(&word);
        CHECK(range.is_many());
        CHECK_FALSE(range.is_range());
        CHECK_FALSE(range.is_empty());
        CHECK(range.address<const std::uint64_t>() == &word);
    }
    CHECK(PackedRange().is_empty());
    CHECK_FALSE(PackedRange().is_many());
    CHECK_FALSE(PackedRange().is_range());
}

TEST_CASE("DotSet: ranges at the limits of packing agree with a set of segments") {
    // Each range begins at one of these numbers, and ends before one of them, so each segment
    // between two of them is wholly in a set, or not at all.
    std::vector<std::uint64_t> borders = limits();
    std::sort(borders.begin(), borders.end());
    borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        crdt::Random random(seed);
        Set set;
        std::vector<bool> model(borders.size() - 1);
        for (int step = 0; step < 12; ++step) {
            const auto begin = static_cast<std::size_t>(random.below(model.size()));
            const auto end =
                begin + 1 + static_cast<std::size_t>(random.below(model.size() - begin));
            const Range range{7, borders[begin], borders[end] - 1};
            const bool adds = random.below(3) != 0;
            if (adds)
                set.add(range);
            else
                set.erase(Set(range));
            for (std::size_t i = begin; i < end; ++i) model[i] = adds;
            Set rebuilt;
            for (std::size_t i = model.size(); i-- > 0;) {
                const Range segment{7, borders[i], borders[i + 1] - 1};
                REQUIRE(are_disjoint(Set(segment), set) != model[i]);
                REQUIRE(Set(segment).leq(set) == model[i]);
                if (model[i]) rebuilt.add(segment);
            }
            REQUIRE(set == rebuilt);
            const Set copy = set;
            REQUIRE(copy == rebuilt);
            REQUIRE(difference(copy, Set(range)).leq(rebuilt));
        }
    }
}

}  // namespace packed_range_tests

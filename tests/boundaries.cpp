// SPDX-License-Identifier: MIT
//! Counters and dots work at the numbers at which other libraries and other JSON programs fail.
#include <cstdint>
#include <string>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/bounded_counter.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/lex_counter.hpp>
#include <crdt/pncounter.hpp>
#include <crdt/resettable_counter.hpp>

namespace boundaries_tests {

using namespace crdt;

namespace {

constexpr std::uint64_t boundaries[] = {
    std::uint64_t{1} << 15, std::uint64_t{1} << 16, std::uint64_t{1} << 31,
    std::uint64_t{1} << 32, std::uint64_t{1} << 53, std::uint64_t{1} << 62,
};

/// The state, written and read.
template <class L>
L through_json(const L& state) {
    const auto read = json::try_decode<L>(json::encode(state));
    REQUIRE(read);
    CHECK(*read == state);
    return *read;
}

template <class Counter>
void check_steps(std::uint64_t boundary) {
    CAPTURE(Counter::type_name);
    Counter counter;
    counter.add("a", boundary - 1);
    for (std::uint64_t expected = boundary - 1; expected <= boundary + 1; ++expected) {
        counter = through_json(counter);
        CHECK(static_cast<std::uint64_t>(counter.value()) == expected);
        counter.add("a", 1);
    }
    Counter other;
    other.add("b", boundary);
    counter.merge(other);
    CHECK(static_cast<std::uint64_t>(through_json(counter).value()) == 2 * boundary + 2);
}

}  // namespace

TEST_CASE("counters go up beyond 2^15, 2^31, 2^32, 2^53 and 2^62, also through JSON") {
    for (const std::uint64_t boundary : boundaries) {
        check_steps<GCounter<>>(boundary);
        if (boundary == std::uint64_t{1} << 62)
            continue;  // twice this does not fit a signed number
        check_steps<PNCounter<>>(boundary);
        check_steps<LexCounter<>>(boundary);
        check_steps<BoundedCounter<>>(boundary);
        check_steps<ResettableCounter<>>(boundary);
    }
}

TEST_CASE("counters go down beyond the same numbers") {
    for (const std::uint64_t boundary : boundaries) {
        PNCounter<> counter;
        counter.add("a", -static_cast<std::int64_t>(boundary));
        counter.add("b", -1);
        CHECK(through_json(counter).value() == -static_cast<std::int64_t>(boundary) - 1);
    }
}

TEST_CASE("dots are numbered beyond the same numbers") {
    for (const std::uint64_t boundary : boundaries) {
        const Causal<DotMap<int, DotSet<>>> worn({}, DotSet<>({"a", 1, boundary - 2}));
        auto set = AWSet<int>::from_lattice(worn);
        for (const int element : {1, 2, 3, 4}) set.insert("a", element);
        set.erase(2);
        set = through_json(set);
        CHECK(set.size() == 3);
        CHECK(set.context().last("a") == boundary + 2);
        CHECK(set.context().range_count() == 1);
    }
}

}  // namespace boundaries_tests

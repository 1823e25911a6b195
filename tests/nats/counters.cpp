// SPDX-License-Identifier: MIT
//! Tests the limits and the lists of the counters of the service.
#include "counterd/counters.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/random.hpp>

namespace counters_tests {

using counterd::CounterKey;
using counterd::Counters;
using counterd::Kind;
using crdt::Random;

namespace {

constexpr auto greatest = std::numeric_limits<std::int64_t>::max();
const std::string name = "x";

}  // namespace

TEST_CASE("counters: concurrent adds beyond 64 bits are readable and can be subtracted again") {
    constexpr std::int64_t much = 9'000'000'000'000'000'000;
    for (const std::int64_t amount : {much, -much}) {
        Counters state, other;
        state.add(1, name, amount);
        other.add(2, name, amount);
        state.merge(other);
        CHECK(state.total(name, Kind::counter).to_string() ==
              (amount > 0 ? "18000000000000000000" : "-18000000000000000000"));
        // The total cannot move further out of the range, not even by 1.
        CHECK_THROWS_AS(state.add(1, name, amount > 0 ? 1 : -1), std::overflow_error);
        CHECK(state.add(1, name, 0).is_bottom());
        state.add(1, name, -amount);
        CHECK(state.total(name, Kind::counter) == amount);
    }
    Counters state, other;
    state.add_bounded(1, name, much);
    other.add_bounded(2, name, much);
    state.merge(other);
    CHECK(state.total(name, Kind::bounded).to_string() == "18000000000000000000");
    CHECK_THROWS_AS(state.add_bounded(2, name, 1), std::overflow_error);
    state.add_bounded(2, name, -much);
    CHECK(state.total(name, Kind::bounded) == much);
}

TEST_CASE(
    "counters: a bounded counter refuses an add that the node's slot could not subtract again") {
    Counters state;
    state.add_bounded(1, name, greatest);
    state.add_bounded(1, name, -greatest);
    CHECK_THROWS_AS(state.add_bounded(1, name, 1), std::overflow_error);
    state.add_bounded(2, name, 5);
    CHECK_THROWS_AS(state.transfer(2, 1, name, 1), std::overflow_error);
    state.add_bounded(2, name, -5);
    CHECK(state.total(name, Kind::bounded) == 0);
}

TEST_CASE("counters: lists contain each counter once, for all pages, kinds and resets") {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        CAPTURE(seed);
        Random random(seed);
        Counters state;
        std::map<CounterKey, bool> model;  // is it visible?
        for (int i = 0; i < 40; ++i) {
            const std::string each = std::string(1, static_cast<char>('a' + random.below(3))) +
                                     std::to_string(random.below(12));
            switch (random.below(4)) {
                case 0:
                    state.add_bounded(1, each, 1);
                    model[{each, Kind::bounded}] = true;
                    break;
                case 1:
                    // Another replica resets the counter, so an entry remains.
                    state.add(1, each, 1);
                    state.reset(2, each);
                    model[{each, Kind::counter}] = false;
                    break;
                default: state.add(1, each, 1); model[{each, Kind::counter}] = true;
            }
        }
        for (const std::string prefix : {"", "a", "b1", "z"}) {
            for (const std::optional<Kind> only :
                 {std::optional<Kind>(), std::optional(Kind::counter),
                  std::optional(Kind::bounded)}) {
                std::vector<CounterKey> expected;
                for (const auto& [key, is_visible] : model)
                    if (is_visible && key.name.starts_with(prefix) && (!only || *only == key.kind))
                        expected.push_back(key);
                std::vector<CounterKey> found;
                const std::size_t limit = 1 + random.below(5);
                std::optional<CounterKey> after;
                do {
                    const auto page = state.list(prefix, after, only, limit);
                    CHECK(page.keys.size() <= limit);
                    found.insert(found.end(), page.keys.begin(), page.keys.end());
                    after = page.last;
                } while (after);
                CHECK((found == expected));
            }
        }
    }
}

TEST_CASE("counters: a list begins after the given key, even if that key does not exist") {
    Counters state;
    for (const std::string each : {"a", "b", "c"}) state.add(1, each, 1);
    state.add_bounded(1, "b", 1);
    const auto names = [&](const std::string& prefix, const CounterKey& after) {
        std::string found;
        for (const CounterKey& key : state.list(prefix, after, std::nullopt, 9).keys)
            found += key.name + (key.kind == Kind::bounded ? "!" : "");
        return found;
    };
    CHECK(names("", {"", Kind::bounded}) == "abb!c");
    CHECK(names("b", {"a", Kind::bounded}) == "bb!");
    CHECK(names("b", {"b", Kind::counter}) == "b!");
    CHECK(names("b", {"b", Kind::bounded}) == "");
    CHECK(names("b", {"c", Kind::bounded}) == "");
    CHECK(names("a", {"b", Kind::counter}) == "");
}

TEST_CASE("counters: a list visits a limited number of counters that were reset") {
    Counters state;
    for (int i = 0; i < 25'000; ++i) state.add(3, "r" + std::to_string(i), 1);
    for (int i = 0; i < 25'000; ++i) state.reset(2, "r" + std::to_string(i));
    state.add(3, "s", 1);
    std::size_t pages = 0;
    std::optional<CounterKey> after;
    std::vector<CounterKey> found;
    do {
        const auto page = state.list("", after, std::nullopt, 1);
        found.insert(found.end(), page.keys.begin(), page.keys.end());
        after = page.last;
        ++pages;
    } while (after);
    CHECK(found.size() == 1);
    CHECK(pages >= 3);
    CHECK(pages <= 4);
}

}  // namespace counters_tests

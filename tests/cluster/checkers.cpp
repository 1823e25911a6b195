// SPDX-License-Identifier: MIT
//! Tests of the checkers.
#include <doctest/doctest.h>

#include "made_history.hpp"
#include <checker.hpp>

namespace checkers_tests {

using namespace cluster;

namespace {

Verdict judge_as(const History& history, std::string_view workload,
                 std::optional<double> availability = {}) {
    return judge(history, *find_workload(workload), availability);
}

bool blames(const Verdict& verdict, const std::string& words) {
    for (const auto& reason : verdict.reasons)
        if (reason.find(words) != reason.npos) return true;
    return false;
}

}  // namespace

TEST_CASE("subset sums are exact") {
    const SubsetSums sums({3, -5, 3});
    for (const int reachable : {0, 3, 6, -5, -2, 1}) CHECK(sums.contains(reachable));
    for (const int other : {-6, -4, -3, -1, 2, 4, 5, 7}) CHECK_FALSE(sums.contains(other));
}

TEST_CASE("without terms, only zero is a subset sum") {
    CHECK(SubsetSums({}).contains(0));
    CHECK_FALSE(SubsetSums({}).contains(1));
    CHECK_FALSE(SubsetSums({}).contains(-1));
}

TEST_CASE("a counter's final reads are the definite sum plus any subset of the unknown") {
    auto history = history_of(1);
    append_add(history, 0, 4);
    append_add(history, 0, -5, 0, Outcome::info);
    append_add(history, 0, 3, 0, Outcome::info);
    append_add(history, 0, 2, 0, Outcome::fail);

    for (const int value : {4, -1, 7, 2}) {
        auto with_read = history;
        append_final_read(with_read, 0, value);
        CHECK(judge_as(with_read, "pn-counter").valid());
    }
    for (const int value : {0, 3, 6, 9}) {
        auto with_read = history;
        append_final_read(with_read, 0, value);
        CHECK(blames(judge_as(with_read, "pn-counter"), "acceptable: 4 plus"));
    }
}

TEST_CASE("reads before the end may have any value") {
    auto history = history_of(1);
    append_add(history, 0, 4);
    append_read(history, 0, 0);
    append_final_read(history, 0, 4);
    CHECK(judge_as(history, "g-counter").valid());
}

TEST_CASE("every worker needs a final read") {
    auto history = history_of(2);
    append_add(history, 0, 1);
    append_final_read(history, 0, 1);
    CHECK(blames(judge_as(history, "g-counter"), "worker 1 was never invoked"));
}

TEST_CASE("a set must keep acknowledged elements and contain no others") {
    auto history = history_of(1);
    append_add(history, 0, 0);
    append_add(history, 0, 1);
    append_add(history, 0, 2, 0, Outcome::info);

    const auto judged = [&](json elements) {
        auto with_read = history;
        append_final_read(with_read, 0, std::move(elements));
        return judge_as(with_read, "g-set");
    };
    CHECK(judged({0, 1}).valid());
    CHECK(judged({2, 1, 0}).valid());
    CHECK(blames(judged({0, 2}), "lacked acknowledged elements: 1 (1)"));
    CHECK(blames(judged({0, 1, "x"}), "never added: 1 (\"x\")"));
    CHECK(blames(judged({0, 1, 1}), "more than once"));
}

TEST_CASE("ids must be unique, and echoes equal") {
    auto ids = history_of(1);
    append(ids, 0, "generate", 0, Outcome::ok).result = "a";
    append(ids, 0, "generate", 0, Outcome::ok).result = "b";
    CHECK(judge_as(ids, "unique-ids").valid());
    append(ids, 0, "generate", 0, Outcome::ok).result = "a";
    CHECK(blames(judge_as(ids, "unique-ids"), "more than once"));

    auto echoes = history_of(1);
    auto& echo = append(echoes, 0, "echo", 0, Outcome::ok);
    echo.argument = echo.result = "hi";
    CHECK(judge_as(echoes, "echo").valid());
    echo.result = "ho";
    CHECK(blames(judge_as(echoes, "echo"), "the echo at n0"));
}

TEST_CASE("availability is checked if requested") {
    auto history = history_of(1);
    append_add(history, 0, 1);
    append_add(history, 0, 1, 0, Outcome::fail);
    append_final_read(history, 0, 1);
    CHECK(judge_as(history, "g-counter").valid());
    CHECK(judge_as(history, "g-counter", 0.6).valid());
    CHECK(blames(judge_as(history, "g-counter", 1.0), "of all operations were ok"));
}

TEST_CASE("crashes, protocol errors and a lack of operations are failures") {
    auto history = history_of(1);
    append_final_read(history, 0, 0);
    history.exits.push_back({0, "n0", "exited with code 1"});
    history.protocol_errors.push_back({0, "n0", "a line that is not JSON", "hello"});
    const auto verdict = judge_as(history, "g-counter");
    CHECK(blames(verdict, "n0 exited with code 1"));
    CHECK(blames(verdict, "n0 wrote a line that is not JSON: hello"));
    CHECK(blames(judge_as(history_of(1), "echo"), "no operation was ok"));
}

}  // namespace checkers_tests

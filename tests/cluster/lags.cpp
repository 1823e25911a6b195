// SPDX-License-Identifier: MIT
//! Tests of the measures of convergence.
#include <doctest/doctest.h>

#include "made_history.hpp"
#include <lag.hpp>

namespace lags_tests {

using namespace cluster;

TEST_CASE(
    "the lag of a read reaches back to the first add of another node that the read cannot "
    "include") {
    auto history = history_of(2);
    append_add(history, 0, 2, 1000);
    append_add(history, 0, 3, 2000);
    append_add(history, 1, 1, 2500);
    append_read(history, 1, 1, 3000);
    append_read(history, 1, 3, 4000);
    append_read(history, 1, 6, 5000);
    append_read(history, 0, 5, 6000);

    const auto lags = counter_lags(history);
    REQUIRE(lags.size() == 4);
    CHECK(lags[0].lag == 2000);
    CHECK(lags[1].lag == 2000);
    CHECK(lags[2].lag == 0);
    CHECK(lags[3].lag == 3500);
}

TEST_CASE("an element is stable once no read lacks it") {
    auto history = history_of(2);
    append_add(history, 0, 0, 1000);
    append_add(history, 0, 1, 2000);
    append_read(history, 1, json::array(), 1500);
    append_read(history, 0, {0, 1}, 2500);
    append_read(history, 1, {1}, 4000);
    append_read(history, 1, {0, 1}, 9000);
    CHECK(stable_latencies_ms(history) == std::vector<double>{3, 0});
}

TEST_CASE("recovery ends when every node has all adds acknowledged before the heal") {
    auto history = history_of(2);
    append_add(history, 0, 4, 1000);
    history.faults.push_back({Fault::partition, "", 500, 2000});
    append_read(history, 0, 4, 2100);
    append_read(history, 1, 0, 2500);
    append_read(history, 1, 4, 3000);
    history.faults.push_back({Fault::partition, "", 4000, 5000});

    const auto found = recoveries(history, *find_workload("g-counter"));
    REQUIRE(found.size() == 2);
    CHECK(found[0].took == 1000);
    CHECK_FALSE(found[1].took);
}

TEST_CASE("the recovery of a set is measured by its elements") {
    auto history = history_of(1);
    append_add(history, 0, 0, 1000);
    append_add(history, 0, 1, 3000);
    history.faults.push_back({Fault::partition, "", 500, 2000});
    append_read(history, 0, {1}, 3100);
    append_read(history, 0, {0}, 3500);
    const auto found = recoveries(history, *find_workload("g-set"));
    REQUIRE(found.size() == 1);
    CHECK(found[0].took == 1500);
}

TEST_CASE("a counter that also decreases has no measure of lag") {
    CHECK(convergence(history_of(2), *find_workload("pn-counter")).is_null());
}

}  // namespace lags_tests

// SPDX-License-Identifier: MIT
//! Tests of the simulated network.
#include <string>

#include <doctest/doctest.h>

#include <network.hpp>

namespace networks_tests {

using namespace cluster;

namespace {

Envelope from_to(const char* src, const char* dest) { return {src, dest, {{"type", "x"}}}; }

}  // namespace

TEST_CASE("a cut is one-way and drops on arrival") {
    Network network({10, Spread::constant}, Random(1));
    network.send(from_to("n0", "n1"), 1, 0);
    network.send(from_to("n1", "n0"), 1, 0);
    CHECK_FALSE(network.receive(9'999));
    network.cut({{"n0", "n1"}});
    const auto arrived = network.receive(10'000);
    REQUIRE(arrived);
    CHECK(arrived->second.dest == "n0");
    CHECK_FALSE(network.receive(10'000));
    CHECK(network.traffic().dropped == 1);

    network.heal();
    network.send(from_to("n0", "n1"), 1, 10'000);
    CHECK(network.receive(20'000));
}

TEST_CASE("equal latency keeps the order") {
    Network network({0, Spread::constant}, Random(1));
    for (const char* dest : {"n1", "n2", "n3"}) network.send(from_to("n0", dest), 1, 5);
    for (const char* dest : {"n1", "n2", "n3"}) CHECK(network.receive(5)->second.dest == dest);
}

TEST_CASE("latency has its mean and its bounds") {
    Random random(1);
    for (const auto spread : {Spread::constant, Spread::uniform, Spread::exponential}) {
        const Latency latency{10, spread};
        double sum = 0;
        for (int i = 0; i < 20'000; ++i) {
            const auto drawn = latency.draw(random);
            CHECK(drawn >= 0);
            if (spread == Spread::uniform) CHECK(drawn <= 20'000);
            sum += static_cast<double>(drawn);
        }
        CHECK(sum / 20'000 == doctest::Approx(10'000).epsilon(0.05));
    }
}

TEST_CASE("messages are counted by source and destination when they are sent") {
    Network network({}, Random(1));
    network.send(from_to("c1", "n0"), 10, 0);
    network.send(from_to("n0", "c1"), 20, 0);
    network.send(from_to("n0", "n1"), 30, 0);
    network.send(from_to("n0", "seq-kv"), 40, 0);
    CHECK(network.traffic().all.messages == 4);
    CHECK(network.traffic().clients.bytes == 30);
    CHECK(network.traffic().servers.messages == 2);
    CHECK(network.traffic().servers.bytes == 70);
}

}  // namespace networks_tests

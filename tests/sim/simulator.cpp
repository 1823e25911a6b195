// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include <doctest/doctest.h>

#include <crdt/sim/client.hpp>
#include <crdt/sim/simulator.hpp>

#include "support/sanitized.hpp"
#include "support/updates.hpp"

namespace simulator_tests {

using namespace crdt;
using namespace support;

namespace {

/// The first of `seeds` runs that fails without a rule; 0 if none does.
template <class Policy>
std::uint64_t first_failure(std::uint64_t seeds) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        if (!sim::simulate<Numbers, Policy>(seed, insert_unique).ok()) return seed;
    }
    return 0;
}

/// Is the counter at the end the sum of what was acknowledged, and perhaps of what was not?
template <class Policy>
bool counts_all(std::uint64_t seed) {
    sim::Simulator<Counter, decltype(&add_one), Policy> simulator(
        sim::SimulationOptions::draw(seed), seed, add_one);
    if (!simulator.run().ok()) return false;
    const auto& updates = simulator.updates();
    const auto sure = std::count_if(updates.begin(), updates.end(), [](const auto& update) {
        return update.acknowledged && !update.destroyed;
    });
    const std::int64_t value = simulator.state().value();
    return sure <= value && value <= static_cast<std::int64_t>(updates.size());
}

/// A simulation without faults in which all gossip once a second, far slower than messages travel.
sim::SimulationOptions calm(std::size_t replicas, replication::OverlayOptions overlay) {
    sim::SimulationOptions simulation;
    simulation.replicas = replicas;
    simulation.overlay = overlay;
    simulation.options.interval = std::chrono::milliseconds{1000};
    simulation.faulty_for = std::chrono::milliseconds{60000};
    simulation.faults = sim::FaultOptions::none();
    return simulation;
}

/// Elements sent for each that was inserted.
template <class Policy>
double sent_per_update(replication::OverlayOptions overlay) {
    const auto report = sim::Simulator<Numbers, decltype(&insert_unique), Policy>(calm(7, overlay),
                                                                                  1, insert_unique)
                            .run();
    REQUIRE(report.ok());
    return static_cast<double>(report.parts) / static_cast<double>(report.updates);
}

struct WithoutEpochs : sim::Policy {
    static constexpr bool checks_epochs = false;
};
struct WithoutGaps : sim::Policy {
    static constexpr bool checks_gaps = false;
};
struct WithoutBound : sim::Policy {
    static constexpr bool bounds_log = false;
};
struct WithoutPersistence : sim::Policy {
    static constexpr bool persists_first = false;
};
struct WithoutNewNames : sim::Policy {
    static constexpr bool renews_names = false;
};
struct WithoutBP : sim::Policy {
    static constexpr bool avoids_back_propagation = false;
    static constexpr bool avoids_echo = false;
};
struct WithoutRR : sim::Policy {
    static constexpr bool removes_redundancy = false;
};

}  // namespace

TEST_CASE("sim: runs of faults leave sets equal, complete and silent") {
    for (std::uint64_t seed = 1; seed < 1 + support::seeds(500); ++seed) {
        const auto report = sim::simulate<Numbers>(seed, insert_unique);
        CAPTURE(seed);
        CAPTURE(report.violation);
        if (!report.ok()) MESSAGE(sim::diagram<Numbers>(seed, insert_unique));
        CHECK(report.ok());
    }
}

TEST_CASE("sim: runs of faults leave sets with removals equal and silent") {
    for (std::uint64_t seed = 1001; seed < 1001 + support::seeds(300); ++seed) {
        const auto report = sim::simulate<Words>(seed, add_or_remove);
        CAPTURE(seed);
        CAPTURE(report.violation);
        CHECK(report.ok());
    }
}

TEST_CASE("sim: runs of faults leave maps of resettable counters equal and silent") {
    for (std::uint64_t seed = 2001; seed < 2001 + support::seeds(100); ++seed) {
        const auto report = sim::simulate<Counters>(seed, count_or_reset);
        CAPTURE(seed);
        CAPTURE(report.violation);
        CHECK(report.ok());
    }
}

TEST_CASE("sim: replicas with slow links are resynchronised all the same") {
    // Seed 247756 once had what it sent dropped for old before any ack could come.
    CHECK(sim::simulate<Numbers>(247756, insert_unique).ok());
    for (const unsigned latency : {100U, 700U, 3000U}) {
        sim::SimulationOptions simulation = calm(2, {});
        simulation.faults.mean_delay =
            std::chrono::milliseconds{4 * latency};  // a heal quarters it
        simulation.options.interval = std::chrono::milliseconds{2};
        simulation.options.ack_delay = {};
        simulation.faulty_for = std::chrono::milliseconds{5000};
        simulation.patience = std::chrono::milliseconds{100 * latency};
        CAPTURE(latency);
        const auto report =
            sim::Simulator<Numbers, decltype(&insert_unique)>(simulation, 1, insert_unique).run();
        CAPTURE(report.violation);
        CHECK(report.ok());
    }
}

TEST_CASE("sim: a counter is what was acknowledged, and some of what was not") {
    for (std::uint64_t seed = 3001; seed < 3001 + support::seeds(300); ++seed) {
        CAPTURE(seed);
        CHECK(counts_all<sim::Policy>(seed));
    }
}

TEST_CASE("sim: without any one of the rules, runs fail") {
    CHECK(first_failure<WithoutEpochs>(300) != 0);
    CHECK(first_failure<WithoutGaps>(300) != 0);
    CHECK(first_failure<WithoutBound>(300) != 0);
    CHECK(first_failure<WithoutPersistence>(300) != 0);
}

TEST_CASE("sim: a replica that goes on under its name without its state counts short") {
    std::uint64_t failures = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed)
        failures += counts_all<WithoutNewNames>(seed) ? 0U : 1U;
    CHECK(failures > 5);
}

TEST_CASE("sim: frames that were damaged, or are of the next version, occur and are refused") {
    std::uint64_t refused = 0, messages = 0, bytes = 0;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        const auto report = sim::simulate<Words>(seed, add_or_remove);
        refused += report.refused;
        messages += report.messages;
        bytes += report.bytes;
    }
    CHECK(refused > messages / 20);
    CHECK(refused < messages / 2);
    CHECK(bytes > messages * frame::overhead);
}

TEST_CASE("sim: a state is held against the updates that it is made of") {
    sim::Ledger<Numbers> ledger;
    Numbers first, both, other;
    ledger.enter(0, first.insert(1), true);
    both = first;
    ledger.enter(0, both.insert(2), true);
    other.insert(3);
    CHECK(ledger.explains(Numbers()));
    CHECK(ledger.explains(first));
    CHECK(ledger.explains(both));
    CHECK_FALSE(ledger.explains(other));
}

TEST_CASE("sim: a client's token is checked against what it has seen") {
    Numbers some, more;
    some.insert(1);
    more = some;
    more.insert(2);
    sim::Client<Numbers> client;
    client.note(some);
    CHECK(client.visit(Numbers()));
    CHECK(client.visit(more));
    CHECK(client.visit(some));
}

TEST_CASE("sim: without BP or RR, replicas are sent what they have") {
    using replication::Overlay;
    const replication::OverlayOptions tree{Overlay::tree, 2, 1}, mesh{Overlay::random, 4, 1};
    CHECK(sent_per_update<sim::Policy>(tree) == 6);
    CHECK(sent_per_update<WithoutBP>(tree) > 8);
    CHECK(sent_per_update<WithoutRR>(mesh) > 1.2 * sent_per_update<sim::Policy>(mesh));
}

TEST_CASE("sim: a seed gives the same run everywhere") {
    const auto once = sim::simulate<Numbers>(7, insert_unique);
    CHECK(sim::simulate<Numbers>(7, insert_unique).trace_hash == once.trace_hash);
    CHECK(sim::simulate<Numbers>(8, insert_unique).trace_hash != once.trace_hash);
    // Whatever changes what replicas send changes these; compilers and machines do not.
    CHECK(once.trace_hash == 0x34890EF1EE3139CC);
    CHECK(sim::simulate<Words>(8, add_or_remove).trace_hash == 0x97ED055E6AA5418C);
    CHECK(once.messages > 20);
    CHECK(once.updates > 5);
}

TEST_CASE("sim: a run can be read and seen") {
    const std::string text = sim::diagram<Numbers>(24, insert_unique);
    CHECK(text.find("n1 receives from n0") != std::string::npos);
    CHECK(text.find("update") != std::string::npos);
    const std::string svg = sim::diagram<Numbers>(24, insert_unique, true);
    CHECK(svg.starts_with("<svg"));
    CHECK(svg.find("class=\"lost\"") != std::string::npos);
    CHECK(svg.ends_with("</svg>\n"));
    const std::string broken = sim::diagram<Numbers, WithoutPersistence>(
        first_failure<WithoutPersistence>(300), insert_unique);
    CHECK(broken.find("BROKEN") != std::string::npos);
}

}  // namespace simulator_tests

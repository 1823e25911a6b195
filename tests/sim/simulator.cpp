// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include <crdt/sim/simulator.hpp>

#include "support/seeds.hpp"
#include "support/updates.hpp"
#include <space_time.hpp>

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
    auto options = sim::SimulationOptions::draw(seed);
    options.burst = 1;
    sim::Simulator<Counter, decltype(&count_one), Policy> simulator(options, seed, count_one);
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
    static constexpr bool changes_names = false;
};
struct WithoutBP : sim::Policy {
    static constexpr bool avoids_back_propagation = false;
    static constexpr bool avoids_echo = false;
};
struct WithoutRR : sim::Policy {
    static constexpr bool removes_redundancy = false;
};
struct WithoutHolding : sim::Policy {
    static constexpr bool holds_relays = false;
};

}  // namespace

TEST_CASE("sim: runs of faults leave sets equal, complete and silent") {
    for (std::uint64_t seed = 1; seed < 1 + support::seeds(500); ++seed) {
        const auto report = sim::simulate<Numbers>(seed, insert_unique);
        CAPTURE(seed);
        CAPTURE(report.violation);
        if (!report.ok()) MESSAGE(sim::trace<Numbers>(seed, insert_unique).text());
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

TEST_CASE("sim: runs of faults leave bags with ranges of dots equal and silent") {
    for (std::uint64_t seed = 4001; seed < 4001 + support::seeds(200); ++seed) {
        const auto report = sim::simulate<Stock>(seed, fill_or_take);
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
        simulation.faults.network.mean_delay =
            std::chrono::milliseconds{4 * latency};  // a heal quarters it
        simulation.options.interval = std::chrono::milliseconds{2};
        simulation.options.ack_delay = {};
        simulation.faulty_for = std::chrono::milliseconds{5000};
        simulation.settle_within = std::chrono::milliseconds{100 * latency};
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
    for (std::uint64_t seed = 1; seed <= 100 && failures < 5; ++seed)
        failures += counts_all<WithoutNewNames>(seed) ? 0U : 1U;
    CHECK(failures == 5);
}

TEST_CASE("sim: frames that are corrupted, or of the next version, occur and are rejected") {
    std::uint64_t rejected = 0, messages = 0, bytes = 0;
    for (std::uint64_t seed = 1; seed <= support::seeds(50); ++seed) {
        const auto report = sim::simulate<Words>(seed, add_or_remove);
        rejected += report.rejected;
        messages += report.messages;
        bytes += report.bytes;
    }
    CHECK(rejected > messages / 20);
    CHECK(rejected < messages / 2);
    CHECK(bytes > messages * frame::overhead);
}

TEST_CASE("sim: a state must be made of parts of updates") {
    sim::StateChecker<Numbers> checker;
    Numbers first, both, other, many;
    for (std::uint64_t number = 100; number < 1000; ++number) many.insert(number);
    checker.add(0, first.insert(1), true);
    both = first;
    const std::size_t second = checker.add(0, both.insert(2), true);
    checker.add(0, many, true);
    other.insert(3);
    CHECK(checker.check_gained(first) == nullptr);
    CHECK(checker.check_gained(both) == nullptr);
    CHECK(checker.check_gained(many) == nullptr);
    CHECK(checker.check_gained(Numbers{500}) == nullptr);
    CHECK(checker.check_gained(other) != nullptr);
    CHECK(checker.check_final(join(both, many)) == nullptr);
    CHECK(checker.check_final(both) != nullptr);
    CHECK(checker.check_final(join(join(both, many), other)) != nullptr);
    checker.crash({second}, first);
    CHECK(checker.check_gained(first) == nullptr);
    CHECK(checker.check_gained(both) != nullptr);
}

TEST_CASE("sim: a state must not contain a value between those that were written") {
    sim::StateChecker<Counter> checker;
    Counter counter;
    checker.add(0, counter.add(1, 2), true);
    checker.add(0, counter.add(1, 3), true);
    Counter between;
    between.add(1, 4);
    CHECK(checker.check_gained(counter) == nullptr);
    CHECK(checker.check_gained(between) != nullptr);
}

TEST_CASE("sim: a client's token is compared with what it has seen") {
    Numbers some, more;
    some.insert(1);
    more = some;
    more.insert(2);
    sim::SessionChecker<Numbers> client;
    client.note(some);
    CHECK(client.visit(Numbers()) == nullptr);
    CHECK(client.visit(more) == nullptr);
    CHECK(client.visit(some) == nullptr);
}

TEST_CASE("sim: events leave the queue in the order of their times, and then of their entry") {
    const auto at = [](int milliseconds) {
        return sim::Time{std::chrono::milliseconds{milliseconds}};
    };
    sim::EventQueue<int> queue;
    CHECK_FALSE(queue.next_time());
    for (const int event : {5, 3, 4}) queue.push(at(event % 2), event);
    CHECK(queue.next_time() == at(0));
    CHECK(queue.pop().event == 4);
    queue.push(at(1), 6);
    CHECK(queue.pop().event == 5);
    CHECK(queue.pop().event == 3);
    CHECK(queue.size() == 1);
    CHECK(queue.pop().event == 6);
    CHECK(queue.empty());
}

TEST_CASE("sim: a network loses, repeats, replays, delays and corrupts messages") {
    const sim::Time start{}, end = start + std::chrono::seconds{10};
    const auto received = [&](sim::NetworkOptions options) {
        sim::Network<std::string> network(1, options);
        for (int i = 0; i < 1000; ++i) network.send(0, 1, "message", start);
        std::size_t arrived = 0, corrupted = 0;
        while (const auto packet = network.receive(end)) {
            ++arrived;
            corrupted += packet->is_corrupted;
            CHECK(packet->is_corrupted == (packet->payload != "message"));
        }
        return std::pair(arrived, corrupted);
    };
    sim::NetworkOptions options;
    CHECK(received(options) == std::pair(std::size_t{1000}, std::size_t{0}));
    options.loss = 50;
    CHECK(received(options).first > 400);
    CHECK(received(options).first < 600);
    options = {};
    options.duplication = options.replay = 100;
    CHECK(received(options).first == 3000);
    options = {};
    options.corruption = 30;
    CHECK(received(options).second > 200);
    CHECK(received(options).second < 400);

    options = {};
    options.mean_delay = std::chrono::milliseconds{5};
    sim::Network<int> network(1, options);
    network.send(0, 1, 7, start);
    CHECK_FALSE(network.receive(start));
    CHECK(network.next_arrival() == start + options.mean_delay);
    CHECK(network.receive(end)->payload == 7);
}

TEST_CASE("sim: a partition keeps messages from the other side, in both directions or in one") {
    const sim::Time now{};
    sim::Network<int> network(1);
    const auto arrives = [&](std::size_t from, std::size_t to) {
        network.send(from, to, 0, now);
        return !network.receive(now)->is_lost;
    };
    CHECK(arrives(0, 1));
    network.partition(sim::TwoSides{0b10, false});
    CHECK_FALSE(arrives(0, 1));
    CHECK_FALSE(arrives(1, 0));
    CHECK(arrives(0, 2));
    network.partition(sim::TwoSides{0b10, true});
    CHECK(arrives(0, 1));
    CHECK_FALSE(arrives(1, 0));
    network.partition([](std::size_t, std::size_t to) { return to != 2; });
    CHECK_FALSE(arrives(1, 2));
    CHECK(arrives(2, 1));
    network.heal();
    CHECK(arrives(1, 2));
}

TEST_CASE("sim: without BP or RR, or if nothing is held back, replicas are sent what they have") {
    using replication::Overlay;
    const replication::OverlayOptions tree{Overlay::tree, 2, 1}, mesh{Overlay::random, 4, 1},
        full{Overlay::full_mesh, 0, 1};
    CHECK(sent_per_update<sim::Policy>(tree) == 6);
    CHECK(sent_per_update<WithoutBP>(tree) > 8);
    CHECK(sent_per_update<WithoutRR>(mesh) > 1.2 * sent_per_update<sim::Policy>(mesh));
    CHECK(sent_per_update<sim::Policy>(full) < 7);  // six others
    CHECK(sent_per_update<WithoutHolding>(full) > 12);
}

TEST_CASE("sim: a seed gives the same run everywhere") {
    const auto once = sim::simulate<Numbers>(7, insert_unique);
    CHECK(sim::simulate<Numbers>(7, insert_unique).trace_hash == once.trace_hash);
    CHECK(sim::simulate<Numbers>(8, insert_unique).trace_hash != once.trace_hash);
    // Whatever changes what replicas send changes these; compilers and machines do not.
    CHECK(once.trace_hash == 0x2976F04655FFF092);
    CHECK(sim::simulate<Words>(8, add_or_remove).trace_hash == 0xEB44D1B706F8A3F6);
    CHECK(sim::simulate<Stock>(9, fill_or_take).trace_hash == 0x5B500F3FB1F75B8B);
    CHECK(once.messages > 20);
    CHECK(once.updates > 5);
}

TEST_CASE("sim: a run can be read and seen") {
    sim::Simulator<Numbers, decltype(&insert_unique)> simulator(sim::SimulationOptions::draw(25),
                                                                25, insert_unique, true);
    simulator.run();
    const std::string text = pictures::draw_text(simulator.trace(), simulator.replica_count());
    CHECK(text.find("n1 receives from n0") != std::string::npos);
    CHECK(text.find("update") != std::string::npos);
    CHECK(simulator.trace().text().find("n1 receives from n0") != std::string::npos);
    const std::string svg = pictures::SpaceTime(simulator.trace(), simulator.replica_count()).svg();
    CHECK(svg.starts_with("<svg"));
    CHECK(svg.find("class=\"lost\"") != std::string::npos);
    CHECK(svg.ends_with("</svg>\n"));
    const std::string broken = sim::trace<Numbers, WithoutPersistence>(
                                   first_failure<WithoutPersistence>(300), insert_unique)
                                   .text();
    CHECK(broken.find("VIOLATION") != std::string::npos);
}

}  // namespace simulator_tests

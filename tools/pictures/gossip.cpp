// SPDX-License-Identifier: MIT
//! Draws the space-time diagram of three replicas. One of them is partitioned for a while.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>

#include <crdt/gset.hpp>
#include <crdt/sim/simulator.hpp>

#include "pictures.hpp"
#include "space_time.hpp"

namespace pictures {
namespace {

using Numbers = crdt::GSet<std::uint64_t>;

/// The replicas gossip at most ten times per second. After one second the network is partitioned.
/// It heals 0.8 seconds later.
crdt::sim::SimulationOptions cut_once() {
    crdt::sim::SimulationOptions world;
    world.replicas = 3;
    world.options.interval = std::chrono::milliseconds{100};
    world.options.ack_delay = std::chrono::milliseconds{40};
    world.options.retry_limit = std::chrono::milliseconds{500};
    world.faults = crdt::sim::FaultOptions::none(std::chrono::milliseconds{60});
    world.faults.partition = 100;
    world.rate = 3;
    world.faulty_for = std::chrono::milliseconds{1800};
    return world;
}

}  // namespace

void draw_gossip(const Save& save) {
    const auto insert = [](Numbers& set, std::size_t, auto& random) {
        return set.insert(random.next());
    };
    constexpr std::uint64_t seed = 25;  // isolates the third replica, with few messages
    crdt::sim::Simulator<Numbers, decltype(insert)> simulator(cut_once(), seed, insert, true);
    if (const auto report = simulator.run(); !report.ok())
        throw std::runtime_error(report.violation);
    save("gossip", SpaceTime(simulator.trace(), simulator.replica_count()).svg());
}

}  // namespace pictures

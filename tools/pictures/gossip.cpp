// SPDX-License-Identifier: MIT
//! The space-time diagram of a run of three replicas that a partition cuts off from each other.
#include <cstddef>
#include <cstdint>
#include <stdexcept>

#include <crdt/gset.hpp>
#include <crdt/sim/simulator.hpp>

#include "pictures.hpp"

namespace pictures {
namespace {

using Numbers = crdt::GSet<std::uint64_t>;

/// Replicas that gossip ten times a second at most. After a second the network is cut in two, and
/// it heals 0.8 seconds later.
crdt::sim::World cut_once() {
    using crdt::replication::milliseconds;
    crdt::sim::World world;
    world.replicas = 3;
    world.options.interval = 100 * milliseconds;
    world.options.ack_delay = 40 * milliseconds;
    world.options.retry_limit = 500 * milliseconds;
    world.faults = crdt::sim::Faults::none(60 * milliseconds);
    world.faults.partition = 100;
    world.rate = 3;
    world.faulty_for = 1800 * milliseconds;
    return world;
}

}  // namespace

void draw_gossip(const Save& save) {
    const auto insert = [](Numbers& set, std::size_t, auto& random) {
        return set.insert(random.next());
    };
    constexpr std::uint64_t seed = 8;  // of those that cut one replica off, one of few messages
    crdt::sim::Simulator<Numbers, decltype(insert)> simulator(cut_once(), seed, insert, true);
    if (const auto report = simulator.run(); !report.ok())
        throw std::runtime_error(report.violation);
    save("gossip", simulator.trace().svg(simulator.replica_count()));
}

}  // namespace pictures

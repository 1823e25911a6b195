// SPDX-License-Identifier: MIT
//! Options of a simulated run: its faults, its shape, and how a seed draws them.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <crdt/random.hpp>
#include <crdt/replication/options.hpp>
#include <crdt/replication/overlay.hpp>
#include <crdt/sim/network.hpp>

namespace crdt::sim {

/// The faults of one run. A number without a unit is a probability in percent. It applies to each
/// replica in each second, except where a comment names something else.
struct FaultOptions {
    /// The delays of messages, and the faults that affect them.
    NetworkOptions network;
    /// For the cluster in each second: a partition into two sides begins or ends.
    unsigned partition = 0;
    /// Whether partitions can be in one direction only.
    bool one_way = false;
    /// For each start of a replica: it uses the next version of frames, which other replicas
    /// reject.
    unsigned next_version = 0;
    /// A crash after which the storage contains everything.
    unsigned crash_complete = 0;
    /// A crash after which the storage contains what was durable, and some of what was being
    /// written.
    unsigned crash_torn_write = 0;
    /// A crash after which the storage contains what was durable.
    unsigned crash_durable = 0;
    /// A crash after which the storage contains an old copy of what was durable. The replica
    /// restarts under its old id.
    unsigned crash_old_copy = 0;
    /// A crash after which the storage is empty. The replica restarts under another id.
    unsigned crash_empty = 0;
    /// The replica does nothing for a while, and its timers are late.
    unsigned pause = 0;
    /// The clock of the replica jumps ahead.
    unsigned clock_jump = 0;
    /// Clocks run fast by at most this number of per mille.
    unsigned drift = 0;
    /// For the cluster in each second: a replica joins.
    unsigned join = 0;
    /// The replica leaves, and never returns.
    unsigned leave = 0;
    /// The replica drops a member from its view, and adds the member again later.
    unsigned flap = 0;
    /// For each view: it names each member twice.
    unsigned duplicate_members = 0;
    /// For the cluster in each second: all replicas get other neighbours, each at a different time.
    unsigned rewire = 0;

    /// Returns options without faults. Each message takes `latency`.
    static FaultOptions none(Duration latency = std::chrono::milliseconds{1}) {
        FaultOptions faults;
        faults.network.mean_delay = latency;
        return faults;
    }

    /// Draws the faults of a run. Each fault is switched off with a probability of one half, so
    /// that runs with few faults are as frequent as runs with many faults (swarm testing).
    static FaultOptions draw(crdt::Random& random) {
        FaultOptions faults;
        NetworkOptions& network = faults.network;
        const struct {
            unsigned& percent;
            unsigned most;
        } rows[] = {{network.loss, 50},          {network.duplication, 30},
                    {network.replay, 10},        {network.corruption, 20},
                    {faults.partition, 60},      {faults.next_version, 30},
                    {faults.crash_complete, 10}, {faults.crash_torn_write, 10},
                    {faults.crash_durable, 10},  {faults.crash_old_copy, 10},
                    {faults.crash_empty, 10},    {faults.pause, 15},
                    {faults.clock_jump, 10},     {faults.drift, 100},
                    {faults.join, 20},           {faults.leave, 5},
                    {faults.flap, 20},           {faults.duplicate_members, 50},
                    {faults.rewire, 20}};
        for (const auto& row : rows) {
            if (random.below(2) == 0)
                row.percent = static_cast<unsigned>(1 + random.below(row.most));
        }
        faults.one_way = random.below(2) == 0;
        network.delay = static_cast<Delay>(random.below(3));
        network.mean_delay =
            std::chrono::milliseconds{1 + random.below(random.below(2) == 0 ? 20 : 600)};
        return faults;
    }
};

/// The size, the workload and the faults of a run.
struct SimulationOptions {
    /// The number of members at the beginning.
    std::size_t replicas = 3;
    /// The greatest number of replicas in a run, counting those that have left.
    std::size_t max_replicas = 8;
    /// The options of each replicator, except for the seed.
    replication::Options options;
    /// The overlay, which determines the neighbours of each member.
    replication::OverlayOptions overlay;
    /// The faults, which end after `faulty_for`.
    FaultOptions faults;
    /// The number of updates per second, over all replicas.
    unsigned rate = 10;
    /// The largest number of calls of the mutator that one update joins.
    std::size_t burst = 1;
    /// The time from the beginning to the end of the faults.
    Duration faulty_for = std::chrono::seconds{8};
    /// Within this time after the end of the faults, all states must become equal, and the replicas
    /// must stop sending.
    Duration settle_within = std::chrono::seconds{60};

    /// Draws the size, the options, the overlay, the workload and the faults of a run. Limits are
    /// often tiny. Each feature is switched off with a probability of one half.
    static SimulationOptions draw(std::uint64_t seed) {
        crdt::Random random(seed);
        const auto is_on = [&] { return random.below(2) == 0; };
        SimulationOptions run;
        run.replicas = 2 + random.below(std::size_t{5});
        run.options.interval = std::chrono::milliseconds{1 + random.below(1000)};
        run.options.ack_delay = std::chrono::milliseconds{random.below(300)};
        if (is_on()) run.options.log_limit = 1 + random.below(std::size_t{20});
        if (is_on()) run.options.message_limit = 1 + random.below(std::size_t{20});
        if (is_on()) run.options.eager_cost = 1 + random.below(std::size_t{20});
        if (is_on()) run.overlay.shape = static_cast<replication::Overlay>(random.below(4));
        run.overlay.degree = 1 + random.below(std::size_t{4});
        run.overlay.seed = seed;
        run.faults = FaultOptions::draw(random);
        run.rate = static_cast<unsigned>(1 + random.below(30));
        // A large state, in a run with few updates.
        if (random.below(8) == 0) {
            run.rate = 1 + run.rate / 8;
            run.burst = 2 + random.below(std::size_t{20});
        }
        return run;
    }
};

}  // namespace crdt::sim

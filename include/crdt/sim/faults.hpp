// SPDX-License-Identifier: MIT
//! Faults: what a simulated world does to its replicas, drawn from a seed.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <crdt/random.hpp>
#include <crdt/replication/options.hpp>
#include <crdt/replication/overlay.hpp>

namespace crdt::sim {

using replication::Duration;
using replication::random_below;
using replication::Time;

/// How delays spread about their mean.
enum class Delay { constant, uniform, exponential };

/// The faults of one run. Chances are in percent: of a message, or of a replica in each second.
struct FaultOptions {
    /// Messages that never arrive.
    unsigned loss = 0;
    /// Messages that arrive twice.
    unsigned duplication = 0;
    /// A copy of a message arrives again, seconds later, when replicas may have restarted.
    unsigned replay = 0;
    /// Bits of a message are flipped, or its end is cut off.
    unsigned damage = 0;
    /// Of each start of a replica: it uses the next version of the protocol, which others reject.
    unsigned next_version = 0;
    /// Of messages.
    Delay delay = Delay::constant;
    /// Of messages.
    Duration mean_delay = std::chrono::milliseconds{1};
    /// Partitions into two sides, drawn each time; some of them in one direction only.
    unsigned partition = 0;
    /// May partitions be in one direction only?
    bool one_way = false;
    /// A crash that leaves the whole state.
    unsigned crash_kept = 0;
    /// A crash that leaves what was durable, and some of what was being written.
    unsigned crash_torn = 0;
    /// A crash that leaves what was durable.
    unsigned crash_durable = 0;
    /// A crash that leaves nothing. The replica restarts under another id.
    unsigned crash_lost = 0;
    /// A crash that leaves an old copy of what was durable. The replica restarts under its old id.
    unsigned crash_old_copy = 0;
    /// A replica does nothing for a while; its timers are late.
    unsigned pause = 0;
    /// A clock jumps ahead.
    unsigned clock_jump = 0;
    /// Clocks run up to this many per mille fast.
    unsigned drift = 0;
    /// A replica joins.
    unsigned join = 0;
    /// A member leaves permanently.
    unsigned leave = 0;

    /// The seed decides which faults occur, so mixes of few faults are as frequent as large ones.
    static FaultOptions draw(crdt::Random& random) {
        const auto perhaps = [&](unsigned most) {
            return random.below(2) == 0 ? 0U : static_cast<unsigned>(1 + random.below(most));
        };
        FaultOptions faults;
        faults.loss = perhaps(50);
        faults.duplication = perhaps(30);
        faults.replay = perhaps(10);
        faults.delay = static_cast<Delay>(random.below(3));
        faults.mean_delay =
            std::chrono::milliseconds{1 + random.below(random.below(2) == 0 ? 20 : 600)};
        faults.partition = perhaps(60);
        faults.one_way = random.below(2) == 0;
        faults.crash_kept = perhaps(10);
        faults.crash_durable = perhaps(10);
        faults.crash_lost = perhaps(10);
        faults.pause = perhaps(15);
        faults.clock_jump = perhaps(10);
        faults.drift = perhaps(100);
        faults.join = perhaps(20);
        faults.leave = perhaps(20);
        faults.damage = perhaps(20);
        faults.next_version = perhaps(30);
        faults.crash_old_copy = perhaps(10);
        faults.crash_torn = perhaps(10);
        return faults;
    }

    /// None: messages take a constant time, and that is all.
    static FaultOptions none(Duration latency = std::chrono::milliseconds{1}) {
        FaultOptions faults;
        faults.mean_delay = latency;
        return faults;
    }

    /// How long a message takes.
    Duration draw_delay(crdt::Random& random) const {
        if (delay == Delay::constant) return mean_delay;
        if (delay == Delay::uniform) return random_below(random, 2 * mean_delay + Duration{1});
        // Exponential, in eight halvings: the sum of uniforms below ever rarer thresholds.
        Duration result = random_below(random, mean_delay + Duration{1});
        for (unsigned halving = 0; halving < 8 && random.below(2) == 0; ++halving)
            result += random_below(random, 2 * mean_delay + Duration{1});
        return result;
    }
};

/// The shape of a run.
struct SimulationOptions {
    /// Members at the beginning.
    std::size_t replicas = 3;
    /// Members may join up to this many.
    std::size_t most_replicas = 8;
    /// Of every replicator, but for epoch and seed.
    replication::Options options;
    /// Whom members gossip with.
    replication::OverlayOptions overlay;
    /// Until the heal.
    FaultOptions faults;
    /// Updates a second over all replicas, and for how long.
    unsigned rate = 10;
    /// From the beginning to the heal.
    Duration faulty_for = std::chrono::milliseconds{8000};
    /// Within this after the heal, all are equal and silent.
    Duration patience = std::chrono::milliseconds{30000};

    /// A world of this seed: its size, options, overlay and faults. Limits are often tiny.
    static SimulationOptions draw(std::uint64_t seed) {
        crdt::Random random(seed);
        SimulationOptions world;
        world.replicas = 2 + random.below(std::size_t{5});
        world.options.interval = std::chrono::milliseconds{1 + random.below(1000)};
        world.options.ack_delay = std::chrono::milliseconds{random.below(300)};
        world.options.log_limit = random.below(2) == 0 ? 1 + random.below(std::size_t{20}) : 10000;
        world.options.message_limit =
            random.below(2) == 0 ? 1 + random.below(std::size_t{20}) : 10000;
        world.overlay.shape = static_cast<replication::Overlay>(random.below(4));
        world.overlay.degree = 1 + random.below(std::size_t{4});
        world.overlay.seed = seed;
        world.faults = FaultOptions::draw(random);
        world.rate = static_cast<unsigned>(1 + random.below(30));
        return world;
    }
};

}  // namespace crdt::sim

// SPDX-License-Identifier: MIT
//! ReplicaData: what all links of a replica share.
#pragma once

#include <algorithm>
#include <cstdint>

#include <crdt/lattice/concepts.hpp>
#include <crdt/random.hpp>
#include <crdt/replication/delta_log.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/metrics.hpp>
#include <crdt/replication/options.hpp>
#include <crdt/replication/time.hpp>

namespace crdt::replication {

/// The data that all links of a replica share.
template <DecomposableLattice L, class PeerId, class Policy>
struct ReplicaData {
    /// The replicated state.
    L state = {};
    /// The number that identifies this run of the replica.
    Epoch epoch = unknown_epoch;
    /// Identifies the prunings of the state.
    Generation generation = 0;
    Options options = {};
    Random random;
    /// The deltas that some peer may still lack.
    DeltaLog<L, PeerId, Policy> log;
    Metrics metrics = {};

    ReplicaData(Epoch number, const Options& chosen)
        : epoch(number),
          options(chosen),
          random(chosen.seed ^ static_cast<std::uint64_t>(number)),
          log(chosen.message_limit) {}

    /// Returns how long to wait for an answer after `attempts` messages were not answered:
    /// (interval + 2 ack delays) · 1.5^attempts, but at most the retry limit. Random jitter
    /// shortens this time by up to a quarter. The time is long enough for an ack that waits for a
    /// message to carry it.
    Duration retry_delay(unsigned attempts) {
        Duration delay = options.interval + 2 * options.ack_delay;
        for (; attempts > 0 && delay < options.retry_limit; --attempts) delay += delay / 2;
        delay = (std::min)(delay, options.retry_limit);
        return delay - random_below(random, delay / 4 + Duration{1});
    }
};

}  // namespace crdt::replication

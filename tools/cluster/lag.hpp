// SPDX-License-Identifier: MIT
//! How far reads lagged behind what was acknowledged: convergence, as seen from outside.
//!
//! All of it is seen through reads, so nothing is known finer than the time between two reads at a
//! node. Unknown operations that took effect make a counter look fresher than it is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "history.hpp"
#include "workload.hpp"

namespace cluster {

/// A read of a counter that only grows, and how old the newest state is that it can have shown:
/// the least L such that all that other nodes acknowledged L before it fits in the value.
struct ReadLag {
    Micros invoked;
    std::size_t node;
    Micros lag;
};

std::vector<ReadLag> counter_lags(const History& history);

/// How long each acknowledged element was still missing from some read after its acknowledgement.
std::vector<double> stable_latencies_ms(const History& history);

/// A partition's end, and how long after it a read at every node had shown all that was
/// acknowledged before; nothing if the next partition, or the last read, came first.
struct Recovery {
    Micros healed;
    std::optional<Micros> took;
};

std::vector<Recovery> recoveries(const History& history, const Workload& workload);

/// Everything above as it goes into the results; null for workloads that have no such measure.
json convergence(const History& history, const Workload& workload);

}  // namespace cluster

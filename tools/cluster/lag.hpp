// SPDX-License-Identifier: MIT
//! How far reads lag behind acknowledged operations: convergence, as clients observe it.
//!
//! The resolution is the time between two reads at a node. Unknown operations that took effect make
//! a counter look more recent than it is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "history.hpp"
#include "workload.hpp"

namespace cluster {

/// A read of a grow-only counter, and the age of the newest state that it can have shown: the least
/// L such that all that other nodes acknowledged L before the read fits in the value.
struct ReadLag {
    Micros invoked;
    std::size_t node;
    Micros lag;
};

std::vector<ReadLag> counter_lags(const History& history);

/// For each acknowledged element, how long after its acknowledgement some read still lacked it.
std::vector<double> stable_latencies_ms(const History& history);

/// The end of a partition, and the time until a read at every node had shown all earlier
/// acknowledged operations; nothing if the next partition, or the last read, came first.
struct Recovery {
    Micros healed;
    std::optional<Micros> took;
};

std::vector<Recovery> recoveries(const History& history, const Workload& workload);

/// All of this for the results; null for workloads without such a measure.
json convergence(const History& history, const Workload& workload);

}  // namespace cluster

// SPDX-License-Identifier: MIT
//! Measures how far reads lag behind acknowledged operations. This is convergence as clients
//! observe it.
//!
//! The resolution is the time between two reads at a node. If an operation with an unknown outcome
//! took effect, a counter looks more recent than it is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "history.hpp"
#include "workload.hpp"

namespace cluster {

/// The lag of a read of a grow-only counter. Let L be the lag: the value read includes at least the
/// amounts that other nodes had acknowledged at the time L before the read. L is the least such
/// time.
struct ReadLag {
    Micros invoked;
    std::size_t node;
    Micros lag;
};

std::vector<ReadLag> counter_lags(const History& history);

/// Returns, for each acknowledged element, the time from its acknowledgement to the last read that
/// lacked it.
std::vector<double> stable_latencies_ms(const History& history);

/// The end of a partition, and the time until every node had answered a read with all operations
/// acknowledged before the end. There is no time if the next partition or the last read came first.
struct Recovery {
    Micros healed;
    std::optional<Micros> took;
};

std::vector<Recovery> recoveries(const History& history, const Workload& workload);

/// Returns all these measures as JSON for the results, or null for a workload without such a
/// measure.
json convergence(const History& history, const Workload& workload);

}  // namespace cluster

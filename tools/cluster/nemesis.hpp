// SPDX-License-Identifier: MIT
//! The nemesis: which fault happens when, and to which nodes. The cluster executes it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "history.hpp"
#include "network.hpp"
#include "random.hpp"

namespace cluster {

/// The beginning or the end of a fault.
struct FaultStep {
    Fault fault;
    bool starts;
    std::string what;                ///< the nodes and the kind, as text
    Cuts cuts;                       ///< of a partition that starts
    std::vector<std::size_t> nodes;  ///< that are killed or paused, and later restored
};

/// One node, isolated from all others.
Cuts isolate_one(const std::vector<std::string>& shuffled);
/// Two sides, the first of `size` nodes.
Cuts split(const std::vector<std::string>& shuffled, std::size_t size);
/// Every node receives from a majority of its own, with itself in the middle. Cuts are one-way.
Cuts majorities_ring(const std::vector<std::string>& shuffled);

/// Each fault alternates between start and stop, with a pause of 0 to 2 intervals between the
/// steps.
class Nemesis {
    struct Schedule {
        Fault fault;
        Micros next;
        bool active = false;
        std::vector<std::size_t> nodes;
    };

    std::vector<std::string> names_;
    double interval_;
    Random random_;
    std::vector<Schedule> schedules_;

    Micros pause();
    Schedule& earliest();
    FaultStep start(Schedule& schedule);
    FaultStep start_partition();
    FaultStep stop(Schedule& schedule);

  public:
    Nemesis(std::vector<std::string> nodes, const std::vector<Fault>& faults, double interval,
            Random random);

    /// Schedules the first step of every fault, counted from now.
    void begin(Micros now);
    /// The time of the next step; nothing without faults.
    std::optional<Micros> next_due();
    /// Returns the step that is due.
    FaultStep step();
    /// Ends all active faults.
    std::vector<FaultStep> heal();
};

}  // namespace cluster

// SPDX-License-Identifier: MIT
//! The nemesis: it decides which fault happens when, and to which nodes. The cluster executes the
//! faults.
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

/// Returns the cuts that isolate one node from all others.
Cuts isolate_one(const std::vector<std::string>& shuffled);
/// Returns the cuts between two sides. The first side has `size` nodes.
Cuts split(const std::vector<std::string>& shuffled, std::size_t size);
/// Returns one-way cuts around a ring of nodes. Each node still receives messages from the majority
/// around it.
Cuts majorities_ring(const std::vector<std::string>& shuffled);

/// Starts and stops each fault in turn. Between two steps it waits for 0 to 2 intervals.
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
    /// Returns the time of the next step, or nothing if there are no faults.
    std::optional<Micros> next_due();
    /// Returns the step that is due.
    FaultStep step();
    /// Ends all active faults.
    std::vector<FaultStep> heal();
};

}  // namespace cluster

// SPDX-License-Identifier: MIT
//! The nemesis: when which fault strikes whom. It only decides; the cluster carries it out.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "history.hpp"
#include "network.hpp"
#include "random.hpp"

namespace cluster {

/// A fault's beginning or end.
struct FaultStep {
    Fault fault;
    bool starts;
    std::string what;                ///< for people: who is struck, and how
    Cuts cuts;                       ///< of a partition that starts
    std::vector<std::size_t> nodes;  ///< that are killed or paused, and later restored
};

/// One node cut off from all others.
Cuts isolate_one(const std::vector<std::string>& shuffled);
/// Two sides, the first with `size` nodes.
Cuts split(const std::vector<std::string>& shuffled, std::size_t size);
/// Every node hears a majority, itself in its middle, and no two the same one. Cuts are not mutual.
Cuts majorities_ring(const std::vector<std::string>& shuffled);

/// Each fault flips between start and stop, with a pause of 0 to 2 intervals between the steps.
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

    /// Schedules every fault's first step from now on.
    void begin(Micros now);
    /// When the next step is due; nothing without faults.
    std::optional<Micros> next_due();
    /// Takes the step that is due.
    FaultStep step();
    /// Ends every fault that is active.
    std::vector<FaultStep> heal();
};

}  // namespace cluster

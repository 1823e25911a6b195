// SPDX-License-Identifier: MIT
//! A run, from the first init to the last read.
#pragma once

#include <csignal>
#include <functional>
#include <stdexcept>
#include <string>

#include "clock.hpp"
#include "history.hpp"
#include "nemesis.hpp"
#include "nodes.hpp"
#include "options.hpp"
#include "progress.hpp"
#include "setup.hpp"
#include "workers.hpp"

namespace cluster {

struct Interrupted : std::runtime_error {
    Interrupted() : std::runtime_error("interrupted") {}
};

class Runner {
    const RunOptions& options_;
    const volatile std::sig_atomic_t& interrupted_;
    Random random_;
    Clock clock_;
    History history_;
    Nodes nodes_;
    Setup setup_;
    Nemesis nemesis_;
    Workers workers_;
    Progress progress_;
    LogFollower logs_;
    std::string phase_;

    /// Runs the cluster until `end`, or until `done`.
    void run(Micros end, const std::function<bool()>& done);
    /// Processes events once, until `until` at the latest.
    void run_once(Micros until);
    void follow_logs();

    void start_nodes();
    void main_phase();
    Micros invoke_due(Micros due);
    void apply(const FaultStep& step);
    void begin_fault(const FaultStep& step);
    void end_fault(const FaultStep& step);
    void kill(std::size_t node);
    void pause(std::size_t node);
    void restart(std::size_t node);
    void resume(std::size_t node);
    void drain();
    void heal();
    void quiesce();
    void final_reads();

  public:
    /// The run ends when `interrupted` becomes non-zero.
    Runner(const RunOptions& options, const volatile std::sig_atomic_t& interrupted);

    /// Throws Interrupted if the run is interrupted, and std::system_error if nodes cannot be run.
    History run();
};

}  // namespace cluster

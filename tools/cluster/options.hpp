// SPDX-License-Identifier: MIT
//! The command line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "history.hpp"
#include "network.hpp"
#include "workload.hpp"

namespace cluster {

struct RunOptions {
    const Workload* workload = nullptr;
    std::filesystem::path binary;
    std::vector<std::string> node_arguments;
    std::size_t node_count = 5;
    std::size_t workers = 5;
    double rate = 5;
    double time_limit = 10;
    double quiesce = 10;
    double timeout = 5;
    Latency latency;
    std::vector<Fault> faults;
    double nemesis_interval = 10;
    std::string topology = "grid";
    std::uint64_t seed = 0;
    std::optional<double> availability;  ///< the least fraction of operations that must be ok
    std::filesystem::path out = "store/latest";
    bool quiet = false;
    bool log_stderr = false;
};

json to_json(const RunOptions& options);

/// The options, or the exit code after printing help or an error.
struct Parsed {
    std::optional<RunOptions> options;
    int exit_code = 0;
};

Parsed parse_options(int argc, const char* const* argv);

}  // namespace cluster

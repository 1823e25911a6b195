// SPDX-License-Identifier: MIT
//! The output on stderr during a run: a progress line, and the logs of the nodes.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "history.hpp"

namespace cluster {

/// A line about a run. On a terminal it is rewritten. Otherwise it is printed from time to time.
class Progress {
    bool shown_;
    bool terminal_;
    Micros next_ = 0;

  public:
    explicit Progress(bool shown);
    bool due(Micros now) const { return shown_ && now >= next_; }
    void show(Micros now, const History& history, const Traffic& traffic, const std::string& phase);
    void end();
};

/// Copies the lines that nodes append to their logs to stderr.
class LogFollower {
    struct Log {
        std::string node;
        std::ifstream file;
        std::string partial;
    };

    std::vector<Log> logs_;

  public:
    void follow(const std::string& node, const std::filesystem::path& log);
    void copy();
};

}  // namespace cluster

// SPDX-License-Identifier: MIT
//! The output on stderr during a run: a progress line, and the logs of the nodes.
#include "progress.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>

#include <unistd.h>

namespace cluster {
namespace {

std::size_t count_ok(const History& history) {
    const auto ok = std::count_if(history.operations.begin(), history.operations.end(),
                                  [](const auto& o) { return o.outcome == Outcome::ok; });
    return static_cast<std::size_t>(ok);
}

}  // namespace

Progress::Progress(bool shown) : shown_(shown), terminal_(::isatty(STDERR_FILENO) == 1) {}

void Progress::show(Micros now, const History& history, const Traffic& traffic,
                    const std::string& phase) {
    next_ = now + (terminal_ ? 250'000 : 5'000'000);
    const auto total = history.operations.size();
    const double per_op =
        total == 0 ? 0 : static_cast<double>(traffic.servers.messages) / static_cast<double>(total);
    const double rate = static_cast<double>(total) / std::max(seconds(now), 0.001);
    std::fprintf(stderr, "%s%6.1f s  %zu ops, %zu ok, %.0f/s  %.2f server msgs/op  %s%s",
                 terminal_ ? "\r" : "", seconds(now), total, count_ok(history), rate, per_op,
                 phase.c_str(), terminal_ ? "\x1b[K" : "\n");
}

void Progress::end() {
    if (shown_ && terminal_) std::fputs("\r\x1b[K", stderr);
}

void LogFollower::follow(const std::string& node, const std::filesystem::path& log) {
    std::ofstream(log, std::ios::app).flush();
    logs_.push_back({node, std::ifstream(log), {}});
}

void LogFollower::copy() {
    for (Log& log : logs_) {
        for (std::string text; std::getline(log.file, text); text.clear()) {
            log.partial += text;
            if (log.file.eof()) break;
            std::cerr << log.node << ": " << log.partial << '\n';
            log.partial.clear();
        }
        log.file.clear();
    }
}

}  // namespace cluster

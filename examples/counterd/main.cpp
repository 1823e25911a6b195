// SPDX-License-Identifier: MIT
//! A node of a cluster of counters that are reached over NATS.
#include <exception>

#include <CLI/CLI.hpp>

#include "daemon.hpp"
#include "flags.hpp"
#include "json_log.hpp"

int main(int argc, char** argv) {
    counterd::Flags flags;
    CLI::App app{"A node of a cluster of counters. Clients and nodes connect to NATS servers."};
    flags.add_to(app);
    CLI11_PARSE(app, argc, argv);
    using crdt::system::LogLevel;
    const counterd::JsonLog log(flags.log_level, flags.node);
    try {
        counterd::Daemon daemon(flags, log);
        log(LogLevel::info, "serving");
        daemon.run();
        log(LogLevel::info, "left");
        return 0;
    } catch (const std::exception& error) {
        log(LogLevel::error, error.what());
        return 1;
    }
}

// SPDX-License-Identifier: MIT
#include "flags.hpp"

#include <cstdlib>
#include <memory>

#include <CLI/CLI.hpp>

#include "../log_flag.hpp"
#include "../numbers.hpp"
#include "../server_flags.hpp"
#include "config_file.hpp"

namespace counterd {

Flags::Flags(int argc, char** argv) {
    CLI::App app{"A node of a cluster of counters. Clients and nodes connect to NATS servers."};
    app.set_config("--config", "", "A file of these options, one \"name = value\" per line");
    app.config_formatter(std::make_shared<ConfigFile>(app));
    app.add_option("--cluster", cluster, "The name of the cluster: 1 to 32 of a-z 0-9 _ -")
        ->required();
    app.add_option("--node", node, "The name of this node, of the same characters")->required();
    add_server_flags(app, connection);
    app.add_option("--data", data,
                   "The folder of NODE.sqlite; without it, the state is in memory only")
        ->check(CLI::ExistingDirectory);
    app.add_flag("--trust-data", trust_data,
                 "NODE.sqlite is not an old copy: use it without the confirmation of a peer");
    app.add_option("--interval", interval_ms,
                   "Ms between two messages to peers under load; peers take turns")
        ->check(numbers(1, 60000))
        ->capture_default_str();
    app.add_option("--metrics-port", metrics_port,
                   "Serve GET /metrics for Prometheus on this port of 127.0.0.1; 0: off")
        ->check(numbers(0, 65535))
        ->capture_default_str();
    add_log_flag(app, "--log-level", log_level);
    app.add_option("--rate-limit", rate_limit, "Accepted requests per second; 0: no limit")
        ->check(numbers(0, 1000000))
        ->capture_default_str();
    app.add_option("--expire-after", expire_after_s,
                   "Seconds without a heartbeat after which a member is removed")
        ->check(numbers(5, 31536000))
        ->capture_default_str();
    app.add_option("--forget-after", forget_after_s,
                   "Seconds without a heartbeat after which the slots of a replica are pruned; 0: "
                   "never")
        ->check(numbers(0, 31536000))
        ->capture_default_str();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error));
    }
}

}  // namespace counterd

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
    CLI::App app{"A node of a cluster of counters. Clients and nodes meet at NATS servers."};
    app.set_config("--config", "", "A file of these options, name = value");
    app.config_formatter(std::make_shared<ConfigFile>(app));
    app.add_option("--cluster", cluster, "The cluster's name: 1 to 32 of a-z 0-9 _ -")->required();
    app.add_option("--node", node, "This node's name in it, likewise")->required();
    add_server_flags(app, connection);
    app.add_option("--data", data, "The folder of NODE.sqlite; none: in memory alone")
        ->check(CLI::ExistingDirectory);
    app.add_flag("--trust-data", trust_data,
                 "NODE.sqlite is no old copy: no other node need confirm it");
    app.add_option("--interval", interval_ms,
                   "Ms between two gossips under load: each peer in turn")
        ->check(numbers(1, 60000))
        ->capture_default_str();
    app.add_option("--metrics-port", metrics_port,
                   "GET /metrics for Prometheus, on 127.0.0.1; 0: none")
        ->check(numbers(0, 65535))
        ->capture_default_str();
    add_log_flag(app, "--log-level", log_level);
    app.add_option("--rate-limit", rate_limit, "Requests a second that are taken; 0: all")
        ->check(numbers(0, 1000000))
        ->capture_default_str();
    app.add_option("--forget-after", forget_after_s,
                   "Seconds of silence after which a node is no member any more")
        ->check(numbers(5, 31536000))
        ->capture_default_str();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error));
    }
}

}  // namespace counterd

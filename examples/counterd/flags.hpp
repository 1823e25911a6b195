// SPDX-License-Identifier: MIT
//! Flags: the command line of counterd, and its file.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include <crdt/nats/connection.hpp>
#include <crdt/nats/gossip.hpp>
#include <crdt/replication/options.hpp>
#include <crdt/system/log_level.hpp>

#include "../log_flag.hpp"
#include "../numbers.hpp"
#include "../server_flags.hpp"
#include "config_file.hpp"

namespace counterd {

struct Flags {
    std::string cluster, node;
    crdt::nats::ConnectionOptions connection;
    std::string data;
    bool trust_data = false;
    std::uint64_t interval_ms = 75;
    std::uint16_t metrics_port = 0;
    crdt::system::LogLevel log_level = crdt::system::LogLevel::warning;
    std::uint64_t rate_limit = 0;
    std::uint64_t expire_after_s = 600;

    void add_to(CLI::App& app) {
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
    }

    crdt::nats::GossipOptions gossip() const {
        crdt::nats::GossipOptions options;
        options.replication.interval = std::chrono::milliseconds{interval_ms};
        options.replication.ack_delay = std::chrono::milliseconds{interval_ms};
        // After a cut, peers are found again within half a second.
        options.replication.retry_limit =
            std::chrono::milliseconds{std::max<std::uint64_t>(500, 4 * interval_ms)};
        options.replication.log_limit = std::size_t{1} << 24U;
        options.replication.message_limit = std::size_t{1} << 18U;
        // A quarter of the longest frame.
        options.replication.digest_limit = std::size_t{1} << 24U;
        options.expire_after = std::chrono::milliseconds{expire_after_s * 1000};
        return options;
    }
};

}  // namespace counterd

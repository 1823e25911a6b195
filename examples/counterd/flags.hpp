// SPDX-License-Identifier: MIT
//! Flags: the command line of counterd, and its configuration file.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include <crdt/nats/connection.hpp>
#include <crdt/nats/gossip_options.hpp>
#include <crdt/replication/options.hpp>
#include <crdt/system/log_level.hpp>

#include "client_port_options.hpp"

namespace counterd {

struct Flags {
    std::string cluster, node;
    crdt::nats::ConnectionOptions connection;
    std::string data;
    bool trust_data = false;
    std::uint64_t interval_ms = 75;
    std::string metrics_address = "127.0.0.1";
    std::uint16_t metrics_port = 0;
    std::string client_address = "127.0.0.1";
    std::uint16_t client_port = 0;
    /// The token in the file of --client-token, or an empty text.
    std::string client_token;
    crdt::system::LogLevel log_level = crdt::system::LogLevel::warning;
    std::uint64_t rate_limit = 0;
    std::uint64_t expire_after_s = 600;
    std::uint64_t wait_s = 60;
    std::uint64_t forget_after_s = 604'800;

    /// Reads the command line. Ends the program after printing help or an error, or after
    /// --check-config.
    Flags(int argc, char** argv);

    ClientPortOptions clients() const { return {client_address, client_port, node, client_token}; }

    crdt::nats::GossipOptions gossip() const {
        crdt::nats::GossipOptions options;
        options.replication.interval = std::chrono::milliseconds{interval_ms};
        options.replication.ack_delay = std::chrono::milliseconds{interval_ms};
        // After a partition, changes are sent again within half a second, or within four intervals
        // if that is longer.
        options.replication.retry_limit =
            std::chrono::milliseconds{std::max<std::uint64_t>(500, 4 * interval_ms)};
        options.replication.log_limit = std::size_t{1} << 24U;
        options.replication.message_limit = std::size_t{1} << 18U;
        // A few hundred adds, which a receiver processes in about a millisecond.
        options.replication.eager_cost = std::size_t{1} << 13U;
        // 16 MiB, a quarter of the longest frame.
        options.replication.digest_limit = std::size_t{1} << 24U;
        options.expire_after = std::chrono::milliseconds{expire_after_s * 1000};
        return options;
    }
};

}  // namespace counterd

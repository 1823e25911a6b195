// SPDX-License-Identifier: MIT
//! ClientOptions: the options of the command line.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <crdt/nats/connection.hpp>

#include "bench.hpp"
#include "client.hpp"

struct ClientOptions {
    crdt::nats::ConnectionOptions server;
    std::string cluster = "demo";
    std::string node, within;
    std::int64_t timeout_ms = 1000;
    bool json = false;

    std::string name, kind, to, prefix, session_file, shell, id;
    std::int64_t delta = 0;
    std::uint64_t amount = 0;
    std::uint64_t acks = 0, retries = 0;
    bool is_bounded = false, only_once = false;
    BenchOptions bench;
    std::vector<std::string> names;
    std::vector<std::pair<std::string, std::string>> adds;
};

/// Returns `request` with the kind and the prefix of the options, if they are set.
inline Json about(const ClientOptions& options, Json request) {
    if (!options.kind.empty()) request["kind"] = options.kind;
    if (!options.prefix.empty()) request["prefix"] = options.prefix;
    return request;
}

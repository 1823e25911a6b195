// SPDX-License-Identifier: MIT
//! The command line flags of all nodes: gossip and log level.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include <CLI/CLI.hpp>

#include <crdt/maelstrom/log.hpp>
#include <crdt/replication/options.hpp>
#include <crdt/replication/overlay.hpp>
#include <crdt/system/fresh.hpp>

#include "log_flag.hpp"
#include "numbers.hpp"

struct GossipFlags {
    std::uint64_t interval_ms = 800;
    std::uint64_t ack_delay_ms = 800;
    crdt::replication::OverlayOptions overlay;
    crdt::maelstrom::LogLevel log = crdt::maelstrom::LogLevel::warning;

    void add_to(CLI::App& app) {
        using crdt::replication::Overlay;
        app.add_option("--interval", interval_ms, "Least ms between two messages to one peer")
            ->check(numbers(1, 60000))
            ->capture_default_str();
        app.add_option("--ack-delay", ack_delay_ms,
                       "Ms that an ack waits for a delta to be sent with")
            ->check(numbers(0, 60000))
            ->capture_default_str();
        app.add_option("--overlay", overlay.shape, "full_mesh, star, tree or random")
            ->transform(CLI::CheckedTransformer(
                std::map<std::string, Overlay>{{"full_mesh", Overlay::full_mesh},
                                               {"star", Overlay::star},
                                               {"tree", Overlay::tree},
                                               {"random", Overlay::random}}));
        app.add_option("--degree", overlay.degree,
                       "Children in a tree, or neighbours of a random overlay")
            ->check(numbers(1, 1000))
            ->capture_default_str();
        add_log_flag(app, "--log", log);
    }

    /// A fresh epoch: one for each run of a node.
    static crdt::replication::Epoch epoch() {
        return crdt::replication::Epoch{crdt::system::fresh_number()};
    }
    crdt::replication::Options replication() const {
        crdt::replication::Options options;
        options.interval = std::chrono::milliseconds{interval_ms};
        options.ack_delay = std::chrono::milliseconds{ack_delay_ms};
        return options;
    }
};

// SPDX-License-Identifier: MIT
//! add_gossip_flags: adds the command line flags that all Maelstrom nodes have, for gossip and for
//! the log level.
#pragma once

#include <map>
#include <string>

#include <CLI/CLI.hpp>

#include <crdt/replication/overlay.hpp>

#include "gossip_flags.hpp"
#include "log_flag.hpp"
#include "numbers.hpp"

inline void add_gossip_flags(CLI::App& app, GossipFlags& flags) {
    using crdt::replication::Overlay;
    app.add_option("--interval", flags.interval_ms, "Least ms between two messages to one peer")
        ->check(numbers(1, 60000))
        ->capture_default_str();
    app.add_option("--ack-delay", flags.ack_delay_ms,
                   "Ms that an ack waits for a delta to be sent with")
        ->check(numbers(0, 60000))
        ->capture_default_str();
    app.add_option("--overlay", flags.overlay.shape, "full_mesh, star, tree or random")
        ->transform(CLI::CheckedTransformer(
            std::map<std::string, Overlay>{{"full_mesh", Overlay::full_mesh},
                                           {"star", Overlay::star},
                                           {"tree", Overlay::tree},
                                           {"random", Overlay::random}}));
    app.add_option("--degree", flags.overlay.degree,
                   "Children in a tree, or neighbours of a random overlay")
        ->check(numbers(1, 1000))
        ->capture_default_str();
    add_log_flag(app, "--log", flags.log);
}

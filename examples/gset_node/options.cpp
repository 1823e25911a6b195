// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <cstdlib>

#include <CLI/CLI.hpp>

#include <crdt/replication/overlay.hpp>

#include "../add_gossip_flags.hpp"

Options::Options(int argc, char** argv) {
    CLI::App app{"A replicated set for Maelstrom's g-set and broadcast workloads."};
    gossip.interval_ms = 150;
    gossip.ack_delay_ms = 400;
    gossip.overlay.shape = crdt::replication::Overlay::star;
    add_gossip_flags(app, gossip);
    app.add_flag("--follow-topology", follow_topology,
                 "Gossip along the topology of broadcast, not the overlay");
    try {
        app.parse(argc, argv);
        if (follow_topology && app.count("--overlay") + app.count("--degree") > 0)
            throw CLI::ValidationError("--follow-topology", "excludes --overlay and --degree");
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error));
    }
}

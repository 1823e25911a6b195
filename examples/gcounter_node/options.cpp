// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <cstdlib>

#include <CLI/CLI.hpp>

#include <crdt/replication/overlay.hpp>

#include "../add_gossip_flags.hpp"

Options::Options(int argc, char** argv) {
    CLI::App app{"A replicated counter for Maelstrom's g-counter and pn-counter workloads."};
    app.option_defaults()->always_capture_default();
    app.add_option("--counter", counter, "g: grow-only; pn: with subtraction")
        ->check(CLI::IsMember({"g", "pn"}));
    app.add_option("--store", store, "Where an add is stored before it is acknowledged")
        ->check(CLI::IsMember({"memory", "seq-kv", "file"}));
    app.add_option("--data", data, "The folder of the files <node id>.sqlite")
        ->check(CLI::ExistingDirectory);
    app.option_defaults()->always_capture_default(false);
    // A random graph of degree 2 is a ring. With full_mesh, traffic would grow with the square of
    // the number of nodes.
    gossip.overlay.shape = crdt::replication::Overlay::random;
    gossip.overlay.degree = 2;
    add_gossip_flags(app, gossip);
    try {
        app.parse(argc, argv);
        if (store == "seq-kv") {
            // KvStore sends the changes with the messages that pass on its turn. Gossip only
            // repairs nodes that these messages do not reach, so its messages can be rare.
            if (app.count("--interval") == 0) gossip.interval_ms = 3000;
            if (app.count("--ack-delay") == 0) gossip.ack_delay_ms = 2000;
        }
        if (store == "file" && data.empty()) throw CLI::RequiredError("--data, with --store file");
        if (store != "file" && !data.empty())
            throw CLI::ValidationError("--data", "requires --store file");
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error));
    }
}

// SPDX-License-Identifier: MIT
//! A replicated counter that speaks Maelstrom's protocol: g-counter and pn-counter workloads.

#include <string>

#include <CLI/CLI.hpp>

#include <crdt/gcounter.hpp>
#ifdef CRDT_WITH_SQLITE
#include <crdt/maelstrom/durable.hpp>
#endif
#include <crdt/maelstrom/event_loop.hpp>
#include <crdt/maelstrom/gossip.hpp>
#include <crdt/maelstrom/kv_store.hpp>
#include <crdt/maelstrom/node.hpp>
#include <crdt/pncounter.hpp>
#include <crdt/store/memory.hpp>

#include "../gossip_flags.hpp"

using namespace crdt::maelstrom;

struct Options {
    std::string counter = "g";
    std::string store = "memory";
    std::string data;
    GossipFlags gossip;
};

template <class Counter>
int serve(const Options& options) {
    Node node{Log{options.gossip.log}};
    Gossip<Counter> counter{node, options.gossip.epoch(), options.gossip.replication(),
                            options.gossip.overlay};

    const auto serve_from = [&](auto&& store) {
        node.on("add", [&](const Request& request) {
            const Counter delta = counter.update([&](Counter& state) {
                return state.add(counter.replica_id(), request.integer("delta"));
            });
            store.persist(delta, [reply = request.responder()] { reply.ok(); });
        });
        node.on("read", [&](const Request& request) {
            store.refresh([&counter, reply = request.responder()] {
                reply.guard([&] { reply.ok("value", counter.state().value()); });
            });
        });
        return run(node);
    };
    if (options.store == "seq-kv")
        return serve_from(KvStore<Counter>{node, counter, "seq-kv", "final_result"});
    if (options.store == "file") {
#ifdef CRDT_WITH_SQLITE
        return serve_from(Durable<Counter>{node, counter, options.data});
#else
        node.halt("--store file is not there: this node was built without SQLite");
        return 1;
#endif
    }
    return serve_from(crdt::store::MemoryStore<Counter>{});
}

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"A replicated counter for Maelstrom's g-counter and pn-counter workloads."};
    app.option_defaults()->always_capture_default();
    app.add_option("--counter", options.counter, "g: grow-only; pn: with subtraction")
        ->check(CLI::IsMember({"g", "pn"}));
    app.add_option("--store", options.store, "Where an add is stored before it is acknowledged")
        ->check(CLI::IsMember({"memory", "seq-kv", "file"}));
    app.add_option("--data", options.data, "The folder of the files <node id>.sqlite")
        ->check(CLI::ExistingDirectory);
    app.option_defaults()->always_capture_default(false);
    options.gossip.add_to(app);
    CLI11_PARSE(app, argc, argv);
    if (options.store == "file" && options.data.empty())
        return app.exit(CLI::RequiredError("--data, with --store file"));
    return options.counter == "g" ? serve<crdt::GCounter<>>(options)
                                  : serve<crdt::PNCounter<>>(options);
}

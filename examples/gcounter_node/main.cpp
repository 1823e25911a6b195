// SPDX-License-Identifier: MIT
//! A replicated counter that speaks Maelstrom's protocol: g-counter and pn-counter workloads.

#include <string>

#include <CLI/CLI.hpp>

#include <crdt/gcounter.hpp>
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
    GossipFlags gossip;
};

template <class Counter>
int serve(const Options& options) {
    Node node{Log{options.gossip.log}};
    Gossip<Counter> counter{node, options.gossip.replication(), options.gossip.overlay};

    const auto serve_from = [&](auto& store) {
        node.on("add", [&](const Request& request) {
            const Counter delta = counter.update([&](Counter& state) {
                return state.add(counter.replica_id(), request.integer("delta"));
            });
            store.persist(delta, [reply = request.responder()] { reply.ok(); });
        });
        node.on("read", [&](const Request& request) {
            store.refresh([&counter, reply = request.responder()] {
                reply.guard([&] { reply.ok({{"value", counter.state().value()}}); });
            });
        });
        return run(node);
    };
    if (options.store == "seq-kv") {
        KvStore<Counter> store{node, counter, "seq-kv", "final_result"};
        return serve_from(store);
    }
    crdt::store::MemoryStore<Counter> store;
    return serve_from(store);
}

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"A replicated counter for Maelstrom's g-counter and pn-counter workloads."};
    app.add_option("--counter", options.counter, "g: only grows; pn: goes up and down")
        ->check(CLI::IsMember({"g", "pn"}))
        ->capture_default_str();
    app.add_option("--store", options.store, "What an add must be in before it is acknowledged")
        ->check(CLI::IsMember({"memory", "seq-kv"}))
        ->capture_default_str();
    options.gossip.add_to(app);
    CLI11_PARSE(app, argc, argv);
    return options.counter == "g" ? serve<crdt::GCounter<>>(options)
                                  : serve<crdt::PNCounter<>>(options);
}

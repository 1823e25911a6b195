// SPDX-License-Identifier: MIT
//! A replicated counter that speaks Maelstrom's protocol: g-counter and pn-counter workloads.

#include <cstdint>
#include <map>
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

using namespace crdt::maelstrom;

struct Options {
    std::string counter = "g";
    std::string store = "memory";
    std::string data;
    std::uint64_t interval_ms = 800;
    LogLevel log = LogLevel::warning;
};

template <class Counter>
int serve(const Options& options) {
    crdt::replication::Options replication;
    replication.epoch = fresh_number();
    replication.interval = options.interval_ms * crdt::replication::milliseconds;

    Node node{Log{options.log}};
    Gossip<Counter> counter{node, replication};

    const auto serve_from = [&](auto&& store) {
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
    app.add_option("--counter", options.counter, "g: only grows; pn: goes up and down")
        ->check(CLI::IsMember({"g", "pn"}));
    app.add_option("--store", options.store, "What an add must be in before it is acknowledged")
        ->check(CLI::IsMember({"memory", "seq-kv", "file"}));
    app.add_option("--data", options.data, "The folder of the files <node id>.sqlite")
        ->check(CLI::ExistingDirectory);
    app.add_option("--interval", options.interval_ms, "Least ms between two gossips to one peer")
        ->check(CLI::Range(1, 60000));
    app.option_defaults()->always_capture_default(false);
    using enum LogLevel;
    const std::map<std::string, LogLevel> levels{
        {"error", error}, {"warning", warning}, {"info", info}, {"debug", debug}};
    app.add_option("--log", options.log, "error, warning, info or debug; to stderr")
        ->transform(CLI::CheckedTransformer(levels));
    CLI11_PARSE(app, argc, argv);
    if (options.store == "file" && options.data.empty())
        return app.exit(CLI::RequiredError("--data, with --store file"));
    return options.counter == "g" ? serve<crdt::GCounter<>>(options)
                                  : serve<crdt::PNCounter<>>(options);
}

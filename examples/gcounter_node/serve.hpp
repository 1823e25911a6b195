// SPDX-License-Identifier: MIT
//! serve: the counter node, for any type of counter.
#pragma once

#ifdef CRDT_WITH_SQLITE
#include <crdt/maelstrom/durable.hpp>
#endif
#include <crdt/maelstrom/event_loop.hpp>
#include <crdt/maelstrom/gossip.hpp>
#include <crdt/maelstrom/kv_store.hpp>
#include <crdt/maelstrom/node.hpp>
#include <crdt/store/memory.hpp>
#include <crdt/store/store.hpp>

#include "options.hpp"

/// Answers requests until standard input ends. Returns the exit code.
template <class Counter>
int serve(const Options& options) {
    using namespace crdt::maelstrom;
    Node node{Log{options.gossip.log}};
    Gossip<Counter> counter{node, options.gossip.epoch(), options.gossip.replication(),
                            options.gossip.overlay};

    const auto serve_from = [&](crdt::store::Store<Counter> auto&& store) {
        node.on("add", [&](const Request& request) {
            const Counter delta = counter.update([&](Counter& state) {
                return state.add(counter.replica_id(), request.integer("delta"));
            });
            store.persist(delta, [reply = request.responder()] { reply.ok(); });
        });
        node.on("read", [&](const Request& request) {
            crdt::store::refresh(store, [&counter, reply = request.responder()] {
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

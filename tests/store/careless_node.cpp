// SPDX-License-Identifier: MIT
//! A counter node with a mistake that the tests must find: it acknowledges before it writes.
#include <crdt/gcounter.hpp>
#include <crdt/maelstrom/durable.hpp>
#include <crdt/maelstrom/event_loop.hpp>
#include <crdt/maelstrom/gossip.hpp>
#include <crdt/maelstrom/node.hpp>
#include <crdt/system/fresh.hpp>

using namespace crdt::maelstrom;
using Counter = crdt::GCounter<>;

int main(int, char** argv) {
    Node node;
    crdt::replication::Options replication;
    Gossip<Counter> counter{node, crdt::replication::Epoch{crdt::system::fresh_number()},
                            replication};
    // The command line of the counter node: --store file --data DIRECTORY.
    Durable<Counter> store{node, counter, argv[4]};
    node.on("add", [&](const Request& request) {
        store.note(counter.update([&](Counter& state) {
            return state.add(counter.replica_id(), request.integer("delta"));
        }));
        request.ok();
    });
    node.on("read", [&](const Request& request) { request.ok("value", counter.state().value()); });
    return run(node);
}

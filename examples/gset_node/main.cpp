// SPDX-License-Identifier: MIT
//! A replicated set that speaks Maelstrom's protocol: g-set and broadcast workloads.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <crdt/gset.hpp>
#include <crdt/maelstrom/event_loop.hpp>
#include <crdt/maelstrom/gossip.hpp>
#include <crdt/maelstrom/node.hpp>

#include "../gossip_flags.hpp"

using namespace crdt::maelstrom;
using Set = crdt::GSet<std::int64_t>;

/// Those who are neighbours of `id` by what either of them says. Strangers are left out.
std::vector<std::string> suggested(const Request& request, const Node& node) {
    const nlohmann::json topology = request.body().value("topology", nlohmann::json());
    if (!topology.is_object()) throw Error(ErrorCode::malformed_request, "no topology");
    const auto lists = [&](const std::string& one, const std::string& other) {
        const auto found = topology.find(one);
        return found != topology.end() &&
               std::find(found->begin(), found->end(), other) != found->end();
    };
    std::vector<std::string> neighbours;
    for (const std::string& peer : node.peers()) {
        if (lists(node.id(), peer) || lists(peer, node.id())) neighbours.push_back(peer);
    }
    return neighbours;
}

int main(int argc, char** argv) {
    CLI::App app{"A replicated set for Maelstrom's g-set and broadcast workloads."};
    GossipFlags flags;
    flags.interval_ms = 150;
    flags.ack_delay_ms = 400;
    flags.overlay.shape = crdt::replication::Overlay::star;
    flags.add_to(app);
    bool follow_topology = false;
    app.add_flag("--follow-topology", follow_topology,
                 "Gossip along the topology of broadcast, not the overlay");
    CLI11_PARSE(app, argc, argv);

    Node node{Log{flags.log}};
    Gossip<Set> set{node, flags.epoch(), flags.replication(), flags.overlay};
    // The workloads differ in what they call the elements; broadcast begins with a topology.
    std::string elements = "value";

    const auto insert = [&](const Request& request, const char* field) {
        const std::int64_t element = request.integer(field);
        set.update([&](Set& state) { return state.insert(element); });
        request.ok();
    };
    node.on("add", [&](const Request& request) { insert(request, "element"); });
    node.on("broadcast", [&](const Request& request) { insert(request, "message"); });
    node.on("topology", [&](const Request& request) {
        if (const auto near = suggested(request, node); follow_topology && !near.empty())
            set.set_neighbours(near);
        elements = "messages";
        request.ok();
    });
    node.on("read", [&](const Request& request) { request.ok(elements, set.state()); });
    return run(node);
}

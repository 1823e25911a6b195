// SPDX-License-Identifier: MIT
//! A replicated set for Maelstrom's protocol: g-set and broadcast workloads.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <crdt/codec/serializer.hpp>
#include <crdt/gset.hpp>
#include <crdt/maelstrom/event_loop.hpp>
#include <crdt/maelstrom/gossip.hpp>
#include <crdt/maelstrom/node.hpp>

#include "options.hpp"

using namespace crdt::maelstrom;
using Set = crdt::GSet<std::int64_t>;

/// The neighbours of each node, which Maelstrom's broadcast workload suggests.
struct Topology {
    std::map<std::string, std::set<std::string>> neighbours;

    /// Returns those of `peers` that are neighbours of `id`, or that have `id` as a neighbour.
    std::vector<std::string> neighbours_of(const std::string& id,
                                           const std::vector<std::string>& peers) const {
        const auto lists = [&](const std::string& one, const std::string& other) {
            const auto found = neighbours.find(one);
            return found != neighbours.end() && found->second.contains(other);
        };
        std::vector<std::string> found;
        for (const std::string& peer : peers) {
            if (lists(id, peer) || lists(peer, id)) found.push_back(peer);
        }
        return found;
    }
};

/// Reads JSON such as {"n1": ["n2", "n3"], "n2": ["n1"]}.
template <>
struct crdt::Serializer<Topology> {
    static Topology read(auto& in) {
        Topology topology;
        in.for_each_member([&](const std::string& name, auto& list) {
            for (std::string& each : deserialize<std::vector<std::string>>(list))
                topology.neighbours[name].insert(std::move(each));
        });
        return topology;
    }
};

int main(int argc, char** argv) {
    const Options options(argc, argv);
    Node node{Log{options.gossip.log}};
    Gossip<Set> set{node, options.gossip.epoch(), options.gossip.replication(),
                    options.gossip.overlay};
    // The member of a reply that has the elements: "value" in the g-set workload, "messages" in
    // broadcast. Only broadcast sends a topology, before all other requests.
    std::string elements = "value";

    const auto insert = [&](const Request& request, const char* field) {
        const std::int64_t element = request.integer(field);
        set.update([&](Set& state) { return state.insert(element); });
        request.ok();
    };
    node.on("add", [&](const Request& request) { insert(request, "element"); });
    node.on("broadcast", [&](const Request& request) { insert(request, "message"); });
    node.on("topology", [&](const Request& request) {
        const auto topology = request.get<Topology>("topology");
        const auto near = topology.neighbours_of(node.id(), node.peers());
        if (options.follow_topology && !near.empty()) set.set_neighbours(near);
        elements = "messages";
        request.ok();
    });
    node.on("read", [&](const Request& request) { request.ok(elements, set.state()); });
    return run(node);
}

// SPDX-License-Identifier: MIT
//! Restarts a node without data many times: memory, tokens and states must not grow with it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "cluster.hpp"
#include "node.hpp"
#include "resident.hpp"
#include "support/sanitized.hpp"

namespace restarts_tests {

using namespace support;

namespace {

/// The number of restarts of a node; more in tests/nats/restarts.sh.
std::size_t restarts() {
    const char* value = std::getenv("CRDT_RESTARTS");
    return value == nullptr ? 25 : std::stoul(value);
}

std::size_t token_size(Client& client, const std::string& node, const std::string& name) {
    return client.ask("node." + node, "read", {{"name", name}, {"session", ""}})
        .at("session")
        .get_ref<const std::string&>()
        .size();
}

}  // namespace

TEST_CASE("restarts: without data, nothing grows, and no add is lost or counted twice") {
    Cluster cluster(2);
    auto& client = cluster.client;
    const std::vector<std::string> kinds{"counter", "bounded"};
    for (const std::string& kind : kinds) add_replicated(client, "n1", kind, kind);
    std::size_t longest_token = 0;
    std::uint64_t largest_state = 0, first_memory = 0, memory = 0;
    for (std::size_t i = 1; i <= restarts(); ++i) {
        for (const std::string& kind : kinds) add_replicated(client, "n2", kind, kind);
        longest_token = std::max(longest_token, token_size(client, "n1", "counter"));
        // A node without data receives the whole state, and little else so far.
        const std::uint64_t state = cluster.metric("n2", "peer_bytes_received_total");
        largest_state = std::max(largest_state, state);
        cluster.nodes[1]->kill();
        if (i % std::max(restarts() / 10, std::size_t{1}) == 0) {
            memory = resident_kilobytes();
            if (first_memory == 0) first_memory = memory;
            MESSAGE(i, " restarts: memory ", memory, " kB, longest token ", longest_token,
                    " bytes, state ", state, " bytes");
        }
        cluster.nodes[1]->start();
    }
    // Incarnations are pruned 5 seconds after their end. Until then, tokens contain them.
    CHECK(longest_token < 10'000);
    // The ids of the last 1024 incarnations that were pruned are part of the state, about 13 kB. A
    // state may arrive more than once.
    CHECK(largest_state < 80'000);
    if (!sanitized) CHECK(memory < first_memory + 8'000);
    add_replicated(client, "n2", "counter", "counter");
    CHECK(eventually([&] { return token_size(client, "n1", "counter") < 250; }, 30s));
    CHECK(eventually([&] { return token_size(client, "n1", "bounded") < 400; }, 30s));
    CHECK(cluster.settles("n1", 1));
    for (const std::string node : {"n1", "n2"}) {
        CHECK(cluster.reports(node, "counter", restarts() + 2));
        CHECK(cluster.reports(node, "bounded", restarts() + 1));
    }
    // The rights of the departed incarnations are at the members.
    const auto rights = [&] {
        std::uint64_t sum = 0;
        for (const std::string node : {"n1", "n2"})
            sum += client.ask("node." + node, "read", {{"name", "bounded"}, {"kind", "bounded"}})
                       .at("rights")
                       .get<std::uint64_t>();
        return sum;
    };
    CHECK(eventually([&] { return rights() == restarts() + 1; }, 30s));
}

}  // namespace restarts_tests

// SPDX-License-Identifier: MIT
//! Cluster: nodes of the counter service on one server, and a client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "node.hpp"
#include "server.hpp"
#include "support/folder.hpp"

namespace support {

/// Nodes n1, n2, ... on one server, which are members of each other, and a client.
struct Cluster {
    TemporaryFolder folder;
    Server server{folder.path(), "s", free_ports(1).front()};
    std::vector<std::unique_ptr<Node>> nodes;
    Client client{{server.url()}};

    explicit Cluster(std::size_t count, const std::vector<std::string>& flags = {}) {
        std::vector<std::string> names;
        for (std::size_t i = 1; i <= count; ++i) {
            names.push_back("n" + std::to_string(i));
            nodes.push_back(std::make_unique<Node>(folder.path(), names.back(),
                                                   std::vector{server.url()}, flags));
        }
        client.expect_members(names, count - 1);
        client.expect_service();
    }

    /// Waits until a node reports a value.
    bool reports(const std::string& node, const std::string& name, const json& value) {
        return eventually([&] { return client.value(node, name) == value; });
    }
    /// Waits until a node has this number of prunings, and no departed replica is left.
    bool settles(const std::string& node, std::uint64_t prunings) {
        return eventually(
            [&] {
                return metric(node, "prunings_total") >= prunings &&
                       metric(node, "departed_replicas") == 0;
            },
            30s);
    }
    std::uint64_t metric(const std::string& node, const std::string& name) {
        return client.ask("node." + node, "status", json::object()).at("metrics").at(name);
    }
};

/// Adds 1 to a name at a node that has members, and waits until one of them has it.
inline void add_replicated(Client& client, const std::string& node, const std::string& name,
                           const std::string& kind) {
    REQUIRE(eventually([&] {
        const auto status = client.try_ask("node." + node, "status", "{}", 500ms);
        return status && !status->at("members").empty();
    }));
    const json body{{"name", name}, {"kind", kind}, {"delta", 1}, {"ack", 1}, {"timeout_ms", 8000}};
    const auto answer = client.try_ask("node." + node, "add", body.dump(), 10s);
    REQUIRE(answer.has_value());
    CHECK_MESSAGE(code_of(*answer) == 0, answer->dump());
}

}  // namespace support

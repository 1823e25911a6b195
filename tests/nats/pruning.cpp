// SPDX-License-Identifier: MIT
//! Tests the pruning of departed replicas in the service.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "cluster.hpp"
#include "node.hpp"
#include "raw.hpp"
#include "server.hpp"
#include "support/folder.hpp"

namespace pruning_service_tests {

using namespace support;

namespace {

/// Two nodes in memory and n3, which has a file.
struct WithThird {
    TemporaryFolder data{};
    Cluster cluster{2};
    Node n3{data.path(), "n3", {cluster.server.url()}, {"--data", data.path().string()}};

    WithThird() {
        cluster.client.expect_members({"n1", "n2", "n3"}, 2);
        REQUIRE(eventually([this] { return cluster.metric("n3", "ready") == 1; }));
    }
};

std::uint64_t incarnation(Client& client, const std::string& node) {
    std::optional<json> status;
    REQUIRE(eventually([&] {
        status = client.try_ask("node." + node, "status", "{}", 500ms);
        return status.has_value();
    }));
    return status->at("incarnation");
}

}  // namespace

TEST_CASE("pruning: a session from before a pruning is served after it") {
    Cluster cluster(2);
    auto& client = cluster.client;
    add_replicated(client, "n2", "x", "counter");
    const json before =
        client.ask("node.n2", "add", {{"name", "x"}, {"delta", 2}, {"session", ""}, {"ack", 1}});
    cluster.nodes[1]->kill();
    cluster.nodes[1]->start();
    REQUIRE(cluster.settles("n1", 1));
    for (const std::string node : {"n1", "n2"}) {
        const json after =
            client.ask("node." + node, "read", {{"name", "x"}, {"session", before.at("session")}});
        CHECK_MESSAGE(code_of(after) == 0, after.dump());
        CHECK(after.value("value", 0) == 3);
    }
    CHECK(code_of(client.ask("node.n1", "reset", {{"name", "x"}})) == 0);
    CHECK(cluster.reports("n2", "x", 0));
}

TEST_CASE("pruning: a node that returns after it was pruned continues under another incarnation") {
    const TemporaryFolder data;
    Cluster cluster(3, {"--data", data.path().string()});
    auto& client = cluster.client;
    for (const std::string node : {"n1", "n2", "n3"}) {
        add_replicated(client, node, "x", "counter");
        add_replicated(client, node, "b", "bounded");
    }
    const std::uint64_t before = incarnation(client, "n3");
    const auto prune = [&](const std::string& node, const std::string& what) {
        return code_of(client.ask("node." + node, "prune", {{"node", what}}));
    };
    CHECK(prune("n1", "n3") == 22);
    CHECK(prune("n1", "n1") == 22);
    CHECK(prune("n1", "n9") == 1);
    CHECK(prune("n1", "12345") == 1);
    CHECK(prune("n1", "") == 12);
    cluster.nodes[2]->kill();
    CHECK(prune("n2", "n3") == 22);
    REQUIRE(eventually([&] { return prune("n2", "n3") == 0; }));
    for (const std::string node : {"n1", "n2"}) {
        REQUIRE(cluster.settles(node, 1));
        CHECK(cluster.reports(node, "x", 3));
        CHECK(cluster.reports(node, "b", 3));
    }
    cluster.nodes[2]->start();
    CHECK(eventually([&] { return incarnation(client, "n3") != before; }));
    for (const std::string node : {"n3", "n1", "n2"}) {
        CHECK(cluster.reports(node, "x", 3));
        CHECK(cluster.reports(node, "b", 3));
    }
    add_replicated(client, "n3", "x", "counter");
    // The files contain the generation.
    for (auto& node : cluster.nodes) node->kill();
    for (auto& node : cluster.nodes) node->start();
    for (const std::string node : {"n1", "n2", "n3"}) {
        CHECK(cluster.reports(node, "x", 4));
        CHECK(cluster.metric(node, "prunings_total") == 1);
    }
}

TEST_CASE("pruning: no right is lost in a transfer to a node that has just returned") {
    WithThird nodes;
    Cluster& cluster = nodes.cluster;
    Client& client = cluster.client;
    Node& n3 = nodes.n3;
    for (const std::string node : {"n1", "n2", "n3"}) add_replicated(client, node, "b", "bounded");
    const json add{{"name", "b"}, {"kind", "bounded"}, {"delta", 1000}};
    CHECK(code_of(client.ask("node.n1", "add", add)) == 0);
    n3.kill();
    const json departed{{"node", "n3"}};
    REQUIRE(eventually([&] { return code_of(client.ask("node.n2", "prune", departed)) == 0; }));
    for (const std::string node : {"n1", "n2"}) REQUIRE(cluster.settles(node, 1));
    n3.start();
    // At first it announces the incarnation that was pruned.
    const json transfer{{"name", "b"}, {"kind", "bounded"}, {"to", "n3"}, {"amount", 1}};
    int given = 0;
    CHECK(eventually([&] {
        given += code_of(client.ask("node.n1", "transfer", transfer)) == 0;
        return given == 100;
    }));
    const auto read = [&](const std::string& node, const char* member) {
        const json body{{"name", "b"}, {"kind", "bounded"}};
        return client.ask("node." + node, "read", body).value(member, std::uint64_t{0});
    };
    CHECK(eventually([&] {
        return read("n1", "rights") + read("n2", "rights") + read("n3", "rights") == 1003 &&
               read("n3", "value") == 1003;
    }));
}

TEST_CASE("pruning: a node that was away keeps its own adds") {
    WithThird nodes;
    Cluster& cluster = nodes.cluster;
    Client& client = cluster.client;
    Node& n3 = nodes.n3;
    add_replicated(client, "n2", "x", "counter");
    add_replicated(client, "n3", "x", "counter");
    const std::uint64_t before = incarnation(client, "n3");
    REQUIRE(cluster.reports("n3", "x", 2));
    // Nobody receives the last add of n3.
    for (auto& node : cluster.nodes) node->signal(SIGSTOP);
    CHECK(code_of(client.ask("node.n3", "add", {{"name", "x"}, {"delta", 10}})) == 0);
    n3.kill();
    {
        crdt::nats::Connection connection = connect(cluster.server.url());
        connection.publish("crdt.shop.hello.n3", heartbeat(0));
        connection.flush(1000);
    }
    for (auto& node : cluster.nodes) node->signal(SIGCONT);
    client.expect_members({"n1", "n2"}, 1);
    // n2 returns without its data: this is pruned while n3 is away.
    cluster.nodes[1]->kill();
    cluster.nodes[1]->start();
    REQUIRE(cluster.settles("n1", 1));
    CHECK(cluster.reports("n1", "x", 2));
    n3.start();
    for (const std::string node : {"n3", "n1", "n2"}) CHECK(cluster.reports(node, "x", 12));
    // n3 writes under another incarnation until a peer has confirmed the one in its file.
    CHECK(eventually([&] { return incarnation(client, "n3") == before; }));
    CHECK(cluster.metric("n3", "reincarnations_total") == 0);
}

TEST_CASE(
    "pruning: a silent replica is pruned after --forget-after, but not while it is a member") {
    Cluster cluster(3, {"--forget-after", "2", "--expire-after", "6"});
    auto& client = cluster.client;
    for (const std::string node : {"n1", "n2", "n3"}) add_replicated(client, node, "x", "counter");
    cluster.nodes[2]->signal(SIGSTOP);
    std::this_thread::sleep_for(3s);
    CHECK(cluster.metric("n1", "prunings_total") == 0);
    CHECK(cluster.settles("n1", 1));
    CHECK(cluster.reports("n2", "x", 3));
    // It had not departed. It resynchronises under another incarnation.
    cluster.nodes[2]->signal(SIGCONT);
    CHECK(cluster.reports("n3", "x", 3));
    CHECK(eventually([&] { return cluster.metric("n3", "prunings_total") == 1; }));
    add_replicated(client, "n3", "x", "counter");
    for (const std::string node : {"n1", "n2", "n3"}) CHECK(cluster.reports(node, "x", 4));
    CHECK(cluster.metric("n3", "reincarnations_total") == 1);
    // It has found that it was pruned, and reports it.
    CHECK(cluster.metric("n3", "prunings_of_this_node_total") == 1);
    CHECK(cluster.metric("n1", "prunings_of_this_node_total") == 0);
}

TEST_CASE("pruning: a request that only a pruned node had counts once if it is repeated") {
    const TemporaryFolder data;
    Cluster cluster(2);
    auto& client = cluster.client;
    // Its second change waits for a minute, unless a client waits for acks.
    Node n3(data.path(), "n3", {cluster.server.url()},
            {"--data", data.path().string(), "--interval", "60000"});
    client.expect_members({"n1", "n2", "n3"}, 2);
    REQUIRE(eventually([&] { return cluster.metric("n3", "ready") == 1; }));
    for (const std::string node : {"n1", "n2", "n3"}) add_replicated(client, node, "x", "counter");
    const json request{{"name", "x"}, {"delta", 10}, {"id", "q"}};
    CHECK(code_of(client.ask("node.n3", "add", request)) == 0);
    n3.kill();
    REQUIRE(eventually(
        [&] {
            return code_of(client.ask("node.n2", "prune", {{"node", "n3"}})) == 0;
        },
        30s));
    for (const std::string node : {"n1", "n2"}) {
        REQUIRE(cluster.settles(node, 1));
        CHECK(cluster.reports(node, "x", 3));
    }
    const json repeated = client.ask("node.n1", "add", request);
    CHECK(code_of(repeated) == 0);
    CHECK_FALSE(repeated.contains("repeated"));
    n3.start();
    for (const std::string node : {"n3", "n1", "n2"}) CHECK(cluster.reports(node, "x", 13));
    CHECK(
        eventually([&] { return cluster.metric("n3", "prunings_of_this_node_total") == 1; }, 20s));
    for (const std::string node : {"n1", "n2", "n3"})
        CHECK(eventually(
            [&] { return client.ask("node." + node, "add", request).value("repeated", false); }));
    CHECK(cluster.reports("n3", "x", 13));
}

TEST_CASE("pruning: an ack counts across a pruning, also under load") {
    Cluster cluster(3);
    auto& client = cluster.client;
    Node guest(cluster.folder.path(), "n4", {cluster.server.url()});
    client.expect_members({"n1", "n2", "n3", "n4"}, 3);
    add_replicated(client, "n4", "x", "counter");
    guest.kill();
    guest.start();
    std::atomic<bool> is_over{false};
    std::uint64_t published = 0;
    std::thread load([&] {
        crdt::nats::Connection connection = connect(cluster.server.url());
        for (; !is_over; ++published) {
            connection.publish("crdt.shop.node.n1.add", R"({"name":"y","delta":1})");
            std::this_thread::sleep_for(2ms);
        }
        connection.flush(1000);
    });
    std::uint64_t acknowledged = 0, failed = 0;
    const auto end = std::chrono::steady_clock::now() + 20s;
    do {
        const auto answer = client.try_ask(
            "node.n1", "add", R"({"name":"x","delta":1,"ack":2,"timeout_ms":3000})", 4s);
        ++(answer && code_of(*answer) == 0 ? acknowledged : failed);
    } while (cluster.metric("n1", "prunings_total") == 0 && std::chrono::steady_clock::now() < end);
    is_over = true;
    load.join();
    CHECK(failed == 0);
    CHECK(cluster.metric("n1", "prunings_total") == 1);
    for (const std::string node : {"n1", "n2", "n3", "n4"}) {
        CHECK(cluster.reports(node, "x", acknowledged + 1));
        CHECK(cluster.reports(node, "y", published));
    }
}

TEST_CASE("pruning: adds count once while members are killed in every phase") {
    const TemporaryFolder data;
    Cluster cluster(3, {"--data", data.path().string()});
    Node guest(cluster.folder.path(), "n4", {cluster.server.url()});
    auto& client = cluster.client;
    client.expect_members({"n1", "n2", "n3", "n4"}, 3);
    std::uint64_t expected = 0;
    for (int round = 0; round < 6; ++round) {
        add_replicated(client, "n4", "x", "counter");
        ++expected;
        guest.kill();
        guest.start();
        // At different times after the restart, so before, in and after the phases.
        std::this_thread::sleep_for(4900ms + round * 60ms);
        const auto victim = static_cast<std::size_t>(round % 3);
        cluster.nodes[victim]->kill();
        cluster.nodes[victim]->start();
        add_replicated(client, "n" + std::to_string(victim + 1), "x", "counter");
        ++expected;
    }
    for (const std::string node : {"n1", "n2", "n3", "n4"}) {
        CHECK(cluster.settles(node, 1));
        CHECK(cluster.reports(node, "x", expected));
    }
}

TEST_CASE("pruning: messages that are not valid change nothing") {
    Cluster cluster(2);
    add_replicated(cluster.client, "n2", "x", "counter");
    crdt::nats::Connection connection = connect(cluster.server.url());
    for (const std::string from : {"n2", "unknown", ""})
        for (const std::string& bytes : {std::string(), std::string("garbage"), heartbeat(7)})
            if (!from.empty()) connection.publish("crdt.shop.prune.n1." + from, bytes);
    connection.flush(1000);
    CHECK(eventually([&] { return cluster.metric("n1", "prune_malformed_total") >= 4; }));
    CHECK(cluster.reports("n1", "x", 1));
    CHECK(cluster.metric("n1", "prunings_total") == 0);
}

}  // namespace pruning_service_tests

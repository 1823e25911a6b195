// SPDX-License-Identifier: MIT
//! Tests the pruning of departed replicas in the service.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <set>
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

/// The number of restarts of a node; more in tests/nats/restarts.sh.
std::size_t restarts() {
    const char* value = std::getenv("CRDT_RESTARTS");
    return value == nullptr ? 25 : std::stoul(value);
}

/// Adds 1 to a name at a node that has members, and waits until one of them has it.
void add(Client& client, const std::string& node, const std::string& name,
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
std::size_t token_size(Client& client, const std::string& node, const std::string& name) {
    return client.ask("node." + node, "read", {{"name", name}, {"session", ""}})
        .at("session")
        .get_ref<const std::string&>()
        .size();
}
/// Waits until no departed replica is left at a node.
bool settles(Cluster& cluster, const std::string& node, std::uint64_t prunings) {
    return eventually(
        [&] {
            return cluster.metric(node, "prunings_total") >= prunings &&
                   cluster.metric(node, "departed_replicas") == 0;
        },
        30s);
}
std::uint64_t incarnation(Client& client, const std::string& node) {
    std::optional<json> status;
    REQUIRE(eventually([&] {
        status = client.try_ask("node." + node, "status", "{}", 500ms);
        return status.has_value();
    }));
    return status->at("incarnation");
}

}  // namespace

TEST_CASE("pruning: restarts without data let no token grow, and no add is lost or counted twice") {
    Cluster cluster(2);
    auto& client = cluster.client;
    for (const std::string kind : {"counter", "bounded"}) add(client, "n1", kind, kind);
    std::size_t longest = 0;
    for (std::size_t i = 1; i <= restarts(); ++i) {
        for (const std::string kind : {"counter", "bounded"}) add(client, "n2", kind, kind);
        longest = std::max(longest, token_size(client, "n1", "counter"));
        if (i % 100 == 0) MESSAGE(i, " restarts, longest token ", longest);
        cluster.nodes[1]->kill();
        cluster.nodes[1]->start();
    }
    add(client, "n2", "counter", "counter");
    CHECK(eventually([&] { return token_size(client, "n1", "counter") < 250; }, 30s));
    CHECK(eventually([&] { return token_size(client, "n1", "bounded") < 400; }, 30s));
    CHECK(settles(cluster, "n1", 1));
    MESSAGE("tokens: ", token_size(client, "n1", "counter"), " and ",
            token_size(client, "n1", "bounded"), " bytes after ", restarts(), " restarts, longest ",
            longest);
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

TEST_CASE("pruning: a session from before a pruning is served after it") {
    Cluster cluster(2);
    auto& client = cluster.client;
    add(client, "n2", "x", "counter");
    const json before =
        client.ask("node.n2", "add", {{"name", "x"}, {"delta", 2}, {"session", ""}, {"ack", 1}});
    cluster.nodes[1]->kill();
    cluster.nodes[1]->start();
    REQUIRE(settles(cluster, "n1", 1));
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
        add(client, node, "x", "counter");
        add(client, node, "b", "bounded");
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
        REQUIRE(settles(cluster, node, 1));
        CHECK(cluster.reports(node, "x", 3));
        CHECK(cluster.reports(node, "b", 3));
    }
    cluster.nodes[2]->start();
    CHECK(eventually([&] { return incarnation(client, "n3") != before; }));
    for (const std::string node : {"n3", "n1", "n2"}) {
        CHECK(cluster.reports(node, "x", 3));
        CHECK(cluster.reports(node, "b", 3));
    }
    add(client, "n3", "x", "counter");
    // The files contain the generation.
    for (auto& node : cluster.nodes) node->kill();
    for (auto& node : cluster.nodes) node->start();
    for (const std::string node : {"n1", "n2", "n3"}) {
        CHECK(cluster.reports(node, "x", 4));
        CHECK(cluster.metric(node, "prunings_total") == 1);
    }
}

TEST_CASE("pruning: a node that was away keeps its own adds") {
    const TemporaryFolder data;
    Cluster cluster(2);
    auto& client = cluster.client;
    Node n3(data.path(), "n3", {cluster.server.url()}, {"--data", data.path().string()});
    client.expect_members({"n1", "n2", "n3"}, 2);
    REQUIRE(eventually([&] { return cluster.metric("n3", "ready") == 1; }));
    add(client, "n2", "x", "counter");
    add(client, "n3", "x", "counter");
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
    REQUIRE(settles(cluster, "n1", 1));
    CHECK(cluster.reports("n1", "x", 2));
    n3.start();
    for (const std::string node : {"n3", "n1", "n2"}) CHECK(cluster.reports(node, "x", 12));
    CHECK(incarnation(client, "n3") == before);
}

TEST_CASE(
    "pruning: a silent replica is pruned after --forget-after, but not while it is a member") {
    Cluster cluster(3, {"--forget-after", "2", "--expire-after", "6"});
    auto& client = cluster.client;
    for (const std::string node : {"n1", "n2", "n3"}) add(client, node, "x", "counter");
    cluster.nodes[2]->signal(SIGSTOP);
    std::this_thread::sleep_for(3s);
    CHECK(cluster.metric("n1", "prunings_total") == 0);
    CHECK(settles(cluster, "n1", 1));
    CHECK(cluster.reports("n2", "x", 3));
    // It had not departed. It resynchronises under another incarnation.
    cluster.nodes[2]->signal(SIGCONT);
    CHECK(cluster.reports("n3", "x", 3));
    CHECK(eventually([&] { return cluster.metric("n3", "prunings_total") == 1; }));
    add(client, "n3", "x", "counter");
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
    for (const std::string node : {"n1", "n2", "n3"}) add(client, node, "x", "counter");
    const json request{{"name", "x"}, {"delta", 10}, {"id", "q"}};
    CHECK(code_of(client.ask("node.n3", "add", request)) == 0);
    n3.kill();
    REQUIRE(eventually(
        [&] {
            return code_of(client.ask("node.n2", "prune", {{"node", "n3"}})) == 0;
        },
        30s));
    for (const std::string node : {"n1", "n2"}) {
        REQUIRE(settles(cluster, node, 1));
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
    add(client, "n4", "x", "counter");
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
        add(client, "n4", "x", "counter");
        ++expected;
        guest.kill();
        guest.start();
        // At different times after the restart, so before, in and after the phases.
        std::this_thread::sleep_for(4900ms + round * 60ms);
        const auto victim = static_cast<std::size_t>(round % 3);
        cluster.nodes[victim]->kill();
        cluster.nodes[victim]->start();
        add(client, "n" + std::to_string(victim + 1), "x", "counter");
        ++expected;
    }
    for (const std::string node : {"n1", "n2", "n3", "n4"}) {
        CHECK(settles(cluster, node, 1));
        CHECK(cluster.reports(node, "x", expected));
    }
}

TEST_CASE("pruning: messages that are not valid change nothing") {
    Cluster cluster(2);
    add(cluster.client, "n2", "x", "counter");
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

// SPDX-License-Identifier: MIT
//! Tests adds while nodes start, leave and are killed.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "cluster.hpp"
#include "node.hpp"
#include "server.hpp"
#include "support/folder.hpp"

namespace incarnations_tests {

using namespace support;

TEST_CASE("incarnations: an add is acknowledged once peers have it") {
    Cluster cluster(3);
    const auto add = [&](const std::string& name, int ack, int timeout) {
        return cluster.client.ask(
            "node.n1", "add",
            {{"name", name}, {"delta", 1}, {"ack", ack}, {"timeout_ms", timeout}});
    };
    CHECK(code_of(add("two", 2, 1500)) == 0);
    for (const std::string node : {"n2", "n3"}) CHECK(cluster.client.value(node, "two") == 1);
    CHECK(code_of(add("three", 3, 200)) == 11);
    CHECK(cluster.client.value("n1", "three") == 1);

    cluster.nodes[1]->kill();
    CHECK(code_of(add("one", 1, 1500)) == 0);
    CHECK(code_of(add("one", 2, 200)) == 11);
    CHECK(cluster.reports("n3", "one", 2));
}

TEST_CASE("incarnations: a new node serves shared requests once it has caught up") {
    Cluster cluster(2);
    auto& client = cluster.client;
    for (int i = 0; i < 1000; ++i)
        client.ask("node.n1", "add", {{"name", "c" + std::to_string(i)}, {"delta", 1}});
    client.ask("node.n1", "add", {{"name", "x"}, {"delta", 5}});
    REQUIRE(cluster.reports("n2", "x", 5));
    cluster.nodes[1]->kill();
    cluster.nodes[1]->start();
    std::size_t by_n2 = 0;
    CHECK(eventually([&] {
        const auto answer = client.try_ask("svc", "read", R"({"name":"x"})");
        if (!answer) return false;
        CHECK(answer->at("value") == 5);
        by_n2 += answer->at("node") == "n2";
        return by_n2 == 10;
    }));
}

TEST_CASE("incarnations: acknowledged adds survive kill -9, with a file") {
    for (const bool durable : {true, false}) {
        const TemporaryFolder data;
        Cluster cluster(1);
        std::vector<std::string> flags;
        if (durable) flags = {"--data", data.path().string()};
        Node node(data.path(), "n2", {cluster.server.url()}, flags);
        cluster.client.expect_members({"n1", "n2"}, 1);
        // No peer has received it.
        cluster.nodes[0]->kill();
        std::uint64_t acknowledged = 0, maybe = 0;
        std::atomic<bool> ends = false;
        std::thread customer([&] {
            Client client({cluster.server.url()});
            while (!ends) {
                const auto answer =
                    client.try_ask("node.n2", "add", R"({"name":"x","delta":1})", 100ms);
                ++(answer && answer->at("ok") == true ? acknowledged : maybe);
            }
        });
        for (int restart = 0; restart < 5; ++restart) {
            std::this_thread::sleep_for(200ms);
            node.kill();
            node.start();
        }
        ends = true;
        customer.join();
        std::uint64_t value = 0;
        CHECK(eventually([&] {
            const auto answer = cluster.client.value("n2", "x");
            if (answer) value = answer->get<std::uint64_t>();
            return answer.has_value();
        }));
        INFO(value, " of ", acknowledged, " and perhaps ", maybe);
        CHECK(acknowledged > 0);
        CHECK((value >= acknowledged) == durable);
        CHECK(value <= acknowledged + maybe);
    }
}

TEST_CASE(
    "incarnations: a node that leaves answers received requests and sends its state to peers") {
    Cluster cluster(2);
    std::atomic<bool> ends = false;
    std::uint64_t answered = 0, unanswered = 0;
    std::thread customer([&] {
        Client client({cluster.server.url()});
        while (!ends) {
            const auto answer = client.try_ask("svc", "add", R"({"name":"x","delta":1})");
            ++(answer && answer->at("ok") == true ? answered : unanswered);
        }
    });
    for (int i = 0; i < 5; ++i) {
        std::this_thread::sleep_for(100ms);
        cluster.nodes[0]->signal(SIGTERM);
        CHECK(cluster.nodes[0]->end() == "exited with code 0");
        CHECK(cluster.client.ask("node.n2", "status", json::object()).at("members") ==
              json::array());
        cluster.nodes[0]->start();
        cluster.client.expect_members({"n1", "n2"}, 1);
    }
    ends = true;
    customer.join();
    CHECK(unanswered == 0);
    CHECK(answered > 100);
    CHECK(cluster.reports("n1", "x", answered));
    CHECK(cluster.reports("n2", "x", answered));
}

TEST_CASE("incarnations: an old copy of a node's file is detected") {
    const TemporaryFolder data;
    Cluster cluster(2, {"--data", data.path().string()});
    auto& client = cluster.client;
    const auto add = [&] {
        return code_of(client.ask("node.n1", "add", {{"name", "x"}, {"delta", 1}, {"ack", 1}}));
    };
    const auto end = [&] {
        cluster.nodes[0]->signal(SIGTERM);
        CHECK(cluster.nodes[0]->end() == "exited with code 0");
    };
    const fs::path file = data.path() / "n1.sqlite", copy = data.path() / "copy";
    CHECK(add() == 0);
    end();
    fs::copy(file, copy);
    cluster.nodes[0]->start();
    CHECK(eventually([&] { return client.value("n1", "x") == 1; }));
    client.expect_members({"n1"}, 1);
    for (int i = 0; i < 3; ++i) CHECK(add() == 0);
    end();
    fs::copy(copy, file, fs::copy_options::overwrite_existing);
    cluster.nodes[0]->start();
    CHECK(cluster.reports("n1", "x", 4));
    CHECK(cluster.metric("n1", "reincarnations_total") == 1);
    CHECK(add() == 0);
    CHECK(cluster.reports("n2", "x", 5));

    // The file contains the new incarnation.
    end();
    cluster.nodes[0]->start();
    CHECK(cluster.reports("n1", "x", 5));
    CHECK(cluster.metric("n1", "reincarnations_total") == 0);
}

TEST_CASE("incarnations: confirm requests of peers do not count towards the rate limit") {
    const TemporaryFolder folder;
    const Server server(folder.path(), "s", free_ports(1).front());
    const Node n1(folder.path(), "n1", {server.url()});
    const Node n2(folder.path(), "n2", {server.url()}, {"--rate-limit", "2"});
    Client client({server.url()});
    client.expect_members({"n1"}, 1);
    const auto add = [&] {
        return code_of(client.ask("node.n1", "add", {{"name", "x"}, {"delta", 1}, {"ack", 1}}));
    };
    const auto read = [&] { return code_of(client.ask("node.n2", "read", {{"name", "x"}})); };
    // Requests of clients and confirm requests of the peer alternate: only the former are limited.
    int refused = 0;
    for (int i = 0; i < 30; ++i) {
        CHECK(add() == 0);
        refused += read() == 11;
    }
    CHECK(refused >= 20);

    // A reply subject of the cluster gets no answer.
    const std::string reply = "crdt.shop.ack.n1.n2.5";
    natsSubscription* answers = nullptr;
    REQUIRE(natsConnection_SubscribeSync(&answers, client.connection().handle(), reply.c_str()) ==
            NATS_OK);
    for (int i = 0; i < 10; ++i)
        client.connection().request("crdt.shop.node.n2.read", reply, R"({"name":"x"})");
    natsMsg* answer = nullptr;
    CHECK(natsSubscription_NextMsg(&answer, answers, 300) == NATS_TIMEOUT);
    crdt::nats::detail::stop(client.connection().handle(), answers);
    natsSubscription_Destroy(answers);
}

TEST_CASE("incarnations: nothing is transferred to a node that is down") {
    Cluster cluster(3);
    auto& client = cluster.client;
    const auto transfer = [&](const std::string& to) {
        return code_of(
            client.ask("node.n1", "transfer", {{"name", "b"}, {"to", to}, {"amount", 1}}));
    };
    const auto is_down = [&](const std::string& node) {
        const json status = client.ask("node.n1", "status", json::object());
        for (const json& member : status.at("members"))
            if (member.at("node") == node) return member.at("down").get<bool>();
        FAIL("no member: ", node);
        return false;
    };
    CHECK(code_of(client.ask("node.n1", "add",
                             {{"name", "b"}, {"kind", "bounded"}, {"delta", 1000}})) == 0);
    CHECK(transfer("n2") == 0);
    cluster.nodes[1]->kill();
    // The same rule holds if the node was down just before, or is down just after the transfer.
    int given = 1;
    CHECK(eventually([&] {
        const bool before = is_down("n2");
        const int code = transfer("n2");
        const bool after = is_down("n2");
        CHECK((code == 0 || code == 11));
        CHECK((before || code == 0 || after));
        CHECK((code == 11 || !before));
        given += code == 0;
        return code == 11;
    }));
    CHECK(transfer("n3") == 0);
    const json rest = client.ask("node.n1", "read", {{"name", "b"}, {"kind", "bounded"}});
    CHECK(rest.at("rights") == 1000 - given - 1);
    CHECK(rest.at("value") == 1000);

    cluster.nodes[1]->start();
    client.expect_members({"n2"}, 2);
    CHECK(eventually([&] { return !is_down("n2"); }));
    CHECK(transfer("n2") == 0);
}

TEST_CASE("incarnations: a node does not open the data of another cluster or node") {
    const TemporaryFolder data;
    Cluster cluster(1, {"--data", data.path().string()});
    auto& client = cluster.client;
    CHECK(code_of(client.ask("node.n1", "add", {{"name", "x"}, {"delta", 7}})) == 0);
    cluster.nodes[0]->signal(SIGTERM);
    CHECK(cluster.nodes[0]->end() == "exited with code 0");
    fs::copy(data.path() / "n1.sqlite", data.path() / "n2.sqlite");
    const std::vector<std::pair<std::string, std::string>> outsiders{
        {"other", "n1"}, {"shop2", "n1"}, {"sho", "n1"}, {"shop", "n2"}, {"n1", "shop"}};
    fs::copy(data.path() / "n1.sqlite", data.path() / "shop.sqlite");
    for (const auto& outsider : outsiders) {
        const std::string &name = outsider.first, &node = outsider.second;
        const fs::path file = data.path() / (node + ".sqlite");
        const std::string before = read_file(file);
        Child child(data.path(), "outsider", environment("COUNTERD"),
                    {"--cluster", name, "--node", node, "--url", cluster.server.url(), "--data",
                     data.path().string()});
        child.start();
        CHECK_MESSAGE(child.end() == "exited with code 74", name, ' ', node);
        CHECK_MESSAGE(child.log().find("belongs to") != std::string::npos, child.log());
        CHECK(read_file(file) == before);
    }
    cluster.nodes[0]->start();
    CHECK(cluster.reports("n1", "x", 7));
}

TEST_CASE("incarnations: an old copy of a node's file accepts adds before the first contact") {
    const TemporaryFolder data;
    Cluster cluster(2, {"--data", data.path().string()});
    auto& client = cluster.client;
    const auto add = [&](const std::string& kind, int delta) {
        return code_of(
            client.ask("node.n1", "add", {{"name", kind}, {"kind", kind}, {"delta", delta}}));
    };
    const auto end = [&] {
        cluster.nodes[0]->signal(SIGTERM);
        CHECK(cluster.nodes[0]->end() == "exited with code 0");
    };
    const fs::path file = data.path() / "n1.sqlite", copy = data.path() / "copy";
    for (const std::string kind : {"counter", "bounded"}) CHECK(add(kind, 1) == 0);
    REQUIRE(cluster.reports("n2", "bounded", 1));
    end();
    fs::copy(file, copy);
    cluster.nodes[0]->start();
    for (const std::string kind : {"counter", "bounded"}) {
        REQUIRE(cluster.reports("n1", kind, 1));
        CHECK(add(kind, 2) == 0);
        REQUIRE(cluster.reports("n2", kind, 3));
    }
    end();
    fs::copy(copy, file, fs::copy_options::overwrite_existing);
    cluster.nodes[1]->signal(SIGSTOP);
    cluster.nodes[0]->start();
    for (const std::string kind : {"counter", "bounded"}) {
        REQUIRE(cluster.reports("n1", kind, 1));
        CHECK(add(kind, 4) == 0);
    }
    // The rights may have been used already.
    CHECK(add("bounded", -1) != 0);
    cluster.nodes[1]->signal(SIGCONT);
    for (const std::string kind : {"counter", "bounded"}) {
        CHECK(cluster.reports("n1", kind, 7));
        CHECK(cluster.reports("n2", kind, 7));
    }
    CHECK(cluster.metric("n1", "reincarnations_total") == 1);
}

TEST_CASE("incarnations: rights received before the first contact remain") {
    const TemporaryFolder data;
    Cluster cluster(2, {"--data", data.path().string()});
    auto& client = cluster.client;
    const auto add = [&](int delta) {
        return code_of(
            client.ask("node.n1", "add", {{"name", "x"}, {"kind", "bounded"}, {"delta", delta}}));
    };
    CHECK(add(1) == 0);
    REQUIRE(cluster.reports("n2", "x", 1));
    cluster.nodes[1]->signal(SIGSTOP);
    for (const int delta : {2, 4}) {
        cluster.nodes[0]->kill();
        cluster.nodes[0]->start();
        CHECK(eventually([&] { return client.value("n1", "x").has_value(); }));
        CHECK(add(delta) == 0);
    }
    cluster.nodes[1]->signal(SIGCONT);
    CHECK(cluster.reports("n2", "x", 7));
    CHECK(eventually([&] { return add(-7) == 0; }));
    CHECK(cluster.reports("n2", "x", 0));
    CHECK(cluster.metric("n1", "reincarnations_total") == 0);
}

TEST_CASE("incarnations: a lone node subtracts from a bounded counter if its file is trusted") {
    const TemporaryFolder data;
    Cluster cluster(1, {"--data", data.path().string()});
    const auto add = [&](int delta) {
        return code_of(cluster.client.ask("node.n1", "add",
                                          {{"name", "x"}, {"kind", "bounded"}, {"delta", delta}}));
    };
    CHECK(add(3) == 0);
    cluster.nodes[0]->kill();
    cluster.nodes[0]->start();
    REQUIRE(cluster.reports("n1", "x", 3));
    CHECK(add(-1) == 22);
    CHECK(add(1) == 0);
    cluster.nodes[0]->kill();
    Node trusting(data.path(), "n1", {cluster.server.url()},
                  {"--data", data.path().string(), "--trust-data"});
    REQUIRE(cluster.reports("n1", "x", 4));
    CHECK(add(-4) == 0);
}

TEST_CASE("incarnations: the data of another cluster are rejected") {
    const TemporaryFolder data;
    Cluster cluster(1, {"--data", data.path().string()});
    cluster.nodes[0]->signal(SIGTERM);
    CHECK(cluster.nodes[0]->end() == "exited with code 0");
    Child other(data.path(), "other", environment("COUNTERD"),
                {"--cluster", "other", "--node", "n1", "--url", cluster.server.url(), "--data",
                 data.path().string()});
    other.start();
    CHECK(other.end() == "exited with code 74");
    const std::string why = "belongs to cluster shop, node n1, not to cluster other, node n1";
    CHECK_MESSAGE(other.log().find(why) != std::string::npos, other.log());
}

TEST_CASE("incarnations: a node that cannot start logs the reason") {
    const TemporaryFolder data;
    Cluster cluster(1, {"--data", data.path().string()});
    const auto refused = [&](const std::string& name, const std::string& url, int code,
                             const std::string& why) {
        Node node(data.path(), name, {url}, {"--data", data.path().string(), "--wait", "0"});
        CHECK(node.end() == "exited with code " + std::to_string(code));
        CHECK_MESSAGE(node.log().find(why) != std::string::npos, node.log());
        std::istringstream lines(node.log());
        for (std::string line; std::getline(lines, line);)
            CHECK(json::parse(line).at("node") == name);
    };
    refused("n1", cluster.server.url(), 74, "in use by another process");
    const std::string nowhere = "nats://127.0.0.1:" + std::to_string(free_ports(1).front());
    refused("n3", nowhere, 69, "connecting to NATS at " + nowhere + ": No server available");
}

}  // namespace incarnations_tests

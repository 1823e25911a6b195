// SPDX-License-Identifier: MIT
//! Tests subtractions with rights of other nodes.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "cluster.hpp"
#include "node.hpp"
#include "raw.hpp"
#include "support/folder.hpp"

namespace refill_tests {

using namespace support;

namespace {

json add(Client& client, const std::string& node, int delta, int timeout = 1000) {
    const json body{{"name", "b"}, {"kind", "bounded"}, {"delta", delta}, {"timeout_ms", timeout}};
    return client.ask("node." + node, "add", body);
}
std::uint64_t rights(Client& client, const std::string& node) {
    return client.ask("node." + node, "read", {{"name", "b"}, {"kind", "bounded"}}).at("rights");
}

}  // namespace

TEST_CASE("refills: a node subtracts with rights of its peers") {
    Cluster cluster(3);
    auto& client = cluster.client;
    CHECK(code_of(add(client, "n1", 100)) == 0);
    REQUIRE(cluster.reports("n2", "b", 100));
    CHECK(add(client, "n2", -10).value("value", 0) == 90);
    // The peer has given more than that: further subtractions need no request.
    CHECK(rights(client, "n2") == 22);
    CHECK(cluster.metric("n2", "refills_requested_total") == 1);
    CHECK(code_of(add(client, "n2", -20)) == 0);
    CHECK(cluster.metric("n2", "refills_requested_total") == 1);
    // No peer alone has enough.
    CHECK(code_of(add(client, "n3", 50)) == 0);
    REQUIRE(cluster.reports("n2", "b", 120));
    CHECK(code_of(add(client, "n2", -115)) == 0);
    for (const std::string node : {"n1", "n2", "n3"}) CHECK(cluster.reports(node, "b", 5));
}

TEST_CASE("refills: a batch subtracts with rights of peers, from all its counters or from none") {
    Cluster cluster(3);
    auto& client = cluster.client;
    const auto entry = [](const std::string& name, int delta) {
        return json{{"name", name}, {"kind", "bounded"}, {"delta", delta}};
    };
    const auto batch = [&](const std::string& node, const json& adds, const std::string& id) {
        return client.ask("node." + node, "add",
                          {{"adds", adds}, {"id", id}, {"timeout_ms", 3000}});
    };
    const auto total = [&](const std::string& name) {
        return client.ask("node.n3", "read", {{"name", name}}).value("value", -1);
    };
    CHECK(code_of(batch("n1", {entry("a", 10), entry("c", 5)}, "one")) == 0);
    CHECK(code_of(batch("n2", json::array({entry("b", 10)}), "two")) == 0);
    for (const char* name : {"a", "b", "c"})
        REQUIRE(eventually([&] { return total(name) == (*name == 'c' ? 5 : 10); }));
    const json bought{entry("b", -7), entry("a", -6), entry("c", -5), entry("d", 1)};
    CHECK(code_of(batch("n3", bought, "three")) == 0);
    CHECK(batch("n3", bought, "three").value("repeated", false));
    CHECK(total("a") == 4);
    CHECK(total("b") == 3);
    CHECK(total("c") == 0);
    CHECK(total("d") == 1);
    const json refused = batch("n3", {entry("a", -4), entry("b", -4), entry("d", 1)}, "four");
    CHECK(code_of(refused) == 22);
    CHECK(total("a") == 4);
    CHECK(total("d") == 1);
    CHECK(cluster.metric("n3", "pending_refills") == 0);
}

TEST_CASE("refills: a subtraction is refused if all nodes together cannot cover it") {
    Cluster cluster(3);
    auto& client = cluster.client;
    for (const std::string node : {"n1", "n2", "n3"}) CHECK(code_of(add(client, node, 10)) == 0);
    for (const std::string node : {"n1", "n2", "n3"}) REQUIRE(cluster.reports(node, "b", 30));
    const json refused = add(client, "n1", -31, 3000);
    CHECK(code_of(refused) == 22);
    CHECK(refused.at("text") == "add: all nodes together do not have enough rights");
    CHECK(code_of(add(client, "n2", -30)) == 0);
    CHECK(cluster.reports("n1", "b", 0));
    CHECK(code_of(add(client, "n3", -1)) == 22);
}

TEST_CASE("refills: a subtraction is refused with another error if a node is unreachable") {
    Cluster cluster(3);
    auto& client = cluster.client;
    CHECK(code_of(add(client, "n1", 10)) == 0);
    CHECK(code_of(add(client, "n3", 10)) == 0);
    REQUIRE(cluster.reports("n2", "b", 20));
    cluster.nodes[2]->signal(SIGSTOP);
    CHECK(code_of(add(client, "n2", -5)) == 0);
    const json refused = add(client, "n2", -15, 3000);
    CHECK(code_of(refused) == 11);
    CHECK(refused.at("text") == "add: not enough rights, and these nodes did not answer: n3");
    CHECK(code_of(add(client, "n2", -15, 50)) == 11);
    cluster.nodes[2]->signal(SIGCONT);
    CHECK(eventually([&] { return code_of(add(client, "n2", -15)) == 0; }));
    for (const std::string node : {"n1", "n2", "n3"}) CHECK(cluster.reports(node, "b", 0));
    CHECK(cluster.metric("n2", "pending_refills") == 0);
}

TEST_CASE("refills: no more is subtracted than was added, however many nodes subtract at once") {
    Cluster cluster(3);
    auto& client = cluster.client;
    CHECK(code_of(add(client, "n1", 60)) == 0);
    for (const std::string node : {"n2", "n3"}) REQUIRE(cluster.reports(node, "b", 60));
    std::vector<std::thread> customers;
    std::vector<int> sold(3);
    for (std::size_t i = 0; i < sold.size(); ++i)
        customers.emplace_back([&, i] {
            Client own({cluster.server.url()});
            const std::string node = "n" + std::to_string(i + 1);
            for (int turn = 0; turn < 40; ++turn) sold[i] += code_of(add(own, node, -1)) == 0;
        });
    for (std::thread& customer : customers) customer.join();
    CHECK(sold[0] + sold[1] + sold[2] == 60);
    for (const std::string node : {"n1", "n2", "n3"}) CHECK(cluster.reports(node, "b", 0));
}

TEST_CASE("refills: a node that leaves hands its rights over") {
    Cluster cluster(2);
    auto& client = cluster.client;
    CHECK(code_of(add(client, "n2", 10)) == 0);
    REQUIRE(cluster.reports("n1", "b", 10));
    cluster.nodes[1]->signal(SIGTERM);
    CHECK(cluster.nodes[1]->end() == "exited with code 0");
    CHECK(rights(client, "n1") == 10);
    CHECK(code_of(add(client, "n1", -10)) == 0);
}

TEST_CASE("refills: messages of unknown senders, and invalid ones, move no rights") {
    Cluster cluster(2);
    auto& client = cluster.client;
    CHECK(code_of(add(client, "n1", 10)) == 0);
    crdt::nats::Connection connection = connect(cluster.server.url());
    const auto send = [&](const std::string& from, const std::string& body) {
        connection.publish("crdt.shop.refill.n1." + from, body);
    };
    send("unknown", R"({"name":"b","number":1,"amount":5})");
    const std::vector<std::string> invalid{
        "",
        "garbage",
        "[]",
        R"({"name":"b","number":1,"amount":0})",
        R"({"name":"b","number":1,"amount":-5})",
        R"({"name":"b","number":1,"amount":9223372036854775808})",
        R"({"name":"","number":1,"amount":5})",
        R"({"name":"b","amount":5})",
        R"({"name":"b","number":-1,"amount":5})",
        R"({"name":"b","number":1})",
        R"({"name":"b","number":1,"given":-1})",
        R"({"name":"b","number":1,"amount":5,"more":1})"};
    for (const std::string& body : invalid) send("n2", body);
    // These are valid, but there is nothing to give, and no such request.
    send("n2", R"({"name":"other","number":1,"amount":5})");
    send("n2", R"({"name":"b","number":1,"given":5})");
    connection.flush(1000);
    CHECK(eventually(
        [&] { return cluster.metric("n1", "refill_malformed_total") == invalid.size() + 1; }));
    CHECK(rights(client, "n1") == 10);
    CHECK(cluster.metric("n1", "refills_given_total") == 0);
    send("n2", R"({"name":"b","number":1,"amount":5})");
    connection.flush(1000);
    CHECK(eventually([&] { return cluster.metric("n1", "refills_given_total") == 1; }));
    CHECK(rights(client, "n1") == 4);
    CHECK(eventually([&] { return rights(client, "n2") == 6; }));
}

}  // namespace refill_tests

// SPDX-License-Identifier: MIT
//! Tests requests that clients repeat, batches, and deletion.
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/random.hpp>

#include "cluster.hpp"
#include "node.hpp"
#include "server.hpp"
#include "support/folder.hpp"

namespace repeats_tests {

using namespace support;

namespace {

json add_of(const std::string& id, const std::string& name, int delta) {
    return {{"id", id}, {"name", name}, {"delta", delta}};
}
bool is_repeated(const json& answer) {
    REQUIRE_MESSAGE(answer.at("ok") == true, answer.dump());
    return answer.value("repeated", false);
}
/// The names of a node's counters, each followed by a blank.
std::string listed(Client& client, const std::string& node) {
    const json list = client.ask("node." + node, "list", json::object());
    std::string names;
    for (const json& each : list.at("counters")) names += each.at("name").get<std::string>() + " ";
    return names;
}

}  // namespace

TEST_CASE("repeats: a repeated request is answered again and counts once") {
    const TemporaryFolder data;
    Cluster cluster(2, {"--data", data.path().string()});
    auto& client = cluster.client;
    const auto add = [&](const std::string& node, const json& request) {
        return client.ask("node." + node, "add", request);
    };
    CHECK_FALSE(is_repeated(add("n1", add_of("q1", "x", 5))));
    for (int i = 0; i < 3; ++i) {
        const json answer = add("n1", add_of("q1", "x", 5));
        CHECK(is_repeated(answer));
        CHECK(answer.at("value") == 5);
    }
    // Also where it arrives later.
    REQUIRE(cluster.reports("n2", "x", 5));
    json confirmed = add_of("q1", "x", 5);
    confirmed["ack"] = 1;
    CHECK(is_repeated(add("n2", confirmed)));
    CHECK(cluster.metric("n2", "requests_repeated_total") == 1);
    CHECK(cluster.metric("n2", "request_records") == 1);

    // The id belongs to this request only.
    CHECK(code_of(add("n2", add_of("q1", "x", 6))) == 22);
    CHECK(code_of(add("n2", add_of("q1", "y", 5))) == 22);
    CHECK(code_of(client.ask("node.n2", "reset", {{"id", "q1"}, {"name", "x"}})) == 22);
    CHECK_FALSE(is_repeated(add("n2", add_of("q2", "x", 6))));

    // Also after the node was killed and has started from its file, alone.
    CHECK_FALSE(is_repeated(add("n1", add_of("q3", "z", 7))));
    for (const auto& node : cluster.nodes) node->kill();
    cluster.nodes[0]->start();
    REQUIRE(eventually([&] { return client.value("n1", "z").has_value(); }));
    CHECK(is_repeated(add("n1", add_of("q3", "z", 7))));
    CHECK(is_repeated(add("n1", add_of("q1", "x", 5))));
    CHECK(client.value("n1", "z") == 7);
}

TEST_CASE("repeats: a request that two nodes have applied counts once when they are connected") {
    const TemporaryFolder data;
    Cluster cluster(1, {"--data", data.path().string()});
    auto& client = cluster.client;
    Node n2(data.path(), "n2", {cluster.server.url()}, {"--data", data.path().string()});
    client.expect_members({"n1", "n2"}, 1);
    // Each node is alone when it applies the requests, and is then killed.
    const auto apply_at = [&](Node& node) {
        node.start();
        const std::string where = "node." + node.name();
        REQUIRE(eventually([&] { return client.value(node.name(), "x").has_value(); }));
        CHECK_FALSE(is_repeated(client.ask(where, "add", add_of("q1", "x", 5))));
        CHECK_FALSE(is_repeated(client.ask(where, "add", add_of("q2", "x", -7))));
        CHECK_FALSE(is_repeated(client.ask(
            where, "add",
            {{"id", "q3"},
             {"adds", {{{"name", "a"}, {"delta", 3}}, {{"name", "b"}, {"delta", 4}}}}})));
        client.ask(where, "add", {{"name", "x"}, {"delta", 100}});
        node.kill();
    };
    for (Node* node : {cluster.nodes[0].get(), &n2}) node->kill();
    apply_at(*cluster.nodes[0]);
    apply_at(n2);
    for (Node* node : {cluster.nodes[0].get(), &n2}) node->start();
    for (const std::string node : {"n1", "n2"}) {
        CHECK(cluster.reports(node, "x", 198));
        CHECK(cluster.reports(node, "a", 3));
        CHECK(cluster.reports(node, "b", 4));
        CHECK(is_repeated(client.ask("node." + node, "add", add_of("q1", "x", 5))));
    }

    // Both at once. A bounded counter, too, if the second node has the rights left.
    for (int i = 0; i < 20; ++i) {
        const std::string id = "b" + std::to_string(i);
        json plain = add_of(id, "y", 1), bounded = add_of("s" + id, "stock", 1);
        bounded["kind"] = "bounded";
        for (const json& request : {plain, bounded})
            for (const std::string node : {"n1", "n2"})
                client.connection().publish("crdt.shop.node." + node + ".add", request.dump());
    }
    for (const std::string node : {"n1", "n2"}) {
        CHECK(cluster.reports(node, "y", 20));
        CHECK(cluster.reports(node, "stock", 20));
    }
}

TEST_CASE("repeats: clients that repeat each add until it is answered get exact sums") {
    constexpr std::size_t clients = 3, names = 3;
    const TemporaryFolder data;
    Cluster cluster(3, {"--data", data.path().string()});
    std::atomic<bool> ends = false;
    std::array<std::array<std::int64_t, names>, clients> sums{};
    std::array<std::uint64_t, clients> sent{}, answered{};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < clients; ++i)
        threads.emplace_back([&, i] {
            Client client({cluster.server.url()});
            crdt::Random random(i);
            for (int request = 0; !ends; ++request) {
                const auto name = random.below(names);
                const auto amount = static_cast<std::int64_t>(random.below(20)) - 5;
                const json add{{"id", "client" + std::to_string(i) + '-' + std::to_string(request)},
                               {"name", "c" + std::to_string(name)},
                               {"delta", amount}};
                std::optional<json> answer;
                do {
                    ++sent[i];
                    answer = client.try_ask("node.n" + std::to_string(1 + random.below(3)), "add",
                                            add.dump(), 100ms);
                } while (!answer || code_of(*answer) == 11);
                ++answered[i];
                if (code_of(*answer) == 0) sums[i][name] += amount;
            }
        });
    crdt::Random random(9);
    for (int round = 0; round < 12; ++round) {
        Node& node = *cluster.nodes[random.below(3)];
        if (round % 2 == 0) {
            node.kill();
            std::this_thread::sleep_for(200ms);
            node.start();
        } else {
            node.signal(SIGSTOP);
            std::this_thread::sleep_for(400ms);
            node.signal(SIGCONT);
        }
        std::this_thread::sleep_for(300ms);
    }
    ends = true;
    for (std::thread& thread : threads) thread.join();
    std::uint64_t all_sent = 0, all_answered = 0;
    for (std::size_t i = 0; i < clients; ++i) all_sent += sent[i], all_answered += answered[i];
    MESSAGE(all_answered, " adds, ", all_sent - all_answered, " repetitions");
    CHECK(all_answered > 300);
    CHECK(all_sent - all_answered > 10);
    for (std::size_t name = 0; name < names; ++name) {
        std::int64_t sum = 0;
        for (const auto& each : sums) sum += each[name];
        for (const std::string node : {"n1", "n2", "n3"})
            CHECK_MESSAGE(cluster.reports(node, "c" + std::to_string(name), sum), node, " ", name,
                          " ", sum);
    }
}

TEST_CASE("repeats: the nodes keep the records of a limited number of requests") {
    constexpr int count = 70'000, kept = 65'536;
    Cluster cluster(2);
    auto& client = cluster.client;
    const auto id = [](int i) { return "q" + std::to_string(i); };
    for (int i = 0; i < count; ++i) {
        client.connection().publish("crdt.shop.node.n1.add", add_of(id(i), "x", 1).dump());
        // The node rejects a read that has waited too long behind the adds.
        if (i % 1000 == 999)
            REQUIRE(eventually([&] { return client.value("n1", "x").has_value(); }));
    }
    for (const std::string node : {"n1", "n2"}) {
        CHECK(cluster.reports(node, "x", count));
        CHECK(eventually([&] { return cluster.metric(node, "request_records") == kept; }));
        CHECK(is_repeated(client.ask("node." + node, "add", add_of(id(count - kept), "x", 1))));
    }
    // Its record was erased, so it counts again.
    CHECK_FALSE(is_repeated(client.ask("node.n1", "add", add_of(id(0), "x", 1))));
    CHECK(cluster.reports("n2", "x", count + 1));
}

TEST_CASE("repeats: resets, deletions and transfers are not repeated") {
    Cluster cluster(2);
    auto& client = cluster.client;
    const auto ask = [&](const std::string& verb, const json& request) {
        return client.ask("node.n1", verb, request);
    };
    for (const std::string verb : {"reset", "delete"}) {
        CAPTURE(verb);
        ask("add", {{"name", "x"}, {"delta", 5}});
        CHECK_FALSE(is_repeated(ask(verb, {{"id", verb}, {"name", "x"}})));
        ask("add", {{"name", "x"}, {"delta", 3}});
        const json answer = ask(verb, {{"id", verb}, {"name", "x"}});
        CHECK(is_repeated(answer));
        CHECK(answer.at("value") == 3);
        CHECK(code_of(ask(verb, {{"id", verb}, {"name", "y"}})) == 22);
        ask(verb, {{"name", "x"}});
    }
    ask("add", {{"name", "stock"}, {"delta", 5}, {"kind", "bounded"}});
    const json transfer{{"id", "t"}, {"name", "stock"}, {"to", "n2"}, {"amount", 2}};
    CHECK_FALSE(is_repeated(ask("transfer", transfer)));
    CHECK(is_repeated(ask("transfer", transfer)));
    CHECK(ask("read", {{"name", "stock"}}).at("rights") == 3);
}

TEST_CASE("repeats: a batch is applied as a whole or not at all, and several counters are read") {
    Cluster cluster(2);
    auto& client = cluster.client;
    const auto entry = [](const std::string& name, std::int64_t delta) {
        return json{{"name", name}, {"delta", delta}};
    };
    const auto add = [&](const json& adds) {
        return client.ask("node.n1", "add", json{{"adds", adds}});
    };
    json stock = entry("stock", 5);
    stock["kind"] = "bounded";
    const json answer = add({entry("b", 2), entry("a", -1), stock});
    REQUIRE_MESSAGE(answer.at("ok") == true, answer.dump());
    CHECK(answer.at("more") == false);
    CHECK(answer.at("counters") == json::parse(R"([{"name":"b","kind":"counter","value":2},
                                                  {"name":"a","kind":"counter","value":-1},
                                                  {"name":"stock","kind":"bounded","value":5}])"));
    // One add that is impossible.
    CHECK(code_of(add({entry("a", 1), entry("stock", -6)})) == 22);
    CHECK(code_of(add({entry("a", 1), entry("b", 1'000'000'000'000'000'000),
                       entry("stock", 9'223'372'036'854'775'807)})) == 22);
    CHECK(code_of(add({entry("a", 1), entry("a", 2)})) == 12);
    CHECK(client.value("n1", "a") == -1);
    CHECK(code_of(add(json::array())) == 0);

    json many = json::array();
    for (int i = 0; i < 1000; ++i) many.push_back(entry("m" + std::to_string(i), i));
    CHECK(add(many).at("counters").size() == 1000);
    CHECK(cluster.reports("n2", "m999", 999));
    many.push_back(entry("one more", 1));
    CHECK(code_of(add(many)) == 12);

    const json read = client.ask("node.n2", "read", {{"names", {"m7", "nobody", "stock", "m7"}}});
    CHECK(read.at("counters") == json::parse(R"([{"name":"m7","kind":"counter","value":7},
                                                {"name":"nobody","kind":"counter","value":0},
                                                {"name":"stock","kind":"bounded","value":5},
                                                {"name":"m7","kind":"counter","value":7}])"));
    // Each add may have a session, and the whole batch waits for acks.
    json begun = entry("b", 3);
    begun["session"] = "";
    const auto add_with_ack = [&](const json& adds, int ack, int timeout_ms) {
        return client.ask("node.n1", "add",
                          {{"adds", adds}, {"ack", ack}, {"timeout_ms", timeout_ms}});
    };
    const json acknowledged = add_with_ack({begun, entry("c", 1)}, 1, 2000);
    REQUIRE_MESSAGE(code_of(acknowledged) == 0, acknowledged.dump());
    CHECK(client.value("n2", "b") == 5);
    const json& counters = acknowledged.at("counters");
    CHECK_FALSE(counters.at(1).contains("session"));
    const json session = counters.at(0).at("session");
    CHECK(client.ask("node.n2", "read", {{"name", "b"}, {"session", session}}).at("value") == 5);
    json foreign = entry("c", 1);
    foreign["session"] = session;
    CHECK(code_of(add(json::array({foreign}))) == 12);
    CHECK(code_of(add_with_ack(json::array({entry("c", 1)}), 2, 100)) == 11);
    CHECK(client.value("n1", "c") == 2);

    // Exactly once, as well.
    const json batch{{"id", "q"}, {"adds", {entry("a", 1), entry("stock", 1)}}};
    CHECK_FALSE(is_repeated(client.ask("node.n1", "add", batch)));
    const json again = client.ask("node.n1", "add", batch);
    CHECK(is_repeated(again));
    CHECK(again.at("counters").at(1) ==
          json::parse(R"({"name":"stock","kind":"bounded","value":6})"));
}

TEST_CASE("repeats: a deletion is exact, and only context is left of the counter") {
    Cluster cluster(2);
    auto& client = cluster.client;
    for (const std::string node : {"n1", "n2"})
        for (const std::string name : {"x", "y"})
            client.ask("node." + node, "add", {{"name", name}, {"delta", 5}});
    REQUIRE(cluster.reports("n1", "x", 10));
    REQUIRE(cluster.reports("n1", "y", 10));
    CHECK(client.ask("node.n1", "delete", {{"name", "x"}}).at("value") == 0);
    CHECK(listed(client, "n1") == "y ");
    for (const std::string node : {"n1", "n2"}) {
        CHECK(eventually([&] { return listed(client, node) == "y "; }));
        CHECK(eventually([&] { return cluster.metric(node, "names") == 1; }));
    }
    // To delete it again, or to delete a name that does not exist, changes nothing.
    CHECK(code_of(client.ask("node.n2", "delete", {{"name", "x"}})) == 0);

    // A concurrent add survives.
    client.connection().publish("crdt.shop.node.n1.delete", R"({"name":"y"})");
    client.connection().publish("crdt.shop.node.n2.add", R"({"name":"y","delta":3})");
    for (const std::string node : {"n1", "n2"}) CHECK(cluster.reports(node, "y", 3));

    client.ask("node.n1", "add", {{"name", "stock"}, {"delta", 5}, {"kind", "bounded"}});
    CHECK(code_of(client.ask("node.n1", "delete", {{"name", "stock"}})) == 10);
}

}  // namespace repeats_tests

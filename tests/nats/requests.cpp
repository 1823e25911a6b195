// SPDX-License-Identifier: MIT
//! The requests of clients of the counter service, and their answers.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/subscription.hpp>

#include "cluster.hpp"
#include "http.hpp"
#include "node.hpp"
#include "server.hpp"
#include "support/folder.hpp"
#include "support/program.hpp"

namespace requests_tests {

using namespace support;

TEST_CASE("requests: a malformed request is rejected and changes nothing") {
    Cluster cluster(1);
    const std::string longest(200, 'x'), deep(30'000, '[');
    struct Case {
        const char* verb;
        std::string body;
        int code;
    };
    const std::vector<Case> cases{
        {"add", "", 12},
        {"add", "{", 12},
        {"add", "[]", 12},
        {"add", "null", 12},
        {"add", deep, 12},
        {"add", R"({"name":"a","delta":1} )" + std::string(66'000, ' '), 12},
        {"add", R"({"delta":1})", 12},
        {"add", R"({"name":"","delta":1})", 12},
        {"add", R"({"name":7,"delta":1})", 12},
        {"add", R"({"name":"a\nb","delta":1})", 12},
        {"add", R"({"name":"a\u0085b","delta":1})", 12},
        {"add", "{\"name\":\"a\377\",\"delta\":1}", 12},
        {"add", R"({"name":"x)" + longest + R"(","delta":1})", 12},
        {"add", R"({"name":"a"})", 12},
        {"add", R"({"name":"a","delta":1.5})", 12},
        {"add", R"({"name":"a","delta":"1"})", 12},
        {"add", R"({"name":"a","delta":1e999})", 12},
        {"add", R"({"name":"a","delta":9223372036854775808})", 12},
        {"add", R"({"name":"a","delta":-9223372036854775809})", 12},
        {"add", R"({"name":"a","delta":1,"kind":"sum"})", 12},
        {"add", R"({"name":"a","delta":1,"ack":-1})", 12},
        {"add", R"({"name":"a","delta":1,"ack":1001})", 12},
        {"add", R"({"name":"a","delta":1,"timeout_ms":60001})", 12},
        {"add", R"({"name":"a","delta":1,"session":"zz"})", 12},
        {"add", R"({"name":"a","delta":1,"session":"00"})", 12},
        {"add", R"({"name":"a","delta":1,"dleta":1})", 12},
        {"add", R"({"name":"a","delta":1,"delta":1})", 12},
        {"add", R"({"name":"a","delta":1,"session":")" + std::string(40'000, '0') + "\"}", 12},
        {"add", R"({"name":"a","delta":-1,"kind":"bounded"})", 22},
        {"add", R"({"name":"a","delta":1,"id":""})", 12},
        {"add", R"({"name":"a","delta":1,"id":7})", 12},
        {"add", R"({"name":"a","delta":1,"id":null})", 12},
        {"add", R"({"name":"a","delta":1,"id":"a\u0000"})", 12},
        {"add", R"({"name":"a","delta":1,"id":"x)" + std::string(64, 'x') + "\"}", 12},
        {"add", R"({"adds":1})", 12},
        {"add", R"({"adds":["a"]})", 12},
        {"add", R"({"adds":[{"name":"a"}]})", 12},
        {"add", R"({"adds":[{"name":"a","delta":1,"id":"q"}]})", 12},
        {"add", R"({"adds":[{"name":"a","delta":1}],"name":"a"})", 12},
        {"add", R"({"adds":[{"name":"a","delta":1}],"ack":-1})", 12},
        {"add", R"({"adds":[{"name":"a","delta":1,"session":"zz"}]})", 12},
        {"add", R"({"adds":[{"name":"a","delta":1,"session":7}]})", 12},
        {"add", R"({"adds":[{"name":"a","delta":1}],"session":""})", 12},
        {"add", R"({"adds":[{"name":"a","delta":1},{"name":"a","delta":1}]})", 12},
        {"add", R"({"adds":[{"name":"a","delta":1},{"name":"b","delta":1,"kind":"sum"}]})", 12},
        {"read", R"({"names":[""]})", 12},
        {"read", R"({"names":["a"],"name":"a"})", 12},
        {"read", R"({"names":["a"],"session":""})", 12},
        {"read", R"({"name":"a","id":"q"})", 12},
        {"delete", R"({})", 12},
        {"delete", R"({"name":"a","kind":"bounded"})", 10},
        {"read", R"({"name":"a","session":1})", 12},
        {"transfer", R"({"name":"a","to":"n2","amount":1})", 10},
        {"transfer", R"({"name":"a","kind":"bounded","to":"n2","amount":1})", 1},
        {"transfer", R"({"name":"a","kind":"bounded","to":"n2","amount":0})", 12},
        {"reset", R"({"name":"a","kind":"bounded"})", 10},
        {"list", R"({"limit":0})", 12},
        {"list", R"({"limit":1001})", 12},
        {"list", R"({"after_kind":"counter"})", 12},
        {"list", R"({"prefix":"x)" + longest + R"("})", 12},
        {"watch", R"({"prefix":"a","names":["a"]})", 12},
        {"watch", R"({"names":[1]})", 12},
        {"watch", R"({"names":"a"})", 12},
        {"multiply", R"({"name":"a"})", 10},
    };
    for (const Case& each : cases) {
        const auto answer = cluster.client.try_ask("node.n1", each.verb, each.body);
        REQUIRE_MESSAGE(answer.has_value(), each.verb, " ", each.body.substr(0, 100));
        CHECK_MESSAGE(code_of(*answer) == each.code, each.verb, " ", each.body.substr(0, 100),
                      answer->dump());
        CHECK(answer->at("text").get<std::string>() != "");
    }
    CHECK(cluster.client.ask("svc", "list", json::object()).at("counters") == json::array());
    CHECK(cluster.metric("n1", "errors_total") == cases.size());

    // Just within the limits.
    CHECK(code_of(cluster.client.ask("svc", "add", {{"name", longest}, {"delta", 1}})) == 0);
    CHECK(cluster.client.value("n1", longest) == 1);
    CHECK(cluster.client.value("n1", "nobody") == 0);
}

TEST_CASE("requests: numbers that would overflow are rejected") {
    Cluster cluster(1);
    const auto add = [&](const char* kind, std::int64_t delta) {
        return code_of(
            cluster.client.ask("svc", "add", {{"name", kind}, {"kind", kind}, {"delta", delta}}));
    };
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    CHECK(add("counter", most) == 0);
    CHECK(add("counter", 1) == 22);
    CHECK(cluster.client.value("n1", "counter") == most);
    CHECK(add("counter", -most) == 0);
    CHECK(add("counter", std::numeric_limits<std::int64_t>::min()) == 0);
    CHECK(add("counter", -1) == 22);

    CHECK(add("bounded", most - 1) == 0);
    CHECK(add("bounded", 2) == 22);
    CHECK(add("bounded", 1) == 0);
    CHECK(add("bounded", 1) == 22);
    CHECK(cluster.client.value("n1", "bounded") == most);
}

TEST_CASE("requests: a counter keeps its kind") {
    Cluster cluster(1);
    const auto add = [&](const json& body) { return cluster.client.ask("svc", "add", body); };
    CHECK(code_of(add({{"name", "a"}, {"delta", 1}})) == 0);
    CHECK(code_of(add({{"name", "a"}, {"delta", 1}, {"kind", "bounded"}})) == 22);
    CHECK(code_of(add({{"name", "b"}, {"delta", 3}, {"kind", "bounded"}})) == 0);
    CHECK(code_of(add({{"name", "b"}, {"delta", 1}, {"kind", "counter"}})) == 22);
    CHECK(add({{"name", "b"}, {"delta", -1}}).at("rights") == 2);
    CHECK(cluster.client.ask("svc", "list", json::object()).at("counters") ==
          json::parse(R"([{"name":"a","kind":"counter","value":1},
                          {"name":"b","kind":"bounded","value":2}])"));
}

TEST_CASE("requests: requests above the rate limit are rejected") {
    Cluster cluster(1, {"--rate-limit", "50"});
    std::this_thread::sleep_for(1100ms);
    std::size_t taken = 0, refused = 0;
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 300; ++i) {
        const int code = code_of(cluster.client.ask("svc", "add", {{"name", "a"}, {"delta", 1}}));
        taken += code == 0;
        refused += code == 11;
    }
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
    CHECK(taken + refused == 300);
    CHECK(taken >= 50);
    CHECK(static_cast<double>(taken) <= 52 + 50 * time.count());
    CHECK(eventually([&] { return cluster.client.value("n1", "a") == taken; }));
}

TEST_CASE("requests: bounded counters never go below zero") {
    Cluster cluster(3);
    auto& client = cluster.client;
    CHECK(code_of(client.ask("node.n1", "add",
                             {{"name", "stock"}, {"delta", 300}, {"kind", "bounded"}})) == 0);
    for (const std::string to : {"n2", "n3"})
        CHECK(code_of(client.ask("node.n1", "transfer",
                                 {{"name", "stock"}, {"to", to}, {"amount", 90}})) == 0);
    CHECK(code_of(client.ask("node.n1", "transfer",
                             {{"name", "stock"}, {"to", "n2"}, {"amount", 121}})) == 22);
    for (const std::string to : {"n2", "n3"}) {
        CHECK(eventually([&] {
            return client.ask("node." + to, "read", {{"name", "stock"}}).value("rights", 0) == 90;
        }));
    }

    std::atomic<std::uint64_t> taken = 0;
    std::vector<std::thread> customers;
    for (const std::string node : {"n1", "n2", "n3"}) {
        customers.emplace_back([&, node] {
            Client customer({cluster.server.url()});
            const std::string body = R"({"name":"stock","delta":-1})";
            for (int tries = 0; tries < 200; ++tries) {
                const auto answer = customer.try_ask("node." + node, "add", body);
                if (!answer) continue;
                taken += answer->at("ok") == true;
                if (answer->at("ok") != true && answer->at("code") != 22) taken += 1000;
            }
        });
    }
    for (auto& customer : customers) customer.join();
    CHECK(taken == 300);
    for (const std::string node : {"n1", "n2", "n3"}) CHECK(cluster.reports(node, "stock", 0));
    CHECK(code_of(client.ask("svc", "add", {{"name", "stock"}, {"delta", -1}})) == 22);
}

TEST_CASE("requests: a reset undoes the received adds, at all nodes") {
    Cluster cluster(2);
    auto& client = cluster.client;
    client.ask("node.n1", "add", {{"name", "x"}, {"delta", 5}});
    client.ask("node.n2", "add", {{"name", "x"}, {"delta", -2}});
    CHECK(cluster.reports("n1", "x", 3));
    CHECK(cluster.reports("n2", "x", 3));
    CHECK(client.ask("node.n2", "reset", {{"name", "x"}}).at("value") == 0);
    CHECK(cluster.reports("n1", "x", 0));
    client.ask("node.n1", "add", {{"name", "x"}, {"delta", 4}});
    CHECK(cluster.reports("n2", "x", 4));
    client.ask("node.n1", "reset", {{"name", "x"}});
    // Nothing remains of the counter, and no node mistakes the reset for unknown writes under its
    // own id.
    for (const std::string node : {"n1", "n2"}) {
        CHECK(eventually([&] { return cluster.metric(node, "names") == 0; }));
        CHECK(cluster.metric(node, "reincarnations_total") == 0);
    }
}

TEST_CASE("requests: lists are returned in pages") {
    Cluster cluster(1);
    for (int i = 100; i < 350; ++i)
        cluster.client.ask("svc", "add",
                           {{"name", "a" + std::to_string(i)},
                            {"delta", i},
                            {"kind", i % 2 == 0 ? "counter" : "bounded"}});
    cluster.client.ask("svc", "add", {{"name", "b"}, {"delta", 1}});
    std::vector<std::string> names;
    std::vector<std::size_t> pages;
    for (bool more = true; more;) {
        const json answer = cluster.client.ask(
            "svc", "list", {{"prefix", "a"}, {"after", names.empty() ? "" : names.back()}});
        more = answer.at("more");
        pages.push_back(answer.at("counters").size());
        for (const json& each : answer.at("counters")) {
            names.push_back(each.at("name"));
            CHECK(each.at("value") == std::stoi(names.back().substr(1)));
        }
    }
    CHECK(pages == std::vector<std::size_t>{100, 100, 50});
    CHECK(std::is_sorted(names.begin(), names.end()));
    CHECK(cluster.client.ask("svc", "list", json::object()).at("counters").size() == 100);
    CHECK(cluster.client.ask("svc", "list", {{"limit", 1000}}).at("counters").size() == 251);
}

TEST_CASE("requests: watchers receive changes made at any node") {
    Cluster cluster(2);
    auto& client = cluster.client;
    client.ask("node.n2", "add", {{"name", "like.a"}, {"delta", 1}});
    REQUIRE(cluster.reports("n1", "like.a", 1));

    crdt::nats::Mailbox mailbox;
    std::vector<json> reports;
    const crdt::nats::Subscription inbox(
        client.connection(), mailbox, "inbox.watcher",
        [&](const auto& message) { reports.push_back(json::parse(message.data())); });
    const auto receive = [&](std::size_t count) {
        return eventually([&] {
            mailbox.deliver();
            return reports.size() >= count;
        });
    };
    client.connection().request("crdt.shop.node.n1.watch", "inbox.watcher",
                                R"({"prefix":"like."})");
    REQUIRE(receive(1));
    CHECK(reports[0].at("changes") ==
          json::parse(R"([{"name":"like.a","kind":"counter","value":1}])"));
    CHECK(reports[0].at("more") == false);

    client.ask("node.n2", "add", {{"name", "other"}, {"delta", 1}});
    for (int i = 0; i < 100; ++i) client.ask("node.n2", "add", {{"name", "like.b"}, {"delta", 1}});
    REQUIRE(cluster.reports("n1", "like.b", 100));
    CHECK(eventually([&] {
        mailbox.deliver();
        return reports.back().at("changes") ==
               json::parse(R"([{"name":"like.b","kind":"counter","value":100}])");
    }));
    CHECK(reports.size() < 20);
    CHECK(cluster.metric("n1", "watchers") == 1);

    // A reset is a change, too.
    client.ask("node.n2", "reset", {{"name", "like.b"}});
    CHECK(eventually([&] {
        mailbox.deliver();
        return reports.back().at("changes") ==
               json::parse(R"([{"name":"like.b","kind":"counter","value":0}])");
    }));

    // A node does not reply on a subject of peers.
    const auto errors = cluster.metric("n2", "errors_total");
    client.connection().request("crdt.shop.node.n2.watch", "crdt.shop.hello.n2", "{}");
    CHECK(eventually([&] { return cluster.metric("n2", "errors_total") == errors + 1; }));
    CHECK(cluster.metric("n1", "peer_malformed_total") == 0);
}

TEST_CASE("requests: peers exchange far fewer messages than there are adds") {
    const TemporaryFolder data;
    Cluster cluster(2, {"--data", data.path().string()});
    constexpr std::uint64_t adds = 20'000;
    const auto begin = std::chrono::steady_clock::now();
    for (std::uint64_t i = 0; i < adds; ++i)
        cluster.client.connection().publish(
            "crdt.shop.node.n1.add", R"({"delta":1,"name":"c)" + std::to_string(i % 100) + "\"}");
    const auto done = [&](const std::string& node) {
        return eventually(
            [&] {
                std::uint64_t sum = 0;
                const auto list = cluster.client.try_ask("node." + node, "list",
                                                         R"({"prefix":"c","limit":1000})");
                if (!list || code_of(*list) != 0) return false;  // the node is busy
                for (const json& each : list->at("counters"))
                    sum += each.at("value").get<unsigned>();
                return sum == adds;
            },
            60s);  // with sanitizers, beside other tests, it takes more than 10 s
    };
    CHECK(done("n1"));
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
    CHECK(done("n2"));
    const std::uint64_t messages = cluster.metric("n1", "peer_messages_sent_total") +
                                   cluster.metric("n2", "peer_messages_sent_total");
    MESSAGE(adds, " durable adds in ", time.count(), " s, ", messages, " messages between peers");
    CHECK(messages * 10 < adds);
    CHECK(cluster.metric("n1", "requests_lost_total") == 0);
}

TEST_CASE("requests: the metrics page and a configuration file work") {
    const TemporaryFolder folder;
    const Port port = free_ports(1).front();
    write_file(folder.path() / "counterd.ini",
               "metrics-port = " + std::to_string(port) + "\ninterval = 20\n");
    Cluster cluster(1, {"--config", (folder.path() / "counterd.ini").string()});
    cluster.client.ask("svc", "add", {{"name", "x"}, {"delta", 1}});
    const std::string page = http_get(port, "/metrics");
    CHECK(page.find(" 200 OK") != page.npos);
    CHECK(page.find(
              "\n# TYPE counterd_requests_add_total counter\ncounterd_requests_add_total 1\n") !=
          page.npos);
    CHECK(page.find("\n# TYPE counterd_names gauge\ncounterd_names 1\n") != page.npos);
    CHECK(http_get(port, "/").find(" 404 ") != page.npos);

    Node second(cluster.folder.path(), "n2", {cluster.server.url()},
                {"--metrics-port", std::to_string(port)});
    CHECK(second.end() == "exited with code 71");
    CHECK(second.log().find("cannot serve metrics on port") != std::string::npos);
}

}  // namespace requests_tests

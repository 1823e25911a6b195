// SPDX-License-Identifier: MIT
//! Sessions of clients that change nodes while the nodes are partitioned.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "node.hpp"
#include "proxy.hpp"
#include "server.hpp"
#include "support/folder.hpp"

namespace sessions_tests {

using namespace support;

namespace {

/// Two nodes, each on its own server, and a client at each.
struct Divided {
    TemporaryFolder folder;
    std::vector<Port> ports = free_ports(5);
    Proxy route{ports[4], ports[2]};
    Server s1{folder.path(), "s1", ports[0], cluster_on(ports[2], "")};
    Server s2{folder.path(), "s2", ports[1],
              cluster_on(ports[3], "\"nats-route://127.0.0.1:" + std::to_string(ports[4]) + "\"")};
    Node n1{folder.path(), "n1", {s1.url()}};
    Node n2{folder.path(), "n2", {s2.url()}};
    Client at_n1{{s1.url()}}, at_n2{{s2.url()}};

    static std::string cluster_on(Port port, const std::string& route) {
        return "cluster { name: t, listen: \"127.0.0.1:" + std::to_string(port) +
               "\", advertise: \"127.0.0.1:1\", no_advertise: true, routes: [" + route + "] }";
    }

    Divided() { at_n1.expect_members({"n1", "n2"}, 1); }

    void cut() {
        route.cut(true);
        REQUIRE(eventually([&] { return !at_n1.value("n2", "x") && !at_n2.value("n1", "x"); }));
    }
    void heal() { route.cut(false); }
};

json add(Client& client, const std::string& node, const json& session) {
    return client.ask("node." + node, "add", {{"name", "x"}, {"delta", 1}, {"session", session}});
}
json read(Client& client, const std::string& node, const json& session, int timeout) {
    const json body{{"name", "x"}, {"session", session}, {"timeout_ms", timeout}};
    return client.try_ask("node." + node, "read", body.dump(), 20'000ms).value_or(json());
}

}  // namespace

TEST_CASE("sessions: only a request with a session gets one") {
    Divided nodes;
    const auto has_session = [&](const char* verb, json request) {
        request["name"] = "x";
        return nodes.at_n1.ask("node.n1", verb, request).contains("session");
    };
    CHECK_FALSE(has_session("add", {{"delta", 1}}));
    CHECK_FALSE(has_session("read", json::object()));
    CHECK_FALSE(has_session("reset", json::object()));
    CHECK(has_session("add", {{"delta", 1}, {"session", ""}}));
    CHECK(has_session("read", {{"session", ""}}));
    CHECK(has_session("reset", {{"session", ""}}));
}

TEST_CASE("sessions: own writes are read at any node") {
    Divided nodes;
    const json first = add(nodes.at_n1, "n1", "").at("session");
    REQUIRE(eventually([&] { return nodes.at_n2.value("n2", "x") == 1; }));
    nodes.cut();
    const json second = add(nodes.at_n1, "n1", first).at("session");
    CHECK(nodes.at_n2.value("n2", "x") == 1);
    CHECK(read(nodes.at_n2, "n2", first, 0).at("value") == 1);
    CHECK(read(nodes.at_n1, "n1", second, 0).at("value") == 2);
    CHECK(code_of(read(nodes.at_n2, "n2", second, 100)) == 11);

    // A session that has written at both is served by a node that has both.
    const json third = add(nodes.at_n2, "n2", second).at("session");
    CHECK(code_of(read(nodes.at_n1, "n1", third, 0)) == 11);
    CHECK(code_of(read(nodes.at_n2, "n2", third, 0)) == 11);
    CHECK(code_of(nodes.at_n1.ask("node.n1", "read", {{"name", "y"}, {"session", third}})) == 12);

    nodes.heal();
    for (const auto& [client, node] : {std::pair{&nodes.at_n1, "n1"}, {&nodes.at_n2, "n2"}}) {
        const json late = read(*client, node, third, 15'000);
        REQUIRE(late.is_object());
        CHECK_MESSAGE(late.value("value", 0) == 3, late.dump());
    }
}

TEST_CASE("sessions: a session that has read a reset never reads what it removed") {
    Divided nodes;
    add(nodes.at_n1, "n1", "");
    REQUIRE(eventually([&] { return nodes.at_n2.value("n2", "x") == 1; }));
    nodes.cut();
    const json zero =
        nodes.at_n2.ask("node.n2", "reset", {{"name", "x"}, {"session", ""}}).at("session");
    CHECK(nodes.at_n1.value("n1", "x") == 1);
    CHECK(code_of(read(nodes.at_n1, "n1", zero, 0)) == 11);
    nodes.heal();
    const json late = read(nodes.at_n1, "n1", zero, 15'000);
    REQUIRE(late.is_object());
    CHECK_MESSAGE(late.value("value", 1) == 0, late.dump());
}

}  // namespace sessions_tests

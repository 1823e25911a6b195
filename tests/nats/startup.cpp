// SPDX-License-Identifier: MIT
//! Tests how a node starts and ends: it waits for a server, reports its health, and exits with a
//! code for each reason.
#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "../../examples/counterd/health.hpp"
#include "http.hpp"
#include "node.hpp"
#include "server.hpp"
#include "support/folder.hpp"

namespace startup_tests {

using namespace support;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}
std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
    return found;
}
bool has_page(Port port, const std::string& path, const std::string& status,
              const std::string& text) {
    return eventually([&] {
        const std::string page = http_get(port, path);
        return contains(page, ' ' + status + ' ') && contains(page, text);
    });
}

}  // namespace

TEST_CASE("startup: a node waits for a server, and its pages show it") {
    const TemporaryFolder folder;
    const auto ports = free_ports(2);
    const std::string url = "nats://127.0.0.1:" + std::to_string(ports[0]);
    Node node(folder.path(), "n1", {url}, {"--metrics-port", std::to_string(ports[1])});
    CHECK(eventually([&] { return count(node.log(), "next attempt in") >= 3; }));
    CHECK_MESSAGE(contains(node.log(), "connecting to NATS at " + url), node.log());
    CHECK(contains(node.log(), "next attempt in 100 ms, for at most 59 s more"));
    CHECK(contains(node.log(), "next attempt in 400 ms"));
    CHECK(has_page(ports[1], "/ready", "503", "not ready: connecting to NATS at"));
    CHECK(has_page(ports[1], "/live", "200", "live\n"));
    CHECK(has_page(ports[1], "/metrics", "503", "the node has not started"));
    CHECK(has_page(ports[1], "/", "404", "expected GET /live /metrics /ready"));
    {
        Server server(folder.path(), "s", ports[0]);
        CHECK(has_page(ports[1], "/ready", "503", "not ready: starting"));
        CHECK(has_page(ports[1], "/ready", "200", "ready\n"));
        CHECK(has_page(ports[1], "/metrics", "200", "\ncounterd_ready 1\n"));
        CHECK(Client({url}).ask("svc", "add", {{"name", "x"}, {"delta", 1}}).at("ok") == true);
    }
    CHECK(has_page(ports[1], "/ready", "503", "not ready: no connection to NATS\n"));
    CHECK(has_page(ports[1], "/metrics", "200", "\ncounterd_ready 0\n"));
    CHECK(has_page(ports[1], "/live", "200", "live\n"));
    const Server server(folder.path(), "s", ports[0]);
    CHECK(has_page(ports[1], "/ready", "200", "ready\n"));
    node.signal(SIGTERM);
    CHECK(node.end() == "exited with code 0");
}

TEST_CASE("startup: a node that cannot reach a server exits when its time is over") {
    const TemporaryFolder folder;
    const std::string url = "nats://127.0.0.1:" + std::to_string(free_ports(1).front());
    Node impatient(folder.path(), "n1", {url}, {"--wait", "0"});
    CHECK(impatient.end() == "exited with code 69");
    CHECK(count(impatient.log(), "\n") == 1);
    CHECK_MESSAGE(contains(impatient.log(), R"("level":"error","node":"n1","text":"connecting to )"
                                            "NATS at " +
                                                url + ": No server available"),
                  impatient.log());
    const auto began = std::chrono::steady_clock::now();
    Node patient(folder.path(), "n2", {url}, {"--wait", "1"});
    CHECK(patient.end() == "exited with code 69");
    CHECK(std::chrono::steady_clock::now() - began >= 1s);
    CHECK(contains(patient.log(), "next attempt in"));
}

TEST_CASE("startup: a signal ends a node that waits for a server") {
    const TemporaryFolder folder;
    const std::string url = "nats://127.0.0.1:" + std::to_string(free_ports(1).front());
    Node node(folder.path(), "n1", {url});
    CHECK(eventually([&] { return contains(node.log(), "next attempt in"); }));
    node.signal(SIGTERM);
    CHECK(node.end() == "exited with code 0");
}

TEST_CASE("startup: a node that the servers refuse exits at once, also while it serves") {
    const TemporaryFolder folder;
    const auto authorization = [](const std::string& password) {
        return "authorization { users = [ { user: n1, password: " + password + " } ] }";
    };
    const Port port = free_ports(1).front();
    const std::string url = "nats://n1:old@127.0.0.1:" + std::to_string(port);
    Node node(folder.path(), "n1", {url});
    {
        const Server server(folder.path(), "s", port, authorization("old"));
        CHECK(eventually([&] { return contains(node.log(), "serving"); }));
    }
    const Server server(folder.path(), "s", port, authorization("new"));
    CHECK(node.end() == "exited with code 77");
    CHECK_MESSAGE(contains(node.log(), "the servers do not accept this node any more"), node.log());
    CHECK_FALSE(contains(node.log(), "old@"));
    Node wrong(folder.path(), "n1", {url});
    CHECK(wrong.end() == "exited with code 77");
    CHECK_MESSAGE(contains(wrong.log(), "Authorization Violation"), wrong.log());
    CHECK_FALSE(contains(wrong.log(), "old@"));
}

TEST_CASE("startup: an event loop with a turn that takes too long is not live") {
    using counterd::Health;
    using Time = crdt::replication::Time;
    Health health;
    const Time now{std::chrono::hours{1}};
    CHECK(health.live(now).status == 200);
    health.begin_turn(now);
    health.end_turn(now + Health::longest_turn);
    CHECK(health.live(now + 5s).status == 200);
    health.begin_turn(now);
    health.end_turn(now + 7s);
    health.begin_turn(now + 8s);
    health.end_turn(now + 8s);
    CHECK(health.live(now + 8s).status == 503);
    CHECK(health.live(now + 8s).text ==
          "not live: a turn of the event loop took 7 s, expected at most 5 s\n");
    CHECK(health.live(now + 17s).status == 503);
    CHECK(health.live(now + 18s).status == 200);
}

TEST_CASE("startup: a node with a disk that takes seconds to sync is not live") {
    const TemporaryFolder folder;
    const Server server(folder.path(), "s", free_ports(1).front());
    const Port port = free_ports(1).front();
    const fs::path slow = folder.path() / "slow";
    Child node(folder.path(), "n1", "/usr/bin/env",
               {"LD_PRELOAD=" + environment("RECORDER"),
                "RECORD=" + (folder.path() / "record").string(), "SLOW_IF=" + slow.string(),
                environment("COUNTERD"), "--cluster", "shop", "--node", "n1", "--url", server.url(),
                "--data", folder.path().string(), "--metrics-port", std::to_string(port)});
    node.start();
    Client client({server.url()});
    client.expect_service();
    CHECK(has_page(port, "/live", "200", "live\n"));
    write_file(slow, "");
    CHECK_FALSE(client.try_ask("svc", "add", R"({"name": "x", "delta": 1})", 1000ms));
    fs::remove(slow);
    CHECK(has_page(port, "/live", "503", "not live: a turn of the event loop took 6 s"));
    // It has answered no pings for so long that it may have to connect again.
    CHECK(eventually([&] { return client.value("n1", "x") == json(1); }));
}

}  // namespace startup_tests

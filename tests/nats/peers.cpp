// SPDX-License-Identifier: MIT
//! A malicious peer cannot send through a node, acknowledge for another node, or damage a node.
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <future>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <crdt/codec/frame.hpp>
#include <crdt/nats/address.hpp>
#include <crdt/nats/connection.hpp>
#include <crdt/nats/fragments.hpp>

#include "node.hpp"
#include "raw.hpp"
#include "server.hpp"
#include "support/folder.hpp"
#include "support/sanitized.hpp"

namespace peers_tests {

using namespace support;
using crdt::nats::Connection;

namespace {

/// An add at n1 that `acks` peers must acknowledge. Returns the error code.
std::future<int> add_later(const std::string& url, int acks, int timeout) {
    return std::async(std::launch::async, [=] {
        Client client({url});
        return code_of(
            client.ask("node.n1", "add",
                       {{"name", "x"}, {"delta", 1}, {"ack", acks}, {"timeout_ms", timeout}}));
    });
}

}  // namespace

TEST_CASE("peers: a node sends replies only to permitted subjects, whoever sends the request") {
    const TemporaryFolder folder;
    const Server server(folder.path(), "s", free_ports(1).front());
    const Node n1(folder.path(), "n1", {server.url()});
    Client client({server.url()});
    client.expect_members({"n1"}, 0);
    client.expect_service();
    Connection anyone = connect(server.url());
    Inbox all(anyone, ">");
    // The reply subjects of the requests. A node may answer on some of them. The last subject is
    // always valid.
    const std::vector<std::string> replies{"_INBOX.a.b",
                                           "reply",
                                           "crdt.shop.peer.n2.n1",
                                           "crdt.shop.hello.n1",
                                           "crdt.shop.hello.n2",
                                           "crdt.shop.node.n2.read",
                                           "crdt.shop.svc.add",
                                           "crdt.shop.confirm.n2.n1",
                                           "crdt.shop",
                                           "crdt.other.svc.add",
                                           "_INBOX.last"};
    const auto is_answered = [](const std::string& request, const std::string& reply) {
        return request != "crdt.shop.confirm.n1.n2" && reply.find("crdt.") != 0;
    };
    for (const std::string request :
         {"crdt.shop.svc.read", "crdt.shop.node.n1.read", "crdt.shop.node.n1.status",
          "crdt.shop.node.n1.nonsense", "crdt.shop.confirm.n1.n2"}) {
        std::multiset<std::string> expected, found;
        for (const std::string& reply : replies) {
            anyone.request(request, reply, R"({"name":"x"})");
            if (is_answered(request, reply)) expected.insert(reply);
        }
        anyone.flush(1000);
        // Replies are JSON; other messages are between nodes.
        eventually([&] {
            found.clear();
            all.has(0);
            for (const auto& item : all.items)
                if (item.data.find("\"node\":\"n1\"") != item.data.npos) found.insert(item.subject);
            return found.size() >= expected.size();
        });
        CHECK_MESSAGE(found == expected, request);
        all.items.clear();
    }
    CHECK(client.ask("node.n1", "read", {{"name", "x"}}).at("value") == 0);
}

TEST_CASE("peers: a node cannot acknowledge for another") {
    Permitting permitting;
    const Server& server = permitting.server;
    const Node n1(permitting.folder.path(), "n1", {url_of(server, "n1")}),
        n3(permitting.folder.path(), "n3", {url_of(server, "n3")});
    Client client({url_of(server, "app")});
    client.expect_members({"n1", "n3"}, 1);
    // n2 is malicious.
    Connection n2 = connect(url_of(server, "n2"));
    Inbox of_n2(n2, "crdt.shop.peer.n2.*");
    n2.publish("crdt.shop.hello.n2", heartbeat(102));
    n2.flush(1000);
    client.expect_members({"n1", "n3"}, 2);
    REQUIRE(of_n2.has(1));

    auto answer = add_later(url_of(server, "app"), 2, 1500);
    // n2 does not acknowledge. It sends on everything that it receives, as n3.
    eventually([&] {
        of_n2.has(1, 0ms);
        for (const auto& item : std::exchange(of_n2.items, {}))
            n2.publish("crdt.shop.peer.n1.n3", item.data);
        n2.request("crdt.shop.confirm.n1.n2", "crdt.shop.peer.n1.n3", "");
        return answer.wait_for(0ms) == std::future_status::ready;
    });
    CHECK(answer.get() == 11);
    const auto denied = denials(server);
    CHECK(denied.contains("n2 publish crdt.shop.peer.n1.n3"));

    // n3 acknowledges.
    CHECK(add_later(url_of(server, "app"), 1, 5000).get() == 0);
    CHECK(client.ask("node.n1", "read", {{"name", "x"}}).at("value") == 2);
}

TEST_CASE("peers: a node that claims the incarnation of another is no member") {
    const TemporaryFolder folder;
    const Server server(folder.path(), "s", free_ports(1).front());
    const Node n1(folder.path(), "n1", {server.url()}), n3(folder.path(), "n3", {server.url()});
    Client client({server.url()});
    client.expect_members({"n1", "n3"}, 1);
    const auto status = [&](const std::string& node) {
        return client.ask("node." + node, "status", json::object());
    };
    const auto refused = [&] {
        return status("n1").at("metrics").at("incarnations_refused_total").get<std::uint64_t>();
    };
    CHECK(
        client.ask("node.n1", "add", {{"name", "b"}, {"kind", "bounded"}, {"delta", 9}}).at("ok") ==
        true);
    Connection n2 = connect(server.url());
    std::uint64_t claims = 0;
    for (const std::string node : {"n1", "n3", "n1"}) {
        n2.publish("crdt.shop.hello.n2", heartbeat(status(node).at("incarnation")));
        n2.flush(1000);
        CHECK(eventually([&] { return refused() == claims + 1; }));
        claims = refused();
        CHECK(code_of(client.ask("node.n1", "transfer",
                                 {{"name", "b"}, {"to", "n2"}, {"amount", 1}})) == 1);
    }
    // With its own incarnation, the node is a member.
    n2.publish("crdt.shop.hello.n2", heartbeat(102));
    client.expect_members({"n1"}, 2);
    const json answer =
        client.ask("node.n1", "transfer", {{"name", "b"}, {"to", "n2"}, {"amount", 1}});
    CHECK(code_of(answer) == 0);
    CHECK(answer.at("rights") == 8);
}

TEST_CASE("peers: a node without memory for a frame of a peer continues without it") {
    if (support::sanitized) return;  // which reserves nearly all addresses
    const TemporaryFolder folder;
    const Server server(folder.path(), "s", free_ports(1).front());
    // Through a shell, which prints its process id.
    const std::string command = "echo $$ >pid; exec " + environment("COUNTERD") +
                                " --cluster shop --node n1 --data . --url " + server.url();
    Child n1(folder.path(), "n1", "/bin/sh", {"-c", command});
    n1.start();
    Client client({server.url()});
    client.expect_members({"n1"}, 0);
    const auto add = [&] {
        return code_of(client.ask("node.n1", "add", {{"name", "x"}, {"delta", 1}}));
    };
    CHECK(add() == 0);
    // The limit is its present memory and 48 MB more.
    const std::string pid = read_file(folder.path() / "pid");
    std::istringstream sizes(read_file("/proc/" + std::to_string(std::stoi(pid)) + "/statm"));
    rlim_t pages = 0;
    sizes >> pages;
    REQUIRE(pages > 0);
    const rlim_t most = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + (rlim_t{48} << 20U);
    const rlimit limit{most, most};
    REQUIRE(::prlimit(std::stoi(pid), RLIMIT_AS, &limit, nullptr) == 0);

    Connection n2 = connect(server.url());
    n2.publish("crdt.shop.hello.n2", heartbeat(102));
    n2.flush(1000);
    client.expect_members({"n1"}, 1);
    const std::string frame = crdt::frame::encode(std::string(std::size_t{60} << 20U, 'x'),
                                                  crdt::nats::Address("shop", "n1").cluster_id());
    crdt::nats::fragment(frame, std::size_t{1} << 19U, [&](const std::string& part) {
        n2.publish("crdt.shop.peer.n1.n2", part);
        n2.flush(1000);
    });
    const auto errors = [&]() -> std::uint64_t {
        return client.ask("node.n1", "status", json::object())
            .at("metrics")
            .at("handler_errors_total");
    };
    CHECK(eventually([&] { return errors() > 0; }));
    CHECK_MESSAGE(n1.log().find("crdt.shop.peer.n1.n2: handler failed") != std::string::npos,
                  n1.log());
    // It serves, and acknowledged adds are on disk.
    for (int i = 0; i < 10; ++i) CHECK(add() == 0);
    n1.kill();
    n1.start();
    CHECK(eventually([&] { return client.value("n1", "x") == 11; }));
}

}  // namespace peers_tests

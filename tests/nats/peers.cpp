// SPDX-License-Identifier: MIT
//! A malicious peer cannot send through a node, acknowledge for another node, or damage a node.
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <future>
#include <set>
#include <sstream>
#include <string>
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
                                           "crdt.shop.ack.n2.n1.5",
                                           "crdt.shop.ack.n2.n1.x",
                                           "crdt.shop.ack.n2.n3.5",
                                           "crdt.shop.ack.n3.n1.5",
                                           "crdt.shop.ack.n1.n1.5",
                                           "crdt.shop.ack.n1.n2.5",
                                           "crdt.shop.ack.n2",
                                           "crdt.shop.peer.n2.n1",
                                           "crdt.shop.hello.n1",
                                           "crdt.shop.hello.n2",
                                           "crdt.shop.node.n2.read",
                                           "crdt.shop.svc.add",
                                           "crdt.shop.confirm.n2.n1",
                                           "crdt.shop",
                                           "crdt.other.svc.add",
                                           "crdt.other.ack.n2.n1.5",
                                           "_INBOX.last",
                                           "crdt.shop.ack.n2.n1.6"};
    const auto is_answered = [](const std::string& request, const std::string& reply) {
        if (request == "crdt.shop.confirm.n1.n2") return reply.find("crdt.shop.ack.n2.n1.") == 0;
        return reply.find("crdt.") != 0;
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
    const Node n1(permitting.folder.path(), "n1", {url_of(server, "n1")});
    Client client({url_of(server, "app")});
    client.expect_members({"n1"}, 0);
    // n2 is malicious; n3 is a member that sends nothing.
    Connection n2 = connect(url_of(server, "n2")), n3 = connect(url_of(server, "n3"));
    Inbox of_n2(n2, "crdt.shop.confirm.n2.*"), of_n3(n3, "crdt.shop.confirm.n3.*");
    n2.publish("crdt.shop.hello.n2", heartbeat(102));
    n3.publish("crdt.shop.hello.n3", heartbeat(103));
    n2.flush(1000);
    n3.flush(1000);
    client.expect_members({"n1"}, 2);

    auto answer = add_later(url_of(server, "app"), 2, 1500);
    REQUIRE(of_n2.has(1));
    REQUIRE(of_n3.has(1));
    const std::string own = of_n2.items[0].reply, other = of_n3.items[0].reply;
    REQUIRE(own.find("crdt.shop.ack.n1.n2.") == 0);
    REQUIRE(other.find("crdt.shop.ack.n1.n3.") == 0);
    const std::string number = own.substr(own.rfind('.') + 1);
    CHECK(number != other.substr(other.rfind('.') + 1));
    const std::string as_n3 = "crdt.shop.ack.n1.n3." + number, yes = R"({"ok":true})";
    // n2 repeats its own ack, and sends the ack of n3 under the names of n2, n3, n1 and any node.
    for (int i = 0; i < 3; ++i) n2.publish(own, yes);
    n2.publish(as_n3, yes);
    n2.publish("crdt.shop.ack.n1.n2." + other.substr(other.rfind('.') + 1), yes);
    for (const std::string subject : {"crdt.shop.confirm.n3.n2", "crdt.shop.node.n3.read",
                                      "crdt.shop.confirm.n1.n2", "crdt.shop.svc.read"})
        n2.request(subject, as_n3, R"({"name":"x"})");
    n2.flush(1000);
    CHECK(answer.get() == 11);
    const auto denied = denials(server);
    CHECK(denied.contains("n2 publish " + as_n3));
    CHECK(denied.contains("n2 publish crdt.shop.node.n3.read"));
    CHECK(denied.contains("n2 publish crdt.shop.svc.read"));
    // n2 sends a confirm request to n3. Like a real n3, the test sends the reply to n2.
    REQUIRE(of_n3.has(2));
    CHECK(of_n3.items[1].subject == "crdt.shop.confirm.n3.n2");

    // With the ack of n3, the add succeeds. This shows that the test can fail.
    answer = add_later(url_of(server, "app"), 2, 5000);
    REQUIRE(of_n2.has(2));
    REQUIRE(of_n3.has(3));
    n2.publish(of_n2.items[1].reply, yes);
    n3.publish(of_n3.items[2].reply, yes);
    CHECK(answer.get() == 0);
}

TEST_CASE("peers: an ack that is not plain success does not count and does no damage") {
    const TemporaryFolder folder;
    const Server server(folder.path(), "s", free_ports(1).front());
    Node n1(folder.path(), "n1", {server.url()});
    Client client({server.url()});
    client.expect_members({"n1"}, 0);
    Connection n2 = connect(server.url());
    Inbox requests(n2, "crdt.shop.confirm.n2.n1");
    n2.publish("crdt.shop.hello.n2", heartbeat(102));
    client.expect_members({"n1"}, 1);
    std::size_t count = 0;
    const auto code_with = [&](const std::string& reply, int timeout) {
        auto answer = add_later(server.url(), 1, timeout);
        REQUIRE(requests.has(++count));
        n2.publish(requests.items.back().reply, reply);
        n2.flush(1000);
        return answer.get();
    };
    std::vector<std::string> bad{
        "",         "true",          "[true]",           "{}",
        "null",     R"({"ok":1})",   R"({"ok":"true"})", R"({"ok":false})",
        "{\"ok\":", R"({"ok":true)", R"({"ok":true} x)", R"({"ok":true,"ok":true})",
        "\xFF"};
    // The nesting is in "ok", in another member, or around the object. It is too deep for a
    // recursive copy on a stack of 8 MB.
    for (const std::size_t depth : {65U, 1000U, 30'000U, 100'000U}) {
        const auto nested = [&](const std::string& open, const std::string& close) {
            std::string text;
            for (std::size_t i = 0; i < depth; ++i) text += open;
            text += "true";
            for (std::size_t i = 0; i < depth; ++i) text += close;
            return text;
        };
        for (const std::string& deep :
             {nested("[", "]"), nested("{\"a\":", "}"), nested("[", "")}) {
            bad.push_back("{\"ok\":" + deep + "}");
            bad.push_back("{\"ok\":true,\"x\":" + deep + "}");
            bad.push_back(deep);
        }
    }
    for (const std::string& reply : bad)
        CHECK_MESSAGE(code_with(reply, 100) == 11, reply.substr(0, 100));
    for (const std::string good : {R"({"ok":true})", R"({"value":[[1]],"node":"n2","ok":true})"})
        CHECK_MESSAGE(code_with(good, 5000) == 0, good);
    CHECK(client.ask("node.n1", "read", {{"name", "x"}}).at("value") == bad.size() + 2);
    n1.signal(SIGTERM);
    CHECK(n1.end() == "exited with code 0");
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

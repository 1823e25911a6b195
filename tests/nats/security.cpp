// SPDX-License-Identifier: MIT
//! Tests the rules that servers enforce: permissions of nodes, and TLS.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/nats/connection.hpp>
#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/subscription.hpp>

#include "node.hpp"
#include "raw.hpp"
#include "server.hpp"
#include "support/folder.hpp"

namespace security_tests {

using namespace support;
using crdt::nats::Connection;
using crdt::nats::ConnectionOptions;

namespace {

/// Generated certificates: of an authority, and of a server and a client that it signs.
void make_certificates(const fs::path& folder, const std::string& host) {
    const std::string command =
        "cd " + folder.string() +
        " && exec 2>certificates.log"
        " && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority"
        " -keyout ca.key -out ca.pem"
        " && for name in server client; do"
        " openssl req -newkey rsa:2048 -nodes -subj /CN=$name -keyout $name.key -out $name.csr"
        " && printf 'subjectAltName=" +
        host +
        "' >$name.ext"
        " && openssl x509 -req -days 2 -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial"
        " -extfile $name.ext -out $name.pem || exit 1; done";
    REQUIRE_MESSAGE(std::system(command.c_str()) == 0, read_file(folder / "certificates.log"));
}

std::string tls(const std::string& more = "") {
    return "tls { cert_file: server.pem, key_file: server.key, " + more + " }";
}

/// The exit and the log of a node that cannot start.
void expect_refusal(Node& node, const std::string& why) {
    CHECK(node.end() == "exited with code 1");
    CHECK_MESSAGE(node.log().find(why) != std::string::npos, node.log());
}

}  // namespace

TEST_CASE("security: a node cannot send as another") {
    Permitting permitting;
    const TemporaryFolder& folder = permitting.folder;
    Server& server = permitting.server;
    const Node n1(folder.path(), "n1", {url_of(server, "n1")});
    const Node n2(folder.path(), "n2", {url_of(server, "n2")});
    Client client({url_of(server, "app")});
    client.expect_members({"n1", "n2"}, 1);
    client.expect_service();
    // With these permissions, everything permitted works.
    CHECK(client.ask("node.n1", "add", {{"name", "x"}, {"delta", 5}, {"ack", 1}}).at("ok") == true);
    CHECK(client.ask("node.n2", "read", {{"name", "x"}}).at("value") == 5);
    CHECK(client.ask("svc", "read", {{"name", "x"}}).at("ok") == true);

    const auto say_goodbye_as = [&](const std::string& user) {
        Connection connection = connect(url_of(server, user));
        connection.publish("crdt.shop.hello.n1", heartbeat(0));
        connection.flush(1000);
        eventually([&] { return connection.metrics().refused > 0; }, 200ms);
        return connection.metrics().refused;
    };
    const auto refusals = [&] {
        const std::string log = server.log(), what = "Publish Violation";
        std::size_t count = 0;
        for (auto at = log.find(what); at != log.npos; at = log.find(what, at + 1)) ++count;
        return count;
    };
    const auto n2_knows_n1 = [&] {
        return client.ask("node.n2", "status", json::object()).at("members").size() == 1;
    };
    for (const std::string user : {"n2", "app"}) {
        CHECK(say_goodbye_as(user) == 1);
        CHECK(n2_knows_n1());
    }
    CHECK(refusals() == 2);
    // n1 itself is permitted. This shows that the test can fail.
    CHECK(say_goodbye_as("n1") == 0);
    CHECK_FALSE(n2_knows_n1());
    CHECK(refusals() == 2);

    Node impostor(folder.path(), "n3", {server.url("n3:guess@")});
    expect_refusal(impostor, "Authorization Violation");
}

TEST_CASE("security: each account publishes and subscribes to its own subjects") {
    Permitting permitting;
    const Server& server = permitting.server;
    // The permissions of n1. Those of n2 and n3 differ only in the names. Everything else is
    // denied.
    struct Row {
        std::string subject;
        bool node_publishes, node_subscribes, app_publishes, app_subscribes;
    };
    constexpr bool yes = true, no = false;
    const std::vector<Row> table{
        {"crdt.shop.peer.n1.n1", yes, yes, no, no},
        {"crdt.shop.peer.n1.n2", no, yes, no, no},
        {"crdt.shop.peer.n2.n1", yes, no, no, no},
        {"crdt.shop.peer.n2.n3", no, no, no, no},
        {"crdt.shop.peer.n1.*", no, yes, no, no},
        {"crdt.shop.peer.*.*", no, no, no, no},
        {"crdt.shop.hello.n1", yes, yes, no, no},
        {"crdt.shop.hello.n2", no, yes, no, no},
        {"crdt.shop.hello.*", no, yes, no, no},
        {"crdt.shop.confirm.n1.n1", yes, yes, no, no},
        {"crdt.shop.confirm.n1.n2", no, yes, no, no},
        {"crdt.shop.confirm.n2.n1", yes, no, no, no},
        {"crdt.shop.confirm.n2.n3", no, no, no, no},
        {"crdt.shop.confirm.n1.*", no, yes, no, no},
        {"crdt.shop.confirm.*.*", no, no, no, no},
        {"crdt.shop.node.n1.read", no, yes, yes, no},
        {"crdt.shop.node.n2.read", no, no, yes, no},
        {"crdt.shop.node.n2.add", no, no, yes, no},
        {"crdt.shop.node.n1.*", no, yes, no, no},
        {"crdt.shop.node.*.*", no, no, no, no},
        {"crdt.shop.svc.read", no, no, yes, no},
        {"crdt.shop.svc.add", no, no, yes, no},
        {"crdt.shop.svc.*", no, no, no, no},
        {"crdt.shop.>", no, no, no, no},
        {"crdt.other.peer.n2.n1", no, no, no, no},
        {"crdt.other.hello.n1", no, no, no, no},
        {"crdt.other.svc.add", no, no, no, no},
        {"_INBOX.a.b", yes, no, no, yes},
        {"_INBOX.>", no, no, no, yes},
        {"$SYS.REQ.SERVER.PING", no, no, no, no},
        {"$JS.API.INFO", no, no, no, no},
        {"anything", no, no, no, no},
        {">", no, no, no, no},
    };
    const auto renamed = [](std::string subject, int shift) {
        for (char& letter : subject)
            if (letter >= '1' && letter <= '3')
                letter = static_cast<char>('1' + (letter - '1' + shift) % 3);
        return subject;
    };
    std::set<std::string> expected;
    const auto try_all = [&](const std::string& user, int shift, bool Row::*publishes,
                             bool Row::*subscribes) {
        Connection connection = connect(url_of(server, user));
        for (const Row& row : table) {
            const std::string subject = renamed(row.subject, shift);
            // Publishing to several subjects at once is impossible.
            if (subject.find_first_of("*>") == subject.npos) {
                connection.publish(subject, "x");
                if (!(row.*publishes)) expected.insert(user + " publish " + subject);
            }
            const Inbox inbox(connection, subject);
            if (!(row.*subscribes)) expected.insert(user + " subscribe " + subject);
        }
        CHECK(connection.flush(5000));
    };
    for (int shift = 0; shift < 3; ++shift)
        try_all("n" + std::to_string(shift + 1), shift, &Row::node_publishes,
                &Row::node_subscribes);
    try_all("app", 0, &Row::app_publishes, &Row::app_subscribes);

    eventually([&] { return denials(server).size() >= expected.size(); }, 2000ms);
    const std::set<std::string> denied = denials(server);
    for (const std::string& each : expected)
        CHECK_MESSAGE(denied.contains(each), "allowed: ", each);
    for (const std::string& each : denied) CHECK_MESSAGE(expected.contains(each), "denied: ", each);

    // Nodes share the requests to any node. They may subscribe to them only in the queue.
    Connection node = connect(url_of(server, "n1"));
    crdt::nats::Mailbox mailbox;
    const auto refused = [&](const std::string& queue) {
        const std::uint64_t before = node.metrics().refused;
        const crdt::nats::Subscription subscription(
            node, mailbox, "crdt.shop.svc.*", [](const auto&) {}, queue);
        node.flush(1000);
        return eventually([&] { return node.metrics().refused > before; }, 200ms);
    };
    CHECK_FALSE(refused("svc"));
    CHECK(refused("other"));
}

TEST_CASE("security: TLS accepts only certificates of the right authority") {
    const TemporaryFolder folder, other;
    make_certificates(folder.path(), "IP:127.0.0.1,DNS:localhost");
    make_certificates(other.path(), "IP:127.0.0.1,DNS:localhost");
    const auto file = [&](const char* name) { return (folder.path() / name).string(); };
    const auto local = [](const Server& server) {
        return "tls://localhost:" + std::to_string(server.port());
    };
    const std::string ca = file("ca.pem"), wrong_ca = (other.path() / "ca.pem").string();
    const auto ask_status = [&](const Server& server, const ConnectionOptions& identity) {
        ConnectionOptions options = identity;
        options.urls = {local(server)};
        options.authorities = ca;
        Client client(options);
        return eventually([&] {
            const auto answer = client.try_ask("svc", "status", "{}", 500ms);
            return answer && answer->at("ok") == true;
        });
    };
    {
        const Server server(folder.path(), "s", free_ports(1).front(), tls());
        const Node node(folder.path(), "n1", {local(server)}, {"--tls-ca", ca});
        CHECK(ask_status(server, {}));
        Node deceived(folder.path(), "n2", {local(server)}, {"--tls-ca", wrong_ca});
        expect_refusal(deceived, "SSL handshake error");
    }
    {
        const Server server(folder.path(), "strict", free_ports(1).front(),
                            tls("ca_file: ca.pem, verify: true"));
        Node anonymous(folder.path(), "n3", {local(server)}, {"--tls-ca", ca});
        expect_refusal(anonymous, "connecting to NATS");
        const Node node(
            folder.path(), "n4", {local(server)},
            {"--tls-ca", ca, "--tls-cert", file("client.pem"), "--tls-key", file("client.key")});
        ConnectionOptions identity;
        identity.certificate = file("client.pem");
        identity.key = file("client.key");
        CHECK(ask_status(server, identity));
    }
    {
        // A certificate of another host.
        make_certificates(other.path(), "DNS:elsewhere");
        const Server server(other.path(), "elsewhere", free_ports(1).front(), tls());
        Node node(other.path(), "n5", {local(server)}, {"--tls-ca", wrong_ca});
        expect_refusal(node, "connecting to NATS");
    }
    {
        // A server without TLS: nothing is sent.
        const Server server(folder.path(), "plain", free_ports(1).front());
        Node node(folder.path(), "n6", {local(server)}, {"--tls-ca", ca});
        expect_refusal(node, "connecting to NATS");
    }
}

}  // namespace security_tests

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

#include "certificates.hpp"
#include "node.hpp"
#include "raw.hpp"
#include "server.hpp"
#include "support/folder.hpp"

namespace security_tests {

using namespace support;
using crdt::nats::Connection;
using crdt::nats::ConnectionOptions;

namespace {

/// The exit and the log of a node that cannot start.
void expect_refusal(Node& node, const std::string& why) {
    CHECK(node.end() == "exited with code 77");
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
    const auto has_member = [&] {
        return client.ask("node.n2", "status", json::object()).at("members").size() == 1;
    };
    for (const std::string user : {"n2", "app"}) {
        CHECK(say_goodbye_as(user) == 1);
        CHECK(has_member());
    }
    CHECK(refusals() == 2);
    // n1 itself is permitted. This shows that the test can fail.
    CHECK(say_goodbye_as("n1") == 0);
    CHECK_FALSE(has_member());
    CHECK(refusals() == 2);

    Node impostor(folder.path(), "n3", {server.url("n3:guess@")});
    expect_refusal(impostor, "Authorization Violation");
}

TEST_CASE("security: each account publishes and subscribes to its own subjects") {
    Permitting permitting;
    const Server& server = permitting.server;
    // Who may publish and subscribe. The rows of n2 and n3 differ from those of n1 only in the
    // names. Everything else is denied.
    struct Row {
        std::string subject, publishers, subscribers;
    };
    const std::vector<Row> table{
        {"crdt.shop.peer.n1.n1", "n1", "n1"},
        {"crdt.shop.peer.n1.n2", "", "n1"},
        {"crdt.shop.peer.n2.n1", "n1", ""},
        {"crdt.shop.peer.n2.n3", "", ""},
        {"crdt.shop.peer.n1.*", "", "n1"},
        {"crdt.shop.peer.*.*", "", ""},
        {"crdt.shop.hello.n1", "n1", "n1"},
        {"crdt.shop.hello.n2", "", "n1"},
        {"crdt.shop.hello.*", "", "n1"},
        {"crdt.shop.confirm.n1.n1", "n1", "n1"},
        {"crdt.shop.confirm.n1.n2", "", "n1"},
        {"crdt.shop.confirm.n2.n1", "n1", ""},
        {"crdt.shop.confirm.n2.n3", "", ""},
        {"crdt.shop.confirm.n1.*", "", "n1"},
        {"crdt.shop.confirm.*.*", "", ""},
        {"crdt.shop.prune.n1.n1", "n1", "n1"},
        {"crdt.shop.prune.n1.n2", "", "n1"},
        {"crdt.shop.prune.n2.n1", "n1", ""},
        {"crdt.shop.prune.n2.n3", "", ""},
        {"crdt.shop.prune.n1.*", "", "n1"},
        {"crdt.shop.prune.*.*", "", ""},
        {"crdt.shop.refill.n1.n1", "n1", "n1"},
        {"crdt.shop.refill.n1.n2", "", "n1"},
        {"crdt.shop.refill.n2.n1", "n1", ""},
        {"crdt.shop.refill.n2.n3", "", ""},
        {"crdt.shop.refill.n1.*", "", "n1"},
        {"crdt.shop.refill.*.*", "", ""},
        {"crdt.shop.node.n1.prune", "billing", "n1"},
        {"crdt.shop.node.n2.prune", "billing", ""},
        {"crdt.shop.svc.prune", "billing", ""},
        {"crdt.shop.node.n1.read", "app reader billing", "n1"},
        {"crdt.shop.node.n2.read", "app reader billing", ""},
        {"crdt.shop.node.n2.add", "app billing", ""},
        {"crdt.shop.node.n1.*", "", "n1"},
        {"crdt.shop.node.*.*", "", ""},
        {"crdt.shop.svc.read", "app reader billing", ""},
        {"crdt.shop.svc.add", "app billing", ""},
        {"crdt.shop.svc.*", "", ""},
        {"crdt.shop.node.n1.>", "", "n1"},
        {"crdt.shop.node.n2.>", "", ""},
        {"crdt.shop.node.>", "", ""},
        {"crdt.shop.svc.list", "app reader billing", ""},
        {"crdt.shop.svc.watch", "app reader billing", ""},
        {"crdt.shop.svc.status", "app reader billing", ""},
        {"crdt.shop.svc.reset", "app billing", ""},
        {"crdt.shop.svc.delete", "app billing", ""},
        {"crdt.shop.node.n1.delete", "app billing", "n1"},
        {"crdt.shop.node.n2.delete", "app billing", ""},
        {"crdt.shop.svc.transfer", "app billing", ""},
        {"crdt.shop.node.n2.status", "app reader billing", ""},
        {"crdt.shop.svc.orders.add", "orders", ""},
        {"crdt.shop.svc.orders.read", "orders", ""},
        {"crdt.shop.svc.orders.delete", "orders", ""},
        {"crdt.shop.node.n2.orders.add", "orders", ""},
        {"crdt.shop.node.n1.orders.add", "orders", "n1"},
        {"crdt.shop.node.n2.orders.delete", "orders", ""},
        {"crdt.shop.node.n1.orders.delete", "orders", "n1"},
        {"crdt.shop.svc.orders2.add", "", ""},
        {"crdt.shop.svc.billing.add", "", ""},
        {"crdt.shop.svc.billing.delete", "", ""},
        {"crdt.shop.node.n2.billing.add", "", ""},
        {"crdt.shop.node.n2.billing.delete", "", ""},
        {"crdt.shop.svc.orders.more.add", "", ""},
        {"crdt.shop.svc.orders.>", "", ""},
        {"_INBOX.reader.a", "n1", "app billing reader"},
        {"_INBOX.orders.a", "n1", "app billing orders"},
        {"_INBOX.orders.>", "", "app billing orders"},
        {"_R_.a.b", "n1", ""},
        {"_R_.>", "", ""},
        {"crdt.shop.>", "", ""},
        {"crdt.other.peer.n2.n1", "", ""},
        {"crdt.other.hello.n1", "", ""},
        {"crdt.other.svc.add", "", ""},
        {"_INBOX.a.b", "n1", "app billing"},
        {"_INBOX.>", "", "app billing"},
        {"$SYS.REQ.SERVER.PING", "", ""},
        {"$JS.API.INFO", "", ""},
        {"anything", "", ""},
        {">", "", ""},
    };
    const auto renamed = [](std::string subject, int shift) {
        for (char& letter : subject)
            if (letter >= '1' && letter <= '3')
                letter = static_cast<char>('1' + (letter - '1' + shift) % 3);
        return subject;
    };
    const auto has_word = [](const std::string& words, const std::string& word) {
        return (' ' + words + ' ').find(' ' + word + ' ') != std::string::npos;
    };
    std::set<std::string> expected;
    const auto try_all = [&](const std::string& user, int shift) {
        Connection connection = connect(url_of(server, renamed(user, shift)));
        for (const Row& row : table) {
            const std::string subject = renamed(row.subject, shift);
            // Publishing to several subjects at once is impossible.
            if (subject.find_first_of("*>") == subject.npos) {
                connection.publish(subject, "x");
                if (!has_word(row.publishers, user))
                    expected.insert(renamed(user, shift) + " publish " + subject);
            }
            const Inbox inbox(connection, subject);
            if (!has_word(row.subscribers, user))
                expected.insert(renamed(user, shift) + " subscribe " + subject);
        }
        CHECK(connection.flush(5000));
    };
    for (int shift = 0; shift < 3; ++shift) try_all("n1", shift);
    for (const std::string client : {"app", "reader", "orders", "billing"}) try_all(client, 0);

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
            node, mailbox, "crdt.shop.svc.>", [](const auto&) {}, queue);
        node.flush(1000);
        return eventually([&] { return node.metrics().refused > before; }, 200ms);
    };
    CHECK_FALSE(refused("svc"));
    CHECK(refused("other"));
}

TEST_CASE("security: a client with limited permissions can do what they allow, and nothing else") {
    Permitting permitting;
    const TemporaryFolder& folder = permitting.folder;
    const Node n1(folder.path(), "n1", {url_of(permitting.server, "n1")});
    const Node n2(folder.path(), "n2", {url_of(permitting.server, "n2")});
    const auto client_of = [&](const std::string& user, const std::string& inbox) {
        ConnectionOptions options;
        options.urls = {url_of(permitting.server, user)};
        options.inbox_prefix = inbox;
        return Client(options);
    };
    Client app = client_of("app", ""), reader = client_of("reader", "_INBOX.reader"),
           orders = client_of("orders", "_INBOX.orders"), billing = client_of("billing", "");
    app.expect_members({"n1", "n2"}, 1);
    app.expect_service();
    for (const std::string name : {"orders/a", "orders2", "billing/a", "a"})
        REQUIRE(app.ask("node.n1", "add", {{"name", name}, {"delta", 5}, {"ack", 1}}).at("ok") ==
                true);

    // The reader reads all, and changes nothing.
    CHECK(reader.ask("svc", "read", {{"name", "orders/a"}}).at("value") == 5);
    CHECK(reader.ask("node.n2", "list", json::object()).at("counters").size() == 4);
    CHECK(reader.ask("svc", "watch", {{"prefix", "a"}}).at("changes").size() == 1);
    CHECK(reader.ask("svc", "status", json::object()).at("ok") == true);
    CHECK_FALSE(reader.try_ask("svc", "add", R"({"name": "a", "delta": 1})", 300ms));
    CHECK_FALSE(reader.try_ask("node.n1", "reset", R"({"name": "a"})", 300ms));
    CHECK_FALSE(reader.try_ask("svc", "delete", R"({"name": "a"})", 300ms));
    CHECK_FALSE(reader.try_ask("node.n1", "delete", R"({"name": "a"})", 300ms));
    CHECK_FALSE(reader.try_ask("svc", "transfer", R"({"name": "a"})", 300ms));
    CHECK(app.ask("node.n1", "read", {{"name", "a"}}).at("value") == 5);

    // Two clients with one prefix each: by a subject with the prefix, and by a mapping.
    struct Limited {
        Client& client;
        std::string any_node, node, prefix;
    };
    const std::vector<Limited> all{{orders, "svc.orders", "node.n2.orders", "orders/"},
                                   {billing, "svc", "node.n2", "billing/"}};
    for (const auto& [client, any_node, node, prefix] : all) {
        const std::string name = prefix + 'a';
        CHECK(client.ask(any_node, "add", {{"name", name}, {"delta", 1}}).at("ok") == true);
        CHECK(client.ask(node, "add", {{"name", name}, {"delta", 1}}).at("ok") == true);
        CHECK(eventually([&] { return app.value("n1", name) == 7; }));
        CHECK(client.ask(any_node, "read", {{"name", name}}).at("ok") == true);
        for (const char* verb : {"reset", "delete"})
            CHECK(client.ask(any_node, verb, {{"name", prefix + 'b'}}).at("ok") == true);
        for (const char* verb : {"list", "watch"}) {
            const json reply = client.ask(node, verb, json::object());
            const json& entries = reply.at(verb == std::string("list") ? "counters" : "changes");
            CHECK(entries.size() == 1);
            CHECK(entries.at(0).at("name") == name);
            CHECK(client.ask(any_node, verb, {{"prefix", prefix}}).at("ok") == true);
        }
        CHECK(client.ask(any_node, "watch", {{"names", {name}}}).at("ok") == true);
        // A watch continues to receive changes.
        const std::string replies = "_INBOX.orders.changes";
        Inbox changes(client.connection(), replies);
        client.connection().request("crdt.shop." + node + ".watch", replies, "{}");
        CHECK(changes.has(1));
        CHECK(app.ask("svc", "add", {{"name", "a"}, {"delta", 0}}).at("ok") == true);
        CHECK(app.ask("svc", "add", {{"name", name}, {"delta", 1}}).at("ok") == true);
        CHECK(changes.has(2));
        CHECK(json::parse(changes.items.back().data).at("changes").at(0).at("name") == name);

        const std::vector<std::pair<std::string, json>> forbidden{
            {"add", {{"name", "a"}, {"delta", 1}}},
            {"add", {{"name", "orders2"}, {"delta", 1}}},
            {"add", {{"name", prefix.substr(0, prefix.size() - 1)}, {"delta", 1}}},
            {"add", {{"adds", {{{"name", "a"}, {"delta", 1}}}}}},
            {"read", {{"name", "a"}}},
            {"read", {{"names", {"a"}}}},
            {"reset", {{"name", "a"}}},
            {"delete", {{"name", "a"}}},
            {"transfer", {{"name", "a"}, {"to", "n2"}, {"amount", 1}}},
            {"list", {{"prefix", ""}}},
            {"list", {{"prefix", "a"}}},
            {"watch", {{"prefix", ""}}},
            {"watch", {{"names", {name, "a"}}}},
        };
        for (const auto& [verb, request] : forbidden) {
            const std::string shown = prefix + ' ' + verb + ' ' + request.dump();
            for (const std::string& where : {any_node, node})
                CHECK_MESSAGE(code_of(client.ask(where, verb, request)) == 12, shown);
        }
        // These verbs concern more than the counters that they name.
        for (const char* verb : {"status", "unknown"})
            CHECK(code_of(client.ask(any_node, verb, json::object())) == 10);
    }
    CHECK_FALSE(orders.try_ask("svc", "read", R"({"name": "orders/a"})", 300ms));
    CHECK(app.ask("node.n1", "read", {{"name", "a"}}).at("value") == 5);
    CHECK(app.ask("node.n1", "read", {{"name", "orders2"}}).at("value") == 5);
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

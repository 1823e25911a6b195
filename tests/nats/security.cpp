// SPDX-License-Identifier: MIT
//! What servers keep apart: nodes from each other by permissions, strangers out by TLS.
#include <cstdlib>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/frame.hpp>
#include <crdt/nats/address.hpp>
#include <crdt/nats/connection.hpp>

#include "node.hpp"
#include "server.hpp"
#include "support/folder.hpp"

using namespace support;
using crdt::nats::Connection;
using crdt::nats::ConnectionOptions;

namespace {

void no_log(crdt::system::LogLevel, const std::string&) {}

/// As `user`, whose password is the user's name.
std::string url_of(const Server& server, const std::string& user) {
    return server.url(user + ":" + user + "@");
}

/// What n1 would say if it went.
std::string goodbye() {
    return crdt::frame::seal(crdt::binary::write(std::uint64_t{0}),
                             crdt::nats::Address("shop", "n1").cluster_id());
}

/// Certificates that this machine makes up: of an authority, and of a server and a client that it
/// vouches for.
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

/// How a node ends that can not begin, and what it says.
void expect_refusal(Node& node, const std::string& why) {
    CHECK(node.end() == "exited with code 1");
    CHECK_MESSAGE(node.log().find(why) != std::string::npos, node.log());
}

}  // namespace

TEST_CASE("security: a node can not speak as another") {
    for (const std::string user : {"n1", "n2", "n3", "app"}) {
        std::string variable = user + "_PASSWORD";
        for (char& letter : variable) letter = static_cast<char>(std::toupper(letter));
        ::setenv(variable.c_str(), user.c_str(), 1);
    }
    const TemporaryFolder folder;
    fs::copy(environment("PERMISSIONS"), folder.path() / "permissions.conf");
    Server server(folder.path(), "s", free_ports(1).front(), "include permissions.conf");
    const Node n1(folder.path(), "n1", {url_of(server, "n1")});
    const Node n2(folder.path(), "n2", {url_of(server, "n2")});
    Client client({url_of(server, "app")});
    client.expect_members({"n1", "n2"}, 1);
    client.expect_service();
    // With these permissions, all works that is to.
    CHECK(client.ask("node.n1", "add", {{"name", "x"}, {"delta", 5}, {"ack", 1}}).at("ok") == true);
    CHECK(client.ask("node.n2", "read", {{"name", "x"}}).at("value") == 5);
    CHECK(client.ask("svc", "read", {{"name", "x"}}).at("ok") == true);

    const auto say_goodbye_as = [&](const std::string& user) {
        ConnectionOptions options;
        options.urls = {url_of(server, user)};
        Connection connection(options, no_log);
        connection.publish("crdt.shop.hello.n1", goodbye());
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
    // n1 itself may; so the test would notice.
    CHECK(say_goodbye_as("n1") == 0);
    CHECK_FALSE(n2_knows_n1());
    CHECK(refusals() == 2);

    Node impostor(folder.path(), "n3", {server.url("n3:guess@")});
    expect_refusal(impostor, "Authorization Violation");
}

TEST_CASE("security: TLS, and who vouches for whom") {
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
        // No TLS there: nothing is said.
        const Server server(folder.path(), "plain", free_ports(1).front());
        Node node(folder.path(), "n6", {local(server)}, {"--tls-ca", ca});
        expect_refusal(node, "connecting to NATS");
    }
}

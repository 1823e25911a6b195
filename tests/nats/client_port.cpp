// SPDX-License-Identifier: MIT
//! Tests the port of a node for clients: requests that pass no server, and clients that violate the
//! protocol or a limit.
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <crdt/random.hpp>

#include "cluster.hpp"
#include "node.hpp"
#include "resident.hpp"
#include "server.hpp"
#include "support/folder.hpp"
#include "support/sanitized.hpp"
#include "support/seeds.hpp"

namespace client_port_tests {

using namespace support;

namespace {

std::string url_of(Port port, const std::string& token = "") {
    return "nats://" + token + (token.empty() ? "" : "@") + "127.0.0.1:" + std::to_string(port);
}

/// A cluster of nodes with ports for clients.
struct Ported {
    TemporaryFolder folder;
    Server server{folder.path(), "s", free_ports(1).front()};
    std::vector<Port> ports;
    std::vector<std::unique_ptr<Node>> nodes;

    explicit Ported(std::size_t count, std::vector<std::string> flags = {})
        : ports(free_ports(count)) {
        flags.insert(flags.end(), {"--client-port", ""});
        for (std::size_t i = 0; i < count; ++i) {
            flags.back() = std::to_string(ports[i]);
            nodes.push_back(std::make_unique<Node>(folder.path(), "n" + std::to_string(i + 1),
                                                   std::vector{server.url()}, flags));
        }
        for (const Port port : ports) REQUIRE(eventually([&] { return listens(port); }));
    }
    Client client(std::size_t node = 0) const { return Client({url_of(ports[node])}); }
};

/// A client that sends any bytes.
class Raw {
    int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::string received_;

  public:
    static inline const std::string hello = "CONNECT {}\r\n";

    explicit Raw(Port port) {
        const sockaddr_in address = loopback(port);
        const int little = 1 << 14;  // what a client does not read soon fills the node's buffers
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
        REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
                0);
    }
    Raw(const Raw&) = delete;
    Raw& operator=(const Raw&) = delete;
    ~Raw() { ::close(socket_); }

    /// Sends these bytes, until the node has read nothing for a third of a second. Returns the
    /// rest, or nothing if the node has closed the connection.
    std::optional<std::string_view> send_some(std::string_view bytes) {
        while (!bytes.empty()) {
            pollfd file{socket_, POLLOUT, 0};
            if (::poll(&file, 1, 300) == 0) break;
            const ssize_t sent =
                ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0) return std::nullopt;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return bytes;
    }
    /// Returns false if the node has closed the connection.
    bool send(std::string_view bytes) { return send_some(bytes).has_value(); }
    /// Reads until `text` has arrived. Returns false if it does not arrive.
    bool reads(std::string_view text, std::chrono::milliseconds timeout = 10s) {
        const auto end = std::chrono::steady_clock::now() + timeout;
        std::array<char, 1 << 16> bytes;
        for (std::size_t from = 0; received_.find(text, from) == received_.npos;) {
            from = received_.size() - std::min(received_.size(), text.size());
            pollfd file{socket_, POLLIN, 0};
            if (std::chrono::steady_clock::now() > end) return false;
            if (::poll(&file, 1, 100) == 0) continue;
            const ssize_t size = ::recv(socket_, bytes.data(), bytes.size(), 0);
            if (size <= 0) return false;
            received_.append(bytes.data(), static_cast<std::size_t>(size));
        }
        return true;
    }
    /// Returns whether the node closes the connection.
    bool is_closed() {
        return eventually([this] { return !send("PING\r\n"); });
    }
    const std::string& received() const { return received_; }
    /// Returns how often `text` was received.
    std::size_t count(std::string_view text) const {
        std::size_t found = 0;
        for (auto at = received_.find(text); at != received_.npos;
             at = received_.find(text, at + 1))
            ++found;
        return found;
    }
};

std::string publish(const std::string& subject, const std::string& reply, const std::string& body) {
    return "PUB " + subject + ' ' + reply + ' ' + std::to_string(body.size()) + "\r\n" + body +
           "\r\n";
}

}  // namespace

TEST_CASE("client port: the verbs work as through a server") {
    const Ported cluster(2);
    Client direct = cluster.client(0), other = cluster.client(1), through({cluster.server.url()});
    through.expect_members({"n1", "n2"}, 1);
    json answer = direct.ask("svc", "add", {{"name", "x"}, {"delta", 5}, {"ack", 1}});
    CHECK(answer.at("value") == 5);
    CHECK(answer.at("node") == "n1");
    CHECK(other.ask("svc", "add", {{"name", "x"}, {"delta", 2}}).at("node") == "n2");
    for (Client* client : {&direct, &other, &through})
        CHECK(eventually([&] {
            return client->ask("svc", "read", {{"name", "x"}}).at("value") == 7;
        }));
    CHECK(direct.ask("node.n1", "status", json::object()).at("metrics").at("clients") >= 1);
    // A subject with a prefix, an error of the service, and a verb that does not exist.
    answer = direct.ask("svc.orders", "add", {{"name", "y"}, {"delta", 1}});
    CHECK(code_of(answer) == 12);
    CHECK(code_of(direct.ask("svc", "add", {{"name", "x"}})) == 12);
    CHECK(code_of(direct.ask("svc", "fly", json::object())) == 10);
    // The node receives only its own requests, and passes nothing on.
    for (const std::string where : {"node.n2", "peer", "node.n", "node.n11", "node"})
        CHECK_MESSAGE(code_of(direct.ask(where, "read", {{"name", "x"}})) == 10, where);
}

TEST_CASE("client port: a client receives its own answers and reports alone") {
    const Ported cluster(1);
    const Port port = cluster.ports.front();
    Raw owner(port), other(port);
    REQUIRE(
        owner.send(Raw::hello + "SUB inbox.a 1\r\nSUB inbox.* 2\r\nSUB inbox.a.b 3\r\nPING\r\n"));
    REQUIRE(other.send(Raw::hello + "SUB > 1\r\nSUB inbox.a 2\r\nPING\r\n"));
    REQUIRE(owner.reads("PONG"));
    REQUIRE(other.reads("PONG"));
    REQUIRE(owner.send(publish("crdt.shop.svc.watch", "inbox.a", R"({"prefix":""})") +
                       publish("crdt.shop.svc.add", "inbox.a", R"({"name":"x","delta":1})")));
    CHECK(owner.reads("MSG inbox.a 1 "));
    CHECK(owner.reads("MSG inbox.a 2 "));
    CHECK(owner.reads(R"({"changes":[{"name":"x")"));
    // After the end of a subscription nothing arrives for it.
    REQUIRE(owner.send("UNSUB 2\r\nUNSUB 9\r\nSUB inbox.c 4\r\nUNSUB 4 2\r\n"));
    for (int i = 0; i < 3; ++i)
        REQUIRE(owner.send(publish("crdt.shop.svc.read", "inbox.c", R"({"name":"x"})")));
    REQUIRE(owner.send(publish("crdt.shop.svc.list", "inbox.a", "{}")));
    CHECK(owner.reads(R"("counters":[)"));
    CHECK(owner.count("MSG inbox.c 4 ") == 2);
    CHECK(owner.received().find("MSG inbox.a 3 ") == std::string::npos);
    CHECK(owner.received().find("MSG inbox.c 2 ") == std::string::npos);
    REQUIRE(other.send("PING\r\nPONG\r\nping\r\n"));
    CHECK(other.reads("PONG\r\nPONG\r\nPONG\r\n"));
    CHECK(other.received().find("MSG") == std::string::npos);
    CHECK(other.received().starts_with(R"(INFO {"server_id":"n1",)"));
}

TEST_CASE("client port: it serves without a server, and another node takes over from a node") {
    Ported cluster(2);
    Client through({cluster.server.url()});
    through.expect_members({"n1", "n2"}, 1);
    Client client({url_of(cluster.ports[0]), url_of(cluster.ports[1])});
    const json first = client.ask("svc", "add", {{"name", "x"}, {"delta", 1}});
    const std::size_t node = first.at("node") == "n1" ? 0 : 1;
    CHECK(through.ask("node.n1", "status", json::object()).at("ok") == true);
    cluster.server.kill();
    for (int i = 2; i < 5; ++i)
        CHECK(client.ask("svc", "add", {{"name", "x"}, {"delta", 1}}).at("value") == i);
    const json late =
        client.ask("svc", "add", {{"name", "x"}, {"delta", 1}, {"ack", 1}, {"timeout_ms", 300}});
    CHECK(code_of(late) != 0);
    cluster.server.start();
    CHECK(eventually([&] {
        const auto answer = client.try_ask("svc", "add", R"({"name":"y","delta":1,"ack":1})");
        return answer && code_of(*answer) == 0;
    }));
    // The node leaves, and the client goes on at the other.
    cluster.nodes[node]->signal(SIGTERM);
    CHECK(cluster.nodes[node]->end() == "exited with code 0");
    json answer;
    CHECK(eventually([&] {
        const auto read = client.try_ask("svc", "read", R"({"name":"x"})", 500ms);
        if (!read) return false;
        answer = *read;
        return true;
    }));
    CHECK(answer.at("node") == (node == 0 ? "n2" : "n1"));
    CHECK(answer.at("value") == 5);
}

TEST_CASE("client port: a node that leaves disconnects its clients soon, also without a server") {
    Ported cluster(1);
    cluster.server.kill();
    Raw client(cluster.ports.front());
    client.send(Raw::hello + "PING\r\n");
    CHECK(client.reads("PONG"));
    const auto begin = std::chrono::steady_clock::now();
    cluster.nodes.front()->signal(SIGTERM);
    CHECK_FALSE(client.reads("\x01 never"));
    CHECK(std::chrono::steady_clock::now() - begin < 1500ms);
}

TEST_CASE("client port: a token") {
    TemporaryFolder folder;
    const std::string file = (folder.path() / "token").string();
    write_file(file, "s3cret-of-the-port\n");
    const Ported cluster(1, {"--client-token", file});
    const Port port = cluster.ports.front();
    Client client({url_of(port, "s3cret-of-the-port")});
    CHECK(client.ask("svc", "add", {{"name", "x"}, {"delta", 1}}).at("value") == 1);
    for (const std::string token :
         {"", "s", "s3cret-of-the-por", "s3cret-of-the-port2", "S3cret-of-the-port"})
        CHECK_THROWS_AS(Client({url_of(port, token)}), crdt::nats::NatsError);
    for (const std::string words :
         {"", "CONNECT {}\r\n", "CONNECT {\"auth_token\":1}\r\n",
          "CONNECT {\"auth_token\":\"\"}\r\n", "CONNECT {\"user\":\"s3cret-of-the-port\"}\r\n"}) {
        Raw raw(port);
        raw.send(words + publish("crdt.shop.svc.add", "r", R"({"name":"x","delta":1})"));
        CHECK_MESSAGE(raw.reads("-ERR 'Authorization Violation'"), words);
        CHECK_MESSAGE(raw.is_closed(), words);
    }
    CHECK(client.ask("svc", "read", {{"name", "x"}}).at("value") == 1);
}

TEST_CASE("client port: a client that violates the protocol is disconnected with a reason") {
    const Ported cluster(1);
    const Port port = cluster.ports.front();
    const std::vector<std::pair<std::string, std::string>> wrong{
        {"GET / HTTP/1.1\r\n", "Unknown Protocol Operation"},
        {std::string(10'000, 'x'), "Maximum Control Line Exceeded"},
        {"SUB a 1\r\n", "Authorization Violation"},
        {"CONNECT\r\n", "Parser Error"},
        {"CONNECT []\r\n", "Parser Error"},
        {"CONNECT {\"verbose\":\r\n", "Parser Error"},
        {Raw::hello + "PUB crdt.shop.svc.add 70000\r\n", "Maximum Payload Violation"},
        {Raw::hello + "PUB crdt.shop.svc.add 2\r\n{}xx\r\n", "Parser Error"},
        {"PUB crdt.shop.svc.add 60000\r\n" + std::string(5000, 'x'), "Authorization Violation"},
    };
    for (const auto& each : wrong) {
        const std::string begin = each.first.substr(0, 40), reason = each.second;
        Raw raw(port);
        raw.send(each.first);
        CHECK_MESSAGE(raw.reads("-ERR '" + reason + "'"), begin);
        CHECK_MESSAGE(raw.is_closed(), begin);
    }
    // Neither another subject nor too many subscriptions end the connection. Some libraries repeat
    // their subscriptions, which makes no difference.
    Raw raw(port);
    raw.send("CONNECT {\"verbose\":true}\r\nSUB r 1\r\nSUB r 1\r\nSUB other 1\r\n");
    CHECK(raw.reads("+OK"));
    for (const std::string subject :
         {"crdt.shop.peer.n1.n2", "crdt.other.svc.add", "x", "crdt.shop.svc"})
        raw.send(publish(subject, "r", "{}"));
    CHECK(raw.reads(R"("text":"this port answers subjects that begin with crdt.shop.svc. or )"));
    std::string many;
    for (int i = 0; i < 2000; ++i)
        many += "SUB a." + std::to_string(i) + ' ' + std::to_string(i + 2) + "\r\n";
    raw.send(many);
    CHECK(raw.reads("-ERR 'Maximum Subscriptions Exceeded'"));
    raw.send(publish("crdt.shop.svc.status", "r", "{}"));
    CHECK(raw.reads(R"("metrics":)"));
    CHECK(raw.count("MSG r 1 ") == 5);
    CHECK(cluster.client()
              .ask("svc", "status", json::object())
              .at("metrics")
              .at("clients_failed_total") == wrong.size());
}

TEST_CASE("client port: random bytes do not stop a node") {
    const Ported cluster(1);
    crdt::Random random(7);
    const std::vector<std::string> pieces{
        "PUB ",           "SUB ", "UNSUB ", "CONNECT ", "{\"verbose\":true}",
        "PING",           "\r\n", "\n",     " ",        "0",
        "crdt.shop.svc.", "add ", "inbox ", "65536",    "{\"name\":\"x\",\"delta\":1}",
        "\xFF",           "a.*"};
    for (int i = 0; i < (few_cases ? 200 : 1000); ++i) {
        Raw raw(cluster.ports.front());
        std::string bytes = random.below(std::size_t{2}) == 0 ? Raw::hello : "";
        for (std::size_t n = random.below(std::size_t{40}); n > 0; --n)
            bytes += pieces[random.below(pieces.size())];
        raw.send(bytes);
    }
    CHECK(cluster.client().ask("svc", "add", {{"name", "y"}, {"delta", 1}}).at("value") == 1);
}

TEST_CASE("client port: a client that reads nothing is not read, or is disconnected") {
    const Ported cluster(1);
    const Port port = cluster.ports.front();
    Client client = cluster.client();
    for (int i = 0; i < 1000;) {
        json adds = json::array();
        do adds.push_back({{"name", std::string(190, '"') + std::to_string(i)}, {"delta", 1}});
        while (++i % 125 != 0);
        REQUIRE(code_of(client.ask("svc", "add", {{"adds", adds}})) == 0);
    }
    const std::uint64_t before = resident_kilobytes();
    // Small answers: the node reads no further requests until the client reads. None is lost.
    constexpr std::size_t count = few_cases ? 30'000 : 100'000;
    Raw slow(port);
    REQUIRE(slow.send(Raw::hello + "SUB r 1\r\n"));
    std::string requests;
    for (std::size_t i = 0; i < count; ++i)
        requests += publish("crdt.shop.svc.add", "r", R"({"name":"slow","delta":1})");
    std::jthread sending([&](const std::stop_token& stop) {
        std::optional<std::string_view> rest = requests;
        while (rest && !rest->empty() && !stop.stop_requested()) rest = slow.send_some(*rest);
    });
    std::this_thread::sleep_for(1s);
    CHECK(client.ask("svc", "add", {{"name", "other"}, {"delta", 1}}).at("value") == 1);
    // All are answered, some perhaps with error 11.
    std::size_t answers = 0;
    CHECK(eventually(
        [&] {
            slow.reads("\x01 never", 100ms);
            return (answers = slow.count("MSG r 1 ")) >= count;
        },
        60s));
    sending.join();
    CHECK(answers == count);
    const std::size_t added = slow.count(R"("ok":true)");
    CHECK(added > count / 10);
    CHECK(eventually([&] { return client.value("n1", "slow") == added; }));
    // Large answers, for each of many subscriptions: they exceed the limit.
    Raw greedy(port);
    std::string subscriptions = Raw::hello;
    for (int i = 0; i < 900; ++i) subscriptions += "SUB r " + std::to_string(i) + "\r\n";
    REQUIRE(greedy.send(subscriptions));
    for (int i = 0; i < 3; ++i)
        greedy.send(publish("crdt.shop.svc.list", "r", R"({"limit":1000})"));
    CHECK(eventually([&] {
        const json status = client.ask("svc", "status", json::object());
        return status.contains("metrics") && status.at("metrics").at("clients_failed_total") == 1;
    }));
    CHECK(eventually([&] { return !greedy.send("PING\r\n"); }));
    // A client that has read a large output costs no more than another.
    std::vector<std::unique_ptr<Raw>> busy;
    for (int i = 0; i < (few_cases ? 3 : 40); ++i) {
        busy.push_back(std::make_unique<Raw>(port));
        std::string sent = Raw::hello;
        for (int id = 0; id < 8; ++id) sent += "SUB r " + std::to_string(id) + "\r\n";
        busy.back()->send(sent + publish("crdt.shop.svc.list", "r", R"({"limit":1000})"));
        CHECK(busy.back()->reads("MSG r 7 "));
        busy.back()->send("PING\r\n");
        CHECK(busy.back()->reads("PONG"));
    }
    const std::uint64_t after = resident_kilobytes();
    MESSAGE("the node has ", after / 1024, " MB, before ", before / 1024, " MB");
    if (!sanitized) CHECK(after < before + 100'000);
    CHECK(client.ask("svc", "add", {{"name", "other"}, {"delta", 1}}).at("value") == 2);
}

TEST_CASE("client port: silent clients make room for others") {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, 4096);
    ::setrlimit(RLIMIT_NOFILE, &files);
    const Ported cluster(1);
    const Port port = cluster.ports.front();
    Client first = cluster.client();
    std::vector<std::unique_ptr<Raw>> silent;
    for (int i = 0; i < 1010; ++i) silent.push_back(std::make_unique<Raw>(port));
    CHECK(cluster.client().ask("svc", "add", {{"name", "x"}, {"delta", 1}}).at("value") == 1);
    CHECK(first.ask("svc", "add", {{"name", "x"}, {"delta", 1}}).at("value") == 2);
    // Clients that have introduced themselves are kept, and further ones are refused.
    silent.clear();
    const auto is_accepted = [&] {
        silent.push_back(std::make_unique<Raw>(port));
        silent.back()->send(Raw::hello + "PING\r\n");
        return silent.back()->reads("PONG");
    };
    while (silent.size() < 1010 && is_accepted()) {
    }
    CHECK(silent.size() > 900);
    CHECK(
        eventually([&] { return Raw(port).reads("-ERR 'Maximum Connections Exceeded'", 300ms); }));
    CHECK(first.ask("svc", "add", {{"name", "x"}, {"delta", 1}}).at("value") == 3);
    silent.clear();
    CHECK(eventually([&] {
        Raw raw(port);
        raw.send(Raw::hello + "PING\r\n");
        return raw.reads("PONG", 500ms);
    }));
}

TEST_CASE("client port: its options") {
    const TemporaryFolder folder;
    const Server server(folder.path(), "s", free_ports(1).front());
    const auto refuse = [&](const std::vector<std::string>& flags, int code,
                            const std::string& why) {
        Node node(folder.path(), "n1", {server.url()}, flags);
        CHECK_MESSAGE(node.end() == "exited with code " + std::to_string(code), why);
        CHECK_MESSAGE(node.log().find(why) != std::string::npos, node.log());
    };
    const std::string empty = (folder.path() / "empty").string(),
                      spaced = (folder.path() / "spaced").string();
    write_file(empty, "\n");
    write_file(spaced, "two words\n");
    const std::string port = std::to_string(free_ports(1).front());
    refuse({"--client-token", spaced}, 64, "is no token");
    refuse({"--client-port", port, "--client-token", empty}, 64, "is no token");
    write_file(empty, "token\n");
    refuse({"--client-token", empty}, 64, "--client-token: requires --client-port");
    refuse({"--client-port", port, "--client-address", "0.0.0.0"}, 64,
           "--client-address: requires --client-token");
    refuse({"--client-port", "70000"}, 64, "--client-port");
    for (const std::string address :
         {"127.0.0.01", "0x7f.0.0.1", "127.0.0", "127.0.0.1 ", "+1.2.3.4"})
        for (const std::string option : {"--client-address", "--metrics-address"})
            refuse({"--client-port", port, option, address}, 64,
                   option + ": expected an IPv4 address, found '" + address + "'");
    refuse({"--client-port", std::to_string(server.port())}, 71, "cannot serve clients on port");
}

}  // namespace client_port_tests

// SPDX-License-Identifier: MIT
//! Tests malicious clients of the counter service. No request stops a node, and the memory that a
//! node uses for clients is limited.
#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/frame.hpp>
#include <crdt/nats/address.hpp>
#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/subscription.hpp>

#include "cluster.hpp"
#include "counterd/counters.hpp"
#include "counterd/pending_reads.hpp"
#include "counterd/token.hpp"
#include "node.hpp"
#include "resident.hpp"
#include "server.hpp"
#include "support/program.hpp"
#include "support/sanitized.hpp"

namespace hostile_tests {

using namespace support;
using Clock = std::chrono::steady_clock;

namespace {

/// Limits the stack to a size that some containers have.
class SmallStacks {
    rlimit before_{};

  public:
    SmallStacks() {
        ::getrlimit(RLIMIT_STACK, &before_);
        const rlimit limit{1 << 20, before_.rlim_max};
        ::setrlimit(RLIMIT_STACK, &limit);
    }
    SmallStacks(const SmallStacks&) = delete;
    SmallStacks& operator=(const SmallStacks&) = delete;
    ~SmallStacks() { ::setrlimit(RLIMIT_STACK, &before_); }
};

/// Returns a session with states of `name` that no node has.
std::string heavy_session(const std::string& name, std::size_t length) {
    counterd::Token token(name);
    std::string text;
    for (counterd::ReplicaId id = 1; token.text().size() < length; id += 10) {
        text = token.text();
        counterd::Counters counters;
        for (counterd::ReplicaId each = id; each < id + 10; ++each) {
            counters.add(each, name, 1);
            counters.add_bounded(each, name, 2);
            counters.transfer(each, each + 10'000, name, 1);
        }
        token.note(counterd::Snapshot(counters, name));
    }
    return text;
}

/// Returns a session that every node can serve, because all its writes of `name` were removed.
std::string session_of_gone(const std::string& name, std::size_t length) {
    counterd::Token token(name);
    std::string text;
    for (counterd::ReplicaId id = 1'000'000; token.text().size() < length; ++id) {
        text = token.text();
        counterd::Counters counters;
        counters.add(id, name, 1);
        counters.reset(id, name);
        token.note(counterd::Snapshot(counters, name));
    }
    return text;
}

bool answers(Cluster& cluster) {
    const auto answer = cluster.client.try_ask("node.n1", "status", "");
    return answer && answer->at("ok") == true;
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

}  // namespace

TEST_CASE("hostile: null and unknown members are rejected for each verb") {
    Cluster cluster(2);
    const std::vector<std::pair<std::string, json>> verbs{
        {"add",
         {{"name", "a"},
          {"kind", "bounded"},
          {"session", ""},
          {"timeout_ms", 1000},
          {"delta", 1},
          {"ack", 0},
          {"id", "q1"}}},
        {"add",
         {{"adds", {{{"name", "b"}, {"delta", 1}}, {{"name", "a"}, {"delta", 1}}}},
          {"timeout_ms", 1000},
          {"id", "q2"}}},
        {"read", {{"names", {"a", "b"}}, {"kind", "bounded"}, {"timeout_ms", 1000}}},
        {"read", {{"names", json::array()}, {"kind", "bounded"}}},
        {"delete",
         {{"name", "b"}, {"kind", "counter"}, {"session", ""}, {"timeout_ms", 1000}, {"id", "q3"}}},
        {"read", {{"name", "a"}, {"kind", "bounded"}, {"session", ""}, {"timeout_ms", 1000}}},
        {"reset",
         {{"name", "b"}, {"kind", "counter"}, {"session", ""}, {"timeout_ms", 1000}, {"id", "q4"}}},
        {"transfer",
         {{"name", "a"},
          {"kind", "bounded"},
          {"session", ""},
          {"timeout_ms", 1000},
          {"to", "n2"},
          {"amount", 1},
          {"id", "q5"}}},
        {"list",
         {{"prefix", ""},
          {"kind", "counter"},
          {"timeout_ms", 1000},
          {"after", ""},
          {"after_kind", "counter"},
          {"limit", 1}}},
        {"watch", {{"prefix", ""}, {"kind", "counter"}, {"timeout_ms", 1000}}},
        {"status", {{"timeout_ms", 1000}}}};
    for (const auto& each : verbs) {
        const auto& verb = each.first;
        const auto& whole = each.second;
        CAPTURE(verb);
        const json answer = cluster.client.ask("node.n1", verb, whole);
        CHECK_MESSAGE(code_of(answer) == 0, answer.dump());
        json members = whole;
        if (verb == "watch") members["names"] = json::array();
        members["unknown"] = 1;
        members["Name"] = "a";
        for (const auto& item : members.items()) {
            const std::string& member = item.key();
            CAPTURE(member);
            for (const json& wrong : {json(nullptr), json::parse(nested(3)), json(true)}) {
                json request = whole;
                request[member] = wrong;
                const json refusal = cluster.client.ask("node.n1", verb, request);
                CHECK_MESSAGE(code_of(refusal) == 12, refusal.dump());
                CHECK_MESSAGE(
                    refusal.at("text").get<std::string>().find(member) != std::string::npos,
                    refusal.dump());
            }
        }
    }
}

TEST_CASE("hostile: nested JSON does not overflow a stack") {
    const SmallStacks small;
    Cluster cluster(1);
    for (const std::string verb : {"add", "read", "delete", "list", "watch", "status"}) {
        for (const std::size_t depth : {std::size_t{65}, std::size_t{1000}, std::size_t{32'000}}) {
            CAPTURE(verb);
            CAPTURE(depth);
            for (const std::string member : {"delta", "adds", "names", "name", "unknown", "ok"}) {
                const auto answer = cluster.client.try_ask(
                    "node.n1", verb, R"({"name":"x",")" + member + "\":" + nested(depth) + "}");
                REQUIRE(answer.has_value());
                CHECK(code_of(*answer) == 12);
            }
            CHECK(code_of(*cluster.client.try_ask("node.n1", verb, nested(depth))) == 12);
        }
    }
    CHECK(answers(cluster));
}

TEST_CASE("hostile: counterctl rejects replies with deep nesting or repeated members") {
    const SmallStacks small;
    const TemporaryFolder folder;
    const Server server(folder.path(), "s", free_ports(1).front());
    for (const std::string& answer :
         {R"({"ok":)" + nested(100'000) + "}", R"({"ok":true,"value":)" + nested(300'000) + "}",
          R"({"ok":true,"value":1,"more":)" + nested(65) + "}",
          std::string(R"({"ok":true,"ok":true,"value":1})"), std::string("{")}) {
        Client liar({server.url()});
        crdt::nats::Mailbox mailbox;
        const crdt::nats::Subscription requests(
            liar.connection(), mailbox, "crdt.demo.svc.read", [&](const auto& message) {
                liar.connection().publish(std::string(message.reply()), answer);
            });
        liar.connection().flush(1000);
        Outcome outcome{};
        std::thread asking([&] {
            outcome =
                run_program(environment("COUNTERCTL") + " --url " + server.url() + " read x", "");
        });
        const auto end = Clock::now() + 3s;
        while (Clock::now() < end && outcome.errors.empty()) {
            mailbox.deliver();
            std::this_thread::sleep_for(5ms);
            if (outcome.exit_code != 0) break;
        }
        asking.join();
        CHECK_MESSAGE(outcome.exit_code == 2, answer.substr(0, 40), outcome.errors);
        CHECK(outcome.errors.find("invalid reply: ") != std::string::npos);
    }
    write_file(folder.path() / "session", nested(200'000));
    const Outcome outcome =
        run_program(environment("COUNTERCTL") + " --url " + server.url() +
                        " read x --session-file " + (folder.path() / "session").string(),
                    "");
    CHECK(outcome.exit_code == 1);
    CHECK(outcome.errors.find("is not a session file") != std::string::npos);
}

TEST_CASE("hostile: a transfer to a node that claims this node's incarnation loses nothing") {
    Cluster cluster(1);
    cluster.client.ask("node.n1", "add", {{"name", "a"}, {"delta", 5}, {"kind", "bounded"}});
    const std::uint64_t incarnation =
        cluster.client.ask("node.n1", "status", json::object()).at("incarnation");
    cluster.client.connection().publish(
        "crdt.shop.hello.n2", crdt::frame::encode(crdt::binary::encode_value(incarnation),
                                                  crdt::nats::Address("shop", "n1").cluster_id()));
    for (int i = 0; i < 20; ++i) {
        CHECK(code_of(cluster.client.ask("node.n1", "transfer",
                                         {{"name", "a"}, {"to", "n2"}, {"amount", 1}})) != 0);
        std::this_thread::sleep_for(5ms);
    }
    CHECK(answers(cluster));
    CHECK(cluster.client.ask("node.n1", "read", {{"name", "a"}}).at("rights") == 5);
}

TEST_CASE("hostile: sessions that wait forever take a limited amount of memory") {
    Cluster cluster(1);
    auto& client = cluster.client;
    client.ask("node.n1", "add", {{"name", "x"}, {"delta", 1}});
    const std::uint64_t before = resident_kilobytes();
    REQUIRE(before > 0);
    const std::string session = heavy_session("x", counterd::Token::longest);
    CHECK(session.size() > 30'000);
    crdt::nats::Mailbox mailbox;
    std::map<int, int> codes;
    const crdt::nats::Subscription inbox(
        client.connection(), mailbox, "inbox.reads",
        [&](const auto& message) { ++codes[code_of(json::parse(message.data()))]; });
    const auto send = [&](const std::string& verb, json request) {
        request["session"] = session;
        request["timeout_ms"] = 60'000;
        request["name"] = "x";
        for (int i = 0; i < 200; ++i) {
            client.connection().request("crdt.shop.node.n1." + verb, "inbox.reads", request.dump());
            // A slow node would reject most of them because they have waited too long.
            if (support::sanitized && i % 5 == 4) client.value("n1", "x");
        }
    };
    send("read", json::object());
    const std::size_t most = counterd::PendingReads::max_bytes / session.size();
    CHECK(eventually(
        [&] {
            mailbox.deliver();
            return codes[11] >= 200 - static_cast<int>(most) &&
                   codes[11] + static_cast<int>(cluster.metric("n1", "pending_reads")) == 200;
        },
        60s));
    CHECK(cluster.metric("n1", "pending_reads") <= most);
    CHECK(cluster.metric("n1", "pending_reads") > most / 2);
    // Sends adds that wait for acks of peers that do not exist.
    // Each is applied, or rejected as it has waited too long.
    const int refused_reads = codes[11];
    send("add", {{"delta", 1}, {"ack", 1}});
    CHECK(eventually(
        [&] {
            mailbox.deliver();
            return client.value("n1", "x").value_or(json(0)).get<int>() + codes[11] -
                       refused_reads ==
                   201;
        },
        60s));
    const std::uint64_t after = resident_kilobytes();
    MESSAGE("400 sessions of ", session.size(), " bytes: ", (after - before) / 1024, " MB");
    // A sanitizer keeps freed memory for a while.
    if (!support::sanitized) CHECK(after - before < 250'000);

    const auto begin = Clock::now();
    for (int i = 0; i < 100; ++i) client.ask("node.n1", "add", {{"name", "y"}, {"delta", 1}});
    const std::chrono::duration<double, std::milli> other = Clock::now() - begin;
    const auto same_begin = Clock::now();
    for (int i = 0; i < 100; ++i) client.ask("node.n1", "add", {{"name", "x"}, {"delta", 1}});
    const std::chrono::duration<double, std::milli> same = Clock::now() - same_begin;
    MESSAGE("an add meanwhile takes ", other.count() / 100, " ms, of that name ",
            same.count() / 100, " ms");
}

TEST_CASE("hostile: half-open connections do not block the page of metrics") {
    const Port port = free_ports(1).front();
    Cluster cluster(1, {"--metrics-port", std::to_string(port)});
    std::vector<int> sockets;
    const auto open = [&](std::size_t count, const std::string& words) {
        const sockaddr_in address = loopback(port);
        for (; count > 0; --count) {
            sockets.push_back(::socket(AF_INET, SOCK_STREAM, 0));
            REQUIRE(::connect(sockets.back(), reinterpret_cast<const sockaddr*>(&address),
                              sizeof address) == 0);
            REQUIRE(::send(sockets.back(), words.data(), words.size(), MSG_NOSIGNAL) ==
                    static_cast<ssize_t>(words.size()));
        }
    };
    const auto expect_page = [&] {
        const auto begin = Clock::now();
        const Outcome outcome =
            run_program("timeout 9 bash -c 'exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(port) +
                            "; printf \"GET /metrics HTTP/1.0\\r\\n\\r\\n\" >&3; cat <&3'",
                        "");
        CHECK(outcome.exit_code == 0);
        CHECK(outcome.lines.size() > 20);
        const std::chrono::duration<double> time = Clock::now() - begin;
        MESSAGE(sockets.size(), " half-open connections: a page in ", time.count(), " s");
        CHECK(time < 5s);
    };
    expect_page();
    open(40, "");
    expect_page();
    open(100, "GET /metrics HTTP/1.1\r\nX: ");
    expect_page();
    open(400, "");
    expect_page();
    for (const int socket : sockets) ::close(socket);
    expect_page();
}

TEST_CASE("hostile: answers and reports fit the server's limit") {
    const TemporaryFolder folder;
    const Server server(folder.path(), "s", free_ports(1).front(), "max_payload: 8192");
    const Node node(folder.path(), "n1", {server.url()});
    Client client({server.url()});
    client.expect_service();
    crdt::nats::Mailbox mailbox;
    std::set<std::string> reported;
    std::size_t longest = 0;
    const crdt::nats::Subscription inbox(
        client.connection(), mailbox, "inbox.watch", [&](const auto& message) {
            longest = std::max(longest, message.data().size());
            const json report = json::parse(message.data());
            for (const json& each : report.at("changes"))
                reported.insert(each.at("name").get<std::string>());
        });
    client.connection().request("crdt.shop.node.n1.watch", "inbox.watch", "{}");
    std::set<std::string> names;
    for (int i = 0; i < 200; ++i) {
        const std::string name = std::string(150, i % 2 == 0 ? 'x' : '"') + std::to_string(i);
        names.insert(name);
        client.connection().publish("crdt.shop.node.n1.add",
                                    json{{"name", name}, {"delta", i + 1}}.dump());
    }
    CHECK(eventually([&] {
        mailbox.deliver();
        return reported == names;
    }));
    CHECK(longest > 4096);
    CHECK(longest <= 8192);

    std::set<std::string> listed;
    json request{{"limit", 1000}};
    std::size_t pages = 0;
    for (bool more = true; more; ++pages) {
        const json page = client.ask("node.n1", "list", request);
        for (const json& each : page.at("counters"))
            CHECK(listed.insert(each.at("name").get<std::string>()).second);
        more = page.at("more");
        if (more)
            for (const char* member : {"after", "after_kind"}) request[member] = page.at(member);
    }
    CHECK(listed == names);
    CHECK(pages > 4);

    const json values = client.ask("node.n1", "watch", {{"prefix", ""}});
    CHECK(values.at("more") == true);
    CHECK(values.at("changes").size() > 10);

    // A reply that cannot be shortened becomes an error, not a timeout.
    const std::string session = session_of_gone("x", 8000);
    const auto answer =
        client.try_ask("node.n1", "read", json{{"name", "x"}, {"session", session}}.dump());
    REQUIRE(answer.has_value());
    CHECK(answer->dump().size() < 8192);
    CHECK((code_of(*answer) == 13 || code_of(*answer) == 0));
}

}  // namespace hostile_tests

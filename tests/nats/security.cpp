// SPDX-License-Identifier: MIT
//! What servers keep apart: nodes from each other by permissions, strangers out by TLS.
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <future>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/frame.hpp>
#include <crdt/nats/address.hpp>
#include <crdt/nats/connection.hpp>
#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/message.hpp>
#include <crdt/nats/pieces.hpp>
#include <crdt/nats/subscription.hpp>

#include "node.hpp"
#include "server.hpp"
#include "support/folder.hpp"
#include "support/sanitized.hpp"

using namespace support;
using crdt::nats::Connection;
using crdt::nats::ConnectionOptions;

namespace {

void no_log(crdt::system::LogLevel, const std::string&) {}

/// As `user`, whose password is the user's name.
std::string url_of(const Server& server, const std::string& user) {
    return server.url(user + ":" + user + "@");
}

/// A sign of life of this incarnation; with 0, a goodbye.
std::string hello(std::uint64_t incarnation) {
    return crdt::frame::seal(crdt::binary::write(incarnation),
                             crdt::nats::Address("shop", "n1").cluster_id());
}

/// A server that permits what permissions.conf says; the password of each user is its name.
struct Permitting {
    TemporaryFolder folder;
    Server server;

    static std::string configuration(const fs::path& folder) {
        for (const std::string user : {"n1", "n2", "n3", "app"}) {
            std::string variable = user + "_PASSWORD";
            for (char& letter : variable) letter = static_cast<char>(std::toupper(letter));
            ::setenv(variable.c_str(), user.c_str(), 1);
        }
        fs::copy(environment("PERMISSIONS"), folder / "permissions.conf");
        return "include permissions.conf";
    }
    Permitting()
        : server(folder.path(), "s", free_ports(1).front(), configuration(folder.path())) {}
};

/// Words that the server denied, each as "USER publish SUBJECT" or "USER subscribe SUBJECT".
std::set<std::string> denials(const Server& server) {
    std::set<std::string> found;
    std::istringstream log(server.log());
    const std::regex violation(
        R"re((Publish|Subscription) Violation - User "([^"]*)", Subject "([^"]*)")re");
    std::smatch match;
    for (std::string line; std::getline(log, line);)
        if (std::regex_search(line, match, violation))
            found.insert(match.str(2) + (match.str(1) == "Publish" ? " publish " : " subscribe ") +
                         match.str(3));
    return found;
}

Connection connect(const std::string& url) {
    ConnectionOptions options;
    options.urls = {url};
    return Connection(options, no_log);
}

/// What has arrived on a subject, for this thread.
class Inbox {
    crdt::nats::Mailbox mailbox_;
    crdt::nats::Subscription subscription_;

  public:
    struct Item {
        std::string subject, reply, data;
    };
    std::vector<Item> items;

    Inbox(Connection& connection, const std::string& subject)
        : subscription_(connection, mailbox_, subject, [this](const crdt::nats::Message& message) {
              items.push_back({std::string(message.subject()), std::string(message.reply()),
                               std::string(message.data())});
          }) {
        connection.flush(1000);
    }
    /// Waits for so many.
    bool has(std::size_t count, std::chrono::milliseconds patience = 5000ms) {
        return eventually(
            [&] {
                mailbox_.deliver();
                return items.size() >= count;
            },
            patience);
    }
};

/// An add at n1 that this many peers are to acknowledge; answered with a code.
std::future<int> add_later(const std::string& url, int acks, int timeout) {
    return std::async(std::launch::async, [=] {
        Client client({url});
        return code_of(
            client.ask("node.n1", "add",
                       {{"name", "x"}, {"delta", 1}, {"ack", acks}, {"timeout_ms", timeout}}));
    });
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
    Permitting permitting;
    const TemporaryFolder& folder = permitting.folder;
    Server& server = permitting.server;
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
        Connection connection = connect(url_of(server, user));
        connection.publish("crdt.shop.hello.n1", hello(0));
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

TEST_CASE("security: who may publish and subscribe what") {
    Permitting permitting;
    const Server& server = permitting.server;
    // For n1, and with other names for n2 and n3. Whatever is not there, nobody may.
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
        {"crdt.shop.ack.n1.n1.5", yes, yes, no, no},
        {"crdt.shop.ack.n1.n2.5", no, yes, no, no},
        {"crdt.shop.ack.n2.n1.5", yes, no, no, no},
        {"crdt.shop.ack.n2.n3.5", no, no, no, no},
        {"crdt.shop.ack.n1.*.*", no, yes, no, no},
        {"crdt.shop.ack.*.*.*", no, no, no, no},
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
            // No message can go to several subjects.
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

    // Nodes share what any of them answers: in that queue alone.
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

TEST_CASE("security: where a node answers, whoever asks it to") {
    const TemporaryFolder folder;
    const Server server(folder.path(), "s", free_ports(1).front());
    const Node n1(folder.path(), "n1", {server.url()});
    Client client({server.url()});
    client.expect_members({"n1"}, 0);
    client.expect_service();
    Connection anyone = connect(server.url());
    Inbox all(anyone, ">");
    // Which questions are answered on which subjects. Last comes one that is, for each question.
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
    const auto is_answered = [](const std::string& question, const std::string& reply) {
        if (question == "crdt.shop.confirm.n1.n2") return reply.find("crdt.shop.ack.n2.n1.") == 0;
        return reply.find("crdt.") != 0;
    };
    for (const std::string question :
         {"crdt.shop.svc.read", "crdt.shop.node.n1.read", "crdt.shop.node.n1.status",
          "crdt.shop.node.n1.nonsense", "crdt.shop.confirm.n1.n2"}) {
        std::multiset<std::string> expected, found;
        for (const std::string& reply : replies) {
            anyone.request(question, reply, R"({"name":"x"})");
            if (is_answered(question, reply)) expected.insert(reply);
        }
        anyone.flush(1000);
        // An answer is JSON; what else there is are messages between nodes.
        eventually([&] {
            found.clear();
            all.has(0);
            for (const auto& item : all.items)
                if (item.data.find("\"node\":\"n1\"") != item.data.npos) found.insert(item.subject);
            return found.size() >= expected.size();
        });
        CHECK_MESSAGE(found == expected, question);
        all.items.clear();
    }
    CHECK(client.ask("node.n1", "read", {{"name", "x"}}).at("value") == 0);
}

TEST_CASE("security: a node cannot acknowledge for another") {
    Permitting permitting;
    const Server& server = permitting.server;
    const Node n1(permitting.folder.path(), "n1", {url_of(server, "n1")});
    Client client({url_of(server, "app")});
    client.expect_members({"n1"}, 0);
    // n2 is malicious; n3 is there, and says nothing.
    Connection n2 = connect(url_of(server, "n2")), n3 = connect(url_of(server, "n3"));
    Inbox of_n2(n2, "crdt.shop.confirm.n2.*"), of_n3(n3, "crdt.shop.confirm.n3.*");
    n2.publish("crdt.shop.hello.n2", hello(102));
    n3.publish("crdt.shop.hello.n3", hello(103));
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
    // Its own, as often as it likes; that of n3, from its own mouth and from that of n3, of n1
    // itself, and of any node that answers.
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
    // What n3 is asked by n2 is to be answered to n2 alone; the real one does that.
    REQUIRE(of_n3.has(2));
    CHECK(of_n3.items[1].subject == "crdt.shop.confirm.n3.n2");

    // With the answer of n3 too, it is enough; so the test would notice.
    answer = add_later(url_of(server, "app"), 2, 5000);
    REQUIRE(of_n2.has(2));
    REQUIRE(of_n3.has(3));
    n2.publish(of_n2.items[1].reply, yes);
    n3.publish(of_n3.items[2].reply, yes);
    CHECK(answer.get() == 0);
}

TEST_CASE("security: an answer of a peer that is no plain yes does not count, and does no harm") {
    const TemporaryFolder folder;
    const Server server(folder.path(), "s", free_ports(1).front());
    Node n1(folder.path(), "n1", {server.url()});
    Client client({server.url()});
    client.expect_members({"n1"}, 0);
    Connection n2 = connect(server.url());
    Inbox questions(n2, "crdt.shop.confirm.n2.n1");
    n2.publish("crdt.shop.hello.n2", hello(102));
    client.expect_members({"n1"}, 1);
    std::size_t asked = 0;
    const auto code_with = [&](const std::string& reply, int timeout) {
        auto answer = add_later(server.url(), 1, timeout);
        REQUIRE(questions.has(++asked));
        n2.publish(questions.items.back().reply, reply);
        n2.flush(1000);
        return answer.get();
    };
    std::vector<std::string> bad{
        "",         "true",          "[true]",           "{}",
        "null",     R"({"ok":1})",   R"({"ok":"true"})", R"({"ok":false})",
        "{\"ok\":", R"({"ok":true)", R"({"ok":true} x)", R"({"ok":true,"ok":true})",
        "\xFF"};
    // Deep in "ok", beside it and around it; deeper than a stack of 8 MB is for a recursive copy.
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

TEST_CASE("security: a node that claims the incarnation of another is none") {
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
        n2.publish("crdt.shop.hello.n2", hello(status(node).at("incarnation")));
        n2.flush(1000);
        CHECK(eventually([&] { return refused() == claims + 1; }));
        claims = refused();
        CHECK(code_of(client.ask("node.n1", "transfer",
                                 {{"name", "b"}, {"to", "n2"}, {"amount", 1}})) == 1);
    }
    // With one of its own, it is.
    n2.publish("crdt.shop.hello.n2", hello(102));
    client.expect_members({"n1"}, 2);
    const json answer =
        client.ask("node.n1", "transfer", {{"name", "b"}, {"to", "n2"}, {"amount", 1}});
    CHECK(code_of(answer) == 0);
    CHECK(answer.at("rights") == 8);
}

TEST_CASE("security: a node that lacks the memory for a frame of a peer goes on without it") {
    if (support::sanitized) return;  // which needs all addresses that there are
    const TemporaryFolder folder;
    const Server server(folder.path(), "s", free_ports(1).front());
    // Through a shell, which tells its process id.
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
    // As much memory as it has, and 48 MB.
    const std::string pid = read_file(folder.path() / "pid");
    std::istringstream sizes(read_file("/proc/" + std::to_string(std::stoi(pid)) + "/statm"));
    rlim_t pages = 0;
    sizes >> pages;
    REQUIRE(pages > 0);
    const rlim_t most = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + (rlim_t{48} << 20U);
    const rlimit limit{most, most};
    REQUIRE(::prlimit(std::stoi(pid), RLIMIT_AS, &limit, nullptr) == 0);

    Connection n2 = connect(server.url());
    n2.publish("crdt.shop.hello.n2", hello(102));
    n2.flush(1000);
    client.expect_members({"n1"}, 1);
    const std::string frame = crdt::frame::seal(std::string(std::size_t{60} << 20U, 'x'),
                                                crdt::nats::Address("shop", "n1").cluster_id());
    crdt::nats::cut(frame, std::size_t{1} << 19U, [&](const std::string& piece) {
        n2.publish("crdt.shop.peer.n1.n2", piece);
        n2.flush(1000);
    });
    const auto errors = [&]() -> std::uint64_t {
        return client.ask("node.n1", "status", json::object())
            .at("metrics")
            .at("handler_errors_total");
    };
    CHECK(eventually([&] { return errors() > 0; }));
    CHECK_MESSAGE(n1.log().find("crdt.shop.peer.n1.n2: handling it failed") != std::string::npos,
                  n1.log());
    // It serves, and what it acknowledges is on disk.
    for (int i = 0; i < 10; ++i) CHECK(add() == 0);
    n1.kill();
    n1.start();
    CHECK(eventually([&] { return client.value("n1", "x") == 11; }));
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

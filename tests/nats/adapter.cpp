// SPDX-License-Identifier: MIT
//! Tests the NATS binding with replicas in this process and a real server.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <crdt/awset.hpp>
#include <crdt/codec/frame.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/gset.hpp>
#include <crdt/nats/gossip.hpp>
#include <crdt/nats/handle.hpp>

#include "server.hpp"
#include "support/folder.hpp"

namespace adapter_tests {

using namespace crdt::nats;
using namespace std::chrono_literals;
using support::free_ports;
using support::Server;
using support::TemporaryFolder;

namespace {

using Counter = crdt::GCounter<std::uint64_t>;

ConnectionOptions to(const Server& server) {
    ConnectionOptions options;
    options.urls = {server.url()};
    return options;
}
/// As the nodes of the service connect: without threads for the socket.
ConnectionOptions polled(ConnectionOptions options) {
    options.owner_polls = true;
    return options;
}
void no_log(crdt::system::LogLevel, const std::string&) {}

GossipOptions quick() {
    GossipOptions options;
    options.replication.interval = options.replication.ack_delay = std::chrono::milliseconds{20};
    options.replication.retry_limit = std::chrono::milliseconds{300};
    return options;
}

/// A node that this thread runs.
template <class L>
struct Replica {
    Connection connection;
    Mailbox mailbox;
    Gossip<L> gossip;

    Replica(const Server& server, const std::string& node, const std::string& cluster = "t",
            const Connection::Log& log = no_log,
            typename Gossip<L>::Accept accept = crdt::replication::AcceptAll{})
        : connection(polled(to(server)), no_log),
          gossip(connection, mailbox, Address(cluster, node), quick(), log, std::move(accept)) {}

    void run_once() {
        connection.receive();
        mailbox.deliver();
        gossip.tick();
        connection.send();
    }
    void add(std::uint64_t amount) {
        gossip.update([&](L& state) { return state.add(gossip.incarnation(), amount); });
    }
};

/// Runs all replicas until the condition holds. Returns false after a timeout.
template <class... L>
bool soon(const std::function<bool()>& condition, Replica<L>&... replicas) {
    return support::eventually([&] {
        (replicas.run_once(), ...);
        return condition();
    });
}

struct OneServer {
    TemporaryFolder folder;
    Server server;

    explicit OneServer(const std::string& more = "")
        : server(folder.path(), "s", free_ports(1).front(), more) {}
};

}  // namespace

TEST_CASE("nats: names of clusters and nodes are checked") {
    CHECK(is_name("n-1_a"));
    for (const std::string name : {"", "n.1", "n*", "N", "n 1", "ü"}) CHECK_FALSE(is_name(name));
    CHECK(is_name(std::string(32, 'a')));
    CHECK_FALSE(is_name(std::string(33, 'a')));
    CHECK_THROWS_AS(Address("c", "a.b"), NatsError);
    CHECK_THROWS_AS(Address("", "a"), NatsError);
}

TEST_CASE("nats: replicas discover each other and converge") {
    const OneServer one;
    Replica<Counter> a(one.server, "a"), b(one.server, "b"), elsewhere(one.server, "c", "other");
    a.add(5);
    CHECK(soon([&] { return b.gossip.state().value() == 5; }, a, b, elsewhere));
    b.add(2);
    CHECK(soon([&] { return a.gossip.state() == b.gossip.state(); }, a, b, elsewhere));
    CHECK(a.gossip.state().value() == 7);
    CHECK(soon([&] { return a.gossip.is_quiet() && b.gossip.is_quiet(); }, a, b));
    CHECK(elsewhere.gossip.members().all().empty());
    CHECK(elsewhere.gossip.state().is_bottom());

    // A node that leaves is removed by the others.
    b.gossip.leave();
    b.connection.send();
    CHECK(soon([&] { return a.gossip.members().all().empty(); }, a));
}

TEST_CASE("nats: the messages of an idle node do not grow with the number of nodes") {
    const OneServer one;
    // The messages that a node sends and receives per second.
    const auto traffic_of = [&](std::size_t count, const std::string& cluster) {
        std::vector<std::unique_ptr<Replica<Counter>>> nodes;
        for (std::size_t i = 0; i < count; ++i)
            nodes.push_back(
                std::make_unique<Replica<Counter>>(one.server, "n" + std::to_string(i), cluster));
        const auto run_all = [&] {
            for (auto& node : nodes) node->run_once();
        };
        const auto all_are_members = [&] {
            return std::all_of(nodes.begin(), nodes.end(), [&](const auto& node) {
                return node->gossip.members().all().size() + 1 == count && node->gossip.is_quiet();
            });
        };
        nodes.front()->add(5);
        REQUIRE(support::eventually([&] {
            run_all();
            return all_are_members() && nodes.back()->gossip.state().value() == 5;
        }));
        const auto messages = [&] {
            std::uint64_t sum = 0;
            for (const auto& node : nodes) {
                const auto metrics = node->connection.metrics();
                sum += metrics.messages_in + metrics.messages_out;
            }
            return sum;
        };
        const auto before = messages();
        constexpr auto span = 6s;
        const auto end = std::chrono::steady_clock::now() + span;
        while (std::chrono::steady_clock::now() < end) {
            run_all();
            std::this_thread::sleep_for(5ms);
        }
        CHECK(all_are_members());
        return static_cast<double>(messages() - before) / static_cast<double>(count) /
               static_cast<double>(span.count());
    };
    const double nine = traffic_of(9, "nine"), many = traffic_of(25, "many");
    MESSAGE("messages of an idle node per second: ", nine, " of 9 nodes, ", many, " of 25");
    CHECK(nine > 5);
    CHECK(many < nine * 1.2);
}

TEST_CASE("nats: a change that Accept refuses is not joined, but counted") {
    const OneServer one;
    Replica<Counter> a(one.server, "a");
    Replica<Counter> b(one.server, "b", "t", no_log,
                       [](const Counter&, const Counter& change, const std::string&) {
                           return change.value() > 100 ? std::optional<std::string>("too much")
                                                       : std::nullopt;
                       });
    a.add(5);
    CHECK(soon([&] { return b.gossip.state().value() == 5; }, a, b));
    a.add(1000);
    CHECK(soon([&] { return b.gossip.endpoint().replicator().metrics().refused > 0; }, a, b));
    CHECK(b.gossip.state().value() == 5);
    b.add(1);  // the other direction is not affected
    CHECK(soon([&] { return a.gossip.state().value() == 1006; }, a, b));
}

TEST_CASE("nats: malformed messages and frames of other clusters are rejected and counted") {
    const OneServer one;
    Replica<Counter> a(one.server, "a"), b(one.server, "b");
    REQUIRE(soon([&] { return a.gossip.members().all().contains("b"); }, a, b));

    Connection outsider(to(one.server), no_log);
    using PeerMessage = crdt::replication::Message<Counter>;
    PeerMessage forged;
    forged.from_epoch = crdt::replication::Epoch{99};
    Counter delta;
    delta.add(99, 1000);
    forged.changes = {delta, 0, 1, crdt::replication::TransferKind::difference};
    const std::uint64_t mine = Address("t", "a").cluster_id();
    const std::string payload = crdt::binary::encode_value(forged);
    std::string changed = crdt::frame::encode(payload, mine);
    changed.back() ^= 1;
    const std::vector<std::string> bad{"x",
                                       "\1",
                                       std::string(70'000, '\377'),
                                       crdt::frame::encode(payload, mine ^ 1U),
                                       changed,
                                       crdt::frame::encode("no message", mine)};
    const auto before = a.gossip.metrics().malformed;
    for (const std::string& bytes : bad) {
        outsider.publish("crdt.t.peer.a.b", std::string(1, '\0') + bytes);
        outsider.publish("crdt.t.hello.b", bytes);
    }
    outsider.publish("crdt.t.peer.a.b", "");
    // An invalid name of a node.
    outsider.publish("crdt.t.hello.B!", crdt::frame::encode(crdt::binary::encode_value(7U), mine));
    // A valid frame of a node that never sent a heartbeat.
    const std::string good = std::string(1, '\0') + crdt::frame::encode(payload, mine);
    outsider.publish("crdt.t.peer.a.nobody", good);
    outsider.flush(1000);
    CHECK(soon([&] { return a.gossip.metrics().unknown_senders == 1; }, a));
    CHECK(soon([&] { return a.gossip.metrics().malformed - before == 13; }, a));
    CHECK(a.gossip.metrics().too_long == 1);  // four bytes \377 are a length
    CHECK(a.gossip.state().is_bottom());

    // The same frame of a member is accepted. This shows that the test can fail.
    outsider.publish("crdt.t.peer.a.b", good);
    CHECK(soon([&] { return a.gossip.state().value() == 1000; }, a));
}

TEST_CASE("nats: a state can be larger than one message of the server") {
    const OneServer one("max_payload: 1024");
    using Set = crdt::GSet<std::string>;
    Replica<Set> a(one.server, "a"), b(one.server, "b");
    CHECK(a.connection.max_payload() == 1024);
    for (int i = 0; i < 3000; ++i)
        a.gossip.update([&](Set& set) { return set.insert("element " + std::to_string(i)); });
    CHECK(soon([&] { return b.gossip.state().size() == 3000; }, a, b));
    CHECK(a.connection.metrics().unsent == 0);
}

TEST_CASE("nats: replication continues after a server has restarted") {
    OneServer one;
    Replica<Counter> a(one.server, "a"), b(one.server, "b");
    a.add(1);
    REQUIRE(soon([&] { return b.gossip.state().value() == 1; }, a, b));
    one.server.kill();
    REQUIRE(
        soon([&] { return !a.connection.is_connected() && !b.connection.is_connected(); }, a, b));
    a.add(2);
    b.add(4);
    for (int i = 0; i < 100; ++i) {
        soon([] { return true; }, a, b);
        std::this_thread::sleep_for(5ms);
    }
    CHECK(a.gossip.state().value() == 3);
    one.server.start();
    CHECK(
        soon([&] { return a.gossip.state().value() == 7 && b.gossip.state().value() == 7; }, a, b));
    CHECK(a.connection.reconnects() == 1);
}

TEST_CASE("nats: messages beyond the limits of the queues are dropped and counted") {
    const OneServer one;
    Connection connection(to(one.server), no_log), sender(to(one.server), no_log);
    Mailbox mailbox;
    std::size_t taken = 0;
    const Subscription subscription(connection, mailbox, "x", [&](const NatsMessage&) { ++taken; });
    connection.flush(1000);
    constexpr std::size_t all = Subscription::max_messages + 20'000;
    for (std::size_t i = 0; i < all; ++i) sender.publish("x", "12345678");
    sender.flush(5000);
    REQUIRE(support::eventually([&] { return subscription.dropped() > 0; }));
    const auto drain = [&] {
        mailbox.deliver();
        return taken + subscription.dropped() == all;
    };
    CHECK(support::eventually(drain));
    CHECK(taken >= Subscription::max_messages);
    CHECK(connection.metrics().slow_consumer > 0);

    taken = 0;
    sender.publish("x", "");
    CHECK(support::eventually([&] { return mailbox.deliver() == 1; }));
}

TEST_CASE("nats: a subscription can end while its messages are queued") {
    const OneServer one;
    Connection connection(to(one.server), no_log);
    Mailbox mailbox;
    std::size_t taken = 0;
    const auto handle = [&](const NatsMessage&) {
        ++taken;
        std::this_thread::sleep_for(1ms);
    };
    auto subscription =
        std::make_unique<Subscription>(connection, mailbox, "x", handle, "", handle);
    for (int i = 0; i < 1000; ++i) connection.publish("x", "y");
    connection.flush(5000);
    CHECK(support::eventually([&] { return mailbox.deliver() > 0; }));
    CHECK(mailbox.has_waiting());
    subscription.reset();
    CHECK_FALSE(mailbox.has_waiting());
    CHECK(mailbox.deliver() == 0);
    CHECK(taken < 1000);
}

TEST_CASE("nats: a subscription can end while a thread receives its messages") {
    const OneServer one;
    std::atomic<bool> ends = false;
    std::thread sender([&] {
        const Connection connection(to(one.server), no_log);
        while (!ends) natsConnection_PublishString(connection.handle(), "flood", "x");
    });
    Connection connection(to(one.server), no_log);
    Mailbox mailbox;
    std::size_t received = 0;
    for (int i = 0; i < 3000; ++i) {
        const Subscription subscription(connection, mailbox, "flood", [](const auto&) {});
        natsConnection_Flush(connection.handle());
        received += mailbox.deliver();
    }
    ends = true;
    sender.join();
    CHECK(received > 3000);
}

TEST_CASE("nats: exceptions of handlers are counted, and the other handlers run") {
    const OneServer one;
    Connection connection(to(one.server), no_log);
    std::vector<std::string> failed;
    std::size_t taken = 0;
    Mailbox mailbox([&](const NatsMessage& message, const std::exception& error) {
        CHECK(message.data() == error.what());
        failed.emplace_back(error.what());
        if (failed.back() == "fatal") throw;
    });
    const auto fail = [](const NatsMessage& message) {
        throw std::invalid_argument(std::string(message.data()));
    };
    const Subscription good(connection, mailbox, "good", [&](const NatsMessage&) { ++taken; });
    const Subscription bad(connection, mailbox, "bad", fail),
        worse(connection, mailbox, "worse", fail, "", fail);
    std::vector<std::string> expected;
    for (int i = 0; i < 200; ++i) {
        const bool fails = i % 3 == 0;
        connection.publish(fails ? "bad" : "good", std::to_string(i));
        if (fails) expected.push_back(std::to_string(i));
    }
    connection.flush(1000);
    std::size_t count = 0;
    CHECK(support::eventually([&] { return (count += mailbox.deliver()) == 200; }));
    CHECK(taken + expected.size() == 200);
    CHECK(failed == expected);
    CHECK(mailbox.errors() == expected.size());

    // on_error may rethrow.
    for (const char* subject : {"bad", "worse"}) {
        connection.publish(subject, "fatal");
        connection.flush(1000);
        CHECK_THROWS_AS(support::eventually([&] { return mailbox.deliver() > 0; }),
                        std::invalid_argument);
    }
}

TEST_CASE("nats: requests that wait too long, or are too many, are rejected early") {
    const OneServer one;
    Connection connection(polled(to(one.server)), no_log), sender(to(one.server), no_log);
    Mailbox mailbox;
    using Clock = std::chrono::steady_clock;
    constexpr std::size_t many = 1000;
    std::size_t handled = 0, rejected = 0, before = many;
    auto pause = 5ms;
    const Subscription requests(
        connection, mailbox, "requests",
        [&](const NatsMessage&) {
            ++handled;
            std::this_thread::sleep_for(pause);
        },
        "", [&](const NatsMessage&) { ++rejected; });
    const Subscription others(connection, mailbox, "others",
                              [&](const NatsMessage&) { before = handled + rejected; });
    const auto run_once = [&] {
        connection.receive();
        mailbox.deliver();
        connection.send();
    };
    connection.flush(1000);
    const auto run_until = [&](std::size_t count) {
        return support::eventually([&] {
            run_once();
            return handled + rejected == count;
        });
    };
    for (std::size_t i = 0; i < many; ++i) sender.request("requests", "reply", "x");
    sender.publish("others", "x");
    sender.flush(1000);
    const auto begin = Clock::now();
    CHECK(run_until(many));
    CHECK(Clock::now() - begin < pause * many / 2);
    CHECK(before < many);  // messages of other subscriptions do not wait for the requests
    CHECK(handled > 0);
    CHECK(rejected > many / 2);

    // Nobody waits for the reply to a request without a reply subject.
    handled = rejected = 0;
    for (int i = 0; i < 100; ++i) sender.publish("requests", "x");
    sender.flush(1000);
    CHECK(run_until(100));
    CHECK(rejected == 0);

    // The queue is bounded.
    handled = rejected = 0;
    pause = 20ms;
    constexpr std::size_t too_many = Mailbox::max_messages + 1000;
    for (std::size_t i = 0; i < too_many; ++i) sender.publish("requests", "x");
    CHECK(support::eventually([&] {
        run_once();
        return rejected > 0;
    }));
    CHECK(handled < 1000);
}

TEST_CASE("nats: a replica changes its incarnation when peers have more of its writes") {
    const OneServer one;
    std::uint64_t incarnation = 0;
    Counter old;
    Replica<Counter> b(one.server, "b");
    {
        Replica<Counter> a(one.server, "a");
        incarnation = a.gossip.incarnation();
        a.add(1);
        old = a.gossip.state();
        a.add(1);
        REQUIRE(soon([&] { return b.gossip.state().value() == 2; }, a, b));
    }
    Replica<Counter> a(one.server, "a");
    a.gossip.resume(incarnation, old);
    std::uint64_t announced = 0;
    a.gossip.on_reincarnation([&](std::uint64_t fresh) { announced = fresh; });
    CHECK(soon([&] { return a.gossip.state().value() == 2; }, a, b));
    CHECK(a.gossip.incarnation() != incarnation);
    CHECK(announced == a.gossip.incarnation());
    a.add(1);
    CHECK(soon([&] { return b.gossip.state().value() == 3; }, a, b));
    CHECK(soon([&] { return b.gossip.members().all().at("a").incarnation == announced; }, a, b));
}

TEST_CASE("nats: a removal by a peer is not mistaken for unknown writes") {
    const OneServer one;
    using Set = crdt::AWSet<std::string, std::uint64_t>;
    Replica<Set> a(one.server, "a"), b(one.server, "b");
    a.gossip.update([&](Set& set) { return set.insert(a.gossip.incarnation(), "x"); });
    REQUIRE(soon([&] { return b.gossip.state().contains("x"); }, a, b));
    b.gossip.update([](Set& set) { return set.erase("x"); });
    REQUIRE(soon([&] { return !a.gossip.state().contains("x"); }, a, b));
    CHECK(a.gossip.metrics().reincarnations == 0);

    // Unknown dots of this replica are unknown writes.
    const std::uint64_t incarnation = a.gossip.incarnation();
    Set more = b.gossip.state();
    more.insert(incarnation, "y");
    b.gossip.resume(b.gossip.incarnation(), more);
    CHECK(soon([&] { return a.gossip.incarnation() != incarnation; }, a, b));
}

TEST_CASE("nats: a duplicate node is detected") {
    const OneServer one;
    Replica<Counter> a(one.server, "a"), duplicate(one.server, "a");
    CHECK(soon(
        [&] {
            return a.gossip.metrics().duplicate_nodes > 0 &&
                   duplicate.gossip.metrics().duplicate_nodes > 0;
        },
        a, duplicate));
}

TEST_CASE("nats: a URL can contain any user and password, encoded") {
    std::mt19937 random(19);
    const std::string letters = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCXYZ[\\]^_`abcxyz{|}~\xC3\xA9";
    const auto word = [&](std::size_t size) {
        std::string text;
        while (text.size() < size) text += letters[random() % (letters.size() - 2)];
        return text + "\xC3\xA9";
    };
    const auto encoded = [](const std::string& text) {
        std::string url;
        for (const char letter : text) {
            char code[4];
            std::snprintf(code, sizeof code, "%%%02X", static_cast<unsigned char>(letter));
            url += code;
        }
        return url;
    };
    const auto quoted = [](const std::string& text) { return nlohmann::json(text).dump(); };
    std::vector<std::pair<std::string, std::string>> logins{
        {"a", "p@ss"},  {"b", "p:s/s"},  {"c@d", "50%"},
        {"e:f", "%41"}, {"g", "p%40ss"}, {"h", "\t\n\x7F\"\\\\u0041"}};
    for (int i = 0; i < 20; ++i)
        logins.emplace_back("u" + std::to_string(i) + word(4), "p" + word(random() % 20));
    std::string users;
    for (const auto& [user, password] : logins)
        users += "{user: " + quoted(user) + ", password: " + quoted(password) + "}\n";
    const OneServer one("authorization { users = [" + users + "] }");
    const auto connect = [&](const std::string& login) {
        ConnectionOptions options;
        options.urls = {one.server.url(login + "@")};
        return Connection(options, no_log).is_connected();
    };
    for (const auto& login : logins) {
        const std::string &user = login.first, &password = login.second;
        CAPTURE(user);
        CAPTURE(password);
        CHECK(connect(encoded(user) + ":" + encoded(password)));
        CHECK_THROWS_WITH_AS(connect(encoded(user) + ":" + encoded(password + "x")),
                             doctest::Contains("Authorization"), NatsError);
    }
    CHECK_THROWS_AS(connect("a:50%"), NatsError);

    // All servers get the same login, whichever URL contains it.
    ConnectionOptions options;
    options.urls = {one.server.url("a:p%40ss@"), one.server.url()};
    CHECK(Connection(options, no_log).is_connected());
    options.urls = {one.server.url("a:p%40ss@"), one.server.url("b:p:s%2Fs@")};
    CHECK_THROWS_WITH_AS(Connection(options, no_log), doctest::Contains("the same user"),
                         NatsError);

    const OneServer other("authorization { token: \"t@ken\" }");
    options.urls = {other.server.url("t%40ken@")};
    CHECK(Connection(options, no_log).is_connected());
}

TEST_CASE("nats: an incarnation in use under another name is rejected") {
    const OneServer one;
    std::vector<std::string> errors;
    Replica<Counter> a(one.server, "a", "t", [&](crdt::system::LogLevel level, const auto& text) {
        if (level == crdt::system::LogLevel::error) errors.push_back(text);
    });
    Replica<Counter> b(one.server, "b");
    REQUIRE(soon([&] { return a.gossip.members().all().contains("b"); }, a, b));
    const std::uint64_t of_a = a.gossip.incarnation(), of_b = b.gossip.incarnation();

    Connection outsider(to(one.server), no_log);
    const auto claim = [&](const std::string& node, std::uint64_t incarnation) {
        outsider.publish("crdt.t.hello." + node,
                         crdt::frame::encode(crdt::binary::encode_value(incarnation),
                                             Address("t", "a").cluster_id()));
    };
    // A claim, and whether it is rejected. Each claim is made once, and then all in random order.
    struct Claim {
        std::string node;
        std::uint64_t incarnation;
        bool refused;
    };
    std::vector<Claim> claims{{"b", of_a, true}, {"c", of_a, true},  {"c", of_b, true},
                              {"d", of_b, true}, {"b", of_b, false}, {"e", 77, false},
                              {"b", 77, true},   {"c", 77, true},    {"e", 77, false},
                              {"f", 78, false},  {"e", 78, true},    {"f", 77, true}};
    std::mt19937 random(8);
    std::uint64_t refused = 0;
    for (int round = 0; round < 20; ++round) {
        for (const Claim& each : claims) {
            claim(each.node, each.incarnation);
            refused += each.refused;
        }
        if (round == 0) {
            outsider.flush(1000);
            REQUIRE(soon([&] { return a.gossip.metrics().duplicate_incarnations == refused; }, a));
        }
        std::shuffle(claims.begin(), claims.end(), random);
    }
    outsider.flush(1000);
    CHECK(soon([&] { return a.gossip.metrics().duplicate_incarnations == refused; }, a));
    CHECK(a.gossip.members().names() == std::vector<std::string>{"b", "e", "f"});
    CHECK(a.gossip.members().all().at("b").incarnation == of_b);
    CHECK(a.gossip.members().all().at("e").incarnation == 77);
    CHECK(a.gossip.incarnation() == of_a);
    REQUIRE(errors.size() == 1);
    CHECK(errors.front().find("heartbeat of b rejected: its incarnation " + std::to_string(of_a)) ==
          0);

    // After its node has left, an incarnation is free.
    claim("f", 0);
    claim("c", 78);
    outsider.flush(1000);
    CHECK(soon([&] { return a.gossip.members().all().contains("c"); }, a));
}

TEST_CASE("nats: each incarnation of a member is announced, however soon the next one follows") {
    const OneServer one;
    Replica<Counter> a(one.server, "a");
    a.connection.flush(1000);
    std::string seen;
    a.gossip.on_incarnation([&](const std::string& node, std::uint64_t incarnation) {
        seen += node + std::to_string(incarnation) + ' ';
    });
    Connection outsider(to(one.server), no_log);
    // 0 announces that the node leaves.
    for (const auto& [node, incarnation] : std::vector<std::pair<std::string, std::uint64_t>>{
             {"b", 5}, {"b", 5}, {"c", 6}, {"b", 7}, {"b", 8}, {"b", 0}, {"b", 8}, {"c", 9}})
        outsider.publish("crdt.t.hello." + node,
                         crdt::frame::encode(crdt::binary::encode_value(incarnation),
                                             Address("t", "a").cluster_id()));
    outsider.flush(1000);
    CHECK(soon([&] { return a.gossip.members().incarnation_of("c") == 9; }, a));
    CHECK(seen == "b5 c6 b7 b8 b8 c9 ");
    CHECK(a.gossip.members().incarnation_of("b") == 8);
    CHECK(a.gossip.members().incarnation_of("d") == 0);
}

TEST_CASE("nats: a frame that is too long is counted, and logged once per peer") {
    const OneServer one;
    using Set = crdt::GSet<std::string>;
    std::vector<std::string> errors;
    Replica<Set> a(one.server, "a", "t", [&](crdt::system::LogLevel level, const auto& text) {
        if (level == crdt::system::LogLevel::error) errors.push_back(text);
    });
    Replica<Set> b(one.server, "b"), c(one.server, "c");
    REQUIRE(soon([&] { return a.gossip.members().all().size() == 2; }, a, b, c));
    a.gossip.update(
        [](Set& set) { return set.insert(std::string(Reassembler::max_frame_size, 'x')); });
    CHECK(soon([&] { return a.gossip.metrics().too_long >= 4; }, a, b, c));
    REQUIRE(errors.size() == 2);
    std::sort(errors.begin(), errors.end());
    CHECK(errors[0].find("frame to b dropped: it has 67108") == 0);
    CHECK(errors[1].find("frame to c dropped: it has 67108") == 0);
    CHECK(b.gossip.state().is_bottom());

    // A peer sends a first fragment, which contains the length.
    Connection outsider(to(one.server), no_log);
    const auto before = a.gossip.metrics();
    for (const char* length : {"\xFF\xFF\xFF\xFF", "\x01\x00\x00\x04"})
        outsider.publish("crdt.t.peer.a.b",
                         std::string(1, '\0') + std::string(length, 4) + std::string(1000, 'x'));
    outsider.flush(1000);
    const auto of_peers = [&] { return a.gossip.metrics().too_long - before.too_long >= 2; };
    CHECK(soon(of_peers, a));
    CHECK(errors.size() == 2);  // b was reported already
    CHECK(a.gossip.metrics().malformed == before.malformed);
}

TEST_CASE("nats: without a server the connection fails") {
    ConnectionOptions options;
    const std::string url = "nats://127.0.0.1:" + std::to_string(free_ports(1).front());
    options.urls = {url};
    const std::string expected = "connecting to NATS at " + url + ": No server available";
    CHECK_THROWS_WITH_AS(Connection(options, no_log), doctest::Contains(expected.c_str()),
                         NatsError);
    options.urls = {"nonsense://"};
    CHECK_THROWS_AS(Connection(options, no_log), NatsError);
    options.urls.clear();
    CHECK_THROWS_AS(Connection(options, no_log), NatsError);
}

}  // namespace adapter_tests

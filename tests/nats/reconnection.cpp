// SPDX-License-Identifier: MIT
//! Tests connections that are lost and made again, above all those that an owner polls.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/nats/connection.hpp>
#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/server_list.hpp>
#include <crdt/nats/subscription.hpp>
#include <crdt/random.hpp>

#include "certificates.hpp"
#include "proxy.hpp"
#include "server.hpp"
#include "support/folder.hpp"

namespace reconnection_tests {

using namespace crdt::nats;
using namespace support;

namespace {

ConnectionOptions to(Port port, bool owner_polls) {
    ConnectionOptions options;
    options.urls = {"nats://127.0.0.1:" + std::to_string(port)};
    options.owner_polls = owner_polls;
    return options;
}
void no_log(crdt::system::LogLevel, const std::string&) {}

/// A server, a client behind a proxy, and another client that is not.
struct Behind {
    TemporaryFolder folder;
    std::vector<Port> ports = free_ports(2);
    Server server{folder.path(), "s", ports[0]};
    Proxy proxy{ports[1], ports[0]};
    Connection far{to(ports[0], false), no_log};
    Connection connection;
    Mailbox mailbox;
    std::vector<std::string> received;
    Subscription subscription;

    explicit Behind(bool owner_polls)
        : connection(connected(owner_polls)),
          subscription(connection, mailbox, "x", [this](const NatsMessage& message) {
              received.emplace_back(message.data());
          }) {
        connection.flush(1000);
    }
    Connection connected(bool owner_polls) const {
        REQUIRE(eventually([&] { return listens(ports[1]); }));
        return Connection(to(ports[1], owner_polls), no_log);
    }
    /// Runs the client until the condition holds. Returns false after a timeout.
    template <class Condition>
    bool soon(Condition&& condition, std::chrono::milliseconds timeout = 10s) {
        return eventually(
            [&] {
                connection.receive();
                mailbox.deliver();
                connection.send();
                return condition();
            },
            timeout);
    }
    /// Whether a message arrives within two seconds, which is sooner than any ping.
    bool receives(const std::string& text) {
        received.clear();
        far.publish("x", text);
        far.flush(1000);
        return soon([&] { return !received.empty(); }, 2s) && received.back() == text;
    }
};

/// The messages to y.* that arrive at a connection, each as a text.
struct Arrivals {
    std::vector<std::string> texts;
    Mailbox mailbox;
    Subscription all;

    explicit Arrivals(Connection& connection)
        : all(connection, mailbox, "y.*", [this](const NatsMessage& message) {
              texts.push_back(std::string(message.subject()) + ' ' + std::string(message.data()) +
                              ' ' + std::string(message.reply()));
          }) {
        connection.flush(1000);
    }
};

/// Cuts the connection after so many bytes of a stream of messages with this size.
void expect_recovery(Behind& behind, std::int64_t offset, std::size_t size) {
    CAPTURE(offset);
    CAPTURE(size);
    const std::uint64_t reconnects = behind.connection.reconnects();
    behind.proxy.close_after(offset);
    const std::string message(size, 'm');
    for (std::size_t sent = 0; sent <= static_cast<std::size_t>(offset); sent += size)
        behind.far.publish("x", message);
    behind.far.flush(1000);
    REQUIRE(behind.soon([&] { return behind.connection.reconnects() > reconnects; }));
    REQUIRE(behind.soon([&] { return behind.connection.is_connected(); }));
    // The subscription is at the server once this flush is answered.
    REQUIRE(behind.connection.flush(2000));
    CHECK(behind.receives("after"));
    CHECK(behind.connection.reconnects() == reconnects + 1);
}

}  // namespace

TEST_CASE("reconnection: what follows a message that was cut off is read from its start") {
    Behind behind(true);
    REQUIRE(behind.receives("before"));
    // In the line "MSG x 1 40000", between the line and the payload, in it, and at its end.
    for (const std::int64_t offset : {0, 1, 3, 4, 7, 12, 13, 14, 15, 16, 40'014, 40'015, 40'016})
        expect_recovery(behind, offset, 40'000);
    crdt::Random random(7);
    for (int i = 0; i < 12; ++i) {
        const std::size_t size = std::size_t{1} << random.below(20);
        expect_recovery(behind, static_cast<std::int64_t>(random.below(3 * size + 40)), size);
    }
}

TEST_CASE("reconnection: the same with threads of the C library") {
    Behind behind(false);
    REQUIRE(behind.receives("before"));
    for (const std::int64_t offset : {1, 13, 20'000}) expect_recovery(behind, offset, 40'000);
}

TEST_CASE("reconnection: what is published during an outage is sent after it, in order") {
    Behind behind(true);
    Arrivals arrivals(behind.far);
    behind.proxy.cut(true);
    REQUIRE(behind.soon([&] { return behind.connection.handle() == nullptr; }));
    const int file = behind.connection.file();
    CHECK(behind.connection.handle() == nullptr);
    CHECK(behind.connection.max_payload() == 1 << 20);
    CHECK(behind.connection.publish("y.1", "a"));
    CHECK(behind.connection.request("y.2", "z", "b"));
    CHECK(behind.connection.publish("y.3", ""));
    // There is a limit of 1 MiB.
    const std::string large(400'000, 'l');
    CHECK(behind.connection.publish("y.4", large));
    CHECK(behind.connection.publish("y.5", large));
    CHECK_FALSE(behind.connection.publish("y.6", large));
    CHECK(behind.connection.metrics().unsent == 1);
    CHECK_FALSE(behind.connection.flush(10));

    // A subscription of this time begins with the connection.
    std::size_t counted = 0;
    const Subscription late(behind.connection, behind.mailbox, "late",
                            [&](const NatsMessage&) { ++counted; });
    behind.proxy.cut(false);
    REQUIRE(behind.soon([&] { return behind.connection.reconnects() == 1; }));
    CHECK(behind.connection.flush(2000));
    CHECK(eventually([&] {
        arrivals.mailbox.deliver();
        return arrivals.texts.size() == 5;
    }));
    CHECK(arrivals.texts == std::vector<std::string>{"y.1 a ", "y.2 b z", "y.3  ",
                                                     "y.4 " + large + ' ', "y.5 " + large + ' '});
    behind.far.publish("late", "");
    CHECK(behind.soon([&] { return counted == 1; }));
    CHECK(behind.receives("too"));
    CHECK(behind.connection.file() == file);
    // The counts are those of both connections.
    CHECK(behind.connection.metrics().messages_out == 5);
    CHECK(behind.connection.metrics().messages_in == 2);
}

TEST_CASE("reconnection: collected messages are sent when the owner publishes them, in order") {
    Behind behind(true);
    Arrivals arrivals(behind.far);
    Connection& connection = behind.connection;
    const auto arrive = [&](std::size_t count) {
        return behind.soon([&] {
            arrivals.mailbox.deliver();
            return arrivals.texts.size() >= count;
        });
    };
    connection.collect();
    Connection::Collected first, second, third;
    CHECK(connection.publish("y.1", "a"));
    CHECK(connection.request("y.2", "z", "b"));
    CHECK(connection.size_of_collected() >= 3 + 1 + 3 + 1 + 1);
    connection.take_collected(first);
    CHECK(connection.size_of_collected() == 0);
    CHECK(connection.publish("y.3", "c"));
    connection.take_collected(second);
    CHECK(connection.publish("y.4", "d"));
    connection.send();
    CHECK_FALSE(behind.soon([&] { return arrivals.mailbox.deliver() != 0; }, 300ms));
    connection.publish_collected(first);
    CHECK(arrive(2));
    connection.publish_collected(first);  // it is empty now
    // The collections of an outage are sent after it.
    behind.proxy.cut(true);
    REQUIRE(behind.soon([&] { return connection.handle() == nullptr; }));
    connection.publish_collected(second);
    connection.take_collected(third);
    behind.proxy.cut(false);
    REQUIRE(behind.soon([&] { return connection.reconnects() == 1; }));
    connection.publish_collected(third);
    CHECK(arrive(4));
    CHECK(arrivals.texts == std::vector<std::string>{"y.1 a ", "y.2 b z", "y.3 c ", "y.4 d "});
    CHECK(connection.metrics().unsent == 0);
    // There is a limit of 64 MiB.
    const std::string large(std::size_t{1} << 24U, 'l');
    for (int i = 0; i < 3; ++i) CHECK(connection.publish("y.5", large));
    CHECK_FALSE(connection.publish("y.5", large));
    CHECK(connection.metrics().unsent == 1);
}

TEST_CASE("reconnection: each outage logs the first message that is not sent") {
    std::vector<std::string> logged;
    detail::ConnectionEvents events(
        [&](crdt::system::LogLevel, const std::string& text) { logged.push_back(text); }, {});
    const auto count = [&] {
        return std::count_if(logged.begin(), logged.end(), [](const std::string& text) {
            return text.starts_with("not sent to x: ");
        });
    };
    for (int outage = 1; outage <= 3; ++outage) {
        for (int message = 0; message < 5; ++message)
            events.on_unsent(NATS_CONNECTION_CLOSED, "x", /*is_connected=*/false);
        CHECK(count() == outage);
        events.reconnected(nullptr);
    }
    events.on_unsent(NATS_INSUFFICIENT_BUFFER, "x", /*is_connected=*/true);
    events.on_unsent(NATS_INSUFFICIENT_BUFFER, "x", /*is_connected=*/true);
    CHECK(count() == 5);
}

TEST_CASE("reconnection: messages that arrived before the end of a connection are handled") {
    Behind behind(true);
    for (int i = 0; i < 100; ++i) behind.far.publish("x", std::to_string(i));
    behind.far.flush(1000);
    // All of it is in the socket, with the end behind it.
    std::this_thread::sleep_for(50ms);
    behind.proxy.cut(true);
    std::this_thread::sleep_for(50ms);
    CHECK(behind.soon([&] { return behind.received.size() == 100; }, 2s));
    CHECK(behind.soon([&] { return !behind.connection.is_connected(); }));
}

TEST_CASE("reconnection: a connection can end while it reconnects") {
    Behind behind(true);
    behind.proxy.cut(true);
    REQUIRE(behind.soon([&] { return !behind.connection.is_connected(); }));
}

TEST_CASE("reconnection: a client of a removed user makes no more attempts") {
    const TemporaryFolder folder;
    const Port port = free_ports(1).front();
    const auto user = [](const std::string& password) {
        return "authorization { users = [ { user: a, password: " + password + " } ] }";
    };
    ConnectionOptions options = to(port, true);
    options.urls = {"nats://a:old@127.0.0.1:" + std::to_string(port)};
    std::vector<std::string> log;
    std::optional<Server> server(std::in_place, folder.path(), "s", port, user("old"));
    Connection connection(
        options, [&](crdt::system::LogLevel, const std::string& text) { log.push_back(text); });
    server.reset();
    server.emplace(folder.path(), "s", port, user("new"));
    CHECK(eventually([&] {
        connection.receive();
        return connection.is_refused();
    }));
    CHECK_FALSE(connection.is_connected());
    REQUIRE_FALSE(log.empty());
    CHECK_MESSAGE(log.back().find("Authorization Violation") != std::string::npos, log.back());
    CHECK(log.back().find("old") == std::string::npos);
}

TEST_CASE("reconnection: a server that soon ends each connection is not contacted all the time") {
    Behind behind(true);
    REQUIRE(behind.receives("before"));
    const auto end = std::chrono::steady_clock::now() + 1500ms;
    behind.soon([&] {
        if (behind.connection.is_connected() && behind.proxy.has_closed()) {
            behind.proxy.close_after(0);
            behind.far.publish("x", "");
        }
        return std::chrono::steady_clock::now() > end;
    });
    CHECK(behind.connection.reconnects() > 1);
    CHECK(behind.connection.reconnects() < 9);
    behind.proxy.close_after(-1);
    REQUIRE(behind.soon([&] { return behind.connection.is_connected(); }));
}

TEST_CASE("reconnection: an invalid subscription of an outage does not prevent the others") {
    Behind behind(true);
    CHECK_THROWS_AS(Subscription(behind.connection, behind.mailbox, "a b", {}), NatsError);
    behind.proxy.cut(true);
    REQUIRE(behind.soon([&] { return behind.connection.handle() == nullptr; }));
    const Subscription invalid(behind.connection, behind.mailbox, "a b", {});
    behind.proxy.cut(false);
    REQUIRE(behind.soon([&] { return behind.connection.reconnects() == 1; }));
    CHECK(behind.connection.flush(2000));
    CHECK(behind.receives("after"));
    CHECK(behind.connection.reconnects() == 1);
}

TEST_CASE("reconnection: the count of dropped messages does not shrink") {
    Behind behind(true);
    const std::string large(1 << 19, 'l');
    for (int i = 0; i < 300; ++i) {
        behind.far.publish("x", large);
        behind.connection.receive();
    }
    behind.far.flush(5000);
    CHECK(eventually([&] {
        behind.connection.receive();
        return behind.subscription.dropped() > 10;
    }));
    const std::uint64_t dropped = behind.subscription.dropped();
    behind.mailbox.deliver();
    behind.proxy.cut(true);
    REQUIRE(behind.soon([&] { return behind.connection.handle() == nullptr; }));
    CHECK(behind.subscription.dropped() >= dropped);
    behind.proxy.cut(false);
    REQUIRE(behind.soon([&] { return behind.connection.is_connected(); }));
    CHECK(behind.subscription.dropped() >= dropped);
}

TEST_CASE("reconnection: a login in one URL is used for each server") {
    for (const std::string login : {"", "u:p@", "t@", "u:p@q/r@"}) {
        CAPTURE(login);
        const crdt::nats::detail::ServerList servers(
            {"nats://a", "tls://" + login + "b:1", "c:2", "nats://" + login + "[::1]:3"});
        REQUIRE(servers.size() == 4);
        CHECK(servers.url(0) == "nats://" + login + "a");
        CHECK(servers.url(1) == "tls://" + login + "b:1");
        CHECK(servers.url(2) == login + "c:2");
        CHECK(servers.url(3) == "nats://" + login + "[::1]:3");
    }
    // With one server at a time, a server with a URL that has no login.
    const TemporaryFolder folder;
    const std::vector<Port> ports = free_ports(2);
    std::optional<Server> server(std::in_place, folder.path(), "s", ports[0],
                                 "authorization { users = [ { user: a, password: b } ] }");
    ConnectionOptions options = to(ports[0], true);
    options.urls.push_back("nats://a:b@127.0.0.1:" + std::to_string(ports[1]));
    Connection connection(options, no_log);
    server->kill();
    REQUIRE(eventually([&] {
        connection.receive();
        return connection.handle() == nullptr;
    }));
    server->start();
    CHECK(eventually([&] {
        connection.receive();
        return connection.is_connected();
    }));
    CHECK_FALSE(connection.is_refused());
}

TEST_CASE("reconnection: the servers that the last one has announced are tried, too") {
    const TemporaryFolder folder;
    // Announced are addresses, and the certificates have a name.
    make_certificates(folder.path(), "DNS:localhost");
    for (const bool is_secure : {false, true}) {
        CAPTURE(is_secure);
        const std::vector<Port> ports = free_ports(5);
        const auto routed = [&](std::size_t own, std::size_t other) {
            const auto route = [](Port port) { return "127.0.0.1:" + std::to_string(port); };
            return "cluster { name: c, listen: \"" + route(ports[own]) + "\", routes: [\"nats://" +
                   route(ports[other]) + "\"] }\n" + (is_secure ? tls() : "");
        };
        const std::string names = is_secure ? "secure" : "plain";
        Server first(folder.path(), names + "1", ports[0], routed(2, 3));
        Server second(folder.path(), names + "2", ports[1], routed(3, 2));
        ConnectionOptions options;
        options.owner_polls = true;
        options.urls = {"nats://localhost:" + std::to_string(ports[0])};
        if (is_secure) options.authorities = (folder.path() / "ca.pem").string();
        const auto are_members = [&] {
            return eventually([&] {
                const Connection probe(options, no_log);
                return crdt::nats::detail::known_servers(probe.handle()).size() > 1;
            });
        };
        REQUIRE(are_members());
        Connection connection(options, no_log);
        const auto fails_over = [&](std::uint64_t count) {
            return eventually([&] {
                connection.receive();
                connection.send();
                return connection.reconnects() == count && connection.is_connected();
            });
        };
        first.kill();
        CHECK(fails_over(1));
        first.start();
        CHECK(are_members());
        second.kill();
        CHECK(fails_over(2));
    }
}

TEST_CASE("reconnection: a record of TLS that does not end does not block the owner") {
    const TemporaryFolder folder;
    make_certificates(folder.path(), "IP:127.0.0.1");
    const std::vector<Port> ports = free_ports(2);
    const Server server(folder.path(), "s", ports[0], tls());
    Proxy proxy(ports[1], ports[0]);
    REQUIRE(eventually([&] { return listens(ports[1]); }));
    ConnectionOptions options = to(ports[1], true), direct = to(ports[0], false);
    options.authorities = direct.authorities = (folder.path() / "ca.pem").string();
    Connection connection(options, no_log), far(direct, no_log);
    Mailbox mailbox;
    std::size_t bytes = 0;
    const Subscription subscription(connection, mailbox, "x", [&](const NatsMessage& message) {
        bytes += message.data().size();
    });
    CHECK(connection.flush(2000));
    std::chrono::steady_clock::duration longest{};
    const auto receives = [&](std::size_t all) {
        return eventually(
            [&] {
                const auto begin = std::chrono::steady_clock::now();
                connection.receive();
                mailbox.deliver();
                connection.send();
                longest = std::max(longest, std::chrono::steady_clock::now() - begin);
                return bytes >= all;
            },
            1s);
    };
    std::size_t sent = 0;
    for (const std::int64_t offset : {1, 4, 5, 6, 100, 20'000}) {
        CAPTURE(offset);
        proxy.stall_after(offset);
        far.publish("x", std::string(40'000, 'x'));
        far.flush(1000);
        sent += 40'000;
        CHECK_FALSE(receives(sent));
        proxy.go_on();
        CHECK(receives(sent));
    }
    CHECK(longest < 500ms);
    CHECK(connection.reconnects() == 0);
}

TEST_CASE("reconnection: one turn of slow requests ends in time for the pings") {
    Behind behind(true);
    std::size_t handled = 0;
    const auto handle = [&](const NatsMessage& message) {
        ++handled;
        if (message.data().empty()) std::this_thread::sleep_for(20ms);
    };
    const Subscription slow(behind.connection, behind.mailbox, "slow", handle, "", handle);
    const Subscription peer(behind.connection, behind.mailbox, "peer",
                            [&](const NatsMessage&) { std::this_thread::sleep_for(250ms); });
    behind.connection.flush(1000);
    const auto publish = [&](const std::string& subject, int count, const std::string& text) {
        for (int i = 0; i < count; ++i) behind.far.publish(subject, text);
        behind.far.flush(1000);
        std::this_thread::sleep_for(50ms);
        behind.connection.receive();
    };
    publish("slow", 1, "fast");
    publish("slow", 60, "");
    CHECK(behind.mailbox.deliver() > 0);
    CHECK(handled <= 12);
    CHECK(behind.soon([&] { return handled == 61; }));
    // Slow messages of peers do not starve requests.
    handled = 0;
    publish("peer", 1, "");
    publish("slow", 100, "fast");
    behind.mailbox.deliver();
    CHECK(handled >= Mailbox::min_batch);
}

}  // namespace reconnection_tests

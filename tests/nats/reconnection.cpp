// SPDX-License-Identifier: MIT
//! Tests connections that are lost and made again, above all those that an owner polls.
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
#include <crdt/nats/subscription.hpp>
#include <crdt/random.hpp>

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
    bool hears(const std::string& text) {
        received.clear();
        far.publish("x", text);
        far.flush(1000);
        return soon([&] { return !received.empty(); }, 2s) && received.back() == text;
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
    CHECK(behind.hears("after"));
    CHECK(behind.connection.reconnects() == reconnects + 1);
}

}  // namespace

TEST_CASE("reconnection: what follows a message that was cut off is read from its start") {
    Behind behind(true);
    REQUIRE(behind.hears("before"));
    // In the line "MSG x 1 40000", between the line and the payload, in it, and at its end.
    for (const std::int64_t offset : {0, 1, 3, 4, 7, 12, 13, 14, 15, 16, 40'014, 40'015, 40'016})
        expect_recovery(behind, offset, 40'000);
    crdt::Random random(7);
    for (int i = 0; i < 25; ++i) {
        const std::size_t size = std::size_t{1} << random.below(20);
        expect_recovery(behind, static_cast<std::int64_t>(random.below(3 * size + 40)), size);
    }
}

TEST_CASE("reconnection: the same with threads of the C library") {
    Behind behind(false);
    REQUIRE(behind.hears("before"));
    for (const std::int64_t offset : {1, 13, 20'000}) expect_recovery(behind, offset, 40'000);
}

TEST_CASE("reconnection: what is published during an outage is sent after it, in order") {
    Behind behind(true);
    std::vector<std::string> arrived;
    Mailbox mailbox;
    const Subscription all(behind.far, mailbox, "y.*", [&](const NatsMessage& message) {
        arrived.push_back(std::string(message.subject()) + ' ' + std::string(message.data()) + ' ' +
                          std::string(message.reply()));
    });
    behind.far.flush(1000);
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
        mailbox.deliver();
        return arrived.size() == 5;
    }));
    CHECK(arrived == std::vector<std::string>{"y.1 a ", "y.2 b z", "y.3  ", "y.4 " + large + ' ',
                                              "y.5 " + large + ' '});
    behind.far.publish("late", "");
    CHECK(behind.soon([&] { return counted == 1; }));
    CHECK(behind.hears("too"));
    CHECK(behind.connection.file() == file);
    // The counts are those of both connections.
    CHECK(behind.connection.metrics().messages_out == 5);
    CHECK(behind.connection.metrics().messages_in == 2);
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

TEST_CASE("reconnection: a client whose user is removed makes no more attempts") {
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

TEST_CASE("reconnection: one turn of slow requests ends in time for the pings") {
    Behind behind(true);
    std::size_t handled = 0;
    const auto handle = [&](const NatsMessage&) {
        ++handled;
        std::this_thread::sleep_for(20ms);
    };
    const Subscription slow(behind.connection, behind.mailbox, "slow", handle, "", handle);
    behind.connection.flush(1000);
    for (int i = 0; i < 60; ++i) behind.far.publish("slow", "");
    behind.far.flush(1000);
    std::this_thread::sleep_for(50ms);
    behind.connection.receive();
    CHECK(behind.mailbox.deliver() > 0);
    CHECK(handled <= 11);
    CHECK(behind.soon([&] { return handled == 60; }));
}

}  // namespace reconnection_tests

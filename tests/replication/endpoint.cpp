// SPDX-License-Identifier: MIT
//! An endpoint: its incarnation, what it shows its host, and when.
#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/replication/endpoint.hpp>

namespace endpoint_tests {

using namespace crdt;
using namespace crdt::replication;

namespace {

using Set = AWSet<int, std::string>;
using std::chrono::milliseconds;

/// Records the calls of its endpoint.
struct Host {
    std::string name;
    std::uint64_t last_incarnation = 100;
    std::vector<std::string> events = {};

    std::string replica_id(std::uint64_t incarnation) const {
        return name + '.' + std::to_string(incarnation);
    }
    std::uint64_t fresh_incarnation() { return ++last_incarnation; }
    void on_arrival(const Set& delta) {
        if (!delta.is_bottom()) events.push_back("arrival of " + std::to_string(delta.size()));
    }
    void on_growth(const Set& delta) {
        events.push_back("growth of " + std::to_string(delta.size()));
    }
    void on_reincarnation(std::uint64_t before) {
        events.push_back("was " + std::to_string(before));
    }
};

struct Node {
    Host host;
    Endpoint<Set, std::string, Host> endpoint;

    Node(std::string name, std::uint64_t incarnation)
        : host{std::move(name)}, endpoint(host, Epoch{incarnation}, {}) {}
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    std::string id() const { return host.replica_id(endpoint.incarnation().current()); }
    Set insert(int number) {
        return endpoint.update([&](Set& set) { return set.insert(id(), number); });
    }
};

/// Two nodes and what is on its way between them.
struct Pair {
    Node a, b;
    Time now{milliseconds{1000}};

    Pair(std::uint64_t a_incarnation, std::uint64_t b_incarnation)
        : a("a", a_incarnation), b("b", b_incarnation) {
        connect();
    }
    void connect() {
        a.endpoint.set_peers({"b"}, {"b"}, now);
        b.endpoint.set_peers({"a"}, {"a"}, now);
        a.endpoint.start(now);
        b.endpoint.start(now);
    }
    void run(int seconds) {
        for (const Time end = now + std::chrono::seconds{seconds}; now < end;
             now += milliseconds{10}) {
            std::deque<std::pair<bool, Message<Set>>> sent;
            a.endpoint.tick(now,
                            [&](const std::string&, const auto& m) { sent.emplace_back(true, m); });
            b.endpoint.tick(
                now, [&](const std::string&, const auto& m) { sent.emplace_back(false, m); });
            for (const auto& [is_from_a, message] : sent) {
                Node& receiver = is_from_a ? b : a;
                receiver.endpoint.receive(is_from_a ? "a" : "b", message, now);
            }
        }
    }
};

}  // namespace

TEST_CASE("endpoint: a change is shown to the host before and after it is joined, and once") {
    Pair net(1, 2);
    net.run(3);
    net.a.insert(7);
    CHECK(net.a.host.events.empty());  // its own changes are returned
    net.run(3);
    CHECK(net.b.host.events == std::vector<std::string>{"arrival of 1", "growth of 1"});
    CHECK(net.b.endpoint.state() == net.a.endpoint.state());
    net.run(10);
    CHECK_FALSE(net.a.endpoint.next_deadline());
    CHECK(net.b.host.events.size() == 2);
}

TEST_CASE("endpoint: it is current once a peer has answered, and not without peers") {
    Pair net(1, 2);
    CHECK_FALSE(net.a.endpoint.is_current());
    net.run(3);
    CHECK(net.a.endpoint.is_current());
    CHECK(net.b.endpoint.is_current());
    Node alone("c", 3);
    alone.endpoint.set_peers({}, {}, net.now);
    alone.endpoint.start(net.now);
    alone.endpoint.tick(net.now, [](const std::string&, const auto&) { FAIL("sends"); });
    CHECK_FALSE(alone.endpoint.is_current());
}

TEST_CASE("endpoint: a stored incarnation is used once a peer confirms it") {
    Node earlier("a", 1);
    earlier.insert(5);
    Pair net(10, 2);
    net.a.endpoint.resume(1, earlier.endpoint.state());
    CHECK(net.a.endpoint.incarnation().current() == 10);
    CHECK(net.a.endpoint.incarnation().lasting() == 1);
    net.run(3);
    CHECK(net.a.endpoint.incarnation().current() == 1);
    CHECK(net.b.endpoint.state().contains(5));

    Node restored("a", 11);
    restored.endpoint.resume(1, earlier.endpoint.state());
    restored.endpoint.confirm();
    CHECK(restored.endpoint.incarnation().current() == 1);
}

TEST_CASE("endpoint: an old copy of the state is detected, and another incarnation goes on") {
    Node earlier("a", 1);
    earlier.insert(5);
    const Set copy = earlier.endpoint.state();
    earlier.insert(6);
    Pair net(10, 2);
    net.b.endpoint.join(earlier.endpoint.state());
    net.a.endpoint.resume(1, copy);
    net.run(3);
    CHECK(net.a.endpoint.reincarnations() == 1);
    CHECK(net.a.host.events == std::vector<std::string>{"arrival of 1", "was 1", "growth of 1"});
    CHECK(net.a.endpoint.incarnation().current() == 10);  // a fresh one that is not used elsewhere
    CHECK(net.a.endpoint.state().contains(6));
    net.a.insert(8);
    net.run(3);
    CHECK(net.b.endpoint.state().contains(8));
}

TEST_CASE("endpoint: nothing is composed for a closed connection") {
    Pair net(1, 2);
    net.run(3);
    net.a.endpoint.disconnected("b");
    net.a.insert(7);
    net.a.endpoint.tick(net.now, [](const std::string&, const auto&) { FAIL("sends"); });
    const auto links = net.a.endpoint.replicator().links();
    REQUIRE(links.size() == 1);
    CHECK_FALSE(links[0].is_connected);
    CHECK(links[0].is_silent);
    CHECK(links[0].unacknowledged_since == net.now);
    CHECK(links[0].cost_held == 1);
    net.a.endpoint.connected("b", net.now);
    net.run(3);
    CHECK(net.b.endpoint.state().contains(7));
    CHECK(net.a.endpoint.replicator().links()[0].cost_held == 0);
}

}  // namespace endpoint_tests

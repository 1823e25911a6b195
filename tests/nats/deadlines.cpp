// SPDX-License-Identifier: MIT
//! Tests that a request is answered within its timeout: in the queue of an overloaded node, and
//! while it waits for acks, for the changes in its session, or for rights.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/subscription.hpp>

#include "cluster.hpp"
#include "node.hpp"
#include "server.hpp"

namespace deadlines_tests {

using namespace support;
using Clock = std::chrono::steady_clock;

namespace {

/// For the way of a request and its reply, on a slow and busy machine.
constexpr auto margin = 1000ms;

/// Requests to add at node n1, each with a number.
class Crowd {
    Client* client_;
    crdt::nats::Mailbox mailbox_;
    crdt::nats::Subscription replies_;
    std::vector<Clock::time_point> sent_;

  public:
    std::size_t added = 0, rejected = 0, answered = 0;
    Clock::duration latest{};

    explicit Crowd(Client& client)
        : client_(&client),
          replies_(client.connection(), mailbox_, "inbox.crowd.*", [this](const auto& message) {
              const std::string subject(message.subject());
              const auto number = std::stoul(subject.substr(subject.rfind('.') + 1));
              latest = std::max(latest, Clock::now() - sent_.at(number));
              ++answered;
              // A reply is long, so it is not parsed.
              added += message.data().find(R"("ok":true)") != std::string_view::npos;
              rejected += message.data().find(R"("code":11,)") != std::string_view::npos;
          }) {}

    void send(const std::string& body) {
        sent_.push_back(Clock::now());
        client_->connection().request("crdt.shop.node.n1.add",
                                      "inbox.crowd." + std::to_string(sent_.size() - 1), body);
        mailbox_.deliver();
    }
    bool is_answered() {
        return eventually(
            [&] {
                mailbox_.deliver();
                return answered >= sent_.size();
            },
            30s);
    }
};

/// A request that cannot be served ends with its timeout, neither earlier nor much later.
void expect_to_time_out(Client& client, const std::string& node, const std::string& verb,
                        json body) {
    for (const auto timeout : {50ms, 200ms}) {
        body["timeout_ms"] = timeout.count();
        const auto begin = Clock::now();
        const auto answer = client.try_ask("node." + node, verb, body.dump(), timeout + 10s);
        const auto taken = Clock::now() - begin;
        REQUIRE(answer.has_value());
        CHECK_MESSAGE(code_of(*answer) == 11, answer->dump());
        CHECK(taken >= timeout);
        CHECK(taken < timeout + margin);
    }
}

}  // namespace

TEST_CASE("deadlines: under overload each request is answered early, and counts if it succeeds") {
    Cluster cluster(1);
    Crowd crowd(cluster.client);
    constexpr std::size_t all = 3000;
    // Adding to so many counters takes long enough.
    json request{{"adds", json::array()}, {"timeout_ms", 400}};
    for (int i = 0; i < 200; ++i)
        request.at("adds").push_back({{"name", "x" + std::to_string(i)}, {"delta", 1}});
    const std::string body = request.dump();
    for (std::size_t i = 0; i < all; ++i) crowd.send(body);
    REQUIRE(crowd.is_answered());
    MESSAGE(crowd.added, " of ", all, " requests in time, the last reply after ",
            std::chrono::duration<double>(crowd.latest).count(), " s");
    CHECK(crowd.latest < 400ms + margin);
    CHECK(crowd.added + crowd.rejected == all);
    CHECK(crowd.rejected > 0);
    CHECK(cluster.client.value("n1", "x0") == crowd.added);
    CHECK(cluster.metric("n1", "errors_total") == crowd.rejected);
}

TEST_CASE("deadlines: an add that waits for acks is answered when its timeout ends") {
    Cluster cluster(2);
    cluster.nodes[1]->signal(SIGSTOP);
    expect_to_time_out(cluster.client, "n1", "add", {{"name", "x"}, {"delta", 1}, {"ack", 1}});
    cluster.nodes[1]->signal(SIGCONT);
    CHECK(cluster.reports("n2", "x", 2));
}

TEST_CASE("deadlines: a read that waits for its session is answered when its timeout ends") {
    // A node sends its second change after a minute.
    Cluster cluster(2, {"--interval", "60000"});
    json session;
    for (int i = 0; i < 2; ++i)
        session =
            cluster.client.ask("node.n1", "add", {{"name", "x"}, {"delta", 1}, {"session", ""}})
                .at("session");
    expect_to_time_out(cluster.client, "n2", "read", {{"name", "x"}, {"session", session}});
}

TEST_CASE("deadlines: a subtraction that waits for rights is answered when its timeout ends") {
    Cluster cluster(2);
    const json add{{"name", "b"}, {"kind", "bounded"}, {"delta", 10}};
    REQUIRE(code_of(cluster.client.ask("node.n2", "add", add)) == 0);
    REQUIRE(cluster.reports("n1", "b", 10));
    // A peer that does not answer within 250 ms is passed over, which is after the timeouts.
    cluster.nodes[1]->signal(SIGSTOP);
    expect_to_time_out(cluster.client, "n1", "add", {{"name", "b"}, {"delta", -1}});
    CHECK(cluster.metric("n1", "pending_refills") == 0);
    cluster.nodes[1]->signal(SIGCONT);
    CHECK(cluster.reports("n2", "b", 10));
}

}  // namespace deadlines_tests

// SPDX-License-Identifier: MIT
//! Tests Gossip: the times at which a node sends to its peers, and the changes that it joins.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/json/nlohmann.hpp>
#include <crdt/gset.hpp>
#include <crdt/maelstrom/gossip.hpp>

#include "support/node.hpp"

namespace gossip_tests {

using namespace crdt::maelstrom;
using crdt::replication::Epoch;
using std::chrono::milliseconds;
using support::json;
using support::TestNode;

namespace {

using Set = crdt::GSet<int>;

crdt::replication::Options options() {
    crdt::replication::Options options;
    options.interval = options.ack_delay = milliseconds{100};
    options.retry_limit = milliseconds{1000};
    return options;
}

using Message = crdt::replication::Message<Set>;

/// A node n0 with a single peer n1.
struct SetNode : TestNode {
    Gossip<Set> set;
    crdt::replication::Replicator<Set, std::string> peer{Epoch{9}, options()};

    explicit SetNode(Gossip<Set>::Accept accept = crdt::replication::AcceptAll{})
        : set(*this, Epoch{7}, options(), {}, std::move(accept)) {
        init({"n0", "n1"});
        peer.set_peers({"n0"}, clock);
        peer.start(clock);
    }
    void insert(int element) {
        set.update([&](Set& state) { return state.insert(element); });
    }
    /// Returns the number of messages with changes that the node sends within `span`. The clock
    /// moves in small steps.
    int changes_within(milliseconds span) {
        int changes = 0;
        for (milliseconds passed{}; passed < span; passed += milliseconds{10}) {
            pass(milliseconds{10});
            for (const json& message : sent()) {
                json body = message.at("body");
                body.erase("type");
                const auto received = crdt::json::try_decode_value<Message>(body);
                REQUIRE(received);
                changes += received->changes ? 1 : 0;
                peer.on_message("n0", *received, clock);
            }
            for (const auto& outgoing : peer.on_tick(clock)) receive_from_peer(outgoing.message);
        }
        return changes;
    }
    void receive_from_peer(const Message& message) {
        json body = crdt::json::to_nlohmann(message);
        body["type"] = "gossip";
        this->message("n1", body);
    }
    /// The peer sends elements.
    void receive_from_peer(const Set& elements) {
        Message message;
        message.from_epoch = Epoch{9};
        message.changes = {elements, 0, 1, crdt::replication::TransferKind::difference};
        receive_from_peer(message);
    }
};

}  // namespace

TEST_CASE("gossip: it starts after the first message, or after the settling time") {
    SetNode quiet;
    quiet.insert(1);
    for (int i = 0; i < 199; ++i) quiet.pass(milliseconds{10});
    CHECK(quiet.sent().empty());
    for (int i = 0; i < 30; ++i) quiet.pass(milliseconds{10});
    CHECK_FALSE(quiet.sent().empty());

    SetNode addressed;
    addressed.insert(1);
    addressed.message("c1", {{"type", "no such request"}, {"msg_id", 3}});
    CHECK(addressed.sent().size() == 1);
    CHECK(addressed.changes_within(milliseconds{300}) > 0);
}

TEST_CASE("gossip: after stop() nothing is sent, and received changes are joined") {
    SetNode node;
    node.set.start();
    node.insert(1);
    CHECK(node.changes_within(milliseconds{300}) > 0);
    node.set.stop();
    node.insert(2);
    node.receive_from_peer(Set{3});
    CHECK(node.set.state() == Set{1, 2, 3});
    for (int i = 0; i < 500; ++i) node.pass(milliseconds{10});
    CHECK(node.sent().empty());
    CHECK_FALSE(node.next_deadline().has_value());
    node.set.start();
    CHECK(node.changes_within(milliseconds{300}) > 0);
}

TEST_CASE("gossip: messages to a peer are an interval apart, and the interval can be changed") {
    SetNode node;
    node.set.start();
    int element = 10;
    const auto busy_second = [&] {
        int changes = 0;
        for (int step = 0; step < 100; ++step) {
            node.insert(++element);
            changes += node.changes_within(milliseconds{10});
        }
        return changes;
    };
    CHECK(node.set.interval() == milliseconds{100});
    busy_second();
    const int before = busy_second();
    node.set.set_interval(milliseconds{500});
    CHECK(node.set.interval() == milliseconds{500});
    const int after = busy_second();
    CHECK(before >= 9);
    CHECK(before <= 11);
    CHECK(after >= 1);
    CHECK(after <= 3);
}

TEST_CASE("gossip: a change that Accept refuses is not joined, but counted") {
    SetNode node(
        [](const Set&, const Set& change, const std::string& from) -> std::optional<std::string> {
            CHECK(from == "n1");
            if (change.contains(13)) return "13 is not allowed";
            return std::nullopt;
        });
    node.set.start();
    node.receive_from_peer(Set{1, 13});
    CHECK(node.set.state() == Set{1});
    CHECK(node.set.metrics().refused == 1);
    node.insert(13);  // its own changes are not refused
    CHECK(node.set.state().contains(13));
}

}  // namespace gossip_tests

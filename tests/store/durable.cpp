// SPDX-License-Identifier: MIT
//! Tests Durable: the file contains everything that the messages of a node report.
#include <chrono>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include <crdt/gcounter.hpp>
#include <crdt/maelstrom/durable.hpp>
#include <crdt/maelstrom/gossip.hpp>

#include "support/folder.hpp"
#include "support/node.hpp"

namespace durable_tests {

using Counter = crdt::GCounter<>;
using namespace crdt::maelstrom;
using support::json;
using support::TestNode;

namespace {

/// One run of a node.
struct NodeRun {
    TestNode node;
    Gossip<Counter> counter;
    Durable<Counter> store;
    std::uint64_t epoch;

    NodeRun(const support::TemporaryFolder& folder, std::uint64_t number,
            const std::string& cluster = "d")
        : counter(node, crdt::replication::Epoch{number}),
          store(node, counter, folder.path(), cluster),
          epoch(number) {
        node.on("add", [this](const Request& request) {
            const Counter delta = counter.update([&](Counter& state) {
                return state.add(counter.replica_id(), request.integer("delta"));
            });
            store.persist(delta, [reply = request.responder()] { reply.ok(); });
        });
    }
    void add(unsigned delta) {
        node.message("c1", {{"type", "add"}, {"msg_id", 1}, {"delta", delta}});
    }
    using Message = crdt::replication::Message<Counter>;

    void receive(Message message) {
        message.from_epoch = crdt::replication::Epoch{99};
        json body = crdt::json::to_nlohmann(message);
        body["type"] = "gossip";
        node.message("n1", body);
    }
    /// A peer sends its state.
    void receive(const Counter& state) {
        Message message;
        message.changes = {state, 0, 1, crdt::replication::TransferKind::difference};
        receive(message);
    }
    /// Delivers the answer of a peer to this epoch: everything that the peer has and this node
    /// lacks.
    void receive_answer(const Counter& lacked) {
        Message message;
        message.to_epoch = crdt::replication::Epoch{epoch};
        message.changes = {lacked, 0, 1, crdt::replication::TransferKind::difference};
        receive(message);
    }
};

}  // namespace

TEST_CASE("durable: the next run continues with the state, under the same id once confirmed") {
    const support::TemporaryFolder folder;
    {
        NodeRun first(folder, 5);
        first.node.init();
        CHECK(first.counter.replica_id() == "n0.5");
        first.add(3);
        CHECK(first.node.only().at("type") == "add_ok");
    }
    NodeRun second(folder, 6);
    second.node.init();
    CHECK(second.counter.state().value() == 3);
    second.add(1);
    CHECK(second.counter.state().value("n0.5") == 3);
    CHECK(second.counter.state().value("n0.6") == 1);
    second.receive_answer({});
    CHECK(second.counter.reincarnations() == 0);
    second.add(4);
    CHECK(second.counter.state().value("n0.5") == 7);
}

TEST_CASE("durable: only the complete answer of a peer to this epoch confirms") {
    const support::TemporaryFolder folder;
    {
        NodeRun first(folder, 5);
        first.node.init();
        first.add(3);
        first.node.sent();
    }
    NodeRun second(folder, 6);
    second.node.init();
    Counter theirs;
    NodeRun::Message message;
    const auto check_pending = [&] {
        message.changes->delta = theirs.add("n1.1", 1);
        second.receive(message);
        CHECK(second.counter.state().value("n1.1") == theirs.value());
        CHECK(second.counter.replica_id() == "n0.6");
    };
    message.changes = {{}, 0, 1, crdt::replication::TransferKind::difference};
    message.to_epoch = crdt::replication::Epoch{5};  // the answer to a digest with more in it
    check_pending();
    message.to_epoch = crdt::replication::Epoch{6};
    message.changes = {{}, 3, 4};  // there may be earlier changes
    check_pending();
    message.changes = {
        {}, 0, 0, crdt::replication::TransferKind::difference};  // what may be but a part
    check_pending();
    message.changes = {{}, 0, 2, crdt::replication::TransferKind::difference};
    message.changes->more_pieces = true;
    check_pending();
    message.changes = {{}, 2, 3};
    second.receive(message);
    CHECK(second.counter.replica_id() == "n0.5");
}

TEST_CASE("durable: without peers no confirmation is needed") {
    const support::TemporaryFolder folder;
    for (const std::uint64_t epoch : {5U, 6U}) {
        NodeRun run(folder, epoch);
        run.node.init({"n0"});
        CHECK(run.counter.replica_id() == "n0.5");
    }
}

TEST_CASE("durable: a node of another cluster does not start") {
    const support::TemporaryFolder folder;
    {
        NodeRun first(folder, 5);
        first.node.init();
    }
    NodeRun other(folder, 6, "other");
    other.node.message("c0",
                       {{"type", "init"}, {"msg_id", 1}, {"node_id", "n0"}, {"node_ids", {"n0"}}});
    CHECK(other.node.halted());
    CHECK(other.node.sent().empty());
}

TEST_CASE("durable: a run without writes changes nothing") {
    const support::TemporaryFolder folder;
    {
        NodeRun first(folder, 5);
        first.node.init();
        first.add(3);
    }
    NodeRun second(folder, 6);
    second.node.init();
    CHECK(second.counter.state().is_bottom());
}

TEST_CASE("durable: received deltas are committed within a second, or with the next own add") {
    const support::TemporaryFolder folder;
    Counter theirs;
    const auto restarted = [&] {
        NodeRun next(folder, 7);
        next.node.init();
        return next.counter.state();
    };
    SUBCASE("not at once") {
        {
            NodeRun first(folder, 5);
            first.node.init();
            theirs.add("n1.1", 5);
            first.receive(theirs);
            CHECK(first.counter.state() == theirs);
            first.node.sent();
        }
        CHECK(restarted().is_bottom());
    }
    SUBCASE("after a second") {
        {
            NodeRun first(folder, 5);
            first.node.init();
            theirs.add("n1.1", 5);
            first.receive(theirs);
            REQUIRE(first.node.next_deadline());
            CHECK(*first.node.next_deadline() <=
                  first.node.clock + std::chrono::milliseconds{1000});
            first.node.pass(std::chrono::milliseconds{1000});
            first.node.sent();
        }
        CHECK(restarted() == theirs);
    }
    SUBCASE("with an add") {
        {
            NodeRun first(folder, 5);
            first.node.init();
            theirs.add("n1.1", 5);
            first.receive(theirs);
            first.add(1);
            first.node.sent();
        }
        CHECK(restarted().value() == 6);
    }
}

TEST_CASE("durable: a node without its file does not start") {
    const support::TemporaryFolder folder;
    NodeRun first(folder, 5), second(folder, 6);
    first.node.init();
    second.node.message("c0",
                        {{"type", "init"}, {"msg_id", 1}, {"node_id", "n0"}, {"node_ids", {"n0"}}});
    CHECK(second.node.halted());
    second.add(1);
    CHECK(second.node.sent().empty());
}

TEST_CASE("durable: an old copy of the file is detected, and not written under its incarnation") {
    const support::TemporaryFolder folder;
    const auto file = folder.path() / "n0.sqlite";
    const auto copy = folder.path() / "copy";
    {
        NodeRun first(folder, 5);
        first.node.init();
        first.add(3);
        CHECK(first.node.only().at("type") == "add_ok");
    }
    std::filesystem::copy_file(file, copy);
    Counter seen;
    {
        NodeRun second(folder, 6);
        second.node.init();
        second.receive_answer({});
        second.node.sent();
        second.add(4);
        CHECK(second.node.only().at("type") == "add_ok");
        seen = second.counter.state();
    }
    std::filesystem::copy_file(copy, file, std::filesystem::copy_options::overwrite_existing);
    std::string slot;
    {
        NodeRun third(folder, 7);
        third.node.init();
        third.receive(seen);
        slot = third.counter.replica_id();
        CHECK(slot == "n0.7");
        CHECK(third.counter.reincarnations() == 1);
        third.receive_answer({});
        CHECK(third.counter.replica_id() == slot);
        third.node.sent();
        third.add(10);
        CHECK(third.node.only().at("type") == "add_ok");
        CHECK(third.counter.state().value() == 17);
        CHECK(third.counter.state().value(slot) == 10);
    }
    NodeRun fourth(folder, 8);
    fourth.node.init();
    fourth.receive_answer({});
    CHECK(fourth.counter.replica_id() == slot);
    CHECK(fourth.counter.state().value() == 17);
}

}  // namespace durable_tests

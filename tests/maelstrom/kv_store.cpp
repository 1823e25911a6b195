// SPDX-License-Identifier: MIT
//! Tests Gossip and the stores on nodes. The test delivers their lines.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/json.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/maelstrom/gossip.hpp>
#include <crdt/maelstrom/kv.hpp>
#include <crdt/maelstrom/kv_store.hpp>
#include <crdt/maelstrom/turn_schedule.hpp>
#include <crdt/random.hpp>
#include <crdt/store/memory.hpp>
#include <crdt/store/store.hpp>
#include <crdt/system/fresh.hpp>

#include "support/node.hpp"
#include "support/seeds.hpp"

namespace kv_store_tests {

using crdt::GCounter;
namespace replication = crdt::replication;
namespace store = crdt::store;
using namespace crdt::maelstrom;
using support::Duration;
using support::json;
using support::TestNode;
using support::Time;

namespace {

using Counter = GCounter<>;
constexpr Duration lone_turn = TurnSchedule::lone_turn;

std::string document(const std::string& id, unsigned amount) {
    Counter counter;
    counter.add(id, amount);
    return crdt::json::encode(counter);
}

/// A node without peers. The test takes the role of its store.
struct Fixture {
    TestNode node;
    Gossip<Counter> counter;
    KvStore<Counter> store{node, counter, "seq-kv", "final_result"};
    int acknowledged = 0;

    explicit Fixture(std::uint64_t epoch = 1) : counter(node, replication::Epoch{epoch}) {
        node.init({"n0"});
        node.message("c1", {{"type", "x"}});  // the network is up
        node.pass(Duration{});
    }

    void add(unsigned amount) {
        const Counter delta =
            counter.update([&](Counter& state) { return state.add(counter.replica_id(), amount); });
        store.persist(delta, [&] { ++acknowledged; });
    }
    /// Returns the request that the node has sent. It must have this type.
    json requested(const std::string& type) {
        json body = node.only();
        REQUIRE(body.at("type") == type);
        return body;
    }
    /// The swap of the changes so far.
    json swap() {
        node.pass(lone_turn);
        return requested("cas");
    }
    void answer(const json& request, json body) {
        body["in_reply_to"] = request.at("msg_id");
        node.message("seq-kv", body);
    }
    void fail(const json& request, int code) {
        answer(request, {{"type", "error"}, {"code", code}, {"text", "refused"}});
    }
    /// Answers the marker, and the read that follows it: with `value`, or that there is none.
    json show(const json& value) {
        const json marker = requested("write");
        answer(marker, {{"type", "write_ok"}});
        const json read = requested("read");
        if (value.is_null())
            fail(read, 20);
        else
            answer(read, {{"type", "read_ok"}, {"value", value}});
        return marker;
    }
    /// What the node reads after a failed swap and a pause.
    json show_fresh(const json& value) {
        node.pass(std::chrono::milliseconds{500});
        return show(value);
    }
};

/// A node that started with an empty store.
struct Started : Fixture {
    explicit Started(const json& value = nullptr) { show(value); }
};

/// A service that stores values and answers at once.
struct FakeService {
    std::map<std::string, json> values;
    int failed_swaps = 0;
    int swaps = 0;

    json answer(const json& request) {
        const std::string type = request.at("type"), key = request.at("key");
        if (type == "write") return values[key] = request.at("value"), json{{"type", "write_ok"}};
        const auto held = values.find(key);
        if (type == "read")
            return held == values.end() ? error(20)
                                        : json{{"type", "read_ok"}, {"value", held->second}};
        REQUIRE(type == "cas");
        ++swaps;
        if (held != values.end() && held->second != request.at("from"))
            return ++failed_swaps, error(22);
        values[key] = request.at("to");
        return {{"type", "cas_ok"}};
    }
    static json error(int code) { return {{"type", "error"}, {"code", code}, {"text", ""}}; }
};

/// A node with such a service.
struct Served : Fixture {
    FakeService service;

    json& held() { return service.values["final_result/n0"]; }
    std::uint64_t held_value() {
        return crdt::json::try_decode<Counter>(held().get<std::string>())->value();
    }
    void run(Duration span) {
        for (const Time end = node.clock + span; node.clock < end;
             node.pass(Duration{std::chrono::milliseconds{1}} / 4)) {
            for (const json& message : node.sent())
                answer(message.at("body"), service.answer(message.at("body")));
        }
    }
};

/// Returns the same JSON in another layout.
std::string laid_out(const json& value, crdt::Random& random) {
    const auto space = [&] {
        return std::string(random.below(3) == 0 ? 1 + random.below(2) : 0, ' ');
    };
    if (!value.is_object()) {
        std::string text = value.dump();
        const auto letter = text.find_first_of("acdeghnoru");
        if (value.is_string() && letter != std::string::npos && random.below(2) == 0) {
            constexpr const char* digits = "0123456789abcdef";
            const auto code = static_cast<unsigned char>(text[letter]);
            text.replace(letter, 1, std::string("\\u00") + digits[code >> 4U] + digits[code & 15U]);
        }
        return space() + text + space();
    }
    std::vector<std::string> members;
    for (const auto& [name, member] : value.items())
        members.insert(
            members.begin() + static_cast<std::ptrdiff_t>(random.below(members.size() + 1)),
            laid_out(name, random) + ':' + laid_out(member, random));
    std::string text;
    for (const std::string& member : members) text += (text.empty() ? "" : ",") + member;
    return space() + '{' + text + '}' + space();
}

}  // namespace

TEST_CASE("seq-kv: an add is acknowledged when it is in the store, not before") {
    Started test;
    test.add(3);
    const json swap = test.swap();
    CHECK(swap.at("key") == "final_result/n0");
    CHECK(swap.at("from") == nullptr);
    CHECK(swap.at("create_if_not_exists") == true);
    CHECK(swap.at("to") == document(test.counter.replica_id(), 3));
    CHECK(test.acknowledged == 0);
    test.answer(swap, {{"type", "cas_ok"}});
    CHECK(test.acknowledged == 1);
    test.store.persist(Counter(), [&] { ++test.acknowledged; });
    CHECK(test.acknowledged == 2);  // nothing needs no write
    test.node.pass(lone_turn);
    CHECK(test.node.sent().empty());
}

TEST_CASE("seq-kv: a lone node writes its adds in batches of a tenth of a second") {
    Started test;
    test.add(1);
    test.node.pass(lone_turn / 2);
    test.add(1);
    test.node.pass(lone_turn / 2 - Duration{1});
    CHECK(test.node.sent().empty());
    test.node.pass(Duration{1});
    test.answer(test.requested("cas"), {{"type", "cas_ok"}});
    CHECK(test.acknowledged == 2);
}

TEST_CASE("seq-kv: adds that come while a swap is under way share the next one") {
    Started test;
    test.add(1);
    const json first = test.swap();
    for (int i = 0; i < 5; ++i) test.add(1);
    test.node.pass(lone_turn);
    CHECK(test.node.sent().empty());
    test.answer(first, {{"type", "cas_ok"}});
    CHECK(test.acknowledged == 1);
    const json second = test.swap();
    CHECK(second.at("from") == first.at("to"));
    test.answer(second, {{"type", "cas_ok"}});
    CHECK(test.acknowledged == 6);
    test.node.pass(lone_turn);
    CHECK(test.node.sent().empty());
}

TEST_CASE("seq-kv: a swap that lost is done again on top of what was stored") {
    Started test;
    test.add(1);
    test.fail(test.swap(), 22);
    test.show_fresh(document("other", 9));
    CHECK(test.counter.state().value() == 10);
    const json again = test.requested("cas");
    CHECK(again.at("from") == document("other", 9));
    CHECK(crdt::json::try_decode<Counter>(again.at("to").get<std::string>())->value() == 10);
    test.answer(again, {{"type", "cas_ok"}});
    CHECK(test.acknowledged == 1);
}

TEST_CASE("seq-kv: a swap with a lost answer counts once, whether it took place or not") {
    for (const bool took_place : {false, true}) {
        CAPTURE(took_place);
        Started test;
        test.add(4);
        const json swap = test.swap();
        test.node.pass(std::chrono::milliseconds{1100});
        test.show_fresh(took_place ? swap.at("to") : json(document("other", 1)));
        if (took_place) {
            CHECK(test.node.sent().empty());
        } else {
            test.answer(test.requested("cas"), {{"type", "cas_ok"}});
        }
        CHECK(test.acknowledged == 1);
        CHECK(test.counter.state().value(test.counter.replica_id()) == 4);
    }
}

TEST_CASE("seq-kv: markers are unique, so that the read after one is fresh") {
    Fixture test;
    const json loading = test.show(nullptr);
    test.add(1);
    test.fail(test.swap(), 22);
    const json first = test.show_fresh(document("a", 1));
    test.fail(test.requested("cas"), 22);
    const json second = test.show_fresh(document("a", 1));
    CHECK(loading.at("key") == "final_result/n0/marker");
    for (const json& marker : {first, second}) {
        CHECK(marker.at("key") == loading.at("key"));
        CHECK(marker.at("value") != loading.at("value"));
    }
    CHECK(first.at("value") != second.at("value"));
}

TEST_CASE("seq-kv: nothing is sent to the service before the network is up") {
    TestNode node;
    Gossip<Counter> counter(node, replication::Epoch{1});
    KvStore<Counter> store(node, counter, "seq-kv", "final_result");
    node.init({"n0"});
    node.pass(std::chrono::milliseconds{5000});
    CHECK(node.sent().empty());
}

TEST_CASE("seq-kv: the first reads wait for the store, later ones take no message") {
    Fixture test;
    int reads = 0;
    const auto refresh = [&] { test.store.refresh([&] { ++reads; }); };
    refresh();
    refresh();
    CHECK(reads == 0);
    test.show(document("other", 5));
    CHECK(reads == 2);
    CHECK(test.counter.state().value() == 5);
    refresh();
    CHECK(reads == 3);
    CHECK(test.node.sent().empty());
}

TEST_CASE("seq-kv: a restarted node swaps on what it has stored") {
    Started test(document("earlier", 7));
    test.add(1);
    const json swap = test.swap();
    CHECK(swap.at("from") == document("earlier", 7));
    CHECK(crdt::json::try_decode<Counter>(swap.at("to").get<std::string>())->value() == 8);
}

TEST_CASE("seq-kv: an unreachable store delays reads by two seconds, and is loaded later") {
    Fixture test;
    int reads = 0;
    test.store.refresh([&] { ++reads; });
    test.requested("write");
    test.node.pass(std::chrono::milliseconds{1000});
    test.requested("read");
    CHECK(reads == 0);
    test.node.pass(std::chrono::milliseconds{1000});
    CHECK(reads == 1);
    CHECK(test.node.sent().empty());
    test.node.pass(std::chrono::milliseconds{1000});
    test.show(document("other", 5));
    CHECK(test.counter.state().value() == 5);
    test.node.pass(std::chrono::milliseconds{5000});
    CHECK(test.node.sent().empty());
}

TEST_CASE("seq-kv: an answer to an earlier incarnation of the node stores nothing") {
    TestNode one(crdt::system::fresh_number()), other(crdt::system::fresh_number());
    const auto number_of_first_call = [](TestNode& node) {
        node.init();
        node.call(
            "seq-kv", "read", [](auto&) {}, std::chrono::milliseconds{1}, [](const RpcResult&) {});
        return node.only().at("msg_id");
    };
    CHECK(number_of_first_call(one) != number_of_first_call(other));
}

TEST_CASE("seq-kv: only the answer to a swap means that it took place") {
    for (const json& body : {json{{"type", "read_ok"}}, json::object(), json{{"type", 1}},
                             json{{"type", "error"}}, json{{"type", "error"}, {"code", "x"}}}) {
        Started test;
        test.add(1);
        test.answer(test.swap(), body);
        CHECK(test.acknowledged == 0);
        test.show_fresh(document("other", 1));
        test.answer(test.requested("cas"), {{"type", "cas_ok"}});
        CHECK(test.acknowledged == 1);
    }
}

TEST_CASE("seq-kv: a node that lost many races still swaps on what it has just read") {
    Started test;
    test.add(1);
    test.node.pass(lone_turn);
    for (unsigned round = 1; round <= 7; ++round) {
        test.fail(test.requested("cas"), 22);
        test.show_fresh(document("other", round));
        // No time has passed between the answer to the read and the swap.
    }
    const json swap = test.requested("cas");
    CHECK(swap.at("from") == document("other", 7));
    test.answer(swap, {{"type", "cas_ok"}});
    CHECK(test.acknowledged == 1);
}

TEST_CASE(
    "seq-kv: a store that refuses gets fewer and fewer requests, a silent one is still retried") {
    Started test;
    test.add(1);
    std::size_t messages = 0;
    for (int turn = 0; turn < 100000; ++turn) {
        for (const json& message : test.node.sent()) {
            ++messages;
            test.fail(message.at("body"), 11);
        }
        test.node.pass(Duration{std::chrono::milliseconds{1}} / 10);
    }
    CHECK(messages >= 3 * 10);
    CHECK(messages <= 3 * 40);

    // The node drops requests after their timeout. Their adds are stored with the next add.
    test.add(2);
    for (int turn = 0; turn < 20; ++turn) test.node.pass(std::chrono::milliseconds{500});
    test.node.sent();
    test.add(4);
    for (int turn = 0; turn < 8 && test.acknowledged == 0; ++turn) {
        for (const json& message : test.node.sent()) {
            const json& body = message.at("body");
            if (body.at("type") == "cas")
                test.answer(body, {{"type", "cas_ok"}});
            else
                test.fail(body, 20);
        }
        test.node.pass(std::chrono::milliseconds{500});
    }
    CHECK(test.acknowledged == 1);
    CHECK(test.counter.state().value() == 7);
}

TEST_CASE("seq-kv: a foreign value in the store is neither merged nor overwritten") {
    for (const json& foreign : {json(12), json("x"), json::object()}) {
        Started test;
        test.add(1);
        test.fail(test.swap(), 22);
        test.show_fresh(foreign);
        const json swap = test.requested("cas");
        CHECK(swap.at("from") != foreign);
        CHECK(test.acknowledged == 0);
        CHECK(test.counter.state().value() == 1);
    }
}

TEST_CASE("seq-kv: one extra space in the store keeps nothing from being acknowledged") {
    Served test;
    test.held() = R"({"state": {"other":5},"type":"gcounter<text,u64>","version":2})";
    test.add(2);
    test.run(std::chrono::milliseconds{8000});
    CHECK(test.acknowledged == 1);
    CHECK(test.service.failed_swaps == 0);  // it was read at the start
    CHECK(test.counter.state().value() == 7);
    CHECK(test.held_value() == 7);  // it is canonical again
}

TEST_CASE("seq-kv: a document is joined however somebody lays it out, again and again") {
    crdt::Random random(1);
    int unusual = 0;
    constexpr int rounds = support::few_cases ? 10 : 100;
    for (int round = 0; round < rounds; ++round) {
        Served test;
        Counter stored;
        for (const char* id : {"other", "one more", "\t"})
            if (random.below(2) == 0) stored.add(id, 1 + random.below(9));
        std::uint64_t expected = stored.value();
        for (int turn = 1; turn <= 3; ++turn) {
            test.held() = laid_out(json::parse(crdt::json::encode(stored)), random);
            unusual += test.held() == crdt::json::encode(stored) ? 0 : 1;
            CAPTURE(test.held());
            test.add(1);
            test.run(std::chrono::milliseconds{2000});
            CHECK(test.acknowledged == turn);
            CHECK(test.held_value() == ++expected);
            CHECK(test.service.failed_swaps <= turn);
            stored = test.counter.state();
        }
    }
    CHECK(unusual > 2 * rounds);
}

TEST_CASE("seq-kv: what cannot be read is requested less and less often, until it is mended") {
    for (const json& foreign : {json(12), json("x"), json::object(), json(document("a", 3) + "x"),
                                json(document("a", 3).substr(1))}) {
        for (const bool is_removed : {false, true}) {
            Served test;
            test.held() = foreign;
            test.add(1);
            test.run(std::chrono::milliseconds{8000});
            CHECK(test.held() == foreign);
            CHECK(test.acknowledged == 0);
            CHECK(test.service.swaps >= 2);
            CHECK(test.service.swaps <= 40);
            if (is_removed)
                test.service.values.erase("final_result/n0");
            else
                test.held() = document("a", 5);
            test.add(2);
            test.run(std::chrono::milliseconds{2000});
            CHECK(test.acknowledged == 1);
            CHECK(test.held_value() == (is_removed ? 3 : 8));
        }
    }
}

TEST_CASE("seq-kv: swaps that fail whatever is read become less and less frequent") {
    Served test;
    test.held() = document("other", 1);
    test.add(1);
    int swaps = 0;
    for (int turn = 0; turn < 8 * 4000; ++turn) {
        for (const json& message : test.node.sent()) {
            json request = message.at("body");
            // Somebody else is always faster.
            if (request.at("type") == "cas") {
                ++swaps;
                test.held() = document("other", static_cast<unsigned>(1 + swaps));
            }
            test.answer(request, test.service.answer(request));
        }
        test.node.pass(Duration{std::chrono::milliseconds{1}} / 4);
    }
    CHECK(test.service.failed_swaps == swaps);
    CHECK(swaps >= 16);
    CHECK(swaps <= 80);
    const int before = test.acknowledged;
    test.add(1);
    test.run(std::chrono::milliseconds{2000});
    CHECK(test.acknowledged == before + 1);
}

TEST_CASE("seq-kv: the document of an empty state is one like any other") {
    Served test;
    test.held() = crdt::json::encode(Counter());
    test.add(1);
    test.run(std::chrono::milliseconds{1000});
    CHECK(test.acknowledged == 1);
}

TEST_CASE("seq-kv: an older document that was put back is joined and replaced") {
    Served test;
    test.add(1);
    test.run(std::chrono::milliseconds{1000});
    const json old = test.held();
    test.add(2);
    test.run(std::chrono::milliseconds{1000});
    CHECK(test.held_value() == 3);
    test.held() = old;
    test.add(4);
    test.run(std::chrono::milliseconds{2000});
    CHECK(test.acknowledged == 3);
    CHECK(test.held_value() == 7);
}

TEST_CASE("memory store: done at once") {
    store::MemoryStore<Counter> store;
    int done = 0;
    store.persist(Counter(), [&] { ++done; });
    store::refresh(store, [&] { ++done; });
    CHECK(done == 2);
    static_assert(store::Store<store::MemoryStore<Counter>, Counter>);
    static_assert(store::Store<KvStore<Counter>, Counter>);
    static_assert(!store::Store<Counter, Counter>);
}

TEST_CASE("kv: a service's words") {
    TestNode node;
    node.init();
    KV kv(node, "lin-kv");
    const auto ignore = [](const RpcResult&) {};
    kv.read("k", ignore);
    kv.write("k", 1, ignore);
    kv.cas("k", 1, 2, ignore);
    const auto sent = node.sent();
    REQUIRE(sent.size() == 3);
    for (const json& message : sent) CHECK(message.at("dest") == "lin-kv");
    CHECK(sent[0].at("body").dump() ==
          R"({"key":"k","msg_id":1,"type":"read"})");  // TestNode counts from 0
    CHECK(sent[1].at("body").at("value") == 1);
    CHECK(sent[2].at("body").at("from") == 1);
    CHECK(sent[2].at("body").at("to") == 2);
}

TEST_CASE("gossip: two nodes converge over their lines, and a restarted one starts from bottom") {
    struct Peer {
        TestNode node;
        Gossip<Counter> counter;
        Peer(const std::string& id, replication::Epoch epoch) : counter(node, epoch, options()) {
            node.message(
                "c0",
                {{"type", "init"}, {"msg_id", 1}, {"node_id", id}, {"node_ids", {"n0", "n1"}}}, id);
            node.output().clear();
        }
        static replication::Options options() {
            replication::Options result;
            return result;
        }
    };
    std::map<std::string, std::optional<Peer>> peers;
    peers["n0"].emplace("n0", replication::Epoch{1});
    peers["n1"].emplace("n1", replication::Epoch{2});
    const auto exchange = [&] {
        for (int i = 0; i < 300; ++i) {
            for (auto& [id, peer] : peers) {
                peer->node.pass(std::chrono::milliseconds{10});
                const std::string lines = std::exchange(peer->node.output(), {});
                std::istringstream stream(lines);
                for (std::string line; std::getline(stream, line);) {
                    peers[json::parse(line).at("dest")]->node.line(line);
                }
            }
        }
    };
    const auto add = [&](const std::string& id, unsigned amount) {
        auto& counter = peers[id]->counter;
        counter.update([&](Counter& state) { return state.add(counter.replica_id(), amount); });
    };
    add("n0", 1);
    add("n1", 2);
    exchange();
    CHECK(peers["n0"]->counter.state().value() == 3);
    CHECK(peers["n1"]->counter.state() == peers["n0"]->counter.state());

    peers["n1"].emplace("n1", replication::Epoch{3});
    add("n1", 10);
    exchange();
    CHECK(peers["n1"]->counter.state().value() == 13);
    CHECK(peers["n0"]->counter.state().value() == 13);

    peers["n0"]->node.message("n1", {{"type", "gossip"}, {"version", 9}});
    CHECK(peers["n0"]->counter.state().value() == 13);
}

TEST_CASE("gossip: nothing is sent before the network is up") {
    const auto first_word_after = [](auto&& event) {
        TestNode node;
        Gossip<Counter> counter(node, replication::Epoch{1});
        node.init();
        for (int waited = 0; waited < 10000; ++waited) {
            if (!node.sent().empty()) return waited;
            if (waited == 100) event(node);
            node.pass(std::chrono::milliseconds{1});
        }
        return -1;
    };
    const int alone = first_word_after([](TestNode&) {});
    CHECK(alone >= 2000);
    CHECK(alone <= 2300);
    const int latency = first_word_after([](TestNode& node) {
        node.message("c1", {{"type", "x"}});
    });
    CHECK(latency >= 100);
    CHECK(latency <= 400);
    const int greeted = first_word_after([](TestNode& node) {
        node.message("n1", {{"type", "gossip"}});
    });
    CHECK(greeted >= 100);
    CHECK(greeted <= 400);
}

TEST_CASE("fresh numbers are fresh, not 0, and exact as a double") {
    const auto a = crdt::system::fresh_number(), b = crdt::system::fresh_number();
    CHECK(a != b);
    CHECK(a != 0);
    CHECK(a < (std::uint64_t{1} << 53U));
}

}  // namespace kv_store_tests

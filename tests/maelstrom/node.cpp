// SPDX-License-Identifier: MIT
//! Tests each rule of the protocol that is easy to break.
#include "support/node.hpp"

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/maelstrom/callbacks.hpp>
#include <crdt/maelstrom/dispatcher.hpp>
#include <crdt/maelstrom/node.hpp>
#include <crdt/maelstrom/reply_buffer.hpp>
#include <crdt/maelstrom/request.hpp>
#include <crdt/maelstrom/rpc.hpp>

namespace node_tests {

using namespace crdt::maelstrom;
using support::json;
using support::TestNode;

namespace {

json request(const std::string& type, json fields = json::object()) {
    fields["type"] = type;
    fields["msg_id"] = 7;
    return fields;
}

/// What cannot be written.
struct Unspeakable {};

/// Writes no members.
void no_fields(crdt::json::Writer&) {}

}  // namespace

}  // namespace node_tests

template <>
struct crdt::Serializer<node_tests::Unspeakable> {
    static void write(auto& out, const node_tests::Unspeakable&) {
        out.begin_seq(1);
        throw std::runtime_error("unspeakable");
    }
};

namespace node_tests {

TEST_CASE("node: init contains the id and the peers, and is answered") {
    TestNode node;
    int initialised = 0;
    node.on_init([&] { ++initialised; });
    node.message(
        "c0",
        {{"type", "init"}, {"msg_id", 1}, {"node_id", "n0"}, {"node_ids", {"n0", "n1", "n2"}}});
    const auto reply = node.sent();
    REQUIRE(reply.size() == 1);
    CHECK(reply[0].dump() ==
          R"({"body":{"in_reply_to":1,"type":"init_ok"},"dest":"c0","src":"n0"})");
    CHECK(node.id() == "n0");
    CHECK(node.peers() == std::vector<std::string>{"n1", "n2"});
    CHECK(initialised == 1);
    node.message("c0", request("init", {{"node_id", "n5"}, {"node_ids", {"n5"}}}));
    CHECK(node.only().at("code") == 22);
    CHECK(node.id() == "n0");
    CHECK(initialised == 1);
}

TEST_CASE("node: before init nothing is sent, whatever arrives") {
    TestNode node;
    node.on("read", [](const Request& read) { read.ok(); });
    node.message("n1", {{"type", "gossip"}});
    node.message("c1", request("read"));
    node.message("c1", {{"type", "init"}, {"msg_id", 1}});
    node.message("c1", {{"type", "init"}, {"node_id", "n0"}, {"node_ids", {"n0"}}});
    node.message("c1", {{"type", "init"}, {"msg_id", 1}, {"node_id", 3}, {"node_ids", {"n0"}}});
    node.message("c1",
                 {{"type", "init"}, {"msg_id", 1}, {"node_id", "n0"}, {"node_ids", {"n0", 1}}});
    node.send_plain("c1", "x");
    CHECK(node.sent().empty());
    CHECK(node.id().empty());
    node.init();
    node.message("c1", request("read"));
    CHECK(node.only().at("type") == "read_ok");
}

TEST_CASE("node: a reply has the request's msg_id, its type and the fields, and nothing else") {
    TestNode node;
    node.init();
    node.on("read", [](const Request& read) { read.ok("value", 3); });
    node.message("c1", request("read"));
    CHECK(node.only().dump() == R"({"in_reply_to":7,"type":"read_ok","value":3})");
}

TEST_CASE("node: a reply with one field needs only the name and the value") {
    TestNode node;
    node.init();
    const auto reply_with = [&](const auto& value) {
        node.on("read", [&](const Request& read) { read.ok("value", value); });
        node.message("c1", request("read"));
        return node.only();
    };
    const auto expected = [](const json& value) {
        return json{{"type", "read_ok"}, {"in_reply_to", 7}, {"value", value}};
    };
    CHECK(reply_with(-3) == expected(-3));
    CHECK(reply_with(std::vector<int>{1, 2}) == expected({1, 2}));
    CHECK(reply_with(std::string("a\"b")) == expected("a\"b"));
    CHECK(reply_with(json{{"a", 1}}) == expected({{"a", 1}}));
    CHECK(reply_with(Unspeakable{}).at("code") == 13);
}

TEST_CASE("node: malformed requests are answered with 12, unknown types with 10") {
    TestNode node;
    node.init();
    int handled = 0;
    node.on("add", [&](const Request& add) {
        add.integer("delta");
        ++handled;
        add.ok();
    });
    for (const json& delta : {json("1"), json(1.5), json(nullptr), json::array({1}), json(1e30),
                              json(18446744073709551615U)}) {
        node.message("c1", request("add", {{"delta", delta}}));
        const json reply = node.only();
        CHECK(reply.at("type") == "error");
        CHECK(reply.at("code") == 12);
        CHECK(reply.at("in_reply_to") == 7);
        CHECK(reply.size() == 4);
    }
    node.message("c1", request("add"));
    CHECK(node.only().at("code") == 12);
    node.message("c1", {{"msg_id", 7}});
    CHECK(node.only().at("code") == 12);
    node.message("c1", {{"msg_id", 7}, {"type", 5}});
    CHECK(node.only().at("code") == 12);
    node.message("c1", request("fly"));
    CHECK(node.only().at("code") == 10);
    CHECK(handled == 0);
    node.message("c1", request("add", {{"delta", 1}}));
    CHECK(node.only().at("type") == "add_ok");
}

TEST_CASE("node: the exception of a handler decides the error code") {
    TestNode node;
    node.init();
    node.on("own", [](const Request&) { throw RequestError(ErrorCode::abort, "own"); });
    node.on("argument", [](const Request&) { throw std::invalid_argument("argument"); });
    node.on("overflow", [](const Request&) { throw std::overflow_error("overflow"); });
    node.on("other", [](const Request&) { throw std::runtime_error("other"); });
    node.on("unknown exception", [](const Request&) { throw 1; });
    for (const auto& [type, code] :
         {std::pair("own", 14), std::pair("argument", 12), std::pair("overflow", 22),
          std::pair("other", 13), std::pair("unknown exception", 13)}) {
        node.message("c1", request(type));
        const json reply = node.only();
        CHECK(reply.at("code") == code);
        CHECK(reply.at("text") == type);
    }
}

TEST_CASE("node: requests that cannot be answered are not carried out") {
    TestNode node;
    node.init();
    int handled = 0;
    node.on("add", [&](const Request& add) {
        ++handled;
        add.ok();
    });
    for (const json& msg_id :
         {json(nullptr), json("7"), json(1.5), json(1e300), json(18446744073709551615U)}) {
        node.message("c1", {{"type", "add"}, {"msg_id", msg_id}});
    }
    node.message("c1", {{"type", "add"}});
    for (const char* sender : {"", "x1", "c", "c1x", "n9"}) {
        node.message(sender, request("add"));
    }
    node.message("c1", request("add"), "n1");
    node.message("c1", request("add"), "");
    CHECK(node.sent().empty());
    CHECK(handled == 0);
    CHECK(node.stats().misdirected == 7);
}

TEST_CASE("node: bad lines are counted, and nothing is sent") {
    TestNode node;
    node.init();
    for (const char* text : {"{", "null", "[]", "\xFF\xFE", "{\"src\":\"c1\"}", "   "}) {
        node.line(text);
    }
    node.line("");
    node.skip_line();
    CHECK(node.sent().empty());
    CHECK(node.stats().bad_lines == 7);
}

TEST_CASE("node: nothing is sent to receivers that are not in the network") {
    TestNode node;
    node.init();
    node.send_plain("n7", "gossip");
    node.send_plain("", "gossip");
    CHECK(node.sent().empty());
    CHECK(node.stats().unknown_dests == 2);
    node.send_plain("n1", "gossip");
    node.send_plain("seq-kv", "read");
    CHECK(node.sent().size() == 2);
}

TEST_CASE("node: a reply that is too late is not sent") {
    TestNode node;
    node.init();
    std::optional<Responder> kept;
    node.on("read", [&](const Request& read) { kept = read.responder(); });
    node.message("c1", request("read"));
    node.pass(std::chrono::milliseconds{4400});
    kept->ok();
    CHECK(node.sent().size() == 1);
    node.message("c1", request("read"));
    node.pass(std::chrono::milliseconds{4600});
    kept->ok();
    kept->error(ErrorCode::crash, "late");
    CHECK(node.sent().empty());
    CHECK(node.stats().late_replies == 2);
}

TEST_CASE("node: one-way messages are accepted only from peers") {
    TestNode node;
    node.init();
    int received = 0;
    node.on_peer("gossip", [&](const std::string& from, const Body&) {
        CHECK(from == "n1");
        ++received;
        throw std::runtime_error("must not end the node");
    });
    node.message("n1", {{"type", "gossip"}});
    CHECK(received == 1);
    node.message("c1", request("gossip"));
    CHECK(node.only().at("code") == 10);
    node.message("n1", {{"type", "unheard of"}});
    CHECK(node.sent().empty());
    CHECK(received == 1);
}

TEST_CASE("node: calls are answered once, by their receiver, or time out") {
    TestNode node;
    node.init();
    struct Answer {
        std::optional<std::int64_t> value;
        std::optional<ErrorCode> code;
    };
    std::vector<Answer> answers;
    const auto call = [&] {
        node.call(
            "seq-kv", "read", [](auto& body) { body.member("key").string("k"); },
            std::chrono::milliseconds{1000},
            [&](const RpcResult& result) {
                answers.push_back(result ? Answer{result->integer("value"), {}}
                                         : Answer{{}, result.error().code});
            });
        return node.only().at("msg_id");
    };
    json id = call();
    node.message("lin-kv", {{"type", "read_ok"}, {"in_reply_to", id}, {"value", 1}});
    node.message("seq-kv", {{"type", "read_ok"}, {"in_reply_to", 999}, {"value", 1}});
    node.message("seq-kv", {{"type", "read_ok"}, {"in_reply_to", "x"}, {"value", 1}});
    CHECK(answers.empty());
    node.message("seq-kv", {{"type", "read_ok"}, {"in_reply_to", id}, {"value", 1}});
    node.message("seq-kv", {{"type", "read_ok"}, {"in_reply_to", id}, {"value", 1}});
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].value == 1);

    id = call();
    node.message("seq-kv",
                 {{"type", "error"}, {"in_reply_to", id}, {"code", 20}, {"text", "no key"}});
    REQUIRE(answers.size() == 2);
    CHECK(answers[1].code == ErrorCode::key_does_not_exist);

    call();
    CHECK(node.next_deadline() == node.now() + std::chrono::milliseconds{1000});
    node.pass(std::chrono::milliseconds{999});
    CHECK(answers.size() == 2);
    node.pass(std::chrono::milliseconds{1});
    REQUIRE(answers.size() == 3);
    CHECK(answers[2].code == ErrorCode::timeout);
    CHECK_FALSE(node.next_deadline().has_value());
}

TEST_CASE(
    "node: the timeout of a client counts from the earliest possible arrival of its request") {
    TestNode node;
    node.init();
    node.on("read", [](const Request& read) { read.ok(); });
    const std::string line = json{{"src", "c1"}, {"dest", "n0"}, {"body", request("read")}}.dump();
    node.clock += std::chrono::milliseconds{5000};
    node.receive(line, node.clock, node.clock - std::chrono::milliseconds{4000});
    CHECK(node.sent().size() == 1);
    node.receive(line, node.clock, node.clock - std::chrono::milliseconds{5000});
    CHECK(node.sent().empty());
    CHECK(node.stats().late_replies == 1);
}

TEST_CASE("node: callbacks that throw do not end the node") {
    TestNode node;
    node.on_init([] { throw 1; });
    node.on_init([] { throw std::runtime_error("must not end the node"); });
    node.init();
    CHECK(node.stats().failed_callbacks == 2);
    const auto throws = [](const RpcResult&) { throw std::runtime_error("must not end the node"); };
    node.call("seq-kv", "read", no_fields, std::chrono::milliseconds{1000}, throws);
    const json id = node.only().at("msg_id");
    node.message("seq-kv", {{"type", "read_ok"}, {"in_reply_to", id}});
    node.call("seq-kv", "read", no_fields, std::chrono::milliseconds{1000}, throws);
    node.pass(std::chrono::milliseconds{2000});
    CHECK(node.stats().failed_callbacks == 4);
}

TEST_CASE("node: changes are durable before the lines that report them are written") {
    TestNode node;
    node.init();
    int lasting = 0;
    node.before_flush([&] { ++lasting; });
    node.send_plain("n1", "x");
    CHECK(lasting == 0);
    CHECK(node.sent().size() == 1);
    CHECK(lasting == 1);
    // An action that runs before lines are written may send a message.
    node.before_flush([&] { node.send_plain("n1", "y"); });
    CHECK(node.only().at("type") == "y");
}

TEST_CASE("node: if a change cannot be made durable, the node halts and sends nothing") {
    TestNode node;
    node.init();
    int later = 0;
    SUBCASE("an exception") {
        node.before_flush([] { throw std::runtime_error("no disk: expected by a test"); });
    }
    SUBCASE("anything else") {
        node.before_flush([] { throw 1; });
    }
    node.before_flush([&] { ++later; });
    node.on("read", [&](const Request& read) { read.ok(); });
    node.message("c1", request("read"));
    CHECK(!node.halted());
    CHECK(node.sent().empty());
    CHECK(node.halted());
    CHECK(later == 0);
    node.message("c1", request("read"));
    node.send_plain("n1", "x");
    CHECK(node.sent().empty());
}

TEST_CASE("node: replies that became too late during the commit are left out") {
    TestNode node;
    node.init();
    node.on("read", [&](const Request& read) { read.ok(); });
    const auto output_after = [&](crdt::replication::Duration span) {
        node.message("c1", request("read"));
        node.send_plain("n1", "x");
        node.message("c2", request("read"));
        node.output([&] { return node.clock + span; });
        return node.sent();
    };
    CHECK(output_after(crdt::maelstrom::Node::reply_window).size() == 3);
    const auto late = output_after(crdt::maelstrom::Node::reply_window + Duration{1});
    REQUIRE(late.size() == 1);
    CHECK(late[0].at("dest") == "n1");
    CHECK(node.stats().late_replies == 2);
}

}  // namespace node_tests

// SPDX-License-Identifier: MIT
//! Once a node has reserved memory, a request allocates nothing. This is a separate program,
//! because it replaces operator new by one that counts.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <crdt/maelstrom/line_buffer.hpp>
#include <crdt/maelstrom/node.hpp>

#include "../complexity/spent.hpp"

using namespace crdt::maelstrom;

namespace {

/// A node that adds up the numbers that it receives.
struct SumNode : Node {
    std::int64_t sum = 0;
    LineBuffer lines{1 << 16};

    SumNode() {
        const auto add = [this](const Request& request, const char* field) {
            sum += request.integer(field);
            request.ok();
        };
        on("add", [=](const Request& request) { add(request, "delta"); });
        on("broadcast", [=](const Request& request) { add(request, "message"); });
        on("read", [this](const Request& request) {
            // Answers later, as a store does.
            const Responder reply = request.responder();
            reply.guard([&] { reply.ok("value", sum); });
        });
        feed(
            R"({"src":"c0","dest":"n0","body":{"type":"init","msg_id":1,"node_id":"n0","node_ids":["n0","n1"]}})");
    }

    /// Passes the lines to the node as the event loop does. Returns the length of the replies.
    std::size_t feed(std::string_view bytes) {
        lines.feed(
            bytes, [this](std::string_view line) { receive(line, Time{}); }, [] {});
        lines.feed(
            "\n", [this](std::string_view line) { receive(line, Time{}); }, [] {});
        const std::size_t size = output([] { return Time{}; }).size();
        output().clear();
        return size;
    }
};

std::size_t allocations_of(SumNode& node, std::string_view bytes) {
    for (int i = 0; i < 3; ++i) REQUIRE(node.feed(bytes) > 0);
    const std::size_t before = spent.allocations;
    for (int i = 0; i < 100; ++i) node.feed(bytes);
    return spent.allocations - before;
}

}  // namespace

TEST_CASE("allocations: a plain request and its reply allocate nothing") {
    SumNode node;
    CHECK(
        allocations_of(
            node,
            R"({"id":12345,"src":"c1","dest":"n0","body":{"type":"add","delta":3,"msg_id":12345}})") ==
        0);
    CHECK(
        allocations_of(
            node,
            R"({"id":6,"src":"c1","dest":"n0","body":{"type":"broadcast","message":1000,"msg_id":7}})") ==
        0);
    CHECK(allocations_of(
              node, R"({"id":8,"src":"c123","dest":"n0","body":{"type":"read","msg_id":9}})") == 0);
    CHECK(node.sum == 103 * 3 + 103 * 1000);
}

TEST_CASE("allocations: many requests of one read allocate nothing") {
    SumNode node;
    const std::string line =
        "{\"src\":\"c1\",\"dest\":\"n0\",\"body\":{\"type\":\"add\",\"delta\":1,\"msg_id\":1}}\n";
    std::string bytes;
    for (int i = 0; i < 100; ++i) bytes += line;
    CHECK(allocations_of(node, bytes) == 0);
    CHECK(node.sum == 103 * 100);
}

TEST_CASE("allocations: a request with escapes or further members allocates nothing") {
    SumNode node;
    CHECK(
        allocations_of(
            node,
            R"({"src":"c1","dest":"n0","body":{"type":"\u0061dd","delta":3,"msg_id":1,"more":[{}]}})") ==
        0);
    CHECK(node.sum == 103 * 3);
}

TEST_CASE("allocations: the test counts the allocations of a long id") {
    SumNode node;
    CHECK(allocations_of(
              node,
              R"({"src":"c1234567890123456789","dest":"n0","body":{"type":"read","msg_id":1}})") >
          0);
}

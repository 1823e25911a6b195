// SPDX-License-Identifier: MIT
//! A Node under test. It accepts lines and returns parsed lines. The test moves its clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <crdt/codec/json/nlohmann.hpp>
#include <crdt/maelstrom/node.hpp>

namespace support {

using crdt::replication::Duration;
using crdt::replication::Time;
using nlohmann::json;

struct TestNode : crdt::maelstrom::Node {
    Time clock{std::chrono::milliseconds{1000}};

    // Logs only errors, because these tests expect refusals.
    explicit TestNode(std::uint64_t first_call = 0)
        : Node(crdt::maelstrom::Log(crdt::maelstrom::LogLevel::error),
               static_cast<std::int64_t>(first_call)) {}

    void line(const std::string& text) { receive(text, clock); }
    void message(const std::string& src, const json& body, const std::string& dest = "n0") {
        line(json{{"src", src}, {"dest", dest}, {"body", body}}.dump());
    }
    /// Sends a message without other members.
    void send_plain(const std::string& dest, const std::string& type) {
        send(dest, type, [](crdt::json::Writer&) {});
    }
    void init(const json& ids = {"n0", "n1", "n2"}) {
        message("c0", {{"type", "init"}, {"msg_id", 1}, {"node_id", "n0"}, {"node_ids", ids}});
        CHECK(sent().size() == 1);
    }
    void pass(Duration span) {
        clock += span;
        tick(clock);
    }
    /// Returns the messages that were sent since the last call. Each line must be one that the
    /// network accepts.
    std::vector<json> sent() {
        std::istringstream lines(std::exchange(output(), {}));
        std::vector<json> messages;
        for (std::string text; std::getline(lines, text);) {
            messages.push_back(json::parse(text));
            CHECK(messages.back().size() == 3);
            CHECK(messages.back().at("src") == "n0");
            CHECK(messages.back().at("body").at("type").is_string());
        }
        return messages;
    }
    /// Returns the body of the only message that was sent since the last call.
    json only() {
        const auto messages = sent();
        REQUIRE(messages.size() == 1);
        return messages.front().at("body");
    }
};

}  // namespace support

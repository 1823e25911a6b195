// SPDX-License-Identifier: MIT
//! Tests of the envelope, and of the replies that clients accept.
#include <string>

#include <doctest/doctest.h>

#include <message.hpp>

namespace messages_tests {

using namespace cluster;

namespace {

std::string reason(std::string_view line) {
    const auto parsed = parse_message(line, "n0");
    const auto* bad = std::get_if<BadLine>(&parsed);
    return bad == nullptr ? "" : bad->reason;
}

}  // namespace

TEST_CASE("a valid line becomes an envelope") {
    const auto parsed = parse_message(
        R"({"id":7,"src":"n0","dest":"c1","body":{"type":"add_ok","in_reply_to":1}})", "n0");
    const auto& message = std::get<Envelope>(parsed);
    CHECK(message.dest == "c1");
    CHECK(message.body["in_reply_to"] == 1);
    CHECK(format_message(3, message) ==
          "{\"id\":3,\"src\":\"n0\",\"dest\":\"c1\",\"body\":{\"in_reply_to\":1,\"type\":\"add_"
          "ok\"}}\n");
}

TEST_CASE("an invalid line has a reason") {
    CHECK(reason("hello") == "a line that is not JSON");
    CHECK(reason("") == "a line that is not JSON");
    CHECK(reason("[1]") == "a line that is not a JSON object");
    CHECK(reason(R"({"src":null,"dest":"c1","body":{"type":"x"}})").find("src is not") !=
          std::string::npos);
    CHECK(reason(R"({"src":"n1","dest":"c1","body":{"type":"x"}})").find("not its own") !=
          std::string::npos);
    CHECK(reason(R"({"src":"n0","body":{"type":"x"}})").find("dest") != std::string::npos);
    CHECK(reason(R"({"src":"n0","dest":"c1","body":[]})").find("body is not an object") !=
          std::string::npos);
    CHECK(reason(R"({"src":"n0","dest":"c1","body":{"type":1}})").find("no string type") !=
          std::string::npos);
    CHECK(reason(R"({"src":"n0","dest":"c1","body":{"type":"x"},"k":1})").find("\"k\"") !=
          std::string::npos);
}

}  // namespace messages_tests

// SPDX-License-Identifier: MIT
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/json/input.hpp>
#include <crdt/codec/json/nlohmann.hpp>
#include <crdt/maelstrom/envelope.hpp>
#include <crdt/maelstrom/line_buffer.hpp>
#include <crdt/system/error_code.hpp>

namespace envelope_tests {

using namespace crdt::maelstrom;
using namespace crdt::system;
namespace json = crdt::json;

namespace {

std::string refusal(std::string_view line) {
    json::Input input;
    const auto message = parse_envelope(input, line);
    return message ? "accepted" : message.error().to_string();
}

std::vector<std::string> lines_of(const std::vector<std::string>& chunks, std::size_t limit,
                                  int& skipped) {
    LineBuffer buffer(limit);
    std::vector<std::string> lines;
    const auto keep = [&](std::string_view line) { lines.emplace_back(line); };
    for (const std::string& chunk : chunks) buffer.feed(chunk, keep, [&] { ++skipped; });
    buffer.finish(keep);
    return lines;
}

}  // namespace

TEST_CASE("envelope: fields may be in any order, and unknown ones are ignored") {
    json::Input input;
    const auto message = parse_envelope(
        input,
        R"({"id":3,"body":{"type":"x","list":[1,{"a":null}],"n":-1.5},"more":{"body":[{}]},"dest":"n1","src":"c1"})");
    REQUIRE(message);
    CHECK(message->src == "c1");
    CHECK(message->dest == "n1");
    CHECK(message->body.text("type") == "x");
    CHECK(message->body.contains("list"));
    CHECK_FALSE(message->body.contains("a"));
    CHECK(message->body.get<nlohmann::json>("list")->dump() == R"([1,{"a":null}])");
    CHECK_FALSE(message->body.integer("n"));
    CHECK(message->body.get<std::int64_t>("n").error().to_string() ==
          "expected a whole number below 2^64 at /body/n");
}

TEST_CASE("envelope: a line that is not an envelope is refused with a reason") {
    CHECK(refusal("") == "unexpected end of input at byte 0");
    CHECK(refusal("hello") == "expected a value at byte 0");
    CHECK(refusal("3") == "expected an object");
    CHECK(refusal("\"c1\"") == "expected an object");
    CHECK(refusal("[]") == "expected an object");
    CHECK(refusal("{}") == "no src, dest or body");
    CHECK(refusal(R"({"src":"c1","dest":"n1"})") == "no src, dest or body");
    CHECK(refusal(R"({"src":null,"dest":"n1","body":{}})") == "expected a string at /src");
    CHECK(refusal(R"({"src":"c1","dest":{"a":1},"body":{}})") == "expected a string at /dest");
    CHECK(refusal(R"({"src":"c1","dest":["n1"],"body":{}})") == "expected a string at /dest");
    CHECK(refusal(R"({"src":"c1","dest":"n1","body":[]})") == "expected an object at /body");
    CHECK(refusal(R"({"src":"c1","dest":"n1","body":"x"})") == "expected an object at /body");
    CHECK(refusal(R"({"src":"c1","dest":"n1","body":true})") == "expected an object at /body");
    CHECK(refusal(R"({"src":"c1","src":"c2","dest":"n1","body":{}})") ==
          "duplicate key \"src\" at byte 12");
    CHECK(refusal(R"({"src":"c1","dest":"n1","body":{"a":1,"a":2}})") ==
          "duplicate key \"a\" at byte 38");
    CHECK(refusal(R"({"src":"c1","dest":"n1","body":{}} {})") == "trailing bytes at byte 35");
    CHECK(refusal(R"({"src":"c1","dest":"n1","body":{"a":)" + std::string(1000, '[')) ==
          "nested too deeply at byte 98");
    CHECK(refusal(R"({"id":)" + std::string(1000, '[')) == "nested too deeply at byte 69");
}

TEST_CASE("envelope: escapes are read, in names too") {
    json::Input input;
    const auto message = parse_envelope(
        input, R"({"s\u0072c":"\u0063\u0031","dest":"n\/1","body":{"\u0061":"\t","b":7}})");
    REQUIRE(message);
    CHECK(message->src == "c1");
    CHECK(message->dest == "n/1");
    CHECK(message->body.text("a") == "\t");
    CHECK(message->body.integer("b") == 7);
    CHECK_FALSE(message->body.text("b"));
    CHECK_FALSE(message->body.integer("a"));
}

TEST_CASE("envelope: clients and services are recognised by their ids") {
    CHECK(is_client_id("c1"));
    CHECK(is_client_id("c123"));
    CHECK_FALSE(is_client_id("c"));
    CHECK_FALSE(is_client_id("c1x"));
    CHECK_FALSE(is_client_id("n1"));
    CHECK_FALSE(is_client_id(""));
    CHECK(is_service_id("seq-kv"));
    CHECK_FALSE(is_service_id("seq-kv2"));
}

TEST_CASE("lines: reads may split lines anywhere") {
    int skipped = 0;
    CHECK(lines_of({"a\nb", "c\n", "\nd"}, 10, skipped) ==
          std::vector<std::string>{"a", "bc", "", "d"});
    CHECK(lines_of({"a", "b", "\n"}, 10, skipped) == std::vector<std::string>{"ab"});
    CHECK(skipped == 0);
}

TEST_CASE("lines: a line that is too long is skipped as a whole, and the others are not") {
    int skipped = 0;
    CHECK(lines_of({"1234", "56", "789\nok\n12345\n123456\n"}, 5, skipped) ==
          std::vector<std::string>{"ok", "12345"});
    CHECK(skipped == 2);
    CHECK(lines_of({"123456"}, 5, skipped).empty());
}

TEST_CASE("errors: the definite codes are those of Maelstrom") {
    CHECK_FALSE(is_definite(ErrorCode::timeout));
    CHECK_FALSE(is_definite(ErrorCode::crash));
    CHECK_FALSE(is_definite(static_cast<ErrorCode>(1000)));
    for (const int code : {1, 10, 11, 12, 14, 20, 21, 22, 30}) {
        CHECK(is_definite(static_cast<ErrorCode>(code)));
        CHECK(name_of(static_cast<ErrorCode>(code)) != "unknown");
    }
    CHECK(name_of(ErrorCode::malformed_request) == "malformed-request");
    CHECK(name_of(static_cast<ErrorCode>(1000)) == "unknown");
}

}  // namespace envelope_tests

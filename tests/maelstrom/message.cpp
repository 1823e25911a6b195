// SPDX-License-Identifier: MIT
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/maelstrom/body.hpp>
#include <crdt/maelstrom/error.hpp>
#include <crdt/maelstrom/json_text.hpp>
#include <crdt/maelstrom/line_buffer.hpp>
#include <crdt/maelstrom/message.hpp>
#include <crdt/maelstrom/parse_message.hpp>

using namespace crdt::maelstrom;

namespace {

std::string refusal(std::string_view line) {
    const auto message = parse_message(line);
    return message ? "accepted" : message.error().to_string();
}

std::vector<std::string> lines_of(const std::vector<std::string>& pieces, std::size_t limit,
                                  int& skipped) {
    LineBuffer buffer(limit);
    std::vector<std::string> lines;
    const auto keep = [&](std::string_view line) { lines.emplace_back(line); };
    for (const std::string& piece : pieces) buffer.feed(piece, keep, [&] { ++skipped; });
    buffer.finish(keep);
    return lines;
}

}  // namespace

TEST_CASE("envelope: fields in any order, unknown ones ignored") {
    const auto message = parse_message(
        R"({"id":3,"body":{"type":"x","list":[1,{"a":null}],"n":-1.5},"more":{"body":[{}]},"dest":"n1","src":"c1"})");
    REQUIRE(message);
    CHECK(message->src == "c1");
    CHECK(message->dest == "n1");
    CHECK(message->body.document().dump() == R"({"list":[1,{"a":null}],"n":-1.5,"type":"x"})");
}

TEST_CASE("envelope: what is not one is refused with a reason") {
    CHECK(refusal("") == "not JSON at byte 1");
    CHECK(refusal("hello") == "not JSON at byte 1");
    CHECK(refusal("3") == "not an object");
    CHECK(refusal("\"c1\"") == "not an object");
    CHECK(refusal("[]") == "not an object");
    CHECK(refusal("{}") == "no src, dest or body");
    CHECK(refusal(R"({"src":"c1","dest":"n1"})") == "no src, dest or body");
    CHECK(refusal(R"({"src":null,"dest":"n1","body":{}})") == "not a string at /src");
    CHECK(refusal(R"({"src":"c1","dest":{"a":1},"body":{}})") == "not a string at /dest");
    CHECK(refusal(R"({"src":"c1","dest":["n1"],"body":{}})") == "not a string at /dest");
    CHECK(refusal(R"({"src":"c1","dest":"n1","body":[]})") == "not an object at /body");
    CHECK(refusal(R"({"src":"c1","dest":"n1","body":"x"})") == "not an object at /body");
    CHECK(refusal(R"({"src":"c1","dest":"n1","body":true})") == "not an object at /body");
    CHECK(refusal(R"({"src":"c1","src":"c2","dest":"n1","body":{}})") == "duplicate key");
    CHECK(refusal(R"({"src":"c1","dest":"n1","body":{"a":1,"a":2}})") == "duplicate key \"a\"");
    CHECK(refusal(R"({"src":"c1","dest":"n1","body":{}} {})").starts_with("not JSON"));
    CHECK(refusal(R"({"src":"c1","dest":"n1","body":{"a":)" + std::string(1000, '[')) ==
          "nested too deeply");
    CHECK(refusal(R"({"id":)" + std::string(1000, '[')) == "nested too deeply");
}

TEST_CASE("envelope: ids that may be answered") {
    CHECK(is_client_id("c1"));
    CHECK(is_client_id("c123"));
    CHECK_FALSE(is_client_id("c"));
    CHECK_FALSE(is_client_id("c1x"));
    CHECK_FALSE(is_client_id("n1"));
    CHECK_FALSE(is_client_id(""));
    CHECK(is_service_id("seq-kv"));
    CHECK_FALSE(is_service_id("seq-kv2"));
}

TEST_CASE("envelope: text is quoted, plain or not") {
    const auto quoted = [](std::string_view text) {
        std::string out;
        append_quoted(out, text);
        return out;
    };
    CHECK(quoted("n1") == "\"n1\"");
    CHECK(quoted("a\"b\\\n") == R"("a\"b\\\n")");
    CHECK(quoted("é") == "\"é\"");
    CHECK(quoted("\xFF") == "\"\xEF\xBF\xBD\"");
}

TEST_CASE("envelope: numbers and lists of them are written as the parser's library writes them") {
    const auto written = [](const auto& value) {
        std::string out;
        append_json(out, value);
        CHECK(out == nlohmann::json(value).dump());
        return out;
    };
    CHECK(written(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(written(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    CHECK(written(0) == "0");
    CHECK(written(std::vector<std::int64_t>{}) == "[]");
    CHECK(written(std::vector<std::int64_t>{-1}) == "[-1]");
    CHECK(written(std::vector<unsigned>{1, 2, 3}) == "[1,2,3]");
    CHECK(written(std::string("text")) == "\"text\"");
    CHECK(written(true) == "true");
}

TEST_CASE("lines: cut wherever the reads cut them") {
    int skipped = 0;
    CHECK(lines_of({"a\nb", "c\n", "\nd"}, 10, skipped) ==
          std::vector<std::string>{"a", "bc", "", "d"});
    CHECK(lines_of({"a", "b", "\n"}, 10, skipped) == std::vector<std::string>{"ab"});
    CHECK(skipped == 0);
}

TEST_CASE("lines: one that is too long is skipped whole, and only that one") {
    int skipped = 0;
    CHECK(lines_of({"1234", "56", "789\nok\n12345\n123456\n"}, 5, skipped) ==
          std::vector<std::string>{"ok", "12345"});
    CHECK(skipped == 2);
    CHECK(lines_of({"123456"}, 5, skipped).empty());
}

TEST_CASE("errors: which codes are definite") {
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

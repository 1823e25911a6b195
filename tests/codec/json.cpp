// SPDX-License-Identifier: MIT
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>

#include <doctest/doctest.h>

#include <crdt/codec/expected.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/codec/json/parse.hpp>
#include <crdt/codec/json/reader.hpp>
#include <crdt/codec/json/writer.hpp>
#include <crdt/crdt.hpp>
#include <crdt/replication/message_serializer.hpp>

using namespace crdt;

namespace {

/// Why a document is refused: "reason at place".
template <class T>
std::string refusal(const std::string& text) {
    const auto result = json::try_decode<T>(text);
    return result ? "accepted" : result.error().to_string();
}

template <class T = GCounter<>>
std::string document(const std::string& state) {
    return R"({"state":)" + state + R"(,"type":")" + type_name<T>() + R"(","version":2})";
}

}  // namespace

TEST_CASE("JSON: everything hostile is refused with a reason and a place") {
    using G = GCounter<>;
    CHECK(refusal<G>(document(R"({"n":-1})")) == "negative number at /state/n");
    CHECK(refusal<G>(document(R"({"n":18446744073709551616})")) ==
          "not a whole number below 2^64 at /state/n");
    CHECK(refusal<G>(document(R"({"n":1.0})")) == "not a whole number below 2^64 at /state/n");
    CHECK(refusal<G>(document(R"({"n":1e3})")) == "not a whole number below 2^64 at /state/n");
    CHECK(refusal<G>(document(R"({"n":"1"})")) == "not a whole number below 2^64 at /state/n");
    CHECK(refusal<G>(document(R"({"n":1,"n":2})")) == "duplicate key \"n\"");
    CHECK(refusal<G>(document(R"({"n":0})")) == "bottom value in map at /state/n");
    CHECK(refusal<G>(document("[1]")) == "not an object at /state");
    CHECK(refusal<G>(document("null")) == "not an object at /state");
    CHECK(refusal<G>(document(R"({"a/b~":true})")) ==
          "not a whole number below 2^64 at /state/a~1b~0");
    CHECK(refusal<G>(R"({"type":"gset<text>","version":2,"state":{}})") ==
          "another type than gcounter<text,u64> at /type");
    CHECK(refusal<G>(R"({"type":"gcounter<text,u64>","version":3,"state":{}})") ==
          "a version newer than this one at /version");
    CHECK(refusal<G>(R"({"type":"gcounter<text,u64>","version":1,"state":{}})") ==
          "unknown version at /version");
    CHECK(refusal<G>(R"({"type":"gcounter<text,u64>","version":2})") == "not there at /state");
    CHECK(refusal<G>(R"({"type":"gcounter<text,u64>","version":2,"state":{},"more":1})") ==
          "unknown member at /more");
    CHECK(refusal<G>("[]") == "not an object");
    CHECK(refusal<G>("") == "not JSON at byte 1");
    CHECK(refusal<G>("{}{}") == "not JSON at byte 3");
    CHECK(refusal<G>("\xFF") == "not JSON at byte 1");
    CHECK(refusal<G>("\"\xC3\"") == "not JSON at byte 3");

    using Narrow = GCounter<std::uint8_t, std::uint8_t>;
    CHECK(refusal<Narrow>(document<Narrow>("[[1,256]]")) == "number too large at /state/0/1");
    CHECK(refusal<Narrow>(document<Narrow>("[[256,1]]")) == "number too large at /state/0/0");
    CHECK(refusal<Narrow>(document<Narrow>("[[1,1],[1,2]]")) ==
          "not in ascending order at /state/1");
    CHECK(refusal<Narrow>(document<Narrow>("[[1,1,1]]")) ==
          "not an array of as many components at /state/0");
    using Signed = GSet<std::int8_t>;
    CHECK(refusal<Signed>(R"({"type":"gset<i8>","version":2,"state":[-129]})") ==
          "number too small at /state/0");
    CHECK(refusal<Signed>(R"({"type":"gset<i8>","version":2,"state":[2,1]})") ==
          "not in ascending order at /state/1");
    CHECK(
        refusal<PNCounter<int>>(R"({"type":"pncounter<i32,u64>","version":2,"state":[[1,[1]]]})") ==
        "not an array of as many components at /state/0/1");
}

TEST_CASE("JSON: deep nesting is refused before it costs anything") {
    CHECK(refusal<GCounter<>>(std::string(1000000, '[')) == "nested too deeply");
    std::string text = std::string(json::max_depth, '[') + std::string(json::max_depth, ']');
    CHECK(json::parse(text));
    CHECK_FALSE(json::parse('[' + text + ']'));
}

TEST_CASE("JSON: numbers in documents that were made, not read, may be signed") {
    const nlohmann::json made{{"n", 3}};  // nlohmann keeps an int literal as a signed number
    const auto read = json::try_decode_value<MapOf<std::string, Max<unsigned>>>(made);
    REQUIRE(read);
    CHECK(read->at("n").value() == 3);
}

TEST_CASE("JSON: a document has one text") {
    GCounter<> counter;
    counter.add("a/b", 7);
    const std::string text = json::encode(counter);
    CHECK(text == R"({"state":{"a/b":7},"type":"gcounter<text,u64>","version":2})");
    CHECK(refusal<GCounter<>>(text) == "accepted");
    using Case = std::pair<std::string, std::string>;  // what differs, and where
    for (const Case& each : {
             Case{R"({"state": {"a/b":7},"type":"gcounter<text,u64>","version":2})", "byte 9"},
             {R"( {"state":{"a/b":7},"type":"gcounter<text,u64>","version":2})", "byte 0"},
             {"{\"state\":{\"a/b\":7},\"type\":\"gcounter<text,u64>\",\"version\":2}\n", "byte 59"},
             {"\xEF\xBB\xBF{\"state\":{\"a/b\":7},\"type\":\"gcounter<text,u64>\",\"version\":2}",
              "byte 0"},
             {R"({"state":{"a\/b":7},"type":"gcounter<text,u64>","version":2})", "byte 12"},
             {R"({"state":{"\u0061/b":7},"type":"gcounter<text,u64>","version":2})", "byte 11"},
             {R"({"type":"gcounter<text,u64>","version":2,"state":{"a/b":7}})", "byte 2"},
         }) {
        CAPTURE(each.first);
        CHECK(refusal<GCounter<>>(each.first) == "not in canonical form at " + each.second);
        const auto read = json::try_decode_any_layout<GCounter<>>(each.first);
        REQUIRE(read);
        CHECK(*read == counter);
    }
}

TEST_CASE("JSON: there is one zero") {
    using Set = GSet<int>;
    CHECK(refusal<Set>(R"({"state":[0],"type":"gset<i32>","version":2})") == "accepted");
    CHECK(refusal<Set>(R"({"state":[-0],"type":"gset<i32>","version":2})") ==
          "-0, which is written as 0");
    CHECK_FALSE(
        json::try_decode_any_layout<Set>(R"({"state":[-0],"type":"gset<i32>","version":2})"));
    CHECK_FALSE(json::parse("-0"));
    CHECK(json::parse("-1"));
    CHECK(json::parse("0"));
}

TEST_CASE("JSON: what is no part of a message is refused, and so is what says nothing") {
    using Message = replication::Message<GCounter<>>;
    Message message;
    message.from_epoch = 7;
    message.ack = 0;
    message.wants_digest = true;
    message.changes = {GCounter<>(), 2, 6};
    nlohmann::json written = json::encode_value(message);
    const auto refusal = [](const nlohmann::json& body) {
        const auto result = json::try_decode_value<Message>(body);
        return result ? "accepted" : result.error().to_string();
    };
    CHECK(refusal(written) == "accepted");
    for (const char* name : {"more than it knows", "digest ", "", "type", "wants"}) {
        nlohmann::json body = written;
        body[name] = true;
        CHECK(refusal(body) == std::string("unknown member at /") + name);
    }
    for (const char* name : {"first", "last"}) {
        nlohmann::json body = written;
        body.erase("delta");
        body.erase(std::string(name) == "first" ? "last" : "first");
        CHECK(refusal(body) == std::string("unknown member at /") + name);
    }
    written["wants_digest"] = false;
    CHECK(refusal(written) == "not true at /wants_digest");
    written["wants_digest"] = 1;
    CHECK(refusal(written) == "not true or false at /wants_digest");
}

TEST_CASE("JSON: members that nobody asks for are refused in a form of one's own, too") {
    const auto read = [](const nlohmann::json& text) {
        const auto result = json::try_decode_with(
            text, [](json::Reader& in) { return deserialize<int>(in.member("x")); });
        return result ? "accepted" : result.error().to_string();
    };
    CHECK(read({{"x", 1}}) == "accepted");
    CHECK(read({{"x", 1}, {"y", 2}}) == "unknown member at /y");
    CHECK(read({{"x", "1"}, {"y", 2}}) == "not a whole number below 2^64 at /x");
    CHECK(std::get<0>(*json::try_decode_members<int>({{"x", 1}, {"y", 2}}, "x")) == 1);
}

TEST_CASE("JSON: a message of another version is refused") {
    const auto message = json::parse(R"({"version":3,"from_epoch":1,"to_epoch":0})");
    const auto result = json::try_decode_value<replication::Message<GCounter<>>>(*message);
    REQUIRE_FALSE(result);
    CHECK(result.error().to_string() == "a version newer than this one at /version");
}

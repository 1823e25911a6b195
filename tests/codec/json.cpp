// SPDX-License-Identifier: MIT
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include <crdt/codec/expected.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/codec/json/input.hpp>
#include <crdt/codec/json/nlohmann.hpp>
#include <crdt/codec/json/parser.hpp>
#include <crdt/codec/json/reader.hpp>
#include <crdt/codec/json/text.hpp>
#include <crdt/codec/json/token.hpp>
#include <crdt/codec/json/writer.hpp>
#include <crdt/crdt.hpp>
#include <crdt/replication/message_serializer.hpp>

namespace json_tests {

using namespace crdt;

namespace {

/// Returns why a document is refused: "reason at position".
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

TEST_CASE("JSON: malformed input is refused with a reason and a position") {
    using G = GCounter<>;
    CHECK(refusal<G>(document(R"({"n":-1})")) == "negative number at /state/n");
    CHECK(refusal<G>(document(R"({"n":18446744073709551616})")) ==
          "expected a whole number below 2^64 at /state/n");
    CHECK(refusal<G>(document(R"({"n":1.0})")) == "expected a whole number below 2^64 at /state/n");
    CHECK(refusal<G>(document(R"({"n":1e3})")) == "expected a whole number below 2^64 at /state/n");
    CHECK(refusal<G>(document(R"({"n":"1"})")) == "expected a whole number below 2^64 at /state/n");
    CHECK(refusal<G>(document(R"({"n":1,"n":2})")) == "duplicate key \"n\" at byte 16");
    CHECK(refusal<G>(document(R"({"n":0})")) == "bottom value in map at /state/n");
    CHECK(refusal<G>(document("[1]")) == "expected an object at /state");
    CHECK(refusal<G>(document("null")) == "expected an object at /state");
    CHECK(refusal<G>(document(R"({"a/b~":true})")) ==
          "expected a whole number below 2^64 at /state/a~1b~0");
    CHECK(refusal<G>(R"({"type":"gset<text>","version":2,"state":{}})") ==
          "expected the type gcounter<text,u64> at /type");
    CHECK(refusal<G>(R"({"type":"gcounter<text,u64>","version":3,"state":{}})") ==
          "version newer than this one at /version");
    CHECK(refusal<G>(R"({"type":"gcounter<text,u64>","version":1,"state":{}})") ==
          "unknown version at /version");
    CHECK(refusal<G>(R"({"type":"gcounter<text,u64>","version":2})") == "missing member at /state");
    CHECK(refusal<G>(R"({"type":"gcounter<text,u64>","version":2,"state":{},"more":1})") ==
          "unknown member at /more");
    using Causal = AWSet<int>;
    CHECK(refusal<Causal>(document<Causal>(R"({"context":[],"more":1,"store":[]})")) ==
          "unknown member at /state/more");
    CHECK(refusal<G>("[]") == "expected an object");
    CHECK(refusal<G>("") == "unexpected end of input at byte 0");
    CHECK(refusal<G>("{}{}") == "trailing bytes at byte 2");
    CHECK(refusal<G>("\xFF") == "expected a value at byte 0");
    CHECK(refusal<G>("\"\xC3\"") == "not UTF-8 at byte 1");

    using Narrow = GCounter<std::uint8_t, std::uint8_t>;
    CHECK(refusal<Narrow>(document<Narrow>("[[1,256]]")) == "number too large at /state/0/1");
    CHECK(refusal<Narrow>(document<Narrow>("[[256,1]]")) == "number too large at /state/0/0");
    CHECK(refusal<Narrow>(document<Narrow>("[[1,1],[1,2]]")) ==
          "not in ascending order at /state/1");
    CHECK(refusal<Narrow>(document<Narrow>("[[1,1,1]]")) ==
          "expected an array of as many components at /state/0");
    using Signed = GSet<std::int8_t>;
    CHECK(refusal<Signed>(R"({"type":"gset<i8>","version":2,"state":[-129]})") ==
          "number too small at /state/0");
    CHECK(refusal<Signed>(R"({"type":"gset<i8>","version":2,"state":[2,1]})") ==
          "not in ascending order at /state/1");
    CHECK(
        refusal<PNCounter<int>>(R"({"type":"pncounter<i32,u64>","version":2,"state":[[1,[1]]]})") ==
        "expected an array of as many components at /state/0/1");
}

TEST_CASE("JSON: deep nesting is refused before it needs memory or time") {
    CHECK(refusal<GCounter<>>(std::string(1000000, '[')) == "nested too deeply at byte 64");
    std::string text = std::string(json::max_depth, '[') + std::string(json::max_depth, ']');
    CHECK(json::parse(text));
    CHECK_FALSE(json::parse('[' + text + ']'));
}

TEST_CASE("JSON: an nlohmann document built by a program may have signed numbers") {
    const nlohmann::json made{{"n", 3}};  // nlohmann keeps an int literal as a signed number
    const auto read = json::try_decode_value<MapOf<std::string, Max<unsigned>>>(made);
    REQUIRE(read);
    CHECK(read->at("n").value() == 3);
}

TEST_CASE("JSON: each document has exactly one text") {
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
          "-0, which is written as 0 at byte 10");
    CHECK_FALSE(
        json::try_decode_any_layout<Set>(R"({"state":[-0],"type":"gset<i32>","version":2})"));
    CHECK_FALSE(json::parse("-0"));
    CHECK(json::parse("-1"));
    CHECK(json::parse("0"));
}

TEST_CASE("JSON: unknown and empty parts of a message are refused") {
    using Message = replication::Message<GCounter<>>;
    Message message;
    message.from_epoch = replication::Epoch{7};
    message.ack = 0;
    message.requests_digest = true;
    message.changes = {GCounter<>(), 2, 6};
    nlohmann::json written = json::to_nlohmann(message);
    const auto refusal = [](const nlohmann::json& body) {
        const auto result = json::try_decode_value<Message>(body);
        return result ? "accepted" : result.error().to_string();
    };
    CHECK(refusal(written) == "accepted");
    for (const char* name : {"most", "digest ", "", "type", "wants"}) {
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
    CHECK(refusal(written) == "expected true at /wants_digest");
    written["wants_digest"] = 1;
    CHECK(refusal(written) == "expected true or false at /wants_digest");
}

TEST_CASE("JSON: a user's serializer also refuses unexpected members") {
    const auto read = [](std::string_view text) {
        const auto result = json::try_decode_with(
            text, [](json::Reader& in) { return deserialize<int>(in.member("x")); });
        return result ? "accepted" : result.error().to_string();
    };
    CHECK(read(R"({"x":1})") == "accepted");
    CHECK(read(R"({"x":1,"y":2})") == "unknown member at /y");
    CHECK(read(R"({"x":"1","y":2})") == "expected a whole number below 2^64 at /x");
    CHECK(read(R"({"y":2})") == "missing member at /x");
}

TEST_CASE("JSON: a message of another version is refused") {
    using Message = replication::Message<GCounter<>>;
    const auto result = json::try_decode_value<Message>(
        R"({"version":)" + std::to_string(Serializer<Message>::version + 1) +
        R"(,"from_epoch":1,"to_epoch":0})");
    REQUIRE_FALSE(result);
    CHECK(result.error().to_string() == "version newer than this one at /version");
}

TEST_CASE("JSON: the parser refuses text that is not RFC 8259, with the position") {
    const auto refusal = [](std::string_view text) {
        json::Input input;
        return input.parse(text) ? "accepted" : input.error().to_string();
    };
    using namespace std::string_view_literals;
    struct Case {
        std::string_view text, refusal;
    };
    for (const Case& each : {
             Case{"[1,2", "unexpected end of input at byte 4"},
             {"[1 2]", "expected ',' or ']' at byte 3"},
             {"[1,]", "expected a value at byte 3"},
             {"[,1]", "expected a value at byte 1"},
             {R"({"a" 1})", "expected ':' at byte 5"},
             {R"({"a":1,})", "expected the name of a member at byte 7"},
             {R"({"a":1 "b":2})", "expected ',' or '}' at byte 7"},
             {"{1:2}", "expected the name of a member at byte 1"},
             {"[1}", "expected ',' or ']' at byte 2"},
             {"nul", "expected a value at byte 0"},
             {"True", "expected a value at byte 0"},
             {"01", "trailing bytes at byte 1"},
             {"-", "unexpected end of input at byte 1"},
             {"-x", "expected a digit at byte 1"},
             {"+1", "expected a value at byte 0"},
             {"1.", "unexpected end of input at byte 2"},
             {"[1.]", "expected a digit at byte 3"},
             {"[.5]", "expected a value at byte 1"},
             {"[1e]", "expected a digit at byte 3"},
             {"\"a", "unexpected end of input at byte 2"},
             {"\"a\n\"", "control character in a string at byte 2"},
             {"\"\0\""sv, "control character in a string at byte 1"},
             {"\"\xED\xA0\x80\"", "not UTF-8 at byte 1"},
             {"\"\xC0\x80\"", "not UTF-8 at byte 1"},
             {"\"\xF4\x90\x80\x80\"", "not UTF-8 at byte 1"},
             {R"("\x")", "unknown escape at byte 2"},
             {R"("\)", "unexpected end of input at byte 2"},
             {R"("\u12g4")", "escape without its four hexadecimal digits at byte 3"},
             {R"("\ud800")", "surrogate without its other half at byte 7"},
             {R"("\udc00")", "surrogate without its other half at byte 7"},
             {R"("\ud800\u0041")", "surrogate without its other half at byte 13"},
             {"1\0"sv, "trailing bytes at byte 1"},
             {"[1]//", "trailing bytes at byte 3"},
             {R"([{"b":1,"a":2,"b":3}])", "duplicate key \"b\" at byte 14"},
             {R"({"a":1,"\u0061":2})", "duplicate key \"a\" at byte 7"},
         }) {
        CAPTURE(each.text);
        CHECK(refusal(each.text) == each.refusal);
    }
    for (const std::string_view text :
         {"null", " [ ] ", "{}", "-1.5E+10", "1e400", R"({"":{"":[true,false,null]}})",
          R"("\"\\\/\b\f\n\r\t\u0000\ud83d\ude00")", "\"\x7F\xC2\x80\xF4\x8F\xBF\xBF\""}) {
        CAPTURE(text);
        CHECK(refusal(text) == "accepted");
    }
}

TEST_CASE(
    "JSON: the parser reads the same values as nlohmann's parser from every text that both "
    "accept") {
    for (
        const char* text :
        {R"("\"\\\/\b\f\n\r\t\u0000\u00e9\u20AC\ud83d\ude00 plain")",
         R"([0,1,-1,18446744073709551615,-9223372036854775808,1.5,-0.0,1e10,18446744073709551616])",
         R"({"b":[{"a":{}},[]],"a":"x","\u0000":null,"c":true})"}) {
        CAPTURE(text);
        const auto read = json::parse(text);
        REQUIRE(read);
        CHECK(*read == nlohmann::json::parse(text));
        CHECK(json::encode_value(*read) == nlohmann::json::parse(text).dump());
    }
}

TEST_CASE("JSON: members are sorted, whatever the order in which they are written") {
    std::string text = "before:";
    json::Output output(text);
    auto root = output.root();
    root.begin_struct();
    for (const char* name : {"b", "a\"", "", "a", "a!", "c\n", "\n"}) {
        auto inner = root.member(name);
        inner.begin_seq(0);
        if (*name == 'b') {
            auto place = inner.element();
            place.begin_struct();
            place.member("y").u64(1);
            place.member("x").begin_struct();
        }
    }
    output.finish();
    CHECK(text ==
          R"(before:{"":[],"\n":[],"a":[],"a!":[],"a\"":[],"b":[{"x":{},"y":1}],"c\n":[]})");
}

TEST_CASE("JSON: a string that is not UTF-8 throws or is replaced") {
    for (const std::string& bytes :
         {std::string("\xFF"), std::string("a\xC3"), std::string("\xED\xA0\x80")}) {
        CHECK_THROWS_AS(json::encode_value(bytes), std::invalid_argument);
        GSet<std::string> set;
        set.insert(bytes);
        CHECK_THROWS_AS(json::encode(set), std::invalid_argument);
    }
    CHECK(json::encode_value(std::string("a\xFF"
                                         "b"),
                             json::IllFormedUtf8::is_replaced) ==
          "\"a\xEF\xBF\xBD"
          "b\"");
}

}  // namespace json_tests

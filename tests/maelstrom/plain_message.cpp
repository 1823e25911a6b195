// SPDX-License-Identifier: MIT
//! The reader of plain lines against the parser: never anything but a shorter way to the same.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include <crdt/gcounter.hpp>
#include <crdt/maelstrom/gossip.hpp>
#include <crdt/maelstrom/parse_message.hpp>
#include <crdt/maelstrom/plain_message.hpp>
#include <crdt/random.hpp>

#include "support/node.hpp"

using namespace crdt::maelstrom;
using crdt::Random;
using support::TestNode;

namespace {

bool is_plain_line(std::string_view line) { return parse_plain(line).has_value(); }

std::string with_body(const std::string& body) {
    return R"({"src":"c1","dest":"n0","body":)" + body + '}';
}

/// Lines as they come and as they should not, most of them nearly plain.
class Lines {
    Random random_;

    template <std::size_t Count>
    std::string one_of(const char* const (&choices)[Count]) {
        return choices[random_.below(Count)];
    }
    bool once_in(std::uint64_t times) { return random_.below(times) == 0; }

    std::string space() { return once_in(40) ? one_of({" ", "  ", "\t", "\r", "\n ", "\v"}) : ""; }
    std::string around(const std::string& text) { return space() + text + space(); }

    std::string number() {
        static constexpr const char* edges[] = {"0",
                                                "-0",
                                                "01",
                                                "-1",
                                                "-",
                                                "999999999999999999",
                                                "-999999999999999999",
                                                "1e3",
                                                "-1.5",
                                                "1.",
                                                "+1",
                                                "1000000000000000000",
                                                "9223372036854775807",
                                                "1 2",
                                                "- 1",
                                                "-01",
                                                "00",
                                                "-9223372036854775808",
                                                "9223372036854775808",
                                                "1x",
                                                ".5",
                                                "18446744073709551615",
                                                "18446744073709551616",
                                                "1E400"};
        return once_in(6) ? one_of(edges) : std::to_string(random_.below(1000));
    }
    std::string text() {
        static constexpr const char* odd[] = {
            R"("\n")", R"("\"")",  R"("\u00")", R"("\u0061")", "\"\xC3\xA9\"", "\"\xFF\"",
            "\"\t\"",  "\"\x7F\"", R"('x')",    R"("open)",    R"("init")",    R"("gossip")"};
        if (once_in(8)) return one_of(odd);
        return one_of({R"("add")", R"("add")", R"("read")", R"("c1")", R"("")", R"("a b")"});
    }
    std::string value(unsigned depth = 0) {
        switch (random_.below(depth < 3 ? 12 : 9)) {
            case 0: return one_of({"null", "true", "false", "nul", "True", ""});
            case 1:
            case 2:
            case 3: return text();
            case 9: return '[' + around(value(depth + 1)) + (once_in(9) ? "" : "]");
            case 10: return body(depth + 1);
            default: return number();
        }
    }
    std::string field(const std::string& name, const std::string& text) {
        return around('"' + name + '"') + ':' + around(text);
    }
    std::string body(unsigned depth = 0) {
        std::string fields;
        if (!once_in(8)) fields += field("type", once_in(6) ? value(depth) : text());
        if (!once_in(8)) fields += ',' + field("msg_id", once_in(6) ? value(depth) : number());
        if (!once_in(4)) fields += ',' + field("delta", once_in(6) ? value(depth) : number());
        for (auto more = once_in(4) ? random_.below(9) : 0; more != 0; --more) {
            const std::string name = one_of(
                {"a", "b", "d", "e", "f", "g", "h", "i", "in_reply_to", "msg_id", "", "\\u0061"});
            fields += ',' + field(name, once_in(3) ? value(depth) : number());
        }
        if (fields.starts_with(',') && !once_in(20)) fields.erase(0, 1);
        return around('{' + fields + '}');
    }
    std::string id() { return once_in(8) ? value() : one_of({R"("c1")", R"("n0")", R"("n1")"}); }
    void mutate(std::string& line) {
        static constexpr std::string_view bytes("{}[]:,\"\\ 019-.eE\0\n\t\x7F\xC3u", 22);
        const std::size_t place = random_.below(line.size());
        const char byte = bytes[random_.below(bytes.size())];
        switch (random_.below(4)) {
            case 0: line[place] = byte; break;
            case 1: line.insert(line.begin() + static_cast<std::ptrdiff_t>(place), byte); break;
            case 2: line.erase(place, 1 + random_.below(3)); break;
            default: line.resize(place + 1); break;
        }
    }

  public:
    explicit Lines(std::uint64_t seed) : random_(seed) {}

    std::string next() {
        std::string line = space() + '{';
        if (!once_in(4)) line += field("id", once_in(6) ? value() : number()) + ',';
        line += field("src", id());
        if (!once_in(20)) line += ',' + field("dest", once_in(4) ? id() : R"("n0")");
        if (!once_in(20)) line += ',' + field("body", once_in(9) ? value() : body());
        if (once_in(9)) line += ',' + field(one_of({"src", "dest", "body", "id", "x"}), value());
        line += '}' + space();
        if (once_in(4)) mutate(line);
        return line;
    }
};

/// A body's fields, whichever way they are kept.
void check_same(const Body& plain, const Body& parsed) {
    for (const char* name : {"type", "msg_id", "delta", "in_reply_to", "a", "", "x"}) {
        CHECK(plain.contains(name) == parsed.contains(name));
        CHECK(plain.text(name) == parsed.text(name));
        CHECK(plain.integer(name) == parsed.integer(name));
    }
}

void check_as_parsed(const std::string& line) {
    const auto plain = parse_plain(line);
    if (!plain) return;
    const auto parsed = parse_strictly(line);
    REQUIRE(parsed);
    CHECK(plain->src == parsed->src);
    CHECK(plain->dest == parsed->dest);
    check_same(plain->body, parsed->body);
    const auto& document = plain->body.document();
    CHECK(document == parsed->body.document());
    for (const auto& [name, value] : document.items())
        CHECK(value.type() == parsed->body.document().at(name).type());
    check_same(plain->body, parsed->body);
}

/// A counter node, and all it makes of a line.
struct CounterNode : TestNode {
    Gossip<crdt::GCounter<>> counter{*this, crdt::replication::Epoch{1}};

    CounterNode() {
        on("add", [this](const Request& request) {
            counter.update([&](auto& state) { return state.add("n0", request.integer("delta")); });
            request.ok();
        });
        on("read",
           [this](const Request& request) { request.ok("value", counter.state().value()); });
        init();
    }
    std::string answer(const std::string& text) {
        line(text);
        const NodeStats& seen = stats();
        return std::exchange(output(), {}) + std::to_string(seen.bad_lines) + ' ' +
               std::to_string(seen.misdirected) + ' ' + std::to_string(seen.bad_requests) + ' ' +
               std::to_string(counter.malformed()) + ' ' + std::to_string(seen.failed_callbacks);
    }
};

}  // namespace

TEST_CASE("plain lines: what a client sends is one, spaced or not") {
    CHECK(is_plain_line(with_body(R"({"type":"add","delta":3,"msg_id":7})")));
    CHECK(is_plain_line(with_body(R"({})")));
    CHECK(is_plain_line(
        " { \"id\" : 1 , \"src\" : \"c1\",\t\"dest\": \"n0\", \"body\": { \"a\" : -1 } } \r"));
    CHECK(is_plain_line(with_body(R"({"a":999999999999999999,"b":-999999999999999999,"c":0})")));
    CHECK(is_plain_line(with_body(R"({"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8})")));
}

TEST_CASE("plain lines: all else is left to the parser") {
    for (const char* body : {R"({"a":1,"a":1})",
                             R"({"a":[1]})",
                             R"({"a":{}})",
                             R"({"a":null})",
                             R"({"a":true})",
                             R"({"a":1.5})",
                             R"({"a":1e3})",
                             R"({"a":-0})",
                             R"({"a":01})",
                             R"({"a":1000000000000000000})",
                             R"({"a":"\n"})",
                             "{\"a\":\"\xC3\xA9\"}",
                             "{\"a\":\"\t\"}",
                             R"({"a":1,})",
                             R"({,"a":1})",
                             R"({"a" 1})",
                             R"({"a":- 1})",
                             R"({"\u0061":1})",
                             R"([])",
                             R"("x")",
                             R"({"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9})"}) {
        CAPTURE(body);
        CHECK_FALSE(is_plain_line(with_body(body)));
    }
    for (const char* line :
         {"", "{", "{}", "[]", R"({"src":"c1","dest":"n0"})",
          R"({"src":"c1","src":"c1","dest":"n0","body":{}})",
          R"({"src":"c1","dest":"n0","body":{},"body":{}})", R"({"src":1,"dest":"n0","body":{}})",
          R"({"src":"c1","dest":"n0","body":{}} x)", R"({"src":"c1","dest":"n0","body":{},"x":[]})",
          R"({"src":"c1","dest":"n0","body":{})"}) {
        CAPTURE(line);
        CHECK_FALSE(is_plain_line(line));
    }
}

TEST_CASE("plain lines: the parser reads the same in them, and refuses none") {
    Lines lines(1);
    int plain = 0;
    for (int i = 0; i < 100000; ++i) {
        const std::string line = lines.next();
        CAPTURE(line);
        check_as_parsed(line);
        plain += is_plain_line(line) ? 1 : 0;
    }
    CHECK(plain > 20000);
    CHECK(plain < 80000);
}

TEST_CASE("plain lines: a node answers them as it would if they were not plain") {
    Lines lines(2);
    CounterNode node;
    CounterNode reference;
    for (int i = 0; i < 20000; ++i) {
        const std::string line = lines.next();
        CAPTURE(line);
        std::string unusual = line;
        if (is_plain_line(line)) unusual.insert(unusual.find('{') + 1, R"("unusual":null,)");
        CHECK_FALSE(is_plain_line(unusual));
        CHECK(node.answer(line) == reference.answer(unusual));
    }
    CHECK(node.counter.state() == reference.counter.state());
    CHECK(node.counter.state().value() > 0);
}

// SPDX-License-Identifier: MIT
//! Compares the parser with nlohmann's, on valid and malformed lines. If both accept a line, the
//! values are the same. If only the parser refuses it, the reason must be one of its stricter
//! rules.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <crdt/codec/json/input.hpp>
#include <crdt/codec/json/nlohmann.hpp>
#include <crdt/maelstrom/envelope.hpp>
#include <crdt/random.hpp>

#include "support/seeds.hpp"

namespace lines_tests {

using crdt::Random;

namespace {

/// The number of lines that each test reads.
constexpr int count = support::few_cases ? 30'000 : 100'000;

/// Valid and malformed lines. Most are close to ordinary ones.
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

/// Is this a reason for which only the parser refuses a text, and nlohmann's does not?
bool is_strict(const std::string& reason) {
    return reason.starts_with("duplicate key") || reason.starts_with("-0") ||
           reason.starts_with("trailing bytes");  // a NUL ends the text for nlohmann's
}

}  // namespace

TEST_CASE(
    "lines: the parser accepts a strict subset of what nlohmann's parser accepts, and reads the "
    "same values") {
    Lines lines(1);
    int taken = 0, refused = 0, strict = 0;
    for (int i = 0; i < count; ++i) {
        const std::string line = lines.next();
        CAPTURE(line);
        const auto ours = crdt::json::parse(line);
        const auto theirs = nlohmann::json::parse(line, nullptr, false);
        if (ours) {
            CHECK(*ours == theirs);
            CHECK(*crdt::json::parse(crdt::json::encode_value(*ours)) == theirs);
            ++taken;
            continue;
        }
        CAPTURE(ours.error().to_string());
        CHECK((theirs.is_discarded() || is_strict(ours.error().reason)));
        ++(theirs.is_discarded() ? refused : strict);
    }
    CHECK(taken > count / 5);
    CHECK(refused > count / 10);
    CHECK(strict > count / 1000);
}

TEST_CASE("lines: an envelope has the content of its document") {
    Lines lines(2);
    crdt::json::Input input;
    int taken = 0;
    for (int i = 0; i < count; ++i) {
        const std::string line = lines.next();
        CAPTURE(line);
        const auto envelope = crdt::maelstrom::parse_envelope(input, line);
        if (!envelope) continue;
        ++taken;
        const auto document = nlohmann::json::parse(line, nullptr, false);
        if (document.is_discarded()) continue;  // a number that no double holds, in a member
        CHECK(envelope->src == document.at("src"));
        CHECK(envelope->dest == document.at("dest"));
        const auto& body = document.at("body");
        for (const char* name : {"type", "msg_id", "delta", "in_reply_to", "a", "", "x"}) {
            const auto found = body.find(name);
            const bool is_there = found != body.end();
            CHECK(envelope->body.contains(name) == is_there);
            CHECK(envelope->body.text(name).has_value() == (is_there && found->is_string()));
            if (const auto text = envelope->body.text(name)) CHECK(*text == *found);
            if (const auto number = envelope->body.integer(name)) CHECK(*number == *found);
        }
    }
    CHECK(taken > count / 5);
}

}  // namespace lines_tests

// SPDX-License-Identifier: MIT
//! Tests the counter node as a process: the lines on stdin and stdout.
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <crdt/random.hpp>

#include "support/program.hpp"
#include "support/sanitized.hpp"

using nlohmann::json;

namespace {

std::string line(const json& body, const std::string& src = "c1") {
    return json{{"id", 1}, {"src", src}, {"dest", "n0"}, {"body", body}}.dump() + "\n";
}
std::string init(const json& ids = {"n0"}) {
    return line({{"type", "init"}, {"msg_id", 0}, {"node_id", "n0"}, {"node_ids", ids}}, "c0");
}
std::string add(const json& delta, int msg_id) {
    return line({{"type", "add"}, {"msg_id", msg_id}, {"delta", delta}});
}
std::string read(int msg_id) { return line({{"type", "read"}, {"msg_id", msg_id}}); }

/// Returns the node's replies. Each line must be a message that the network would accept.
std::vector<json> replies_to(const std::string& input, const std::string& arguments = "") {
    const auto outcome = support::run_program(std::string(NODE) + " " + arguments, input);
    CHECK(outcome.exit_code == 0);
    std::vector<json> bodies;
    for (const std::string& text : outcome.lines) {
        const json message = json::parse(text);
        CHECK(message.size() == 3);
        CHECK(message.at("src") == "n0");
        CHECK(message.at("dest").is_string());
        bodies.push_back(message.at("body"));
    }
    return bodies;
}

/// Returns `text` for use between single quotes in a shell.
std::string quoted(const std::string& text) {
    std::string result;
    for (const char letter : text) {
        if (letter == '\'')
            result += "'\\''";
        else
            result += letter;
    }
    return result;
}

/// Returns random bytes, a truncated valid line, or a valid line with some changed bytes. It
/// contains no newline.
std::string hostile_line(crdt::Random& random) {
    std::string text;
    const auto byte = [&] {
        const char letter = static_cast<char>(random.below(256));
        return letter == '\n' ? ' ' : letter;
    };
    const std::uint64_t kind = random.below(3);
    if (kind == 0) {
        text.resize(random.below(200));
        for (char& letter : text) letter = byte();
    } else {
        text = random.below(2) == 0 ? add(1, 1) : read(1);
        text.pop_back();
        if (kind == 1)
            text.resize(random.below(text.size()));
        else
            text[random.below(text.size())] = byte(), text[random.below(text.size())] = byte();
    }
    return text + "\n";
}

}  // namespace

TEST_CASE("gcounter_node: adds are counted and read") {
    const auto replies = replies_to(init() + add(3, 1) + add(0, 2) + add(4, 3) + read(4));
    REQUIRE(replies.size() == 5);
    CHECK(replies[0].dump() == R"({"in_reply_to":0,"type":"init_ok"})");
    CHECK(replies[1].dump() == R"({"in_reply_to":1,"type":"add_ok"})");
    CHECK(replies[4].dump() == R"({"in_reply_to":4,"type":"read_ok","value":7})");
}

TEST_CASE("gcounter_node: the kind of counter decides whether negative deltas are accepted") {
    const std::string input = init() + add(5, 1) + add(-2, 2) + read(3);
    const auto grow_only = replies_to(input, "--counter g");
    CHECK(grow_only[2].at("code") == 12);
    CHECK(grow_only[3].at("value") == 5);
    const auto both = replies_to(input, "--counter pn");
    CHECK(both[2].at("type") == "add_ok");
    CHECK(both[3].at("value") == 3);
}

TEST_CASE("gcounter_node: a number that does not fit is refused and changes nothing") {
    const auto replies =
        replies_to(init() + add(INT64_MAX, 1) + add(INT64_MAX, 2) + add(INT64_MAX, 3) + read(4));
    CHECK(replies[2].at("type") == "add_ok");
    CHECK(replies[3].at("code") == 22);
    CHECK(replies[4].at("value") == 2 * static_cast<std::uint64_t>(INT64_MAX));
}

TEST_CASE("gcounter_node: a total beyond 64 bits is an error reply, not a wrong number") {
    const auto replies = replies_to(
        init() + add(INT64_MAX, 1) + add(1, 2) + read(3) + add(-1, 4) + read(5), "--counter pn");
    CHECK(replies[3].at("type") == "error");
    CHECK(replies[5].at("value") == INT64_MAX);
}

TEST_CASE("gcounter_node: malformed lines do not affect the valid lines around them") {
    crdt::Random random(20261123);
    std::string input = init();
    int good = 0;
    for (int i = 0; i < 100000; ++i) {
        input += hostile_line(random);
        // These msg_ids are far from those that a changed line may have.
        if (i % 10 == 0) input += add(1, 1000 + good++);
    }
    input += std::string(20U << 20U, '[') + "\n" + read(999);
    const auto replies = replies_to(input);
    std::set<std::int64_t> answered;
    std::int64_t total = 0;
    int accidental = 0;
    for (const json& reply : replies) {
        const auto id = reply.at("in_reply_to").get<std::int64_t>();
        if (id >= 1000 && id < 1000 + good) {
            CHECK(reply.at("type") == "add_ok");
            answered.insert(id);
        } else if (id == 999 && reply.at("type") == "read_ok") {
            total = reply.at("value").get<std::int64_t>();
        } else if (reply.at("type") == "add_ok") {
            ++accidental;  // the changed line is still a valid request, with an unknown delta
        }
    }
    CHECK(answered.size() == static_cast<std::size_t>(good));
    CHECK(total >= good);
    CHECK(total <= good + 9 * accidental);
}

TEST_CASE("gcounter_node: at the end of the input the node ends without an error, at any time") {
    CHECK(replies_to("").empty());
    CHECK(replies_to("\n\n").empty());
    CHECK(replies_to(init() + "{\"src\":\"c1\",").size() == 1);
    std::string unterminated = init() + read(1);
    unterminated.pop_back();
    CHECK(replies_to(unterminated).size() == 2);
    // This add waits for a store that never answers.
    CHECK(replies_to(init() + add(1, 1), "--store seq-kv").size() == 2);
}

TEST_CASE("gcounter_node: memory does not grow with the number of adds" *
          doctest::skip(support::sanitized)) {
    std::string input = init();
    for (int i = 1; i <= 300000; ++i) input += add(1, i);
    // 16 MiB are enough for a node, but not for even a few bytes per add.
    const auto outcome = support::run_program("ulimit -d 16384; exec " NODE, input);
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.lines.size() == 300001);
}

TEST_CASE("gcounter_node: requests that waited too long while it was stopped are not answered") {
    const std::string script = R"sh(
        coproc NODE { exec )sh" NODE R"sh(; }
        to=${NODE[1]} from=${NODE[0]}
        send() { echo '{"src":"c1","dest":"n0","body":{"type":"'"$1"'","msg_id":'$2$3'}}' >&$to; }
        send init 1 ',"node_id":"n0","node_ids":["n0"]'
        read -r line <&$from
        kill -STOP $NODE_PID
        send add 2 ',"delta":1'
        sleep 5.2
        kill -CONT $NODE_PID
        sleep 0.7
        send read 3
        exec {to}>&-
        cat <&$from)sh";
    const auto outcome = support::run_program("bash -c '" + quoted(script) + "'", "");
    REQUIRE(outcome.lines.size() == 1);
    CHECK(json::parse(outcome.lines[0]).at("body").at("type") == "read_ok");
    CHECK(json::parse(outcome.lines[0]).at("body").at("value") == 1);
}

TEST_CASE("gcounter_node: the command line is checked") {
    const std::string node(NODE);
    CHECK(support::run_program(node + " --help", "").exit_code == 0);
    CHECK(support::run_program(node + " --counter x", "").exit_code != 0);
    CHECK(support::run_program(node + " --interval 0", "").exit_code != 0);
    CHECK(support::run_program(node + " --log info --interval 50", "").exit_code == 0);
}

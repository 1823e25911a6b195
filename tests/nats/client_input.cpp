// SPDX-License-Identifier: MIT
//! Tests how a node reads the commands of the clients at its port.
#include "counterd/client_input.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/random.hpp>

#include "counterd/request.hpp"

namespace client_input_tests {

using namespace counterd;

namespace {

std::string words(const ClientCommand& command) {
    std::string text = std::to_string(static_cast<int>(command.verb));
    for (const std::string_view part : {command.subject, command.reply, command.id, command.bytes})
        text.append("|").append(part);
    return text + '|' + std::to_string(command.count);
}

struct Outcome {
    std::vector<std::string> commands{};
    std::string error{};

    friend bool operator==(const Outcome&, const Outcome&) = default;
};
/// Appends the pieces one after the other, and reads all commands after each.
Outcome read(const std::vector<std::string>& pieces) {
    ClientInput input;
    Outcome outcome;
    try {
        for (const std::string& piece : pieces) {
            input.append(piece);
            while (const auto command = input.next()) outcome.commands.push_back(words(*command));
        }
    } catch (const ProtocolError& error) {
        outcome.error = error.what();
    }
    return outcome;
}
Outcome read(const std::string& bytes) { return read(std::vector{bytes}); }

std::string error_of(const std::string& bytes) { return read(bytes).error; }
std::string only(const std::string& bytes) {
    const Outcome outcome = read(bytes);
    CHECK_MESSAGE(outcome.error == "", bytes);
    REQUIRE_MESSAGE(outcome.commands.size() == 1, bytes);
    return outcome.commands.front();
}

/// Returns a random command, which is mostly valid.
std::string random_command(crdt::Random& random) {
    const std::vector<std::string> verbs{"CONNECT", "PING", "PONG", "SUB", "UNSUB", "PUB", "pub"};
    const std::vector<std::string> parts{"a", "_INBOX.x.*", "7", "0", " ", "\t", "{\"v\":1}", ""};
    std::string line = verbs[random.below(verbs.size())];
    for (std::size_t i = random.below(std::size_t{4}); i > 0; --i)
        line += ' ' + parts[random.below(parts.size())];
    std::string payload;
    if (random.below(std::size_t{2}) == 0) {
        payload = std::string(random.below(std::size_t{20}), 'x');
        if (!payload.empty() && random.below(std::size_t{2}) == 0) payload.front() = '\n';
        line = "PUB s r " + std::to_string(payload.size());
        payload += "\r\n";
    }
    return line + (random.below(std::size_t{9}) == 0 ? "\n" : "\r\n") + payload;
}

}  // namespace

TEST_CASE("client input: each command") {
    CHECK(only("CONNECT {\"verbose\": false}\r\n") == "0||||{\"verbose\": false}|0");
    CHECK(only("PING\r\n") == "1|||||0");
    CHECK(only("pong\n") == "2|||||0");
    CHECK(only("PUB a.b 5\r\nhello\r\n") == "3|a.b|||hello|0");
    CHECK(only("PUB a.b  _INBOX.1 0\r\n\r\n") == "3|a.b|_INBOX.1|||0");
    CHECK(only("PUB a 4\r\n\r\n\r\n\r\n") == "3|a|||\r\n\r\n|0");
    CHECK(only(" Sub\t_INBOX.> 12 \r\n") == "4|_INBOX.>||12||0");
    CHECK(only("SUB a queue 12\r\n") == "4|a||12||0");
    CHECK(only("UNSUB 12\r\n") == "5|||12||0");
    CHECK(only("UNSUB 12 3\r\n") == "5|||12||3");
}

TEST_CASE("client input: what is no command is an error") {
    for (const std::string line :
         {"", "GET / HTTP/1.1", "HPUB a 1 2", "PUBLISH a 1", "PU a 1", "\xFF\xFE"})
        CHECK_MESSAGE(error_of(line + "\r\n") == "Unknown Protocol Operation", line);
    for (const std::string line :
         {"PUB", "PUB a", "PUB 1", "PUB a b c 1", "PUB a -1", "PUB a 1x", "PUB a 0x1", "PUB a 01",
          "PUB a 99999999999999999999", "SUB", "SUB a", "SUB a b c d", "UNSUB", "UNSUB a b",
          "UNSUB 1 2 3", "UNSUB 1 -1"})
        CHECK_MESSAGE(error_of(line + "\r\n") == "Parser Error", line);
    CHECK(error_of("PUB a 1\r\nxyz") == "Parser Error");
    const std::string longest = std::to_string(Request::longest);
    CHECK(read("PUB a " + longest + "\r\n") == Outcome());
    CHECK(error_of("PUB a " + std::to_string(Request::longest + 1) + "\r\n") ==
          "Maximum Payload Violation");
}

TEST_CASE("client input: a line has a limit, also without its end") {
    const std::string allowed(ClientInput::longest_line - 8, 'x');
    CHECK(read("CONNECT " + allowed) == Outcome());
    CHECK(only("CONNECT " + allowed + "\n") == "0||||" + allowed + "|0");
    CHECK(error_of("CONNECT " + allowed + "x") == "Maximum Control Line Exceeded");
    CHECK(error_of("CONNECT " + allowed + "x\n") == "Maximum Control Line Exceeded");
    CHECK(error_of(std::string(100'000, '\0')) == "Maximum Control Line Exceeded");
}

TEST_CASE("client input: the commands do not depend on the pieces in which they arrive") {
    crdt::Random random(1);
    std::size_t valid = 0, invalid = 0;
    for (int i = 0; i < 2000; ++i) {
        std::string bytes;
        for (std::size_t n = random.below(std::size_t{5}) + 1; n > 0; --n)
            bytes += random_command(random);
        const Outcome whole = read(bytes);
        ++(whole.error.empty() ? valid : invalid);
        for (std::size_t cut = 0; cut <= bytes.size(); ++cut)
            REQUIRE_MESSAGE(read({bytes.substr(0, cut), bytes.substr(cut)}) == whole, bytes);
        std::vector<std::string> letters;
        for (const char letter : bytes) letters.emplace_back(1, letter);
        REQUIRE_MESSAGE(read(letters) == whole, bytes);
    }
    CHECK(valid > 200);
    CHECK(invalid > 200);
}

}  // namespace client_input_tests

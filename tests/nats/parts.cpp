// SPDX-License-Identifier: MIT
//! The parts of the binding that need no server.
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/frame.hpp>
#include <crdt/nats/login.hpp>
#include <crdt/nats/members.hpp>
#include <crdt/nats/pieces.hpp>

using namespace crdt::nats;

namespace {

/// A frame in pieces of at most so many bytes.
std::vector<std::string> pieces_of(const std::string& frame, std::size_t limit) {
    std::vector<std::string> pieces;
    cut(frame, limit, [&](const std::string& piece) { pieces.push_back(piece); });
    return pieces;
}

}  // namespace

TEST_CASE("login: what stands before the host is taken out of a URL and decoded") {
    const auto taken = [](std::string url) { return std::pair(take_login(url), url); };
    using Taken = std::pair<std::optional<Login>, std::string>;
    CHECK(taken("nats://h:1") == Taken(std::nullopt, "nats://h:1"));
    CHECK(taken("nats://u:p@h:1") == Taken(Login{"u", "p"}, "nats://h:1"));
    CHECK(taken("u:p@h") == Taken(Login{"u", "p"}, "h"));
    CHECK(taken("tls://t@h") == Taken(Login{"t", std::nullopt}, "tls://h"));
    CHECK(taken("nats://u:@h") == Taken(Login{"u", ""}, "nats://h"));
    CHECK(taken("nats://@h") == Taken(std::nullopt, "nats://h"));
    CHECK(taken("nats://a%40b:c%3A%2f%25d@h") == Taken(Login{"a@b", "c:/%d"}, "nats://h"));
    // As nats.c has it: to the last @, the password from the first colon on.
    CHECK(taken("nats://u:p:q@r@h") == Taken(Login{"u", "p:q@r"}, "nats://h"));
    for (int byte = 1; byte < 256; ++byte) {
        char code[4];
        for (const char* form : {"%%%02X", "%%%02x"}) {
            std::snprintf(code, sizeof code, form, byte);
            CHECK(percent_decoded(code) == std::string(1, static_cast<char>(byte)));
        }
    }
    for (const std::string bad : {"%", "%4", "%4g", "%g4", "50%", "%%", "% 4", "%00", "a%0"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(percent_decoded(bad), Error);
        CHECK_THROWS_AS(taken("nats://u:" + bad + "@h"), Error);
        CHECK_THROWS_AS(taken("nats://" + bad + ":p@h"), Error);
    }
}

TEST_CASE("pieces: what was cut comes together, however small the pieces") {
    const std::string frame = crdt::frame::seal(std::string(100, 'x'), 7);
    for (const std::size_t limit : {1U, 5U, 6U, 50U, 118U, 1000U}) {
        CAPTURE(limit);
        Assembly assembly;
        const auto pieces = pieces_of(frame, limit);
        for (std::size_t i = 0; i + 1 < pieces.size(); ++i)
            CHECK(assembly.add(pieces[i]) == std::nullopt);
        CHECK(assembly.add(pieces.back()) == frame);
        for (const std::string& piece : pieces)
            CHECK(piece.size() <= std::max(limit, smallest_piece));
    }
}

TEST_CASE("pieces: a frame that lacks its end gives way to the next one") {
    const std::string frame = crdt::frame::seal(std::string(100, 'x'), 7);
    Assembly assembly;
    CHECK(assembly.add(pieces_of(frame, 50)[0]) == std::nullopt);
    CHECK(assembly.add(pieces_of(frame, 1000)[0]) == frame);
    // One of which a piece is missing is put out as it is, for the checksum to refuse.
    const auto pieces = pieces_of(frame, 50);
    CHECK(assembly.add(pieces[0]) == std::nullopt);
    CHECK(assembly.add(pieces[2]) == std::nullopt);
    CHECK(assembly.add(pieces[0]) == std::nullopt);
    CHECK(assembly.add("") == "");
}

TEST_CASE("pieces: a frame that says that it is endless is not waited for") {
    Assembly assembly;
    const std::string piece = std::string(1, '\0') + std::string(4, '\xff');
    CHECK(assembly.add(piece) == std::string(4, '\xff'));
}

TEST_CASE("members: they come, are heard again, leave and are forgotten") {
    Members members;
    CHECK(members.hear("b", 1, 100));
    CHECK(members.hear("a", 2, 200));
    CHECK_FALSE(members.hear("b", 3, 300));
    CHECK(members.all().at("b").incarnation == 3);
    CHECK(members.names() == std::vector<std::string>{"a", "b"});
    CHECK_FALSE(members.forget(200));
    CHECK(members.forget(201));
    CHECK(members.names() == std::vector<std::string>{"b"});
    CHECK(members.leave("b"));
    CHECK_FALSE(members.leave("b"));
}

TEST_CASE("members: beyond a limit nobody is listened to who is not known") {
    Members members;
    for (std::size_t i = 0; i < Members::most; ++i) CHECK(members.hear(std::to_string(i), 1, 1));
    CHECK_FALSE(members.hear("one more", 1, 1));
    CHECK(members.all().size() == Members::most);
    members.hear("7", 2, 2);
    CHECK(members.all().at("7").incarnation == 2);
}

// SPDX-License-Identifier: MIT
//! The parts of the binding that need no server.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/frame.hpp>
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

// SPDX-License-Identifier: MIT
//! The parts of the binding that need no server.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/frame.hpp>
#include <crdt/nats/login.hpp>
#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/members.hpp>
#include <crdt/nats/message.hpp>
#include <crdt/nats/pieces.hpp>
#include <crdt/random.hpp>

#include "../../examples/counterd/awaited_acks.hpp"

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
    const std::string frame = crdt::frame::encode(std::string(100, 'x'), 7);
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
    const std::string frame = crdt::frame::encode(std::string(100, 'x'), 7);
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

TEST_CASE("pieces: what goes on without its beginning is not kept") {
    const std::string frame = crdt::frame::encode(std::string(100, 'x'), 7);
    Assembly assembly;
    const auto pieces = pieces_of(frame, 10);
    for (std::size_t i = 1; i < pieces.size(); ++i)
        CHECK(assembly.add(pieces[i]) == pieces[i].substr(1));
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i)
        CHECK(assembly.add(pieces[i]) == std::nullopt);
    CHECK(assembly.add(pieces.back()) == frame);
}

TEST_CASE("members: an incarnation is of one of them, and one that is silent is down") {
    Members members;
    members.hear("a", 1, 100);
    members.hear("b", 2, 100);
    CHECK(members.is_taken(1, "b"));
    CHECK(members.is_taken(1, "c"));
    CHECK_FALSE(members.is_taken(1, "a"));
    CHECK_FALSE(members.is_taken(3, "a"));
    members.leave("a");
    CHECK_FALSE(members.is_taken(1, "b"));

    const Member member{1, 1000};
    CHECK_FALSE(member.is_down(0));
    CHECK_FALSE(member.is_down(1000));
    CHECK_FALSE(member.is_down(1000 + Member::down_after));
    CHECK(member.is_down(1001 + Member::down_after));
}

TEST_CASE("mailbox: a handler that throws is counted, and the others run") {
    const auto message = [](const std::string& subject) {
        natsMsg* made = nullptr;
        REQUIRE(natsMsg_Create(&made, subject.c_str(), nullptr, "", 0) == NATS_OK);
        return Message(made);
    };
    std::vector<std::string> taken, failed;
    const Mailbox::Handler good = [&](const Message& each) { taken.emplace_back(each.subject()); };
    const Mailbox::Handler bad = [](const Message& each) {
        throw std::invalid_argument(std::string(each.subject()));
    };
    Mailbox mailbox([&](const Message& each, const std::exception& error) {
        CHECK(each.subject() == error.what());
        failed.emplace_back(error.what());
        if (failed.back() == "fatal") throw;
    });
    crdt::Random random(8);
    std::vector<std::string> expected_taken, expected_failed;
    for (int i = 0; i < 200; ++i) {
        const bool fails = random.next() % 2 == 0;
        mailbox.put(fails ? bad : good, message(std::to_string(i)));
        (fails ? expected_failed : expected_taken).push_back(std::to_string(i));
    }
    CHECK(mailbox.deliver() == 200);
    CHECK(taken == expected_taken);
    CHECK(failed == expected_failed);
    CHECK(mailbox.errors() == expected_failed.size());

    // Whoever is told may let it through; and so does a mailbox that tells nobody.
    mailbox.put(bad, message("fatal"));
    CHECK_THROWS_AS(mailbox.deliver(), std::invalid_argument);
    Mailbox silent;
    silent.put(bad, message("x"));
    CHECK_THROWS_AS(silent.deliver(), std::invalid_argument);
    CHECK(silent.errors() == 1);
}

TEST_CASE("acks: a peer counts once, under its own number alone") {
    counterd::AwaitedAcks acks;
    using Request = counterd::AwaitedAcks::Request;
    const std::vector<std::string> peers{"n2", "n3", "n4"};
    std::vector<std::shared_ptr<Request>> requests;
    std::vector<std::vector<std::uint64_t>> numbers;
    for (int i = 0; i < 50; ++i) {
        requests.push_back(std::make_shared<Request>());
        numbers.emplace_back();
        for (const std::string& peer : peers)
            numbers.back().push_back(acks.expect(requests.back(), peer));
    }
    std::set<std::uint64_t> different;
    for (const auto& each : numbers) different.insert(each.begin(), each.end());
    CHECK(different.size() == 150);
    CHECK(acks.size() == 150);
    // Each peer with each number that it was not given.
    for (std::size_t i = 0; i < requests.size(); ++i)
        for (std::size_t p = 0; p < peers.size(); ++p)
            for (const std::string other : {"n1", "n2", "n3", "n4", ""}) {
                if (other == peers[p]) continue;
                CHECK_FALSE(acks.expects(other, numbers[i][p]));
                acks.take(other, numbers[i][p]);
                acks.take(peers[p], numbers[i][p] + 1);
            }
    for (const auto& request : requests) CHECK(request->have() == 0);
    for (int times = 0; times < 2; ++times) acks.take("n3", numbers[7][1]);
    CHECK(requests[7]->have() == 1);
    acks.take("n2", numbers[7][0]);
    CHECK(requests[7]->have() == 2);
    CHECK(requests[8]->have() == 0);
    // What has ended is forgotten, whoever has answered.
    for (const auto& request : requests) acks.end(*request);
    CHECK(acks.size() == 0);
    acks.take("n4", numbers[7][2]);
    CHECK(requests[7]->have() == 2);
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

// SPDX-License-Identifier: MIT
//! Tests the parts of the binding that need no server: fragments, logins and members.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/frame.hpp>
#include <crdt/nats/fragments.hpp>
#include <crdt/nats/login.hpp>
#include <crdt/nats/members.hpp>

namespace parts_tests {

using namespace crdt::nats;

namespace {

crdt::replication::Time at(int microseconds) {
    return crdt::replication::Time{std::chrono::microseconds{microseconds}};
}

/// The fragments of `frame`, of at most `limit` bytes each.
std::vector<std::string> fragments_of(const std::string& frame, std::size_t limit) {
    std::vector<std::string> fragments;
    fragment(frame, limit, [&](const std::string& part) { fragments.push_back(part); });
    return fragments;
}

}  // namespace

TEST_CASE("login: the login in a URL is removed and decoded") {
    const auto taken = [](std::string url) { return std::pair(extract_login(url), url); };
    using Taken = std::pair<std::optional<Login>, std::string>;
    CHECK(taken("nats://h:1") == Taken(std::nullopt, "nats://h:1"));
    CHECK(taken("nats://u:p@h:1") == Taken(Login{"u", "p"}, "nats://h:1"));
    CHECK(taken("u:p@h") == Taken(Login{"u", "p"}, "h"));
    CHECK(taken("tls://t@h") == Taken(Login{"t", std::nullopt}, "tls://h"));
    CHECK(taken("nats://u:@h") == Taken(Login{"u", ""}, "nats://h"));
    CHECK(taken("nats://@h") == Taken(std::nullopt, "nats://h"));
    CHECK(taken("nats://a%40b:c%3A%2f%25d@h") == Taken(Login{"a@b", "c:/%d"}, "nats://h"));
    // As in nats.c, the login ends at the last @, and the password begins after the first colon.
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
        CHECK_THROWS_AS(percent_decoded(bad), NatsError);
        CHECK_THROWS_AS(taken("nats://u:" + bad + "@h"), NatsError);
        CHECK_THROWS_AS(taken("nats://" + bad + ":p@h"), NatsError);
    }
}

TEST_CASE("fragments: a frame is reassembled from fragments of any size") {
    const std::string frame = crdt::frame::encode(std::string(100, 'x'), 7);
    for (const std::size_t limit : {1U, 5U, 6U, 50U, 118U, 1000U}) {
        CAPTURE(limit);
        Reassembler reassembler;
        const auto fragments = fragments_of(frame, limit);
        for (std::size_t i = 0; i + 1 < fragments.size(); ++i)
            CHECK(reassembler.add(fragments[i]) == std::nullopt);
        CHECK(reassembler.add(fragments.back()) == frame);
        for (const std::string& part : fragments)
            CHECK(part.size() <= std::max(limit, min_fragment_size));
    }
}

TEST_CASE("fragments: an incomplete frame is replaced by the next one") {
    const std::string frame = crdt::frame::encode(std::string(100, 'x'), 7);
    Reassembler reassembler;
    CHECK(reassembler.add(fragments_of(frame, 50)[0]) == std::nullopt);
    CHECK(reassembler.add(fragments_of(frame, 1000)[0]) == frame);
    // A frame that lacks a fragment is returned as it is. Its checksum then rejects it.
    const auto fragments = fragments_of(frame, 50);
    CHECK(reassembler.add(fragments[0]) == std::nullopt);
    CHECK(reassembler.add(fragments[2]) == std::nullopt);
    CHECK(reassembler.add(fragments[0]) == std::nullopt);
    CHECK(reassembler.add("") == "");
}

TEST_CASE("fragments: a frame of excessive length is not collected") {
    Reassembler reassembler;
    const std::string fragment = std::string(1, '\0') + std::string(4, '\xff');
    CHECK(reassembler.add(fragment) == std::string(4, '\xff'));
}

TEST_CASE("fragments: without the first fragment, the others are not kept") {
    const std::string frame = crdt::frame::encode(std::string(100, 'x'), 7);
    Reassembler reassembler;
    const auto fragments = fragments_of(frame, 10);
    for (std::size_t i = 1; i < fragments.size(); ++i)
        CHECK(reassembler.add(fragments[i]) == fragments[i].substr(1));
    for (std::size_t i = 0; i + 1 < fragments.size(); ++i)
        CHECK(reassembler.add(fragments[i]) == std::nullopt);
    CHECK(reassembler.add(fragments.back()) == frame);
}

TEST_CASE("fragments: after a loss the next frame is complete again") {
    const std::string frame = crdt::frame::encode(std::string(1000, 'x'), 7);
    const auto fragments = fragments_of(frame, 100);
    CHECK(fragments.size() == 11);
    Reassembler reassembler;
    const auto add_all = [&](std::size_t without) {
        std::optional<std::string> whole;
        for (std::size_t i = 0; i < fragments.size(); ++i)
            if (i != without) whole = reassembler.add(fragments[i]);
        return whole;
    };
    CHECK(add_all(fragments.size()) == frame);
    CHECK_FALSE(add_all(3).has_value());
    CHECK(add_all(fragments.size()) == frame);
    // Without its first fragment, a frame is invalid and leaves nothing behind.
    CHECK(add_all(0) != frame);
    CHECK(add_all(fragments.size()) == frame);
}

TEST_CASE(
    "members: an incarnation belongs to one member, and a member without heartbeats is down") {
    Members members;
    members.on_heartbeat("a", 1, at(100));
    members.on_heartbeat("b", 2, at(100));
    CHECK(members.is_taken(1, "b"));
    CHECK(members.is_taken(1, "c"));
    CHECK_FALSE(members.is_taken(1, "a"));
    CHECK_FALSE(members.is_taken(3, "a"));
    members.remove("a");
    CHECK_FALSE(members.is_taken(1, "b"));

    const Member member{1, at(1000)};
    CHECK_FALSE(member.is_down(at(0)));
    CHECK_FALSE(member.is_down(at(1000)));
    CHECK_FALSE(member.is_down(at(1000) + Member::down_after));
    CHECK(member.is_down(at(1001) + Member::down_after));
}

TEST_CASE("members: they are added, refreshed, removed and expired") {
    Members members;
    CHECK(members.on_heartbeat("b", 1, at(100)));
    CHECK(members.on_heartbeat("a", 2, at(200)));
    CHECK_FALSE(members.on_heartbeat("b", 3, at(300)));
    CHECK(members.all().at("b").incarnation == 3);
    CHECK(members.names() == std::vector<std::string>{"a", "b"});
    const auto limit = std::chrono::milliseconds{7000};
    CHECK_FALSE(members.expire(limit, at(200) + limit));
    CHECK(members.expire(limit, at(201) + limit));
    CHECK(members.names() == std::vector<std::string>{"b"});
    // A limit is not shorter than the time after which a member is down.
    const auto soonest = std::chrono::milliseconds{1};
    CHECK_FALSE(members.expire(soonest, at(300) + Member::down_after));
    CHECK(members.expire(soonest, at(301) + Member::down_after));
    CHECK(members.all().empty());
    members.on_heartbeat("b", 1, at(100));
    CHECK(members.remove("b"));
    CHECK_FALSE(members.remove("b"));
}

TEST_CASE("members: with more members, heartbeats are rarer, and a node receives as many") {
    using crdt::replication::Duration;
    Members members;
    CHECK(members.interval() == Members::shortest_interval);
    for (std::size_t i = 1; i <= 100; ++i) {
        members.on_heartbeat("n" + std::to_string(i), i, at(0));
        const auto a_second = i * (Members::shortest_interval / Duration{1});
        CHECK(a_second / static_cast<std::size_t>(members.interval() / Duration{1}) <=
              Members::most_per_second);
    }
    members.on_heartbeat("n1", 1, at(1000));
    const Member& member = members.all().at("n1");
    CHECK_FALSE(member.is_down(at(1000) + Members::lost_heartbeats * members.interval()));
    CHECK(member.is_down(at(1001) + Members::lost_heartbeats * members.interval()));
}

TEST_CASE("members: beyond the limit, heartbeats of unknown nodes are ignored") {
    Members members;
    for (std::size_t i = 0; i < Members::max_members; ++i)
        CHECK(members.on_heartbeat(std::to_string(i), 1, at(1)));
    CHECK_FALSE(members.on_heartbeat("one more", 1, at(1)));
    CHECK(members.all().size() == Members::max_members);
    members.on_heartbeat("7", 2, at(2));
    CHECK(members.all().at("7").incarnation == 2);
}

}  // namespace parts_tests

// SPDX-License-Identifier: MIT
#include <cstdint>
#include <string>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/causal/causal_digest.hpp>
#include <crdt/codec/binary.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/lattice/dominates.hpp>
#include <crdt/lww_register.hpp>
#include <crdt/pncounter.hpp>
#include <crdt/random.hpp>
#include <crdt/replication/message_serializer.hpp>
#include <crdt/replication/session.hpp>

namespace session_tests {

using namespace crdt;
using replication::Session;

TEST_CASE("session: a client reads its own writes, or has to wait") {
    PNCounter<> here, there;
    Session<PNCounter<>> session;
    CHECK(session.is_served_by(there));
    const auto delta = here.add("here", 5);
    session.note(here);
    CHECK(session.is_served_by(here));
    CHECK_FALSE(session.is_served_by(there));
    there.merge(delta);
    CHECK(session.is_served_by(there));
}

TEST_CASE("session: what was removed does not come back to a client that saw it go") {
    AWSet<std::string> here;
    here.insert("a", "x");
    const AWSet<std::string> old = here;
    Session<AWSet<std::string>> session;
    session.note(here);
    CHECK(session.is_served_by(old));
    CHECK_FALSE(session.is_served_by({}));
    here.erase("x");
    session.note(here);
    CHECK_FALSE(session.is_served_by(old));
    CHECK(session.seen().size() == 1);
}

TEST_CASE("session: digests of sets dominate one another where the sets do") {
    crdt::Random random(1);
    for (int round = 0; round < 300; ++round) {
        AWSet<std::uint64_t> one, two;
        for (int step = 0; step < 12; ++step) {
            AWSet<std::uint64_t>& set = random.below(2) == 0 ? one : two;
            const std::uint64_t element = random.below(3);
            switch (random.below(4)) {
                case 0: set.erase(element); break;
                case 1: one.merge(two); break;
                case 2: two.merge(one); break;
                default: set.insert(&set == &one ? "one" : "two", element);
            }
            CHECK(dominates(digest(one), digest(two)) == two.leq(one));
            CHECK(dominates(digest(two), digest(one)) == one.leq(two));
        }
    }
}

TEST_CASE("session: writes at replicas that could not serve it are all recorded") {
    PNCounter<> one, two;
    one.add("one", 1);
    two.add("two", 1);
    Session<PNCounter<>> session;
    session.note(one);
    session.note(two);
    CHECK(session.seen().size() == 2);
    CHECK_FALSE(session.is_served_by(one));
    CHECK_FALSE(session.is_served_by(two));
    one.merge(two);
    CHECK(session.is_served_by(one));
    session.note(one);
    CHECK(session.seen().size() == 1);
}

TEST_CASE("session: a token of a large value is small, and travels") {
    using Text = LWWRegister<std::string>;
    Text text;
    text.assign({{5, 0}, "a"}, std::string(10000, 'x'));
    Session<Text> session;
    session.note(text);
    const std::string token = binary::encode_value(session);
    CHECK(token.size() < 10);
    const auto arrived = binary::try_decode_value<Session<Text>>(token);
    REQUIRE(arrived);
    CHECK(*arrived == session);
    CHECK(arrived->is_served_by(text));
    CHECK_FALSE(arrived->is_served_by(Text()));
    CHECK(json::encode_value(session) == R"([[[5,0,"a"],true]])");
}

}  // namespace session_tests

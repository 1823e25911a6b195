// SPDX-License-Identifier: MIT
//! Tests of the workloads: their requests, and the replies that they accept.
#include <set>

#include <doctest/doctest.h>

#include <topology.hpp>
#include <workload.hpp>

namespace workloads_tests {

using namespace cluster;

namespace {

const Call& read_of(std::string_view workload) { return *find_workload(workload)->read; }
const Call& write_of(std::string_view workload) { return *find_workload(workload)->write; }

Answer answer(const Call& call, const char* body) { return read_answer(call, json::parse(body)); }

}  // namespace

TEST_CASE("adds draw from the whole range and from nothing else") {
    for (const auto* name : {"g-counter", "pn-counter"}) {
        const auto& workload = *find_workload(name);
        CallSource source(workload, Random(1));
        std::set<std::int64_t> deltas;
        int reads = 0;
        for (int i = 0; i < 1000; ++i) {
            const auto next = source.next();
            if (next.call->type == "add")
                deltas.insert(next.argument.get<std::int64_t>());
            else
                ++reads;
        }
        CHECK(*deltas.begin() == workload.lowest);
        CHECK(*deltas.rbegin() == workload.highest);
        CHECK(std::ssize(deltas) == workload.highest - workload.lowest + 1);
        CHECK(reads > 400);
        CHECK(reads < 600);
    }
}

TEST_CASE("a request has its type, its id and its argument") {
    CHECK(request_body(write_of("broadcast"), 5, 2) ==
          json({{"type", "broadcast"}, {"msg_id", 2}, {"message", 5}}));
    CHECK(request_body(read_of("g-set"), nullptr, 3) == json({{"type", "read"}, {"msg_id", 3}}));
}

TEST_CASE("a valid reply is ok") {
    CHECK(answer(write_of("g-set"), R"({"type":"add_ok","in_reply_to":1,"msg_id":4})").outcome ==
          Outcome::ok);
    CHECK(answer(read_of("g-counter"), R"({"type":"read_ok","value":7})").result == 7);
    CHECK(answer(read_of("broadcast"), R"({"type":"read_ok","messages":[1]})").result == json({1}));
}

TEST_CASE("a reply has no other members, and its types are fixed") {
    for (const char* body :
         {R"({"type":"read_ok","value":7.0})", R"({"type":"read_ok","value":"7"})",
          R"({"type":"read_ok"})", R"({"type":"read_ok","value":7,"node":1})",
          R"({"type":"read_ok","value":7,"msg_id":"x"})", R"({"type":"add_ok"})",
          R"({"type":"error"})", R"({"type":"error","code":11,"why":1})"}) {
        const auto read = answer(read_of("g-counter"), body);
        CHECK_MESSAGE(read.ill_formed, body);
        CHECK(read.outcome == Outcome::info);
    }
    CHECK(answer(read_of("broadcast"), R"({"type":"read_ok","value":[1]})").ill_formed);
    CHECK(answer(write_of("g-counter"), R"({"type":"add_ok","value":1})").ill_formed);
}

TEST_CASE(
    "the code of an error decides whether it is definite, and for a read every error is definite") {
    const auto outcome = [](const Call& call, int code) {
        return read_answer(call, {{"type", "error"}, {"code", code}, {"text", "t"}}).outcome;
    };
    for (const int code : {1, 10, 11, 12, 14, 20, 21, 22, 30})
        CHECK(outcome(write_of("g-counter"), code) == Outcome::fail);
    for (const int code : {0, 13, 1000, 4711})
        CHECK(outcome(write_of("g-counter"), code) == Outcome::info);
    CHECK(outcome(read_of("g-counter"), 0) == Outcome::fail);
}

TEST_CASE("a read of a set distinguishes known, repeated and unexpected elements") {
    const auto view = view_of(json::parse(R"([0, 2, 2, 5, -1, "x", 1.0])"), 4);
    CHECK(view.count == 2);
    CHECK(view.duplicates == 1);
    CHECK(view.contains(2));
    CHECK_FALSE(view.contains(1));
    CHECK(view.unexpected == json::parse(R"([5, -1, "x", 1.0])"));
}

TEST_CASE("topologies name neighbours in both directions") {
    const std::vector<std::string> nodes{"n0", "n1", "n2", "n3", "n4"};
    CHECK(neighbours("line", nodes)["n1"] == json({"n0", "n2"}));
    CHECK(neighbours("total", nodes)["n0"].size() == 4);
    CHECK(neighbours("grid", nodes)["n1"] == json({"n0", "n2", "n4"}));
    CHECK(neighbours("tree2", nodes)["n1"] == json({"n0", "n3", "n4"}));
    CHECK(neighbours("tree4", nodes)["n0"].size() == 4);
}

}  // namespace workloads_tests

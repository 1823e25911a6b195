// SPDX-License-Identifier: MIT
//! Tests of the services, including the anomalies that they allow.
#include <set>

#include <doctest/doctest.h>

#include <services.hpp>

namespace services_tests {

using namespace cluster;

namespace {

json read(const char* key) { return {{"type", "read"}, {"msg_id", 1}, {"key", key}}; }

json write(const char* key, json value) {
    return {{"type", "write"}, {"msg_id", 1}, {"key", key}, {"value", std::move(value)}};
}

json cas(const char* key, json from, json to, bool create = false) {
    return {{"type", "cas"},           {"msg_id", 1},         {"key", key},
            {"from", std::move(from)}, {"to", std::move(to)}, {"create_if_not_exists", create}};
}

/// Returns seq-kv after a writer has written 1, 2, ..., `count` to x.
SeqKv written(int count) {
    SeqKv kv{Random(1)};
    for (int i = 1; i <= count; ++i) kv.handle("writer", write("x", i));
    return kv;
}

}  // namespace

TEST_CASE("lin-kv is a map") {
    LinKv kv;
    CHECK(kv.handle(read("x"))["code"] == 20);
    CHECK(kv.handle(write("x", {1, 2}))["type"] == "write_ok");
    CHECK(kv.handle(read("x"))["value"] == json({1, 2}));
    CHECK(kv.handle(read("x"))["in_reply_to"] == 1);
    CHECK(kv.handle(cas("x", 5, 6))["code"] == 22);
    CHECK(kv.handle(cas("x", {1, 2}, 6))["type"] == "cas_ok");
    CHECK(kv.handle(read("x"))["value"] == 6);
}

TEST_CASE("a compare-and-swap creates a key only if requested") {
    LinKv kv;
    CHECK(kv.handle(cas("x", 0, 1))["code"] == 20);
    CHECK(kv.handle(cas("x", 0, 1, true))["type"] == "cas_ok");
    CHECK(kv.handle(read("x"))["value"] == 1);
}

TEST_CASE("services reject unknown requests") {
    LinKv kv;
    CHECK(kv.handle({{"type", "dance"}, {"msg_id", 1}})["code"] == 10);
    CHECK(kv.handle({{"type", "read"}, {"msg_id", 1}})["code"] == 12);
    CHECK(kv.handle({{"type", "cas"}, {"msg_id", 1}, {"key", 1}})["code"] == 12);
}

TEST_CASE("seq-kv may send a new client stale states, but never older ones after newer") {
    SeqKv kv = written(20);
    std::set<int> seen;
    for (int other = 0; other < 200; ++other) {
        int last = 0;
        for (int i = 0; i < 10; ++i) {
            const json reply = kv.handle("s" + std::to_string(other), read("x"));
            const int value = reply.value("value", 0);
            CHECK(value >= last);
            last = value;
            seen.insert(value);
        }
    }
    CHECK(seen.size() == 21);
}

TEST_CASE("seq-kv is current after a write of a unique value") {
    SeqKv kv = written(20);
    CHECK(kv.handle("a", write("token", "a-1"))["type"] == "write_ok");
    CHECK(kv.handle("a", read("x"))["value"] == 20);
}

TEST_CASE("a write of an old value can land in the past of seq-kv") {
    bool landed_in_the_past = false;
    for (int i = 0; i < 100; ++i) {
        SeqKv kv = written(20);
        const auto client = "c" + std::to_string(i);
        for (int j = 0; j < i; ++j) kv.handle(client + "-", read("x"));
        CHECK(kv.handle(client, write("x", 7))["type"] == "write_ok");
        landed_in_the_past |= kv.handle("writer", read("x"))["value"] == 20;
    }
    CHECK(landed_in_the_past);
}

TEST_CASE(
    "a compare-and-swap in seq-kv can fail on a stale state, and succeeds only on the newest") {
    SeqKv kv = written(20);
    int failures = 0;
    for (int i = 0; i < 50; ++i)
        failures += kv.handle("c" + std::to_string(i), cas("x", 20, 20))["type"] == "error";
    CHECK(failures > 0);
    CHECK(kv.handle("writer", cas("x", 19, 0))["code"] == 22);
    CHECK(kv.handle("writer", cas("x", 20, 21))["type"] == "cas_ok");
    CHECK(kv.handle("writer", read("x"))["value"] == 21);
}

TEST_CASE("seq-kv keeps 32 states") {
    SeqKv kv = written(100);
    for (int i = 0; i < 500; ++i) {
        const auto value = kv.handle("c" + std::to_string(i), read("x"))["value"].get<int>();
        CHECK(value > 100 - 32);
    }
}

TEST_CASE("the ring of seq-kv overtakes an idle client, so that its reads can go backwards") {
    SeqKv kv = written(100);
    int backwards = 0;
    for (int client = 0; client < 100; ++client) {
        const auto name = "c" + std::to_string(client);
        const auto first = kv.handle(name, read("x"))["value"].get<int>();
        backwards += kv.handle(name, read("x"))["value"].get<int>() < first;
    }
    CHECK(backwards > 0);
}

TEST_CASE("lww-kv's replicas never replicate, and compare-and-swap creates no keys") {
    LwwKv kv{Random(1)};
    CHECK(kv.handle(cas("x", 0, 1, true))["code"] == 20);
    kv.handle(write("x", 1));
    int missing = 0;
    for (int i = 0; i < 100; ++i) missing += kv.handle(read("x"))["type"] == "error";
    CHECK(missing > 20);
    CHECK(missing < 80);
}

TEST_CASE("lin-tso counts") {
    LinTso tso;
    const json request{{"type", "ts"}, {"msg_id", 1}};
    CHECK(tso.handle(request)["ts"] == 0);
    CHECK(tso.handle(request)["ts"] == 1);
    CHECK(tso.handle(read("x"))["code"] == 10);
}

TEST_CASE("a service replies to the sender") {
    Services services{Random(1)};
    const auto reply = services.handle({"n1", "lin-kv", write("x", 1)});
    CHECK(reply.src == "lin-kv");
    CHECK(reply.dest == "n1");
    CHECK(services.handle({"n1", "lin-kv", {{"type", "read"}}}).body["code"] == 12);
}

}  // namespace services_tests

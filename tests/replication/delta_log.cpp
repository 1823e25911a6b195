// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/gset.hpp>
#include <crdt/replication/delta_log.hpp>
#include <crdt/replication/options.hpp>
#include <crdt/replication/replicator.hpp>
#include <crdt/to_string.hpp>

namespace delta_log_tests {

using crdt::GSet;
using Log = crdt::replication::DeltaLog<GSet<int>, std::string>;

namespace {

GSet<int> just(int element) {
    GSet<int> set;
    set.insert(element);
    return set;
}

const std::optional<std::string> local;

}  // namespace

TEST_CASE("DeltaLog: unsent changes of one origin are one entry") {
    Log log;
    log.append(just(1), local);
    log.append(just(2), local);
    CHECK(log.size() == 1);
    CHECK(log.end() == 2);
    log.append(just(3), "a");
    CHECK(log.size() == 2);
    log.seal();
    log.append(just(4), "a");
    CHECK(log.size() == 3);
    CHECK(log.cost() == 3);
}

TEST_CASE("DeltaLog: the pending delta leaves out what the peer sent itself and what it has") {
    Log log;
    log.append(just(1), local);
    log.append(just(2), "a");
    log.append(just(3), "b");
    CHECK(to_string(log.pending(1, "a").delta) == "{1: true, 3: true}");
    CHECK(to_string(log.pending(2, "c").delta) == "{2: true, 3: true}");
    CHECK(log.has_pending(3, "a"));
    CHECK_FALSE(log.has_pending(3, "b"));
    CHECK_FALSE(log.has_pending(4, "c"));
}

TEST_CASE("DeltaLog: what nobody needs goes; what somebody lacks stays") {
    Log log;
    log.append(just(1), local);
    log.append(just(2), "a");
    log.seal();
    log.compact({{"a", 2}, {"b", 2}});
    CHECK(log.size() == 1);
    CHECK(log.has_pending(2, "b"));
    log.compact({{"a", 2}, {"b", 3}});
    CHECK(log.size() == 0);
    CHECK(log.cost() == 0);
    CHECK(log.begin() == 1);
}

TEST_CASE("DeltaLog: a laggard costs one growing entry, not one for each send") {
    Log log;
    for (int i = 0; i < 1000; ++i) {
        log.append(just(i), i % 2 == 0 ? local : std::optional<std::string>("a"));
        log.seal();
        log.compact({{"a", log.end()}, {"cut off", 1}});
    }
    CHECK(log.size() == 1);
    CHECK(log.pending(1, "cut off").delta.size() == 1000);
    CHECK(log.cost() == 1000);
}

TEST_CASE("DeltaLog: entries are not joined across a position") {
    Log log;
    for (int i = 0; i < 4; ++i) {
        log.append(just(i), local);
        log.seal();
    }
    log.compact({{"a", 1}, {"b", 3}});
    CHECK(log.size() == 2);
    CHECK(to_string(log.pending(3, "b").delta) == "{2: true, 3: true}");
}

TEST_CASE("DeltaLog: beyond the limit the oldest go, and that is recorded") {
    Log log;
    for (int i = 0; i < 10; ++i) {
        log.append(just(i), local);
        log.seal();
    }
    CHECK_FALSE(log.truncate(10));
    CHECK(log.truncate(4));
    CHECK(log.cost() == 4);
    CHECK(log.begin() == 7);
    CHECK(log.pending(log.begin(), "a").delta.size() == 4);
}

TEST_CASE(
    "DeltaLog: a pending delta that is cut short ends before all that an entry was joined from") {
    // Found by simulation: a peer that received 3 before, and now again 1 to 3, would take
    // the second to be everything before 3.
    crdt::replication::DeltaLog<GSet<int>, std::string> log(2);
    log.append(just(1), local);
    log.append(just(2), local);
    log.seal();
    log.append(just(3), local);
    log.seal();
    log.append(just(4), local);
    log.seal();
    log.compact({{"a", 1}});
    REQUIRE(log.size() == 2);
    const auto pending = log.pending(1, "a");
    CHECK(to_string(pending.delta) == "{1: true, 2: true}");
    CHECK(pending.last == 2);
    CHECK(to_string(log.pending(pending.last, "a").delta) == "{3: true, 4: true}");
    CHECK(log.pending(pending.last, "a").last == log.end());
}

TEST_CASE("DeltaLog: the log of a replica without an open connection stays within its limit") {
    using namespace crdt::replication;
    using Sets = Replicator<GSet<int>>;
    using std::chrono::milliseconds;
    for (const std::size_t message_limit : {1U, 7U, 16U, 64U, 1000U}) {
        for (const bool ticks : {false, true}) {
            CAPTURE(message_limit);
            CAPTURE(ticks);
            Options options;
            options.log_limit = 64;
            options.message_limit = message_limit;
            Sets a(Epoch{1}, options), b(Epoch{2}, options);
            Time now{};
            const auto run = [&](int steps) {
                for (; steps > 0; --steps, now += milliseconds{10}) {
                    for (const auto& sent : a.on_tick(now)) b.on_message("a", sent.message, now);
                    for (const auto& sent : b.on_tick(now)) a.on_message("b", sent.message, now);
                }
            };
            a.set_peers({"b"}, now);
            b.set_peers({"a"}, now);
            a.start(now);
            b.start(now);
            run(500);
            a.disconnected("b");
            std::size_t most = 0;
            for (int i = 0; i < 1000; ++i, now += milliseconds{10}) {
                a.update([&](auto& set) { return set.insert(i); });
                if (ticks) a.on_tick(now);
                most = (std::max)(most, a.log().cost() + a.log().unsealed_cost());
            }
            CHECK(most <= 2 * options.log_limit + message_limit);
            CHECK(a.log().size() <= 2 * options.log_limit);
            a.connected("b", now);
            run(2000);
            CHECK(b.state() == a.state());
            CHECK(a.log().size() == 0);
        }
    }
}

TEST_CASE("DeltaLog: changes that a closed connection waits for stay within the limit") {
    using namespace crdt::replication;
    using Sets = Replicator<GSet<int>>;
    using std::chrono::milliseconds;
    Options options;
    options.log_limit = 64;
    options.message_limit = 16;
    Sets a(Epoch{1}, options), b(Epoch{2}, options), c(Epoch{3}, options);
    const std::vector<std::pair<std::string, Sets*>> all{{"a", &a}, {"b", &b}, {"c", &c}};
    Time now{};
    bool is_cut = false;
    const auto run = [&](int steps) {
        for (; steps > 0; --steps, now += milliseconds{10})
            for (const auto& [name, replica] : all)
                for (const auto& [to, message] : replica->on_tick(now))
                    for (const auto& [other, receiver] : all)
                        if (other == to && !(is_cut && (name == "c" || to == "c")))
                            receiver->on_message(name, message, now);
    };
    a.set_peers({"b", "c"}, now);
    b.set_peers({"a"}, now);
    c.set_peers({"a"}, now);
    for (const auto& [name, replica] : all) replica->start(now);
    run(500);
    is_cut = true;
    a.disconnected("c");
    // All changes come from b, so nothing is sent to b either.
    for (int i = 0; i < 1000; ++i) {
        b.update([&](auto& set) { return set.insert(i); });
        run(3);
        CHECK(a.log().cost() + a.log().unsealed_cost() <=
              2 * options.log_limit + options.message_limit);
    }
    run(100);
    CHECK(a.state().size() == 1000);
    is_cut = false;
    a.connected("c", now);
    run(3000);
    CHECK(c.state() == a.state());
    CHECK(a.log().size() == 0);
}

}  // namespace delta_log_tests

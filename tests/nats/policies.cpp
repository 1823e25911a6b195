// SPDX-License-Identifier: MIT
//! Tests the policies of the service that have no clock and send nothing.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/forms/causal.hpp>
#include <crdt/codec/forms/lattice.hpp>
#include <crdt/detail/mix64.hpp>
#include <crdt/replication/pruning.hpp>

#include "counterd/commit_thread.hpp"
#include "counterd/counters.hpp"
#include "counterd/departures.hpp"
#include "counterd/refill_plan.hpp"
#include "counterd/token.hpp"
#include "support/failing_new.hpp"

namespace policy_tests {

using namespace counterd;
using crdt::replication::Duration;
using crdt::replication::Time;

namespace {

constexpr Duration second = std::chrono::milliseconds{1000};
constexpr Duration day = 86400 * second;

Time at(Duration since) { return Time{} + since; }

using Members = std::map<std::string, crdt::nats::Member>;
using Ids = std::vector<ReplicaId>;

/// Announces the incarnations of the members, and makes them active.
bool activate(Departures& departures, const Members& members, const std::set<ReplicaId>& own) {
    for (const auto& [node, member] : members) departures.enter(node, member.incarnation);
    return departures.set_active(members, own);
}

}  // namespace

TEST_CASE("departures: an incarnation departs when its node returns with another one") {
    Departures departures(7 * day);
    CHECK(activate(departures, Members{{"b", {20, {}}}}, {10}));
    CHECK_FALSE(activate(departures, Members{{"b", {20, {}}}}, {10}));
    departures.set_writers({10, 20}, at(second));
    CHECK(departures.departed(at(30 * day)).empty());
    CHECK(departures.last_of("b") == 20);
    CHECK_FALSE(departures.last_of("c"));
    CHECK(activate(departures, Members{{"b", {21, {}}}}, {10}));
    departures.set_writers({10, 20, 21}, at(2 * second));
    CHECK(departures.departed(at(2 * second)).empty());
    CHECK(departures.next_deadline(at(2 * second)) == at(2 * second) + Departures::settling);
    CHECK(departures.departed(at(2 * second) + Departures::settling) == Ids{20});
    // Two processes with one name: the first one is active again.
    activate(departures, Members{{"b", {20, {}}}}, {10});
    departures.set_writers({10, 20, 21}, at(9 * second));
    CHECK(departures.departed(at(60 * second)) == Ids{21});
    // After the pruning nothing is kept.
    departures.set_writers({10, 20}, at(60 * second));
    CHECK(departures.departed(at(6 * day)).empty());
}

TEST_CASE("departures: an incarnation departs even if the next one follows at once") {
    Departures departures(7 * day);
    activate(departures, Members{{"b", {20, {}}}}, {10});
    // The process with the incarnation 21 ends before the members are examined again.
    for (const ReplicaId incarnation : std::set<ReplicaId>{21, 22})
        departures.enter("b", incarnation);
    CHECK(activate(departures, Members{{"b", {22, {}}}}, {10}));
    departures.set_writers({10, 20, 21, 22}, at(second));
    CHECK(departures.departed(at(second) + Departures::settling) == Ids{20, 21});
    CHECK(departures.last_of("b") == 22);
}

TEST_CASE("departures: a silent incarnation departs after the limit, or on request") {
    for (const Duration limit : {Duration{}, day}) {
        Departures departures(limit);
        activate(departures, Members{{"b", {20, {}}}, {"c", {30, {}}}}, {10});
        departures.set_writers({10, 20, 30, 40}, at({}));
        activate(departures, Members{{"c", {30, {}}}}, {10});
        departures.set_writers({10, 20, 30, 40}, at(second));
        CHECK(departures.departed(at(day)) == (limit == day ? Ids{40} : Ids{}));
        CHECK(departures.departed(at(2 * day)) == (limit == day ? Ids{20, 40} : Ids{}));
        CHECK(departures.is_active(30));
        CHECK_FALSE(departures.is_inactive_writer(30));
        CHECK(departures.is_inactive_writer(40));
        departures.dismiss(40);
        CHECK(departures.departed(at(second)) == Ids{40});
        // A departed one that returns is not pruned any more.
        activate(departures, Members{{"c", {30, {}}}, {"d", {40, {}}}}, {10});
        departures.set_writers({10, 20, 30, 40}, at(2 * second));
        CHECK(departures.departed(at(2 * second)).empty());
        // Nor is it when it leaves for a while.
        activate(departures, Members{{"c", {30, {}}}}, {10});
        departures.set_writers({10, 20, 30, 40}, at(3 * second));
        CHECK(departures.departed(at(3 * second)).empty());
    }
}

TEST_CASE("commit thread: each commit is written and announced, and an error is final") {
    int written = 0;
    std::atomic<int> announced{0};
    std::promise<void> may_write;
    const std::shared_future<void> released = may_write.get_future().share();
    const auto write = [&] {
        released.wait();
        if (++written == 101) throw std::runtime_error("the disk is full");
    };
    {
        CommitThread thread(write, [&] { ++announced; });
        thread.wait();  // for nothing
        CHECK_FALSE(thread.is_writing());
        thread.start();
        CHECK(thread.is_writing());
        CHECK(announced == 0);
        may_write.set_value();
        thread.wait();
        CHECK_FALSE(thread.is_writing());
        for (int i = 2; i <= 100; ++i) {
            thread.start();
            thread.wait();
            CHECK(written == i);
        }
        thread.start();
        for (int i = 0; i < 3; ++i) CHECK_THROWS_WITH(thread.wait(), "the disk is full");
        CHECK_FALSE(thread.is_writing());
    }
    CHECK(announced == 101);
    // The destructor waits for the commit.
    CommitThread(write, [&] { ++announced; }).start();
    CHECK(written == 102);
    CHECK(announced == 102);
}

TEST_CASE("refill plan: a peer gives what is requested and a quarter of the rest") {
    CHECK(RefillPlan::share(0, 5) == 0);
    CHECK(RefillPlan::share(5, 5) == 5);
    CHECK(RefillPlan::share(3, 5) == 3);
    CHECK(RefillPlan::share(100, 20) == 40);
    CHECK(RefillPlan::share(~std::uint64_t{0}, 1) <= ~std::uint64_t{0} / 4 + 1);
}

TEST_CASE("refill plan: one peer at a time is sent a request, those with the most rights first") {
    RefillPlan plan({{"a", 1, false}, {"b", 9, false}, {"c", 5, false}});
    auto ask = plan.next(7, at({}));
    REQUIRE(ask);
    CHECK(ask->node == "b");
    CHECK(ask->amount == 7);
    CHECK_FALSE(plan.next(7, at(RefillPlan::attempt / 2)));
    plan.on_answer("c", 7, 7, at({}));  // was sent no request
    CHECK_FALSE(plan.next(7, at({})));
    plan.on_answer("b", 2, 7, at({}));
    ask = plan.next(5, at({}));
    REQUIRE(ask);
    CHECK(ask->node == "c");
    // Enough is on its way, so no request is sent until it should have arrived.
    plan.on_answer("c", 5, 5, at({}));
    CHECK_FALSE(plan.next(5, at(RefillPlan::arrival / 2)));
    CHECK(plan.verdict(at({})) == RefillPlan::Verdict::open);
    ask = plan.next(1, at(RefillPlan::arrival));
    REQUIRE(ask);
    CHECK(ask->node == "a");
    plan.on_answer("a", 0, 1, at(RefillPlan::arrival));
    CHECK(plan.verdict(at(RefillPlan::arrival)) == RefillPlan::Verdict::uncovered);
}

TEST_CASE("refill plan: a silent peer is passed over, and its late answer counts") {
    RefillPlan plan({{"a", 0, true}, {"b", 9, false}, {"c", 5, false}});
    CHECK(plan.next(7, at({}))->node == "b");
    CHECK(plan.next(7, at(RefillPlan::attempt))->node == "c");
    plan.on_answer("c", 0, 7, at(RefillPlan::attempt));
    CHECK(plan.verdict(at(RefillPlan::attempt)) == RefillPlan::Verdict::unreachable);
    CHECK(plan.silent() == "a, b");
    plan.on_answer("b", 0, 7, at(RefillPlan::attempt));
    CHECK(plan.silent() == "a");
    CHECK(RefillPlan({}).verdict(at({})) == RefillPlan::Verdict::uncovered);
}

TEST_CASE("counters: the slots of departed replicas are collapsed into one with the same totals") {
    constexpr ReplicaId a = 10, b = 20, c = 30;
    Counters counters;
    counters.add(a, "x", 5);
    counters.add(b, "x", 7);
    counters.add(c, "x", -3);
    counters.reset(a, "x");
    counters.add(b, "x", 2);
    counters.add(b, "y", -4);
    counters.add_bounded(a, "z", 10);
    counters.add_bounded(b, "z", 20);
    counters.transfer(a, b, "z", 4);
    counters.transfer(b, a, "z", 1);
    counters.add_bounded(b, "z", -3);
    const auto pruned = [](const Counters& state, const Ids& writers) {
        const Ids departed = [&] {
            Ids all = writers;
            all.insert(all.begin(), successor);
            return all;
        }();
        Counters result = state.written_by(departed, false);
        result.merge(state.written_by(departed, true).collapsed(writers, a));
        return result;
    };
    CHECK(counters.writers() == std::set<ReplicaId>{a, b, c});
    Counters once = pruned(counters, {b});
    CHECK(once.writers() == std::set<ReplicaId>{a, c});
    once = pruned(once, {c});
    once.add(a, "x", 1);
    CHECK(once.writers() == std::set<ReplicaId>{a});
    CHECK(once.total("x", Kind::counter).as<std::int64_t>() == 3);
    CHECK(once.total("y", Kind::counter).as<std::int64_t>() == -4);
    CHECK(once.total("z", Kind::bounded).as<std::int64_t>() == 27);
    // The rights of b are at a.
    CHECK(once.rights("z", a) == 27);
    CHECK(once.rights("z", successor) == 0);
    // Parts are complete.
    Counters both = counters.written_by({b}, true);
    both.merge(counters.written_by({b}, false));
    CHECK(both == counters);
    once.reset(a, "x");
    CHECK(once.total("x", Kind::counter).as<std::int64_t>() == 0);
}

namespace {

/// A member that prunes, without a network.
struct PruningMember {
    Counters counters;
    std::uint64_t current = 0;

    const Counters& state() const { return counters; }
    std::uint64_t generation() const { return current; }
    static Counters collapse(const Counters& written, const Ids& writers) {
        return written.collapsed(writers, 10);
    }
    void begin(const crdt::replication::PruningMessage<Counters>& commit, const auto& change,
               Time) {
        change(counters);
        counters.set_pruned(commit.history);
        current = commit.generation;
    }
    static Counters start_over() { return {}; }
};

}  // namespace

TEST_CASE("pruning: after 10,000 incarnations, tokens and states are as small as after a few") {
    using Pruner = crdt::replication::Pruner<Counters, PruningMember, std::string>;
    PruningMember a, b;
    Pruner of_a(a, "a", successor, 1), of_b(b, "b", successor, 2);
    of_a.set_members({"b"}, at({}));
    of_b.set_members({"a"}, at({}));
    constexpr ReplicaId count = 10'000, batch = 20;
    std::size_t longest_token = 0, early = 0;
    std::string session;
    Ids departed;
    Time now = at(second);
    for (ReplicaId id = 100; id < 100 + count; ++id) {
        // The numbers of incarnations are random.
        const ReplicaId guest = crdt::detail::mix64(id);
        Counters delta = a.counters.add(guest, "x", 1);
        delta.merge(a.counters.add_bounded(guest, "y", 1));
        b.counters.merge(delta);
        Token token("x", session);
        REQUIRE(token.is_satisfied_by(Snapshot(b.counters, "x")));
        token.note(Snapshot(a.counters, "x"));
        session = token.text();
        longest_token = std::max(longest_token, session.size());
        departed.push_back(guest);
        if (departed.size() < batch) continue;
        now += 10 * second;
        of_b.retire(departed, now);
        of_a.retire(std::exchange(departed, {}), now);
        // First the proposal and the report, then the commit and its acknowledgement.
        for (int phase = 0; phase < 2; ++phase)
            for (const auto& request : of_a.on_tick(now))
                for (const auto& answer : of_b.on_message("a", request.message, now))
                    CHECK(of_a.on_message("b", answer.message, now).empty());
        REQUIRE(a.current == b.current);
        REQUIRE(a.counters == b.counters);
        if (id < 100 + 2 * Pruner::max_history) early = crdt::binary::size(a.counters);
    }
    CHECK(crdt::replication::prunings(a.current) == count / batch);
    CHECK(a.counters.total("x", Kind::counter).as<std::int64_t>() == count);
    CHECK(a.counters.total("y", Kind::bounded).as<std::int64_t>() == count);
    CHECK(a.counters.rights("y", 10) == count);
    CHECK(longest_token < 2000);
    CHECK(crdt::binary::size(a.counters) < early + 200);
    MESSAGE("after ", count, " incarnations: token ", session.size(), " bytes, state ",
            crdt::binary::size(a.counters), " bytes");
}

TEST_CASE("pruning: a request that two replicas have applied counts once, as before") {
    const Applied work{"add", "", {{"x", Kind::counter, 5}}};
    const ReplicaId staying = 3;
    for (const ReplicaId departed : {ReplicaId{2}, ReplicaId{7}}) {
        CAPTURE(departed);
        Counters a, b;
        a.add(staying, "x", 100);
        b.add(departed, "x", 1000);
        a.add_all(staying, "q", work);
        b.add_all(departed, "q", work);
        b.add(departed, "x", -50);
        a.merge(b);
        a.settle(staying, "q", [](ReplicaId) { return false; });
        const auto value = [](const Counters& counters) {
            return counters.total("x", Kind::counter).as<std::int64_t>();
        };
        REQUIRE(value(a) == 1055);
        Counters pruned = a.written_by({departed}, false);
        pruned.merge(a.written_by({departed}, true).collapsed({departed}, staying));
        pruned.set_pruned(Pruned{{departed, crdt::Max<std::uint64_t>(1)}});
        CHECK(value(pruned) == 1055);
        CHECK(pruned.progress_of("q", work) == Counters::Progress::applied);
        CHECK(pruned.settle(staying, "q", [](ReplicaId) { return true; }).is_bottom());
        pruned.erase_record(staying, "q");
        CHECK_FALSE(pruned.written_by({departed}, false).writers().contains(departed));
    }
}

TEST_CASE("pruning: a survivor gets the rights of departed replicas, as far as they fit") {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max() / 4;
    for (const std::uint64_t rights : {std::uint64_t{5}, most, most + 5}) {
        CAPTURE(rights);
        Counters state;
        state.add_bounded(2, "b", static_cast<std::int64_t>(rights));
        const Counters pruned = state.collapsed({2}, 3);
        CHECK(pruned.total("b", Kind::bounded) == rights);
        CHECK(pruned.rights("b", 3) == std::min(rights, most));
        CHECK(pruned.rights("b", successor) == rights - std::min(rights, most));
    }
}

TEST_CASE("pruning: a state is replaced without a copy of its records, all or nothing") {
    const ReplicaId staying = 10, departed = 20;
    const Ids writers{successor, departed};
    std::vector<long> allocations;
    for (const int requests : {20, 2000}) {
        Counters state;
        state.add_bounded(departed, "z", 3);
        for (int i = 0; i < requests; ++i)
            state.add_all(i % 2 == 0 ? staying : departed, std::to_string(i),
                          Applied{"add", "", {{"x", Kind::counter, 1}}});
        for (int i = 0; i < 4; ++i) state.erase_record(staying, std::to_string(i));
        state.set_pruned(Pruned{{30, crdt::Max<std::uint64_t>(1)}});
        const Counters before = state;
        const Counters written = state.written_by(writers, true).collapsed({departed}, staying);
        Counters expected = state.written_by(writers, false);
        expected.merge(written);

        long index = 0;
        while (
            support::fails_allocation(index, [&] { state.replace_written_by(writers, written); })) {
            REQUIRE(state == before);
            ++index;
        }
        CHECK(state == expected);
        CHECK(state.request_count() == static_cast<std::size_t>(requests) - 4);
        CHECK(index > 0);
        allocations.push_back(index);

        // When its last record is erased, the replica is no longer a writer.
        CHECK(state.writers().contains(departed));
        for (int i = 4; i < requests; ++i) state.erase_record(staying, std::to_string(i));
        state.replace_written_by(writers, written);
        CHECK_FALSE(state.writers().contains(departed));
    }
    CHECK(allocations.back() < allocations.front() + 20);
}

TEST_CASE("pruning: a deletion of a counter of a pruned replica leaves no entry") {
    Counters state;
    state.add(10, "x", 3);
    state.add(20, "x", 4);
    Counters pruned = state.written_by({20}, false);
    pruned.merge(state.written_by({20}, true).collapsed({20}, 10));
    REQUIRE(pruned.total("x", Kind::counter) == 7);
    Counters peer = pruned;
    Counters delta = pruned.reset(10, "x");
    delta.merge(pruned.compact(10, "x"));
    CHECK(pruned.size() == 0);
    peer.merge(delta);
    CHECK(peer.size() == 0);
    CHECK(peer == pruned);
}

TEST_CASE("pruning: what a pruned replica has applied counts, and a second application does not") {
    const Applied work{"add", "", {{"x", Kind::counter, 5}}};
    const ReplicaId staying = 3;
    const auto nothing_own = [](ReplicaId) { return false; };
    const auto value = [](const Counters& counters) {
        return counters.total("x", Kind::counter).as<std::int64_t>();
    };
    for (const ReplicaId departed : {ReplicaId{2}, ReplicaId{7}}) {
        CAPTURE(departed);
        Counters a, b;
        a.add_all(staying, "q", work);
        b.add_all(departed, "q", work);
        // The replica is pruned before the second application has arrived.
        Counters pruned = b.written_by({departed}, false);
        pruned.merge(b.written_by({departed}, true).collapsed({departed}, staying));
        pruned.set_pruned(Pruned{{departed, crdt::Max<std::uint64_t>(1)}});
        a.set_pruned(pruned.pruned());
        pruned.merge(a);
        REQUIRE(value(pruned) == 10);
        REQUIRE(pruned.is_contested("q"));
        const Counters before = pruned;
        pruned.settle(staying, "q", nothing_own);
        CHECK(value(pruned) == 5);
        CHECK_FALSE(pruned.is_contested("q"));
        CHECK(pruned.progress_of("q", work) == Counters::Progress::applied);
        // Another replica does the same.
        Counters other = before;
        other.settle(9, "q", nothing_own);
        other.merge(pruned);
        CHECK(value(other) == 5);
    }
}

TEST_CASE("pruning: dropped records are not removed elsewhere") {
    const Applied work{"add", "", {{"x", Kind::counter, 5}}};
    Counters a, b;
    a.add_all(7, "q", work);
    a.add_all(3, "r", work);
    b.merge(a);
    a.drop_records_of({7});
    CHECK(a.progress_of("q", work) == Counters::Progress::unknown);
    CHECK(a.progress_of("r", work) == Counters::Progress::applied);
    b.merge(a);
    CHECK(b.progress_of("q", work) == Counters::Progress::applied);
    a.merge(b);
    CHECK(a.progress_of("q", work) == Counters::Progress::applied);
}

}  // namespace policy_tests

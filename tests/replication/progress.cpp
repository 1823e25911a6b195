// SPDX-License-Identifier: MIT
//! The machines of a link, each alone: every state, and every way from one to another.
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/gset.hpp>
#include <crdt/random.hpp>
#include <crdt/replication/delta_log.hpp>
#include <crdt/replication/echo_filter.hpp>
#include <crdt/replication/in_flight.hpp>
#include <crdt/replication/receive_progress.hpp>
#include <crdt/replication/replica_data.hpp>
#include <crdt/replication/resync_scheduler.hpp>
#include <crdt/replication/send_progress.hpp>
#include <crdt/replication/timers.hpp>

namespace progress_tests {

using namespace crdt::replication;
using std::chrono::milliseconds;

namespace {

using Set = crdt::GSet<int>;
using Send = SendProgress<Set, std::string, Policy>;
using Log = DeltaLog<Set, std::string>;

constexpr Time at(int ms) { return Time{milliseconds{ms}}; }

/// A transfer of two pieces, of which the opening was sent.
struct Sender {
    Log log;
    Send send{"peer"};
    Sequence first = log.reserve(2);

    Sender() {
        send.become_transferring({TransferKind::full_state, {Set{1}, Set{2}}}, first, at(0));
    }
    void finish() {
        send.on_ack(first, Set{}, log);
        REQUIRE(send.next(log, at(1), milliseconds{100}));
        send.on_ack(first + 1, Set{}, log);
    }
};

/// What the scheduler requires of a link.
struct FakeLink {
    bool needs = true, requests = false, silent = false, neighbour = true;
    std::optional<Time> due = {};

    bool needs_request() const { return needs; }
    bool is_request_scheduled() const { return due.has_value(); }
    bool is_requesting() const { return requests; }
    bool is_silent() const { return silent; }
    bool is_neighbour() const { return neighbour; }
    void schedule_request(Time time) { due = time; }
    void begin_repair(Time time) { due = time; }
};
using Links = std::map<int, FakeLink>;

}  // namespace

TEST_CASE("timers: one is due from its time on, until it is set again or cleared") {
    TimerTable timers;
    CHECK_FALSE(timers.is_set(Timer::ack));
    CHECK_FALSE(timers.is_due(Timer::ack, at(1000)));
    timers.set(Timer::ack, at(5));
    CHECK_FALSE(timers.is_due(Timer::ack, at(4)));
    CHECK(timers.is_due(Timer::ack, at(5)));
    CHECK_FALSE(timers.is_set(Timer::answer));
    timers.set_by(Timer::ack, at(9));
    CHECK(timers[Timer::ack] == at(5));
    timers.set_by(Timer::ack, at(3));
    CHECK(timers[Timer::ack] == at(3));
    timers.set(Timer::ack, at(9));
    CHECK(timers[Timer::ack] == at(9));
    timers.clear(Timer::ack);
    CHECK_FALSE(timers.is_set(Timer::ack));
}

TEST_CASE("receive progress: unknown, following, and back by gaps") {
    using State = ReceiveProgress::State;
    ReceiveProgress receive;
    CHECK(receive.state() == State::unknown);
    CHECK_FALSE(receive.continues_at(1));
    CHECK(receive.on_gap());  // the peer does not have what came before

    receive.on_changes(4, /*is_opening=*/true, /*more=*/false);
    CHECK(receive.state() == State::following);
    CHECK(receive.position() == 4);
    CHECK(receive.continues_at(4));
    CHECK(receive.continues_at(2));  // a repetition
    CHECK_FALSE(receive.continues_at(5));
    CHECK(receive.take_fingerprint_due());
    CHECK_FALSE(receive.take_fingerprint_due());

    CHECK_FALSE(receive.on_gap());
    CHECK_FALSE(receive.on_gap());
    receive.on_changes(6, false, false);  // the missing changes were only overtaken
    receive.on_changes(3, false, false);  // an old message
    CHECK(receive.position() == 6);
    for (unsigned gap = 1; gap < ReceiveProgress::most_gaps; ++gap) CHECK_FALSE(receive.on_gap());
    CHECK(receive.on_gap());
    receive.become_unknown();
    CHECK(receive.state() == State::unknown);
}

TEST_CASE("receive progress: a transfer goes on until its last piece") {
    using State = ReceiveProgress::State;
    ReceiveProgress receive;
    receive.become_transferring();
    CHECK(receive.state() == State::transferring);
    CHECK(receive.is_slow());
    receive.on_changes(7, true, true);
    CHECK(receive.is_slow());
    receive.become_unknown();  // does not end it
    CHECK(receive.state() == State::transferring);
    receive.on_changes(8, true, false);
    CHECK(receive.state() == State::following);
    CHECK_FALSE(receive.is_slow());
}

TEST_CASE(
    "receive progress: a piece that arrives again after the transfer does not begin it again") {
    ReceiveProgress receive;
    receive.on_changes(2, true, true);
    receive.on_changes(3, false, false);
    receive.on_changes(2, true, true);
    CHECK(receive.state() == ReceiveProgress::State::following);
    CHECK(receive.position() == 3);
}

TEST_CASE("send progress: probing, transferring piece by piece, replicating") {
    using State = Send::State;
    Log log;
    Send send("peer");
    CHECK(send.state() == State::probing);
    CHECK(send.kind() == TransferKind::none);
    CHECK_FALSE(send.deadline(log, milliseconds{10}));

    Sender transfer;
    CHECK(transfer.send.state() == State::transferring);
    CHECK(transfer.send.kind() == TransferKind::full_state);
    CHECK(transfer.send.opening().delta == Set{1});
    CHECK(transfer.send.opening().first == 0);
    CHECK(transfer.send.opening().more_pieces);
    // Until the opening is acknowledged it is repeated on request alone.
    CHECK_FALSE(transfer.send.deadline(transfer.log, milliseconds{10}));
    CHECK_FALSE(
        transfer.send.on_ack(transfer.first - 1, Set{}, transfer.log));  // of an earlier transfer
    CHECK_FALSE(transfer.send.is_confirmed());
    transfer.finish();
    CHECK(transfer.send.state() == State::replicating);
    CHECK(transfer.send.kind() == TransferKind::none);
    CHECK_FALSE(transfer.send.in_flight());

    transfer.log.append(Set{3}, std::nullopt);
    CHECK(transfer.send.has_fresh(transfer.log));
    transfer.log.append(Set{4}, "peer");  // not sent back
    const auto sent = transfer.send.next(transfer.log, at(20), milliseconds{100});
    REQUIRE(sent);
    CHECK(sent->delta == Set{3});
    CHECK(transfer.send.in_flight());
    CHECK(transfer.send.deadline(transfer.log, milliseconds{10}) == at(120));
    CHECK_FALSE(transfer.send.is_overdue(at(119)));
    CHECK(transfer.send.is_overdue(at(120)));
    const auto again = transfer.send.next(transfer.log, at(120), milliseconds{200});
    REQUIRE(again);
    CHECK(again->delta == Set{3});
    CHECK(transfer.send.timeouts() == 1);
    CHECK(transfer.send.on_ack(sent->last, Set{}, transfer.log));
    CHECK(transfer.send.timeouts() == 0);
    CHECK_FALSE(transfer.send.deadline(transfer.log, milliseconds{10}));

    transfer.send.become_probing();
    CHECK(transfer.send.state() == State::probing);
}

TEST_CASE("in flight: the last 16 positions are kept, and the age is that of the oldest") {
    InFlight in_flight;
    CHECK(in_flight.is_empty());
    in_flight.become_transferring(10, at(1));
    in_flight.on_ack(10, /*is_last_piece=*/true);
    CHECK_FALSE(in_flight.since());
    for (Sequence end = 11; end <= 30; ++end) in_flight.add(end, at(static_cast<int>(end)));
    CHECK(in_flight.count() == 20);
    CHECK(in_flight.announced().size() == 16);
    CHECK(in_flight.since() == at(11));
    in_flight.on_ack(20, true);
    CHECK(in_flight.since() == at(21));
    in_flight.become_lost();
    CHECK(in_flight.is_empty());
    CHECK(in_flight.announced().empty());
    in_flight.add(30, at(50));
    CHECK(in_flight.since() == at(21));  // the first time that the changes were sent
    in_flight.on_ack(30, true);
    CHECK_FALSE(in_flight.since());
}

TEST_CASE("echo filter: what a peer has sent is removed from what it is sent") {
    EchoFilter<Set, Policy> echo;
    Set delta{1, 2, 3};
    echo.remove_received(delta);
    CHECK(delta == Set{1, 2, 3});
    echo.add(Set{2, 9});
    echo.remove_received(delta);
    CHECK(delta == Set{1, 3});
    echo.clear();
    CHECK(echo.received().is_bottom());
}

TEST_CASE("send progress: a transfer without an ack expires, each time after twice as long") {
    Sender transfer;
    const milliseconds timeout{100};
    transfer.send.expire_transfer(timeout, at(99));
    CHECK_FALSE(transfer.send.is_probing());
    transfer.send.expire_transfer(timeout, at(100));
    CHECK(transfer.send.is_probing());

    transfer.send.become_transferring({TransferKind::difference, {Set{1}}}, transfer.log.reserve(1),
                                      at(100));
    transfer.send.expire_transfer(timeout, at(299));
    CHECK_FALSE(transfer.send.is_probing());
    transfer.send.expire_transfer(timeout, at(300));
    CHECK(transfer.send.is_probing());

    transfer.send.reset();
    transfer.send.become_transferring({TransferKind::difference, {Set{1}}}, transfer.log.reserve(1),
                                      at(300));
    transfer.send.expire_transfer(timeout, at(400));
    CHECK(transfer.send.is_probing());
}

TEST_CASE("replica data: retries wait longer and longer, up to the limit") {
    Options options;
    options.interval = options.ack_delay = milliseconds{100};
    options.retry_limit = milliseconds{1000};
    ReplicaData<Set, std::string, Policy> replica(Epoch{1}, options);
    for (const auto& [attempts, longest] :
         std::map<unsigned, int>{{0, 300}, {1, 450}, {2, 675}, {3, 1000}, {1000, 1000}}) {
        for (int i = 0; i < 100; ++i) {
            const Duration delay = replica.retry_delay(attempts);
            CHECK(delay <= milliseconds{longest});
            CHECK(delay >= milliseconds{longest * 3 / 4 - 1});
        }
    }
}

TEST_CASE("resync scheduler: one neighbour first, the others when it should have answered") {
    crdt::Random random(1);
    ResyncScheduler scheduler;
    Links links;
    for (int id = 0; id < 5; ++id) links[id];
    links[4].needs = false;
    scheduler.schedule(links, random, at(1000));
    int first = 0;
    for (const auto& [id, link] : links) {
        CHECK(link.due.has_value() == link.needs);
        if (!link.due) continue;
        if (*link.due < at(1000) + ResyncScheduler::head_start) ++first;
        CHECK(*link.due >= at(1000));
    }
    CHECK(first == 1);

    // While a request is under way, a new neighbour waits as well.
    links[0].requests = true;
    links[5];
    scheduler.schedule(links, random, at(2000));
    CHECK(*links[5].due >= at(2000) + ResyncScheduler::head_start);
}

TEST_CASE("resync scheduler: a silent neighbour is repaired around, if there are other members") {
    crdt::Random random(1);
    ResyncScheduler scheduler;
    const Options options;
    Links links;
    links[0].silent = true;
    CHECK_FALSE(scheduler.repair_deadline(links, options));
    links[1].neighbour = false;
    links[1].needs = false;
    REQUIRE(scheduler.repair_deadline(links, options));
    scheduler.repair(links, random, options, at(5000));
    CHECK(links[1].due == at(5000));
    CHECK_FALSE(links[0].due.has_value());
    CHECK(*scheduler.repair_deadline(links, options) >= at(5000) + options.retry_limit);
}

TEST_CASE("resync scheduler: one first request at a time, and none while a large answer arrives") {
    ResyncScheduler scheduler;
    CHECK(scheduler.next_first_request() == Time{});
    scheduler.on_first_request(at(400));
    CHECK(scheduler.next_first_request() == at(400));
    CHECK(scheduler.resync_hold_until() == Time{});
    scheduler.on_answer();
    CHECK(scheduler.next_first_request() == Time{});

    scheduler.on_first_request(at(400));
    scheduler.hold(at(7000));
    scheduler.on_answer();
    CHECK(scheduler.next_first_request() == at(7000));
    scheduler.hold(at(1));
    CHECK(scheduler.resync_hold_until() == at(1));
}

}  // namespace progress_tests

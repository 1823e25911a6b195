// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include <crdt/gcounter.hpp>
#include <crdt/gset.hpp>
#include <crdt/random.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/replicator.hpp>

#include "support/clusters.hpp"
#include "support/network.hpp"
#include "support/seeds.hpp"

namespace replicator_faults_tests {

using namespace crdt;
using namespace crdt::replication;
using support::add_one;
using support::Network;
using support::Pair;
using support::second;

TEST_CASE("replication: any loss, repetition, delay and reordering, then a heal") {
    for (std::uint64_t seed = 1; seed <= support::seeds(200); ++seed) {
        CAPTURE(seed);
        Random random(seed);
        Options options;
        options.log_limit = random.below(3) == 0 ? 2 : 1 << 16;
        const std::size_t size = 2 + random.below(4);
        Network<GCounter<>> net(size, seed, options);
        net.conditions = {static_cast<unsigned>(random.below(60)),
                          static_cast<unsigned>(random.below(40)),
                          std::chrono::milliseconds{random.below(1500)}};
        std::uint64_t added = 0;
        for (int phase = 0; phase < 4; ++phase) {
            const std::uint64_t side = random.next(), one_way = random.below(2);
            net.cut([=](std::size_t from, std::size_t to) {
                const auto of = [&](std::size_t index) { return (side >> index) & 1U; };
                return of(from) == of(to) || (one_way != 0 && of(from) != 0);
            });
            net.run(3 * second, [&] {
                if (random.below(100) != 0) return;
                add_one(net, random.below(size));
                ++added;
            });
        }
        net.heal();
        net.conditions = {};
        net.run(4 * second);
        CHECK(net.converged());
        CHECK(net.replicas[0].state().value() == added);
        net.run(4 * second);
        CHECK(net.silent());
        CHECK(net.replicas[0].log().size() == 0);
    }
}

TEST_CASE("replication: a member that is no neighbour cannot hold up requests to neighbours") {
    Replicator<GSet<int>> replica(Epoch{1});
    replica.set_peers({"far", "near"}, {"near"}, Time{});
    replica.start(Time{});
    const auto due = replica.next_deadline();
    Message<GSet<int>> announcement;
    announcement.from_epoch = Epoch{2};
    announcement.answer_pending = true;
    replica.on_message("far", announcement, Time{});
    CHECK_FALSE(replica.is_catching_up(Time{}));
    CHECK(replica.next_deadline() == due);
    replica.on_message("near", announcement, Time{});
    CHECK(replica.is_catching_up(Time{}));
    CHECK(replica.next_deadline() > due);
}

TEST_CASE("replication: a replica that restarts empty gets everything back") {
    Network<GCounter<>> net(3, 3);
    net.run(2 * second);
    for (std::size_t i = 0; i < 3; ++i) add_one(net, i);
    net.run(3 * second);
    REQUIRE(net.silent());
    net.restart(1);
    CHECK(net.replicas[1].state().is_bottom());
    net.run(2 * second);
    CHECK(net.replicas[1].state().value() == 3);
    CHECK(net.replicas[0].metrics().epoch_changes == 1);
    add_one(net, 1);
    net.run(3 * second);
    CHECK(net.converged());
    CHECK(net.replicas[0].state().value() == 4);
    CHECK(net.silent());
}

TEST_CASE("replication: restarts amid loss and partitions lose nothing that somebody still has") {
    for (std::uint64_t seed = 1; seed <= support::seeds(50); ++seed) {
        CAPTURE(seed);
        Random random(seed * 977);
        Network<GCounter<>> net(3, seed);
        net.conditions = {30, 30, std::chrono::milliseconds{500}};
        // Replica 0 never restarts, and so never loses what it added.
        std::uint64_t added = 0;
        for (int phase = 0; phase < 5; ++phase) {
            net.run(2 * second, [&] {
                if (random.below(200) == 0) add_one(net, 0), ++added;
            });
            net.restart(1 + random.below(2));
        }
        net.conditions = {};
        net.run(6 * second);
        CHECK(net.converged());
        CHECK(net.replicas[2].state().value() == added);
        CHECK(net.silent());
    }
}

TEST_CASE("replication: a delta for another epoch is joined, but never acknowledged") {
    Pair net;
    const Sequence before = net.replicas[0].log().end();
    GSet<int> delta;
    delta.insert(9);
    Message<GSet<int>> message;
    message.from_epoch = net.replicas[0].epoch();
    message.to_epoch = replication::Epoch{12345};
    message.changes = {delta, before, before + 1};
    CHECK_FALSE(net.replicas[1].on_message("n0", message, net.now).is_bottom());
    CHECK(net.replicas[1].state().contains(9));
    CHECK(net.replicas[1].metrics().foreign_epochs == 1);
    net.run(3 * second);
    for (const auto& sent : net.log) {
        // It may report its position in this epoch, but not acknowledge what was for another.
        if (sent.from == 1 && sent.message.ack) CHECK(*sent.message.ack == before);
    }
}

TEST_CASE("replication: an ack of another epoch counts for nothing") {
    Pair net;
    net.cut([](std::size_t, std::size_t) { return false; });
    net.insert(0, 1);
    net.run(1 * second);
    Message<GSet<int>> message;
    message.from_epoch = net.replicas[1].epoch();
    message.to_epoch = replication::Epoch{12345};
    message.ack = net.replicas[0].log().end();
    net.replicas[0].on_message("n1", message, net.now);
    CHECK(net.replicas[0].log().size() == 1);
    message.to_epoch = net.replicas[0].epoch();
    net.replicas[0].on_message("n1", message, net.now);
    CHECK(net.replicas[0].log().size() == 0);
}

TEST_CASE("replication: a peer behind a truncated log catches up by digest") {
    Options options;
    options.log_limit = 3;
    Pair net(options);
    net.cut([](std::size_t, std::size_t) { return false; });
    for (int i = 0; i < 20; ++i) {
        net.insert(0, i);
        net.run(std::chrono::milliseconds{500});
        CHECK(net.replicas[0].log().cost() <= 4);
    }
    CHECK(net.replicas[0].metrics().truncations > 0);
    net.heal();
    net.log.clear();
    net.run(4 * second);
    CHECK(net.replicas[1].state().size() == 20);
    CHECK(net.silent());
    const auto answers = std::count_if(net.log.begin(), net.log.end(), [](const auto& sent) {
        return sent.message.changes && sent.message.changes->first == 0;
    });
    CHECK(answers == 1);
}

TEST_CASE("replication: a long partition costs one delta, sent once after the heal") {
    Pair net;
    net.cut([](std::size_t, std::size_t) { return false; });
    for (int i = 0; i < 500; ++i) {
        net.insert(0, i);
        net.run(std::chrono::milliseconds{100});
        REQUIRE(net.replicas[0].log().size() <= 3);
    }
    net.heal();
    const auto before = net.replicas[0].metrics().parts_sent;
    net.run(2 * second);
    CHECK(net.converged());
    CHECK(net.replicas[0].metrics().parts_sent - before == 500);
}

TEST_CASE("replication: retries to a lost peer slow down to the limit, with jitter") {
    Pair net;
    net.cut([](std::size_t, std::size_t) { return false; });
    net.insert(0, 1);
    net.run(60 * second);
    std::set<Duration> gaps;
    for (std::size_t i = 1; i < net.log.size(); ++i) {
        const Duration gap = net.log[i].at - net.log[i - 1].at;
        CHECK(gap <= std::chrono::milliseconds{1500});
        CHECK(gap >= std::chrono::milliseconds{600});
        gaps.insert(gap);
    }
    CHECK(net.log.size() >= 40);
    CHECK(net.log.size() <= 56);
    CHECK(gaps.size() > 10);
    net.heal();
    const Time healed = net.now;
    net.run(std::chrono::milliseconds{1600});
    CHECK(net.converged());
    CHECK(net.now - healed <= 2 * second);
}

TEST_CASE("replication: what no replica can have sent changes nothing") {
    Pair net;
    net.insert(0, 1);
    net.run(3 * second);
    const auto state = net.replicas[0].state();
    GSet<int> delta;
    delta.insert(99);
    const auto rejected = [&](const std::string& from, auto&& change) {
        Message<GSet<int>> message;
        message.from_epoch = net.replicas[1].epoch();
        message.to_epoch = net.replicas[0].epoch();
        change(message);
        const auto before = net.replicas[0].metrics().rejected;
        CHECK(net.replicas[0].on_message(from, message, net.now).is_bottom());
        CHECK(net.replicas[0].metrics().rejected == before + 1);
    };
    rejected("unknown sender", [&](auto& message) {
        message.changes = {delta, 0, 1, TransferKind::difference};
    });
    rejected("n1", [&](auto& message) { message.from_epoch = unknown_epoch; });
    rejected("n1", [&](auto& message) { message.changes = {delta, 5, 4}; });
    using enum TransferKind;
    rejected("n1", [&](auto& message) { message.changes = {delta, 0, 1, none}; });
    rejected("n1", [&](auto& message) { message.changes = {delta, 0, 1, bucket_difference}; });
    rejected("n1",
             [&](auto& message) { message.changes = {delta, 0, 1, difference, false, Sketch()}; });
    rejected("n1", [&](auto& message) {
        message.changes = {delta, 1, 2, bucket_difference, false, Sketch()};
    });
    rejected("n1", [&](auto& message) { message.ack = 1U << 20U; });
    rejected("n1", [&](auto& message) { message.ack = 0; });
    CHECK(net.replicas[0].state() == state);
    CHECK(net.silent());
}

TEST_CASE("replication: a late message of an earlier epoch does not reset the links of peers") {
    Pair net;
    Message<GSet<int>> late, current;
    late.from_epoch = replication::Epoch{77};
    late.to_epoch = net.replicas[0].epoch();
    current.from_epoch = net.replicas[1].epoch();
    current.to_epoch = net.replicas[0].epoch();
    net.replicas[0].on_message("n1", late, net.now);
    net.replicas[0].on_message("n1", current, net.now);
    net.insert(0, 1);
    net.insert(1, 2);
    net.run(3 * second);
    CHECK(net.converged());
    CHECK(net.silent());
}

TEST_CASE("replication: a delta after a gap is joined, and the gap is requested") {
    Pair net;
    net.insert(0, 1);
    GSet<int> delta;
    delta.insert(2);
    Message<GSet<int>> message;
    message.from_epoch = net.replicas[0].epoch();
    message.to_epoch = net.replicas[1].epoch();
    message.changes = {delta, 50, 51};
    net.replicas[1].on_message("n0", message, net.now);
    CHECK(net.replicas[1].metrics().gaps == 1);
    CHECK(net.replicas[1].state().contains(2));
    net.run(3 * second);
    CHECK(net.replicas[1].metrics().states_sent >= 1);
    CHECK(net.replicas[1].state().contains(1));
    CHECK(net.silent());
}

TEST_CASE("replication: delays longer than retries, lost tails, small logs") {
    std::size_t messages = 0;
    for (std::uint64_t seed = 1; seed <= support::seeds(600); ++seed) {
        CAPTURE(seed);
        Random random(seed);
        Options options;
        options.log_limit = random.below(2) != 0 ? 2 : 1 << 16;
        const std::size_t size = 2 + random.below(2);
        Network<GCounter<>> net(size, seed, options);
        net.conditions = {static_cast<unsigned>(random.below(50)), 40, 4 * second};
        std::uint64_t added = 0;
        net.run(9 * second, [&] {
            if (random.below(300) == 0) add_one(net, random.below(size)), ++added;
        });
        // What is on its way is lost.
        net.cut([](std::size_t, std::size_t) { return false; });
        net.run(std::chrono::milliseconds{500 + random.below(4000)});
        net.heal();
        net.conditions = {};
        net.run(8 * second);
        CHECK(net.converged());
        CHECK(net.replicas[0].state().value() == added);
        CHECK(net.silent());
        messages += net.log.size();
    }
    CHECK(messages / support::seeds(600) < 120);
}

TEST_CASE("replication: an old digest's answer that is lost loses nothing") {
    Pair net;
    Message<GSet<int>> old_question;
    old_question.from_epoch = net.replicas[1].epoch();
    old_question.to_epoch = net.replicas[0].epoch();
    old_question.digest = digest(net.replicas[1].state());
    net.insert(0, 1);
    net.replicas[0].on_message("n1", old_question, net.now);
    CHECK(net.replicas[0].on_tick(net.now).size() == 1);  // lost
    net.run(3 * second);
    CHECK(net.converged());
    CHECK(net.silent());
}

TEST_CASE("replication: an old ack is not taken for what was sent after it") {
    Options options;
    options.log_limit = 2;
    for (const bool leaves : {false, true}) {
        CAPTURE(leaves);
        Pair net(options);
        Message<GSet<int>> old_ack;
        old_ack.from_epoch = net.replicas[1].epoch();
        old_ack.to_epoch = net.replicas[0].epoch();
        old_ack.ack = net.replicas[0].log().end();
        net.cut([](std::size_t, std::size_t) { return false; });
        for (int i = 0; i < 5; ++i) {
            net.insert(0, i);
            net.run(2 * second);
        }
        if (leaves) {
            net.replicas[0].set_peers({}, net.now);
            net.insert(0, 9);
            net.replicas[0].set_peers({"n1"}, net.now);
        }
        net.replicas[0].on_message("n1", old_ack, net.now);
        net.heal();
        net.run(4 * second);
        CHECK(net.converged());
        CHECK(net.silent());
    }
}

TEST_CASE("replication: a peer with another epoch of a replica receives the current one") {
    Pair net;
    Message<GSet<int>> late;
    late.from_epoch = replication::Epoch{77};
    late.to_epoch = net.replicas[0].epoch();
    late.changes = {{}, 0, 5, TransferKind::difference};
    late.ack = net.replicas[0].log().end();
    net.replicas[0].on_message("n1", late, net.now);
    net.insert(0, 1);
    net.run(4 * second);
    CHECK(net.converged());
    CHECK(net.silent());
    CHECK(net.log.size() < 12);
}

}  // namespace replicator_faults_tests

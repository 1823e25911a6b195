// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/detail/random.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/gset.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/metrics.hpp>
#include <crdt/replication/replicator.hpp>

#include "support/network.hpp"

using namespace crdt;
using namespace crdt::replication;
using support::Network;

namespace {

constexpr Time second = 1000 * milliseconds;

/// Adds 1 at a replica, under a name that no two lives share.
void add_one(Network<GCounter<>>& net, std::size_t index) {
    auto& replica = net.replicas[index];
    const std::string id = net.name(index) + "." + std::to_string(replica.epoch());
    replica.update([&](GCounter<>& state) { return state.add(id, 1); });
}

std::vector<std::string> as_vector(const std::string& name) { return {name}; }

/// Two replicas that know each other and have nothing to say.
struct Pair : Network<GSet<int>> {
    explicit Pair(Options options = Options{}) : Network(2, 7, options) {
        run(3 * second);
        log.clear();
    }
    GSet<int> insert(std::size_t index, int element) {
        return replicas[index].update([&](GSet<int>& set) { return set.insert(element); });
    }
};

}  // namespace

TEST_CASE("replication: a cluster meets, converges and falls silent") {
    Network<GCounter<>> net(3, 1);
    net.run(2 * second);
    CHECK(net.silent());
    // Three pairs; a pair meets in four messages: a question, two answers, and an ack.
    CHECK(net.log.size() <= 12);
    add_one(net, 0);
    net.run(2 * second);
    CHECK(net.converged());
    CHECK(net.silent());
    CHECK(net.replicas[2].state().value() == 1);
}

TEST_CASE("replication: news travel within the interval, and once an interval") {
    Network<GCounter<>> net(3, 2);
    net.run(2 * second);
    net.log.clear();
    std::uint64_t added = 0;
    std::vector<std::pair<Time, std::uint64_t>> history;
    net.run(20 * second, [&] {
        add_one(net, added % 3);
        history.emplace_back(net.now, ++added);
        // What was added longer ago than an interval is everywhere.
        if (net.now % (10 * milliseconds) != 0 || added <= 900) return;
        const std::uint64_t old = history[history.size() - 1 - 820].second;
        for (const auto& replica : net.replicas) CHECK(replica.state().value() >= old);
    });
    // Six directed links, 20 s, a message in 0.8 s: acks have ridden along.
    CHECK(net.log.size() <= 6 * 26);
    net.run(2 * second);
    CHECK(net.converged());
    CHECK(net.silent());
}

TEST_CASE("replication: any loss, repetition, delay and reordering, then a heal") {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        detail::Random random(seed);
        Options options;
        options.log_limit = random.below(3) == 0 ? 2 : 1 << 16;
        const std::size_t size = 2 + random.below(4);
        Network<GCounter<>> net(size, seed, options);
        net.weather = {static_cast<unsigned>(random.below(60)),
                       static_cast<unsigned>(random.below(40)), random.below(1500) * milliseconds};
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
        net.weather = {};
        net.run(4 * second);
        CHECK(net.converged());
        CHECK(net.replicas[0].state().value() == added);
        net.run(4 * second);
        CHECK(net.silent());
        CHECK(net.replicas[0].log().size() == 0);
    }
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
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        CAPTURE(seed);
        detail::Random random(seed * 977);
        Network<GCounter<>> net(3, seed);
        net.weather = {30, 30, 500 * milliseconds};
        // Replica 0 never restarts, and so never loses what it added.
        std::uint64_t added = 0;
        for (int phase = 0; phase < 5; ++phase) {
            net.run(2 * second, [&] {
                if (random.below(200) == 0) add_one(net, 0), ++added;
            });
            net.restart(1 + random.below(2));
        }
        net.weather = {};
        net.run(6 * second);
        CHECK(net.converged());
        CHECK(net.replicas[2].state().value() == added);
        CHECK(net.silent());
    }
}

TEST_CASE("replication: a delta for another life is joined, but never acknowledged") {
    Pair net;
    const Sequence before = net.replicas[0].log().end();
    GSet<int> delta;
    delta.insert(9);
    Message<GSet<int>> message;
    message.from_epoch = net.replicas[0].epoch();
    message.to_epoch = 12345;
    message.changes = {delta, before, before + 1};
    CHECK(net.replicas[1].on_message("n0", message, net.now));
    CHECK(net.replicas[1].state().contains(9));
    CHECK(net.replicas[1].metrics().foreign_epochs == 1);
    net.run(3 * second);
    for (const auto& sent : net.log) {
        // It may say where it stands in this life, but not that it has what was for another.
        if (sent.from == 1 && sent.message.ack) CHECK(*sent.message.ack == before);
    }
}

TEST_CASE("replication: an ack of another life counts for nothing") {
    Pair net;
    net.cut([](std::size_t, std::size_t) { return false; });
    net.insert(0, 1);
    net.run(1 * second);
    Message<GSet<int>> message;
    message.from_epoch = net.replicas[1].epoch();
    message.to_epoch = 12345;
    message.ack = net.replicas[0].log().end();
    net.replicas[0].on_message("n1", message, net.now);
    CHECK(net.replicas[0].log().size() == 1);
    message.to_epoch = net.replicas[0].epoch();
    net.replicas[0].on_message("n1", message, net.now);
    CHECK(net.replicas[0].log().size() == 0);
}

TEST_CASE("replication: nothing is sent back where it came from (BP)") {
    Pair net;
    net.insert(0, 1);
    net.run(3 * second);
    CHECK(net.converged());
    for (const auto& sent : net.log) {
        if (sent.from == 1) CHECK_FALSE(sent.message.changes.has_value());
    }
    CHECK(net.log.size() == 2);  // the news and its ack
}

TEST_CASE("replication: only what was new is passed on (RR)") {
    Network<GSet<int>> net(3, 5);
    net.run(3 * second);
    // A line: n0 - n1 - n2.
    net.cut([](std::size_t from, std::size_t to) { return from + to != 2; });
    net.replicas[0].update([](GSet<int>& set) { return set.insert(1); });
    net.run(4 * second);
    net.log.clear();
    GSet<int> known_and_new;
    known_and_new.insert(1);
    known_and_new.insert(2);
    Message<GSet<int>> message;
    message.from_epoch = net.replicas[0].epoch();
    message.to_epoch = net.replicas[1].epoch();
    const Sequence end = net.replicas[0].log().end();
    message.changes = {known_and_new, end, end + 1};
    net.replicas[1].on_message("n0", message, net.now);
    net.run(3 * second);
    bool passed_on = false;
    for (const auto& sent : net.log) {
        if (sent.from != 1 || sent.to != 2 || !sent.message.changes) continue;
        passed_on = true;
        CHECK_FALSE(sent.message.changes->delta.contains(1));
        CHECK(sent.message.changes->delta.contains(2));
    }
    CHECK(passed_on);
}

TEST_CASE("replication: a peer behind a truncated log catches up by digest") {
    Options options;
    options.log_limit = 3;
    Pair net(options);
    net.cut([](std::size_t, std::size_t) { return false; });
    for (int i = 0; i < 20; ++i) {
        net.insert(0, i);
        net.run(500 * milliseconds);
        CHECK(net.replicas[0].log().parts() <= 4);
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
        net.run(100 * milliseconds);
        REQUIRE(net.replicas[0].log().size() <= 2);
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
    std::set<Time> gaps;
    for (std::size_t i = 1; i < net.log.size(); ++i) {
        const Time gap = net.log[i].at - net.log[i - 1].at;
        CHECK(gap <= 1500 * milliseconds);
        CHECK(gap >= 600 * milliseconds);
        gaps.insert(gap);
    }
    CHECK(net.log.size() >= 40);
    CHECK(net.log.size() <= 56);
    CHECK(gaps.size() > 10);
    net.heal();
    const Time healed = net.now;
    net.run(1600 * milliseconds);
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
        CHECK_FALSE(net.replicas[0].on_message(from, message, net.now));
        CHECK(net.replicas[0].metrics().rejected == before + 1);
    };
    rejected("stranger", [&](auto& message) { message.changes = {delta, 0, 1}; });
    rejected("n1", [&](auto& message) { message.from_epoch = unknown_epoch; });
    rejected("n1", [&](auto& message) { message.changes = {delta, 5, 4}; });
    rejected("n1", [&](auto& message) { message.ack = 1U << 20U; });
    rejected("n1", [&](auto& message) { message.ack = 0; });
    rejected("n1", [&](auto& message) { message.changes = {delta, 0, 0}; });
    CHECK(net.replicas[0].state() == state);
    CHECK(net.silent());
}

TEST_CASE("replication: stop, start and interval") {
    Pair net;
    net.replicas[0].stop();
    CHECK_FALSE(net.replicas[0].running());
    net.insert(0, 1);
    net.insert(1, 2);
    net.run(3 * second);
    CHECK_FALSE(net.replicas[0].next_deadline().has_value());
    // A stopped replica still takes in, but says nothing.
    CHECK(net.replicas[0].state().contains(2));
    CHECK_FALSE(net.replicas[1].state().contains(1));
    CHECK(std::none_of(net.log.begin(), net.log.end(),
                       [](const auto& sent) { return sent.from == 0; }));
    net.replicas[0].start(net.now);
    net.run(2 * second);
    CHECK(net.converged());

    net.replicas[0].set_interval(100 * milliseconds);
    CHECK(net.replicas[0].interval() == 100 * milliseconds);
    net.log.clear();
    int next = 10;
    net.run(5 * second, [&] { net.insert(0, next++); });
    const auto sent = std::count_if(net.log.begin(), net.log.end(),
                                    [](const auto& message) { return message.from == 0; });
    CHECK(sent >= 30);
    CHECK(sent <= 51);
}

TEST_CASE("replication: peers may come and go") {
    Network<GSet<int>> net(3, 9);
    net.run(2 * second);
    net.cut([](std::size_t, std::size_t to) { return to != 2; });
    net.replicas[0].update([](GSet<int>& set) { return set.insert(1); });
    net.run(3 * second);
    CHECK(net.replicas[0].log().size() == 1);
    // Nothing is kept for a peer that is gone.
    net.replicas[0].set_peers(as_vector("n1"), net.now);
    CHECK(net.replicas[0].log().size() == 0);
    net.replicas[1].set_peers(as_vector("n0"), net.now);
    net.run(3 * second);
    CHECK_FALSE(net.replicas[0].next_deadline().has_value());
    // One that comes back is brought up by digest.
    net.heal();
    net.replicas[0].set_peers({"n1", "n2"}, net.now);
    net.run(3 * second);
    CHECK(net.converged());
}

TEST_CASE("replication: a late message of an earlier life does not make peers forget each other") {
    Pair net;
    Message<GSet<int>> late, current;
    late.from_epoch = 77;
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

TEST_CASE("replication: a delta after a gap is joined, and the gap is asked for") {
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
    CHECK(net.replicas[1].metrics().digests_sent >= 1);
    CHECK(net.replicas[1].state().contains(1));
    CHECK(net.silent());
}

TEST_CASE("replication: delays longer than retries, lost tails, small logs") {
    std::size_t messages = 0;
    for (std::uint64_t seed = 1; seed <= 600; ++seed) {
        CAPTURE(seed);
        detail::Random random(seed);
        Options options;
        options.log_limit = random.below(2) != 0 ? 2 : 1 << 16;
        const std::size_t size = 2 + random.below(2);
        Network<GCounter<>> net(size, seed, options);
        net.weather = {static_cast<unsigned>(random.below(50)), 40, 4 * second};
        std::uint64_t added = 0;
        net.run(9 * second, [&] {
            if (random.below(300) == 0) add_one(net, random.below(size)), ++added;
        });
        // What is on its way is lost.
        net.cut([](std::size_t, std::size_t) { return false; });
        net.run((500 + random.below(4000)) * milliseconds);
        net.heal();
        net.weather = {};
        net.run(8 * second);
        CHECK(net.converged());
        CHECK(net.replicas[0].state().value() == added);
        CHECK(net.silent());
        messages += net.log.size();
    }
    CHECK(messages / 600 < 120);
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
            net.replicas[0].set_peers(as_vector("n1"), net.now);
        }
        net.replicas[0].on_message("n1", old_ack, net.now);
        net.heal();
        net.run(4 * second);
        CHECK(net.converged());
        CHECK(net.silent());
    }
}

TEST_CASE("replication: one who believes in another life of a replica is told of this one") {
    Pair net;
    Message<GSet<int>> late;
    late.from_epoch = 77;
    late.to_epoch = net.replicas[0].epoch();
    late.changes = {{}, 0, 5};
    late.ack = net.replicas[0].log().end();
    net.replicas[0].on_message("n1", late, net.now);
    net.insert(0, 1);
    net.run(4 * second);
    CHECK(net.converged());
    CHECK(net.silent());
    CHECK(net.log.size() < 12);
}

TEST_CASE("replication: a replica that is stopped keeps nothing for its peers") {
    Network<GSet<int>> net(3, 13);
    net.run(3 * second);
    net.replicas[0].stop();
    int next = 0;
    net.run(20 * second, [&] {
        if (net.now % second == 0) {
            for (auto& replica : net.replicas) {
                replica.update([&](GSet<int>& set) { return set.insert(next++); });
            }
        }
    });
    CHECK(net.replicas[0].log().size() == 0);
    net.replicas[0].start(net.now);
    net.run(4 * second);
    CHECK(net.converged());
    CHECK(net.replicas[0].state().size() == 60);
}

TEST_CASE("replication: an interval is a millisecond at least") {
    Options options;
    options.interval = 0;
    CHECK(Replicator<GSet<int>>(options).interval() == milliseconds);
}

TEST_CASE("replication: a failed mutator is not sent") {
    Network<GCounter<>> net(2, 11);
    net.run(2 * second);
    net.log.clear();
    CHECK_THROWS_AS(net.replicas[0].update([](GCounter<>& state) { return state.add("n0", -1); }),
                    std::invalid_argument);
    net.run(2 * second);
    CHECK(net.log.empty());
}

TEST_CASE("replication: a change from a store is sent on, once") {
    Pair net;
    GSet<int> loaded;
    loaded.insert(4);
    CHECK(net.replicas[0].on_local(loaded) == loaded);
    CHECK(net.replicas[0].on_local(loaded).is_bottom());
    net.run(2 * second);
    CHECK(net.replicas[1].state().contains(4));
}

TEST_CASE("Replicator: removals travel, and what contradicts the state is refused and counted") {
    support::Network<crdt::AWSet<int>> network(3, 1);
    network.weather = {20, 20, 300 * milliseconds};
    const auto act = [&](std::size_t replica, auto&& mutate) {
        network.replicas[replica].update(mutate);
    };
    act(0, [](auto& set) { return set.add("n0", 1); });
    act(1, [](auto& set) { return set.add("n1", 2); });
    network.run(10000 * milliseconds);
    act(2, [](auto& set) { return set.remove(1); });
    network.run(10000 * milliseconds);
    CHECK(network.converged());
    CHECK(network.silent());
    CHECK(network.replicas[0].state().size() == 1);

    network.replicas[0].update([](auto& set) { return set.add("same", 3); });
    network.replicas[1].update([](auto& set) { return set.add("same", 4); });
    network.run(5000 * milliseconds);
    CHECK(network.replicas[0].metrics().conflicts > 0);
    CHECK(network.replicas[0].state().contains(3));
}

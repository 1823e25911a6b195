// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/gset.hpp>
#include <crdt/replication/link.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/metrics.hpp>
#include <crdt/replication/policy.hpp>
#include <crdt/replication/replicator.hpp>
#include <crdt/replication/send_progress.hpp>

#include "support/clusters.hpp"
#include "support/network.hpp"

namespace replicator_tests {

using namespace crdt;
using namespace crdt::replication;
using support::add_one;
using support::Network;
using support::Pair;
using support::second;

TEST_CASE("replication: a cluster connects, converges and falls silent") {
    Network<GCounter<>> net(3, 1);
    net.run(2 * second);
    CHECK(net.silent());
    // Three pairs; a pair synchronises in four messages: a request, two answers, and an ack.
    CHECK(net.log.size() <= 12);
    add_one(net, 0);
    net.run(2 * second);
    CHECK(net.converged());
    net.run(2 * second);  // nobody holds the change back any more
    CHECK(net.silent());
    CHECK(net.replicas[2].state().value() == 1);
}

TEST_CASE("replication: deltas travel within the interval, and once an interval") {
    Network<GCounter<>> net(3, 2);
    net.run(2 * second);
    net.log.clear();
    std::uint64_t added = 0;
    std::vector<std::pair<Time, std::uint64_t>> history;
    net.run(20 * second, [&] {
        add_one(net, added % 3);
        history.emplace_back(net.now, ++added);
        // What was added longer ago than an interval is everywhere.
        if (net.now.time_since_epoch() % std::chrono::milliseconds{10} != Duration{} ||
            added <= 900)
            return;
        const std::uint64_t old = history[history.size() - 1 - 820].second;
        for (const auto& replica : net.replicas) CHECK(replica.state().value() >= old);
    });
    // Six directed links, 20 s, a message in 0.8 s: acks have ridden along.
    CHECK(net.log.size() <= 6 * 26);
    net.run(2 * second);
    CHECK(net.converged());
    CHECK(net.silent());
}

TEST_CASE("replication: nothing is sent back where it came from (BP)") {
    Pair net;
    net.insert(0, 1);
    net.run(3 * second);
    CHECK(net.converged());
    for (const auto& sent : net.log) {
        if (sent.from == 1) CHECK_FALSE(sent.message.changes.has_value());
    }
    CHECK(net.log.size() == 2);  // the delta and its ack
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

TEST_CASE("replication: stop, start and interval") {
    Pair net;
    net.replicas[0].stop();
    CHECK_FALSE(net.replicas[0].running());
    net.insert(0, 1);
    net.insert(1, 2);
    net.run(3 * second);
    CHECK_FALSE(net.replicas[0].next_deadline().has_value());
    // A stopped replica still receives, but sends nothing.
    CHECK(net.replicas[0].state().contains(2));
    CHECK_FALSE(net.replicas[1].state().contains(1));
    CHECK(std::none_of(net.log.begin(), net.log.end(),
                       [](const auto& sent) { return sent.from == 0; }));
    net.replicas[0].start(net.now);
    net.run(2 * second);
    CHECK(net.converged());

    net.replicas[0].set_interval(std::chrono::milliseconds{100});
    CHECK(net.replicas[0].interval() == std::chrono::milliseconds{100});
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
    // Nothing is kept for a departed peer.
    net.replicas[0].set_peers({"n1"}, net.now);
    CHECK(net.replicas[0].log().size() == 0);
    net.replicas[1].set_peers({"n0"}, net.now);
    net.run(3 * second);
    CHECK_FALSE(net.replicas[0].next_deadline().has_value());
    // One that comes back is brought up by digest.
    net.heal();
    net.replicas[0].set_peers({"n1", "n2"}, net.now);
    net.run(3 * second);
    CHECK(net.converged());
}

TEST_CASE("replication: a replica that is stopped keeps nothing for its peers") {
    Network<GSet<int>> net(3, 13);
    net.run(3 * second);
    net.replicas[0].stop();
    int next = 0;
    net.run(20 * second, [&] {
        if (net.now.time_since_epoch() % second == Duration{}) {
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
    options.interval = {};
    CHECK(Replicator<GSet<int>>(Epoch{1}, options).interval() == std::chrono::milliseconds{1});
}

TEST_CASE("replication: the epoch 0 is refused") {
    CHECK_THROWS_AS(Replicator<GSet<int>>{unknown_epoch}, std::invalid_argument);
    CHECK(Replicator<GSet<int>>(Epoch{7}).epoch() == Epoch{7});
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
    CHECK(net.replicas[0].merge_local(loaded) == loaded);
    CHECK(net.replicas[0].merge_local(loaded).is_bottom());
    net.run(2 * second);
    CHECK(net.replicas[1].state().contains(4));
}

TEST_CASE("Replicator: removals travel, and what contradicts the state is refused and counted") {
    support::Network<crdt::AWSet<int>> network(3, 1);
    network.conditions = {20, 20, std::chrono::milliseconds{300}};
    const auto act = [&](std::size_t replica, auto&& mutate) {
        network.replicas[replica].update(mutate);
    };
    act(0, [](auto& set) { return set.insert("n0", 1); });
    act(1, [](auto& set) { return set.insert("n1", 2); });
    network.run(std::chrono::milliseconds{10000});
    act(2, [](auto& set) { return set.erase(1); });
    network.run(std::chrono::milliseconds{10000});
    CHECK(network.converged());
    CHECK(network.silent());
    CHECK(network.replicas[0].state().size() == 1);

    network.replicas[0].update([](auto& set) { return set.insert("same", 3); });
    network.replicas[1].update([](auto& set) { return set.insert("same", 4); });
    network.run(std::chrono::milliseconds{5000});
    CHECK(network.replicas[0].metrics().conflicts > 0);
    CHECK(network.replicas[0].state().contains(3));
}

}  // namespace replicator_tests

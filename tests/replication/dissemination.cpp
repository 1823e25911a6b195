// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/gset.hpp>
#include <crdt/replication/overlay.hpp>
#include <crdt/replication/replicator.hpp>
#include <crdt/replication/split.hpp>

#include "support/clusters.hpp"
#include "support/network.hpp"
#include "support/seeds.hpp"

namespace dissemination_tests {

using namespace crdt;
using namespace crdt::replication;
using support::Network;
using support::second;

namespace {

template <class Net>
void insert(Net& net, std::size_t replica, int element) {
    net.replicas[replica].update([&](auto& set) { return set.insert(element); });
}

template <class Net>
std::size_t heaviest(const Net& net) {
    std::size_t most = 0;
    for (const auto& sent : net.log) {
        if (sent.message.changes) most = std::max(most, part_count(sent.message.changes->delta));
    }
    return most;
}

}  // namespace

TEST_CASE("split: fragments are within the limit and join to the state") {
    AWSet<int> set;
    for (int i = 0; i < 100; ++i) set.insert("a", i);
    for (int i = 0; i < 50; ++i) set.erase(2 * i);
    for (const std::size_t limit : {1U, 3U, 7U, 1000U}) {
        AWSet<int> joined;
        for (const auto& fragment : split<Policy>(set, limit)) {
            CHECK(part_count(fragment) <= limit);
            joined.merge(fragment);
        }
        CHECK(joined == set);
    }
    CHECK(split<Policy>(AWSet<int>(), 1).size() == 1);
}

TEST_CASE("replication: what does not fit into a message travels in fragments") {
    for (std::uint64_t seed = 1; seed <= support::seeds(40); ++seed) {
        CAPTURE(seed);
        Options options;
        options.message_limit = 5;
        Network<GSet<int>> net(3, seed, options);
        net.conditions = {static_cast<unsigned>(seed % 3 * 20), 20, std::chrono::milliseconds{100}};
        net.run(2 * second);
        GSet<int> loaded;
        for (int i = 0; i < 200; ++i) loaded.insert(i);
        net.replicas[0].merge_local(loaded);
        int next = 1000;
        net.run(10 * second, [&] {
            if (net.now.time_since_epoch() % second == Duration{}) insert(net, 1, next++);
        });
        net.restart(2);
        net.run(10 * second);
        net.conditions = {};
        net.run(40 * second);
        CHECK(net.converged());
        CHECK(net.replicas[2].state().size() == 210);
        CHECK(net.silent());
        CHECK(heaviest(net) == 5);
        for (const auto& replica : net.replicas) CHECK(replica.log().size() == 0);
    }
}

TEST_CASE(
    "replication: a replica that comes back requests from one peer first, and little from the "
    "others") {
    Options options;
    options.message_limit = 10;
    std::size_t parts = 0;
    for (std::uint64_t seed = 1; seed <= support::seeds(20); ++seed) {
        Network<GSet<int>> net(5, seed, options);
        net.conditions.max_delay = std::chrono::milliseconds{10};
        net.run(2 * second);
        for (int i = 0; i < 100; ++i) insert(net, 0, i);
        net.run(20 * second);
        REQUIRE(net.silent());
        net.log.clear();
        net.restart(3);
        net.run(6 * second);
        CHECK(net.converged());
        for (const auto& sent : net.log) {
            if (sent.to == 3 && sent.message.changes)
                parts += part_count(sent.message.changes->delta);
        }
    }
    // It lacks 100 parts; four peers could all have sent them.
    CHECK(parts <= support::seeds(20) * 150);
    CHECK(parts >= support::seeds(20) * 100);
}

TEST_CASE("replication: along a tree or a star, an update takes one message a member") {
    for (const auto shape : {Overlay::star, Overlay::tree}) {
        Network<GSet<int>> net(25, 4, {}, {shape, 3, 1});
        net.conditions.max_delay = std::chrono::milliseconds{1};
        net.run(4 * second);
        net.log.clear();
        insert(net, 7, 1);
        net.run(6 * second);
        CHECK(net.converged());
        CHECK(net.silent());
        const auto deltas = std::count_if(net.log.begin(), net.log.end(), [](const auto& sent) {
            return sent.message.changes.has_value();
        });
        CHECK(deltas == 24);
        CHECK(net.log.size() <= 48);  // and an ack for each
    }
}

TEST_CASE("replication: what a neighbour has sent is not sent to it, wherever it came from first") {
    // A ring of four: what n0 sends reaches n2 twice, and n2 sends it to neither n1 nor n3.
    Network<GSet<int>> net(4, 8, {}, {Overlay::full_mesh, 4, 1});
    const auto near = [](std::size_t i) {
        return std::pair("n" + std::to_string((i + 1) % 4), "n" + std::to_string((i + 3) % 4));
    };
    for (std::size_t i = 0; i < 4; ++i) {
        std::vector<std::string> others;
        for (std::size_t j = 0; j < 4; ++j) {
            if (j != i) others.push_back("n" + std::to_string(j));
        }
        net.replicas[i].set_peers(others, {near(i).first, near(i).second}, net.now);
    }
    net.run(4 * second);
    // n2 has just sent to both, so that it has to wait; what it receives meanwhile is not sent
    // back.
    insert(net, 2, 1);
    net.run(std::chrono::milliseconds{300});
    net.log.clear();
    insert(net, 0, 2);
    net.run(4 * second);
    CHECK(net.converged());
    CHECK(net.silent());
    for (const auto& sent : net.log) {
        if (sent.from == 2 && sent.message.changes)
            CHECK_FALSE(sent.message.changes->delta.contains(2));
    }
}

TEST_CASE("replication: around a departed neighbour, members repair each other") {
    Network<GSet<int>> net(8, 21, {}, {Overlay::star, 0, 1});
    net.run(3 * second);
    net.cut([](std::size_t from, std::size_t to) { return from != 0 && to != 0; });
    insert(net, 3, 1);
    insert(net, 5, 2);
    net.run(60 * second);
    std::size_t informed = 0;
    for (std::size_t i = 1; i < 8; ++i)
        informed += net.replicas[i].state().contains(1) && net.replicas[i].state().contains(2);
    CHECK(informed == 7);
    net.heal();
    net.run(4 * second);
    CHECK(net.converged());
    net.run(4 * second);
    CHECK(net.silent());
}

TEST_CASE("replication: a tree under loss, restarts and cuts converges and falls silent") {
    for (std::uint64_t seed = 1; seed <= support::seeds(60); ++seed) {
        CAPTURE(seed);
        crdt::Random random(seed);
        Options options;
        options.log_limit = random.below(2) == 0 ? 3 : 1000;
        options.message_limit = 1 + random.below(8);
        const auto shape = random.below(2) == 0 ? Overlay::tree : Overlay::random;
        Network<AWSet<int>> net(7, seed, options, {shape, 2, seed});
        net.conditions = {static_cast<unsigned>(random.below(40)),
                          static_cast<unsigned>(random.below(30)),
                          std::chrono::milliseconds{random.below(400)}};
        int next = 0;
        for (int phase = 0; phase < 3; ++phase) {
            const std::uint64_t side = random.next();
            net.cut([=](std::size_t from, std::size_t to) {
                return ((side >> from) & 1U) == ((side >> to) & 1U);
            });
            net.run(3 * second, [&] {
                if (random.below(100) != 0) return;
                const std::size_t at = random.below(6);
                net.replicas[at].update([&](auto& set) {
                    return set.insert(Network<AWSet<int>>::name(at), next++ % 9);
                });
            });
            net.restart(6);
        }
        net.heal();
        net.conditions = {};
        net.run(20 * second);
        CHECK(net.converged());
        CHECK(net.silent());
        for (const auto& replica : net.replicas) CHECK(replica.log().size() == 0);
    }
}

TEST_CASE("replication: an hour apart costs a bounded log, and little more than what is missing") {
    Options options;
    options.log_limit = support::seeds(4096);
    Network<GSet<int>> net(5, 3, options);
    net.conditions.max_delay = std::chrono::milliseconds{5};
    net.run(3 * second);
    net.cut([](std::size_t from, std::size_t to) { return (from < 3) == (to < 3); });
    int next = 0;
    std::size_t most = 0, missing = 0;
    net.run(support::seeds(3600) * second, [&] {
        if (net.now.time_since_epoch() % second >= std::chrono::milliseconds{15})
            return;  // 15 updates a second
        const std::size_t at = static_cast<std::size_t>(next) % 5;
        missing += at < 3 ? 2 : 3;  // so many replicas are on the other side
        insert(net, at, next++);
        for (const auto& replica : net.replicas) most = std::max(most, replica.log().cost());
        if (net.log.size() > 1000) net.log.clear();
    });
    CHECK(most <= options.log_limit);
    net.log.clear();
    net.heal();
    net.run(10 * second);
    CHECK(net.converged());
    CHECK(net.silent());
    std::size_t sent = 0;
    for (const auto& [at, from, to, message] : net.log) {
        if (message.changes) sent += part_count(message.changes->delta);
        if (message.digest) sent += part_count(*message.digest);
        if (message.sketch) sent += message.sketch->sums().size();
    }
    // A sketch costs the same after a tenth of the hour.
    if (!support::few_cases) CHECK(sent < missing * 3 / 2);
    CHECK(sent >= missing);
}

}  // namespace dissemination_tests

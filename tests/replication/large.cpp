// SPDX-License-Identifier: MIT
//! States so large that comparing them takes time: they are not compared more often than needed.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/gset.hpp>
#include <crdt/replication/resync.hpp>

#include "support/clusters.hpp"
#include "support/sanitized.hpp"

namespace large_tests {

using namespace crdt;
using support::Network;
using support::second;

namespace {

constexpr int many = 70000;
static_assert(many > replication::Policy::large_state);

GSet<int> numbers(int from, int to, const GSet<int>&) {
    GSet<int> set;
    for (int i = from; i < to; ++i) set.insert(i);
    return set;
}
AWSet<int> numbers(int from, int to, const AWSet<int>&) {
    AWSet<int> set;
    for (int i = from; i < to; ++i) set.insert("w", i);
    return set;
}

/// All are connected to each other, have the same state, and are silent.
template <class L>
struct Heavy : Network<L> {
    using Network<L>::log;
    using Network<L>::replicas;

    explicit Heavy(std::size_t size) : Network<L>(size, 1) {
        const L state = numbers(0, many, L{});
        for (auto& replica : replicas) replica.merge_local(state);
        this->run(30 * second);
        REQUIRE(this->silent());
        log.clear();
    }

    std::size_t parts_to(std::size_t index) const {
        std::size_t parts = 0;
        for (const auto& sent : log) {
            if (sent.to == index && sent.message.changes)
                parts += part_count(sent.message.changes->delta);
        }
        return parts;
    }
    template <class Predicate>
    std::size_t sent_by(std::size_t index, Predicate&& predicate) const {
        return static_cast<std::size_t>(std::count_if(
            log.begin(), log.end(),
            [&](const auto& sent) { return sent.from == index && predicate(sent.message); }));
    }
};

bool is_request(const auto& message) { return message.digest || message.sketch; }

}  // namespace

TEST_CASE_TEMPLATE("replication: of many large replicas one resynchronises a new one", L, GSet<int>,
                   AWSet<int>) {
    Heavy<L> net(5);
    net.conditions.max_delay = std::chrono::milliseconds{100};
    net.restart(4);
    // It learns of them one by one.
    std::vector<std::string> known;
    for (const char* name : {"n0", "n1", "n2", "n3"}) {
        known.emplace_back(name);
        net.replicas[4].set_peers(known, net.now);
        net.run(std::chrono::milliseconds{20});
    }
    net.run(60 * second);
    CHECK(net.converged());
    CHECK(net.silent());
    // It may have sent a request to a second and a third one before the first piece arrived.
    CHECK(net.parts_to(4) <= 3 * many);
    // It sends one request to each of the others, and they one to it.
    CHECK(net.sent_by(4, [](const auto& message) { return is_request(message); }) <= 8);
}

TEST_CASE("replication: a peer that announced a slow answer is waited for, up to a timeout") {
    Heavy<GSet<int>> net(4);
    net.restart(3);
    // States that are both large are compared by sketches, which takes long.
    net.replicas[3].merge_local(numbers(1, many + 1, GSet<int>{}));
    const auto is_announced = [&] {
        return std::any_of(net.log.begin(), net.log.end(), [](const auto& sent) {
            return sent.to == 3 && sent.message.answer_pending;
        });
    };
    // The receiver of the request announces that, then sends nothing: it is busy, or down.
    for (int steps = 0; !is_announced(); ++steps) {
        REQUIRE(steps < 2000);
        net.run(std::chrono::milliseconds{1});
    }
    net.run(std::chrono::milliseconds{1});  // that is received, and the answer is on its way
    CHECK(net.replicas[3].is_catching_up(net.now));
    std::size_t busy = 0;
    for (const auto& sent : net.log)
        if (sent.to == 3 && sent.message.answer_pending) busy = sent.from;
    net.cut([&](std::size_t from, std::size_t to) { return from != busy && to != busy; });
    net.run(60 * second);
    CHECK(net.replicas[3].state() == net.replicas[(busy + 1) % 3].state());
    CHECK(!net.replicas[3].is_catching_up(net.now));
}

TEST_CASE("replication: large replicas that differ converge, whatever is lost") {
    for (std::uint64_t seed = 1; seed <= (support::sanitized ? 1 : 3); ++seed) {
        CAPTURE(seed);
        Network<AWSet<int>> net(3, seed);
        net.conditions = {20, 10, std::chrono::milliseconds{50}};
        for (int i = 0; i < 3; ++i) {
            const int from = i * 10;
            net.replicas[static_cast<std::size_t>(i)].merge_local(
                numbers(0, many + from, AWSet<int>{}));
        }
        net.run(60 * second);
        net.conditions = {};
        net.run(120 * second);
        CHECK(net.converged());
        CHECK(net.silent());
    }
}

}  // namespace large_tests

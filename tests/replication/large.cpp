// SPDX-License-Identifier: MIT
//! States so large that comparing them takes time: they are not compared more often than needed.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/gset.hpp>
#include <crdt/replication/policy.hpp>
#include <crdt/replication/resync_scheduler.hpp>

#include "support/clusters.hpp"
#include "support/seeds.hpp"

namespace large_tests {

using namespace crdt;
using support::Network;
using support::second;

namespace {

constexpr int many = 70000;
static_assert(many > replication::Policy::large_state);

/// A policy under which a state that a test compares quickly is large.
struct SmallPolicy : replication::Policy {
    static constexpr std::size_t large_state = 256;
};
constexpr int some = 1000;
static_assert(some > SmallPolicy::large_state);

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
template <class L, class Policy = replication::Policy>
struct Heavy : Network<L, Policy> {
    using Base = Network<L, Policy>;
    using Base::log;
    using Base::replicas;

    Heavy(std::size_t size, int count = many, std::uint64_t seed = 1,
          const replication::Options& options = {})
        : Base(size, seed, options) {
        const L state = numbers(0, count, L{});
        for (auto& replica : replicas) replica.merge_local(state);
        run_until_silent(30);
        REQUIRE(this->silent());
        log.clear();
    }

    /// Runs until nothing is sent, for so many seconds at most.
    void run_until_silent(int seconds) {
        for (int i = 0; i < seconds && !this->silent(); ++i) this->run(second);
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

/// Four replicas with a large state, and n4, which has restarted without it.
template <class L>
struct OneNew : Heavy<L, SmallPolicy> {
    explicit OneNew(std::uint64_t seed) : Heavy<L, SmallPolicy>(5, some, seed, options()) {
        this->conditions.max_delay = std::chrono::milliseconds{100};
        this->restart(4);
    }
    /// The replica that n4 has sent a request last; none if it has sent none.
    std::optional<std::size_t> requested() const {
        const auto sent = std::find_if(this->log.rbegin(), this->log.rend(), [](const auto& each) {
            return each.from == 4 && (is_request(each.message) || each.message.changes);
        });
        return sent == this->log.rend() ? std::nullopt : std::optional(sent->to);
    }
    /// Until n4 has sent its first request.
    void run_until_requested() {
        while (!requested()) this->run(std::chrono::milliseconds{1});
    }

  private:
    static replication::Options options() {
        replication::Options options;
        options.message_limit = SmallPolicy::large_state;
        return options;
    }
};

constexpr std::uint64_t seeds = support::few_cases ? 5 : 50;

}  // namespace

TEST_CASE_TEMPLATE("replication: of many large replicas one resynchronises a new one", L, GSet<int>,
                   AWSet<int>) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        CAPTURE(seed);
        OneNew<L> net(seed);
        // They become its peers one by one.
        std::vector<std::string> known;
        for (const char* name : {"n0", "n1", "n2", "n3"}) {
            known.emplace_back(name);
            net.replicas[4].set_peers(known, net.now);
            net.run(std::chrono::milliseconds{20});
        }
        net.run_until_silent(20);
        CHECK(net.converged());
        CHECK(net.silent());
        CHECK(net.parts_to(4) == some);
        // It sends one request to each of the others, and they one to it.
        CHECK(net.sent_by(4, [](const auto& message) { return is_request(message); }) <= 4);
    }
}

TEST_CASE_TEMPLATE("replication: a new replica waits for a bounded time for its first answer", L,
                   GSet<int>, AWSet<int>) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        CAPTURE(seed);
        OneNew<L> net(seed);
        net.run_until_requested();
        const std::size_t first = *net.requested();
        net.cut([&](std::size_t from, std::size_t to) { return from != first && to != first; });
        net.run(replication::ResyncScheduler::head_start * 3 / 2);
        CHECK(net.requested() != first);
        net.run(3 * second);
        CHECK(net.replicas[4].state() == net.replicas[first].state());
        CHECK(net.parts_to(4) == some);
        net.heal();
        net.run_until_silent(60);
        CHECK(net.silent());
    }
}

TEST_CASE_TEMPLATE("replication: of a transfer that breaks off, a new replica requests the rest", L,
                   GSet<int>, AWSet<int>) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        CAPTURE(seed);
        OneNew<L> net(seed);
        while (part_count(net.replicas[4].state()) == 0) net.run(std::chrono::milliseconds{1});
        const std::size_t first = *net.requested();
        net.cut([&](std::size_t from, std::size_t to) { return from != first && to != first; });
        net.run(5 * second);
        CHECK(net.replicas[4].state() == net.replicas[first].state());
        // One piece may be lost.
        CHECK(net.parts_to(4) <= some + SmallPolicy::large_state);
        net.heal();
        net.run_until_silent(60);
        CHECK(net.silent());
    }
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
    for (std::uint64_t seed = 1; seed <= (support::few_cases ? 1 : 3); ++seed) {
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

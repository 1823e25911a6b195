// SPDX-License-Identifier: MIT
//! Each allocation of the engine fails once, in a run of three replicas: they agree all the same.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/gset.hpp>
#include <crdt/ormap.hpp>
#include <crdt/random.hpp>
#include <crdt/replication/replicator.hpp>
#include <crdt/resettable_counter.hpp>

#include "support/failing_new.hpp"
#include "support/laws.hpp"

namespace out_of_memory_tests {

using namespace crdt;
using namespace crdt::replication;

namespace {

/// An id or an element that takes memory of its own.
std::string long_text(std::uint64_t number) {
    return "something that does not fit: " + std::to_string(number);
}

GSet<std::string> change(GSet<std::string>& set, const std::string&, std::uint64_t number) {
    return set.insert(long_text(number));
}
AWSet<std::string> change(AWSet<std::string>& set, const std::string& id, std::uint64_t number) {
    return number % 3 == 0 ? set.erase(long_text(number / 2)) : set.insert(id, long_text(number));
}
using Counters = ORMap<std::string, ResettableCounter<>>;
Counters change(Counters& map, const std::string& id, std::uint64_t number) {
    return map.update(long_text(number % 4), [&](auto& counter) {
        return number % 5 == 0 ? counter.reset(id) : counter.add(id, 1);
    });
}

/// Three replicas; their calls into the engine, and no others, can run out of memory.
template <class L>
class Run {
    struct Flight {
        std::size_t from, to;
        Message<L> message;
    };

    std::vector<Replicator<L>> replicas_;
    std::vector<Flight> flights_;
    Time now_{std::chrono::milliseconds{1000}};
    long left_;  // allocations until one fails

    static std::string name(std::size_t index) { return long_text(index); }

    /// False if memory ran out in it.
    template <class Action>
    bool call(Action&& action) {
        support::allocations_left = left_;
        bool done = true;
        try {
            action();
        } catch (const std::bad_alloc&) {
            done = false;
        }
        left_ = support::allocations_left;
        support::allocations_left = -1;
        return done;
    }
    void view(std::size_t index) {
        std::vector<std::string> others;
        for (std::size_t i = 0; i < 3; ++i) {
            if (i != index) others.push_back(name(i));
        }
        auto& replica = replicas_[index];
        if (!call([&] { replica.set_peers(others, now_); })) replica.set_peers(others, now_);
        replica.start(now_);
    }

  public:
    explicit Run(long failing) : left_(failing) {
        for (std::size_t i = 0; i < 3; ++i) {
            Options options;
            options.seed = i;
            options.message_limit = 4;
            options.log_limit = 12;
            replicas_.emplace_back(Epoch{i + 1}, options);
        }
        for (std::size_t i = 0; i < 3; ++i) view(i);
    }

    /// Did the run come to the allocation that fails?
    bool failed() const { return left_ < 0; }

    void update(std::size_t index, std::uint64_t number) {
        const auto act = [&] {
            replicas_[index].update([&](L& state) { return change(state, name(index), number); });
        };
        if (!call(act)) act();  // it did nothing
    }
    /// Messages arrive while `connected`; else they are lost.
    void pass(Duration span, bool connected) {
        for (const Time end = now_ + span; now_ < end; now_ += std::chrono::milliseconds{50}) {
            for (Flight& flight : std::exchange(flights_, {})) {
                if (!connected) continue;
                call([&] {
                    replicas_[flight.to].on_message(name(flight.from), flight.message, now_);
                });
            }
            for (std::size_t i = 0; i < 3; ++i) {
                std::vector<typename Replicator<L>::Outgoing> sent;
                call([&] { sent = replicas_[i].on_tick(now_); });
                for (auto& outgoing : sent) {
                    std::size_t to = 0;
                    while (name(to) != outgoing.to) ++to;
                    flights_.push_back({i, to, std::move(outgoing.message)});
                }
            }
        }
    }
    bool is_silent() const {
        for (const auto& replica : replicas_) {
            if (replica.next_deadline()) return false;
        }
        return flights_.empty();
    }
    const L& state(std::size_t index) const { return replicas_[index].state(); }
};

template <class L>
Run<L> run(long failing) {
    Run<L> cluster(failing);
    std::uint64_t number = 0;
    for (int i = 0; i < 6; ++i) cluster.update(0, ++number);
    cluster.pass(std::chrono::milliseconds{1500}, true);
    for (int i = 0; i < 12; ++i) cluster.update(static_cast<std::size_t>(i % 3), ++number);
    cluster.pass(std::chrono::milliseconds{1000}, false);
    for (int i = 0; i < 12; ++i) cluster.update(static_cast<std::size_t>(i % 3), ++number);
    cluster.pass(std::chrono::milliseconds{1000}, false);
    cluster.pass(std::chrono::milliseconds{8000}, true);
    return cluster;
}

}  // namespace

TEST_CASE_TEMPLATE(
    "replication: out of memory once, anywhere, and the replicas agree and fall silent", L,
    GSet<std::string>, AWSet<std::string>, Counters) {
    const Run<L> expected = run<L>(-1);
    REQUIRE(expected.is_silent());
    const long stride = support::few_cases ? 97 : 7;
    for (long index = 0;; index += stride) {
        CAPTURE(index);
        const Run<L> cluster = run<L>(index);
        for (std::size_t i = 0; i < 3; ++i) REQUIRE(cluster.state(i) == cluster.state(0));
        REQUIRE(cluster.is_silent());
        if constexpr (std::is_same_v<L, GSet<std::string>>)
            REQUIRE(cluster.state(0) == expected.state(0));
        if (!cluster.failed()) break;
    }
}

}  // namespace out_of_memory_tests

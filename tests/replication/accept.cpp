// SPDX-License-Identifier: MIT
//! What a replicator does with changes that Accept refuses.
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/gset.hpp>
#include <crdt/hlc.hpp>
#include <crdt/lattice/lex.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/replication/replicator.hpp>

namespace accept_tests {

using namespace crdt;
using namespace crdt::replication;
using namespace std::chrono_literals;

namespace {

using Refused = std::optional<std::string>;

/// Two replicas on a network that takes 5 ms; only `second` has a predicate that refuses.
template <class L, class Accept>
struct Cluster {
    using Engine = Replicator<L, std::string, Policy, Accept>;
    struct Flight {
        Time arrival;
        std::string to;
        Message<L> message;
    };

    Engine first, second;
    std::vector<Flight> flights = {};
    std::size_t sent = 0;
    Time now{1s};

    explicit Cluster(Accept accept, const Options& options = {})
        : first(Epoch{1}, options), second(Epoch{2}, options, accept) {
        first.set_peers({"second"}, now);
        second.set_peers({"first"}, now);
        first.start(now);
        second.start(now);
    }
    void run(Duration span) {
        for (const Time end = now + span; now < end; now += 1ms) {
            for (const auto& each : std::exchange(flights, {})) {
                if (each.arrival > now)
                    flights.push_back(each);
                else if (each.to == "first")
                    first.on_message("second", each.message, now);
                else
                    second.on_message("first", each.message, now);
            }
            for (Engine* engine : {&first, &second}) {
                for (const auto& out : engine->on_tick(now)) {
                    flights.push_back({now + 5ms, out.to, out.message});
                    ++sent;
                }
            }
        }
    }
    bool is_idle() const {
        return flights.empty() && !first.next_deadline() && !second.next_deadline();
    }
};

using Numbers = GSet<int>;

Numbers numbers(const std::vector<int>& all) {
    Numbers result;
    for (const int number : all) result.insert(number);
    return result;
}

/// No negative number. None at all where there is no schema.
struct Schema {
    const bool* is_strict = nullptr;
    Refused operator()(const Numbers&, const Numbers& change, const std::string&) const {
        if (is_strict == nullptr || !*is_strict) return std::nullopt;
        for (const int number : change) {
            if (number < 0) return "expected no negative number, found " + std::to_string(number);
        }
        return std::nullopt;
    }
};

/// At most so many elements.
struct Quota {
    const std::size_t* most = nullptr;
    Refused operator()(const Numbers& state, const Numbers& change, const std::string&) const {
        if (most == nullptr) return std::nullopt;
        Numbers after = state;
        after.merge(change);
        if (after.size() <= *most) return std::nullopt;
        return "quota exceeded";
    }
};

/// A value by the stamp of its write.
using Latest = Lex<Max<HybridTime>, Max<int>>;
using Table = MapOf<int, Latest>;

}  // namespace

TEST_CASE("accept: parts that break a schema are refused, the rest of the change is joined") {
    bool is_strict = true;
    Cluster<Numbers, Schema> net{Schema{&is_strict}};
    net.run(3s);
    net.first.update([](Numbers& set) {
        Numbers delta = set.insert(1);
        delta.merge(set.insert(-5));
        delta.merge(set.insert(2));
        return delta;
    });
    net.run(2s);
    CHECK(net.second.state() == numbers({1, 2}));
    CHECK(net.second.metrics().refused >= 1);
    REQUIRE(net.second.last_refusal());
    CHECK(net.second.last_refusal()->from == "first");
    CHECK(net.second.last_refusal()->reason == "expected no negative number, found -5");
    CHECK_FALSE(net.second.is_answered());
    // Both go on exchanging what is accepted.
    net.first.update([](Numbers& set) { return set.insert(3); });
    net.second.update([](Numbers& set) { return set.insert(4); });
    net.run(4s);
    CHECK(net.second.state() == numbers({1, 2, 3, 4}));
    CHECK(net.first.state() == numbers({-5, 1, 2, 3, 4}));
    // Refused for long: the requests slow down to one in 96 s.
    net.run(400s);
    const std::size_t before = net.sent;
    const std::uint64_t refused = net.second.metrics().refused;
    net.run(960s);
    CHECK(net.sent - before <= 44);
    CHECK(net.second.metrics().refused - refused >= 9);
    CHECK(net.second.metrics().refused - refused <= 11);
    is_strict = false;
    net.run(200s);
    CHECK(net.first.state() == net.second.state());
    CHECK(net.is_idle());
    CHECK(net.second.is_answered());
}

TEST_CASE("accept: a stamp from the far future is joined once it is near") {
    struct NotFromTheFuture {
        const std::uint64_t* wall = nullptr;
        Refused operator()(const Table&, const Table& change, const std::string&) const {
            if (wall == nullptr) return std::nullopt;
            for (const auto& [key, latest] : change) {
                if (HLC::is_far_future(latest.first().value(), *wall, 500))
                    return "stamp too far ahead";
            }
            return std::nullopt;
        }
    };
    std::uint64_t wall = 1'000;
    Cluster<Table, NotFromTheFuture> net{NotFromTheFuture{&wall}};
    const auto write = [](std::uint64_t at, int key, int value) {
        return Table{{key, Latest{Max<HybridTime>{HybridTime{at, 0}}, Max<int>{value}}}};
    };
    net.first.merge_local(write(900, 1, 1));
    net.first.merge_local(write(9'000, 2, 2));
    net.run(5s);
    CHECK(net.second.state().contains(1));
    CHECK_FALSE(net.second.state().contains(2));
    wall = 9'000;
    net.run(30s);
    CHECK(net.first.state() == net.second.state());
    CHECK(net.is_idle());
}

TEST_CASE("accept: a quota holds for the state with the parts already joined, in fragments too") {
    Options options;
    options.message_limit = 4;
    std::size_t most = 10;
    Cluster<Numbers, Quota> net(Quota{&most}, options);
    for (int number = 0; number < 50; ++number)
        net.first.update([&](Numbers& set) { return set.insert(number); });
    net.run(60s);
    CHECK(net.second.state().size() == 10);
    most = 30;
    net.run(200s);
    CHECK(net.second.state().size() == 30);
    const std::size_t before = net.sent;
    net.run(100s);
    CHECK(net.sent - before <= 120);
    most = 100;
    net.run(200s);
    CHECK(net.first.state() == net.second.state());
    CHECK(net.is_idle());
}

}  // namespace accept_tests

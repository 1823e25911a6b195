// SPDX-License-Identifier: MIT
//! Tests the records of requests: a request that several nodes have applied counts once.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/laws/choices.hpp>
#include <crdt/random.hpp>
#include <crdt/sim/simulator.hpp>

#include "counterd/counters.hpp"
#include "counterd/request_window.hpp"
#include "counterd/token.hpp"
#include "support/laws.hpp"
#include "support/seeds.hpp"

namespace retries_tests {

using namespace counterd;
using crdt::Random;
using Progress = Counters::Progress;

namespace {

Applied adds(std::vector<Change> changes) { return {"add", "", std::move(changes)}; }
Applied add_of(const std::string& name, std::int64_t amount, Kind kind = Kind::counter) {
    return adds({{name, kind, amount}});
}
const auto none_own = [](ReplicaId) { return false; };

/// A client's request with this number. Its amount depends on the number only.
std::string id_of(std::uint64_t number) { return "q" + std::to_string(number); }
std::int64_t amount_of(std::uint64_t number) {
    const auto amount = static_cast<std::int64_t>(number * 7 % 50 + 1);
    return number % 3 == 0 ? -amount : amount;
}

/// Applies a request as a node does, unless the node has its record.
Counters serve(Counters& state, ReplicaId id, const std::string& request, const Applied& work) {
    if (state.progress_of(request, work) != Progress::unknown) return {};
    return state.add_all(id, request, work);
}
Counters settle_all(Counters& state, ReplicaId id) {
    std::set<std::string> contested;
    state.visit_records([&](const std::string& request, ReplicaId, const Applied&) {
        if (state.is_contested(request)) contested.insert(request);
    });
    Counters delta;
    for (const std::string& request : contested)
        delta.merge(state.settle(id, request, [&](ReplicaId writer) { return writer == id; }));
    return delta;
}

/// Makes one change of any kind. Requests repeat, and have one or several adds.
Counters change_anything(Counters& state, std::size_t replica, crdt::laws::Choices& choices) {
    const ReplicaId id = successor + 1 + replica;
    const std::string name(1, static_cast<char>('a' + choices.below(2)));
    const std::string request = id_of(choices.below(4));
    const Kind kind = choices.below(3) == 0 ? Kind::bounded : Kind::counter;
    const auto amount = static_cast<std::int64_t>(choices.below(9)) - 4;
    switch (choices.below(8)) {
        case 0: return state.reset(id, name);
        case 1: return state.compact(id, name);
        case 2: return state.erase_record(id, request);
        case 3: return settle_all(state, id);
        case 4:
            return state.add_all(id, request,
                                 adds({{"a", Kind::counter, amount}, {"b", kind, amount}}));
        case 5: return state.transfer(id, successor + 1 + (replica + 1) % 3, name, 1);
        default: return state.add_all(id, request, add_of(name, amount, kind));
    }
}

}  // namespace

TEST_CASE("retries: the state of the service satisfies all laws") {
    support::check_laws<Counters>(change_anything);
}

TEST_CASE("retries: a node with the record and its add repeats nothing") {
    Counters n1, n2;
    const Applied work = add_of("x", 5);
    n2.merge(n1.add_all(1, "q", work));
    for (const Counters& state : {n1, n2}) {
        CHECK(state.progress_of("q", work) == Progress::applied);
        CHECK(state.progress_of("q", add_of("x", 6)) == Progress::different);
        CHECK(state.progress_of("q", add_of("y", 5)) == Progress::different);
        CHECK(state.progress_of("other", work) == Progress::unknown);
        CHECK(state.total("x", Kind::counter) == 5);
    }
    // After a reset of the add, it counts as applied, too.
    n2.reset(2, "x");
    n1.merge(n2);
    n1.compact(1, "x");
    CHECK(n1.progress_of("q", work) == Progress::applied);
    // Erasing the record changes no value.
    n2.add(2, "x", 3);
    n2.erase_record(2, "q");
    n1.merge(n2);
    CHECK(n1.total("x", Kind::counter) == 3);
    CHECK(n1.request_count() == 0);
    CHECK(n1.progress_of("q", work) == Progress::unknown);
}

TEST_CASE("retries: a record without its add is not taken for it") {
    Counters n1;
    const Counters delta = n1.add_all(1, "q", add_of("x", 5));
    std::size_t incomplete = 0;
    decompose(delta, [&](const Counters& part) {
        Counters n2;
        n2.merge(part);
        const Progress progress = n2.progress_of("q", add_of("x", 5));
        CHECK(progress != Progress::applied);
        incomplete += progress == Progress::incomplete;
        // If the add never arrives, the node can apply the request once it has erased the
        // record.
        Counters alone = n2;
        alone.erase_record(2, "q");
        CHECK(alone.progress_of("q", add_of("x", 5)) == Progress::unknown);
        CHECK_FALSE(serve(alone, 2, "q", add_of("x", 5)).is_bottom());
        CHECK(n2.settle(2, "q", none_own).is_bottom());
        n2.merge(delta);
        CHECK(n2.progress_of("q", add_of("x", 5)) == Progress::applied);
    });
    CHECK(incomplete == 1);
    // It does not displace an application with an add that has arrived.
    Counters n3;
    n3.add_all(3, "q", add_of("x", 5));
    decompose(delta, [&](const Counters& part) {
        Counters state = n3;
        state.merge(part);
        state.settle(3, "q", none_own);
        CHECK(state.total("x", Kind::counter) >= 5);
    });
    n3.merge(delta);
    CHECK(n3.total("x", Kind::counter) == 10);
    n3.settle(3, "q", none_own);
    CHECK(n3.total("x", Kind::counter) == 5);
    CHECK_FALSE(n3.is_contested("q"));
}

TEST_CASE("retries: a batch is applied as a whole or not at all") {
    Counters state;
    state.add_bounded(1, "stock", 3);
    const Counters before = state;
    CHECK_THROWS_AS(
        state.add_all(1, "q", adds({{"a", Kind::counter, 5}, {"stock", Kind::bounded, -4}})),
        std::out_of_range);
    CHECK(state == before);
    state.add_all(1, "q", adds({{"a", Kind::counter, 5}, {"stock", Kind::bounded, -3}}));
    CHECK(state.total("a", Kind::counter) == 5);
    CHECK(state.total("stock", Kind::bounded) == 0);
}

// Requests are sent to any node, repeated at any node, and reset, in any order. The model records
// which applications a node has received, and which of them a reset has undone.
TEST_CASE("retries: a request counts once when all nodes have all changes, and resets are exact") {
    constexpr std::size_t node_count = 4;
    std::size_t contested = 0, undone_requests = 0;
    const auto id = [](std::size_t node) { return successor + 1 + node; };
    for (std::uint64_t seed = 0; seed < support::seeds(1500); ++seed) {
        CAPTURE(seed);
        Random random(seed);
        using Application = std::pair<std::uint64_t, ReplicaId>;  // a request, and its node
        std::array<Counters, node_count> nodes;
        std::array<std::set<Application>, node_count> known;
        std::set<Application> undone;
        const bool has_resets = random.below(2) == 0;
        const auto gossip = [&](std::size_t from, std::size_t to) {
            const Counters growth = nodes[to].absorb(nodes[from]);
            known[to].insert(known[from].begin(), known[from].end());
            for (const CounterKey& key : growth.keys()) nodes[to].compact(id(to), key.name);
            contested += !settle_all(nodes[to], id(to)).is_bottom();
        };
        for (std::uint64_t steps = random.below(60); steps > 0; --steps) {
            const std::size_t node = random.below(node_count);
            const std::uint64_t number = random.below(12);
            switch (random.below(has_resets ? 8 : 6)) {
                case 0:
                case 1:
                case 2:
                    if (!serve(nodes[node], id(node), id_of(number),
                               adds({{"x", Kind::counter, amount_of(number)},
                                     {"y", Kind::counter, 1}}))
                             .is_bottom())
                        known[node].insert({number, node});
                    break;
                case 6:
                    nodes[node].reset(id(node), "x");
                    undone.insert(known[node].begin(), known[node].end());
                    break;
                default: gossip(node, random.below(node_count));
            }
        }
        for (int round = 0; round < 3; ++round)
            for (std::size_t from = 0; from < node_count; ++from)
                for (std::size_t to = 0; to < node_count; ++to) gossip(from, to);
        // The application at the first node counts, unless a reset has undone it.
        std::map<std::uint64_t, ReplicaId> first;
        for (const auto& [number, node] : known[0]) first.try_emplace(number, node);
        std::int64_t expected = 0;
        for (const auto& [number, node] : first) {
            if (undone.contains({number, node}))
                ++undone_requests;
            else
                expected += amount_of(number);
        }
        for (const Counters& state : nodes) {
            REQUIRE(state == nodes[0]);
            CHECK(state.total("x", Kind::counter) == expected);
            CHECK(state.total("y", Kind::counter) == static_cast<std::int64_t>(first.size()));
        }
        // No record is needed any more.
        for (const auto& [number, node] : first) nodes[0].erase_record(id(0), id_of(number));
        CHECK(nodes[0].request_count() == 0);
        CHECK(nodes[0].total("x", Kind::counter) == expected);
    }
    CHECK(contested > 100);
    CHECK(undone_requests > 100);
}

TEST_CASE("retries: a bounded counter takes a second application back once it has the rights") {
    const auto is_n2 = [](ReplicaId writer) { return writer == 2; };
    Counters n1, n2;
    n1.add_all(1, "q", add_of("x", 5, Kind::bounded));
    n2.add_all(2, "q", add_of("x", 5, Kind::bounded));
    n2.add_bounded(2, "x", -3);
    n2.merge(n1);
    // Only the node that has applied it second takes it back, and not without rights.
    CHECK(n1.settle(1, "q", [](ReplicaId writer) { return writer == 1; }).is_bottom());
    CHECK(n2.settle(2, "q", is_n2).is_bottom());
    CHECK(n2.total("x", Kind::bounded) == 7);
    n2.merge(n1.transfer(1, 2, "x", 3));
    CHECK_FALSE(n2.settle(2, "q", is_n2).is_bottom());
    CHECK(n2.settle(2, "q", is_n2).is_bottom());
    n1.merge(n2);
    CHECK(n1 == n2);
    CHECK(n1.total("x", Kind::bounded) == 2);
    CHECK(n1.rights("x", 1) + n1.rights("x", 2) == 2);

    // The rights of a subtraction that was applied twice return.
    n1.add_bounded(1, "x", 6);
    n2.merge(n1.transfer(1, 2, "x", 4));
    n1.add_all(1, "p", add_of("x", -2, Kind::bounded));
    n2.add_all(2, "p", add_of("x", -2, Kind::bounded));
    n2.merge(n1);
    CHECK_FALSE(n2.settle(2, "p", is_n2).is_bottom());
    CHECK(n2.total("x", Kind::bounded) == 6);
    CHECK(n2.rights("x", 1) + n2.rights("x", 2) == 6);
}

TEST_CASE("retries: a session waits until the node has retracted what the client saw retracted") {
    Counters n1, n2;
    n1.add_all(1, "q", add_of("x", 5));
    n2.add_all(2, "q", add_of("x", 5));
    n1.merge(n2);
    n2.merge(n1);
    Token before("x");
    before.note(Snapshot(n1, "x"));
    n1.settle(1, "q", none_own);
    Token token("x");
    token.note(Snapshot(n1, "x"));
    CHECK_FALSE(token.is_satisfied_by(Snapshot(n2, "x")));
    CHECK(before.is_satisfied_by(Snapshot(n1, "x")));
    CHECK(Token("x", token.text()).is_satisfied_by(Snapshot(n1, "x")));
    CHECK_FALSE(Token("x", token.text()).is_satisfied_by(Snapshot(n2, "x")));
    // Node 2 has removed its slot. What was retracted there does not matter any more.
    n2.reset(2, "x");
    n2.merge(n1.reset(1, "x"));
    CHECK(token.is_satisfied_by(Snapshot(n2, "x")));
    n1.merge(n2);
    const std::size_t size = token.text().size();
    token.note(Snapshot(n1, "x"));
    CHECK(token.text().size() < size);
}

TEST_CASE("retries: impossible records of a malicious node do no harm") {
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    for (const std::int64_t amount : {std::int64_t{5}, std::int64_t{-5}, least})
        for (const std::uint64_t end : {std::uint64_t{0}, std::uint64_t{4}})
            for (const Kind kind : {Kind::counter, Kind::bounded}) {
                Counters state;
                state.record(1, "q", adds({{"x", kind, amount, 1, end}}));
                state.record(2, "q", adds({{"x", kind, amount, 1, end}}));
                CHECK(state.settle(1, "q", [](ReplicaId) { return true; }).is_bottom());
                CHECK(state.progress_of("q", add_of("x", amount)) == Progress::incomplete);
                CHECK(state.total("x", Kind::counter) == 0);
            }
    // A dot without a record.
    Counters::lattice_type lattice;
    Records::lattice_type records(
        Records::store_type(crdt::Dot<ReplicaId>{7, 1}, crdt::WriteOnce<Applied>()));
    using Map = crdt::ORMap<std::string, Records>;
    lattice.apply<2>([&](Map& map) {
        map.merge(Map::from_lattice(Map::lattice_type(Map::store_type("q", records.store()))));
        return map;
    });
    const Counters state = Counters::from_lattice(lattice);
    CHECK(state.progress_of("q", add_of("x", 1)) == Progress::different);
    CHECK(state.record_of("q")->changes.empty());
    state.visit_records(
        [](const std::string&, ReplicaId, const Applied& applied) { CHECK(applied.verb == ""); });
}

TEST_CASE("retries: the window is limited in time, number and size") {
    using namespace std::chrono_literals;
    const crdt::replication::Time begin{};
    RequestWindow window;
    window.enter("own", true, 10, begin);
    window.enter("other", false, 10, begin);
    CHECK(window.leave(begin + RequestWindow::length - 1us, 9).empty());
    CHECK(window.leave(begin + RequestWindow::length, 9) == std::vector<std::string>{"own"});
    CHECK(window.leave(begin + 2 * RequestWindow::length, 9) == std::vector<std::string>{"other"});
    for (std::size_t i = 0; i < RequestWindow::max_size + 3; ++i)
        window.enter(std::to_string(i), true, 1, begin);
    CHECK(window.leave(begin, 2) == std::vector<std::string>{"0", "1"});
    CHECK(window.leave(begin, 9) == std::vector<std::string>{"2"});
    window.enter("large", true, RequestWindow::max_bytes, begin);
    CHECK(window.leave(begin, 1'000'000).size() == RequestWindow::max_size);
    CHECK(window.size() == 1);
    CHECK(window.leave(begin, 9).empty());
    window.enter("more", true, 1, begin);
    CHECK(window.leave(begin, 9) == std::vector<std::string>{"large"});
    for (std::size_t i = 0; i < RequestWindow::max_others + 2; ++i)
        window.enter(std::to_string(i), false, 1, begin);
    CHECK(window.leave(begin, 9) == std::vector<std::string>{"0", "1"});
}

// Clients repeat requests at any replica while messages are lost and replicas crash. Each request
// counts at most once, and once if a client has an acknowledgement.
TEST_CASE("retries: the simulator finds no request that is lost or counts twice") {
    const auto mutate = [](Counters& state, std::size_t writer, Random& random) {
        const std::uint64_t number = random.below(40);
        if (random.below(3) == 0) return settle_all(state, writer);
        return serve(state, writer, id_of(number), add_of("x", amount_of(number)));
    };
    std::size_t requests = 0, acknowledged = 0, applications = 0, complete = 0;
    for (std::uint64_t seed = 1; seed <= support::seeds(60); ++seed) {
        CAPTURE(seed);
        auto options = crdt::sim::SimulationOptions::draw(seed);
        options.faults.crash_torn_write = 0;  // the store commits an add and its record at once
        crdt::sim::Simulator<Counters, decltype(mutate)> simulator(options, seed, mutate);
        const auto report = simulator.run();
        REQUIRE_MESSAGE(report.ok(), report.violation);
        std::set<std::string> sure, all;
        for (const auto& update : simulator.updates())
            update.delta.visit_records([&](const std::string& request, ReplicaId, const Applied&) {
                ++applications;
                all.insert(request);
                if (update.acknowledged && !update.destroyed) sure.insert(request);
            });
        Counters state = simulator.state();
        settle_all(state, 1'000'000);
        std::int64_t expected = 0;
        std::set<std::string> counted;
        state.visit_records([&](const std::string& request, ReplicaId, const Applied& applied) {
            CHECK_MESSAGE(counted.insert(request).second, request);
            expected += applied.changes.front().amount;
        });
        CHECK(std::includes(all.begin(), all.end(), counted.begin(), counted.end()));
        CHECK(std::includes(counted.begin(), counted.end(), sure.begin(), sure.end()));
        // A node that loses its file may have sent an add without its record, or the other way
        // round.
        const auto& updates = simulator.updates();
        const bool is_complete = std::none_of(updates.begin(), updates.end(),
                                              [](const auto& each) { return each.destroyed; });
        if (is_complete) CHECK(state.total("x", Kind::counter) == expected);
        complete += is_complete;
        requests += counted.size();
        acknowledged += sure.size();
    }
    CHECK(applications > requests + 10);
    CHECK(acknowledged > 100);
    CHECK(complete > 2);
}

}  // namespace retries_tests

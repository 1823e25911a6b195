// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/json/nlohmann.hpp>
#include <crdt/pncounter.hpp>
#include <crdt/random.hpp>
#include <crdt/replication/message_serializer.hpp>
#include <crdt/replication/pruning.hpp>
#include <crdt/replication/replicator.hpp>

#include "support/seeds.hpp"

namespace pruning_tests {

using namespace crdt;
using namespace crdt::replication;

namespace {

using Counter = PNCounter<std::size_t>;
using Engine = Replicator<Counter, std::size_t>;

constexpr Duration second = std::chrono::milliseconds{1000};
constexpr std::size_t surviving_slot = 1000;

/// The host of a pruner, without a store.
struct Host {
    Engine* engine;
    Counter fresh = {};

    const Counter& state() const { return engine->state(); }
    Generation generation() const { return engine->generation(); }
    static Counter collapse(const Counter& written, const std::vector<std::size_t>&) {
        return written.collapsed_into(surviving_slot);
    }
    void begin(const PruningMessage<Counter>& commit, const auto& change, Time now) const {
        engine->begin_generation(commit.generation, change, now);
    }
    Counter start_over() const { return fresh; }
};
using Prunes = Pruner<Counter, Host, std::size_t>;

/// Members that add under their own names, some of which leave permanently.
class Group {
    struct Flight {
        Time arrival;
        std::size_t from, to;
        Message<Counter> message;
        Prunes::Message pruning;
        bool is_news;
    };
    struct Departure {
        Time received_at;
        std::size_t by, of;
    };

    Random random_;
    std::vector<Flight> flights_;
    std::vector<Departure> departures_;
    std::vector<std::vector<std::size_t>> gone_;

  public:
    std::vector<Engine> engines;
    std::vector<Host> hosts;
    std::vector<Prunes> pruners;
    std::vector<std::size_t> members;
    /// The largest value of each slot that each has had.
    std::vector<std::vector<std::int64_t>> known;
    std::vector<std::int64_t> added;
    unsigned loss = 0;
    Duration max_delay = std::chrono::milliseconds{5};
    Time now{second};

    Group(std::size_t size, std::uint64_t seed)
        : random_(seed), gone_(size), known(size, std::vector<std::int64_t>(size)), added(size) {
        for (std::size_t i = 0; i < size; ++i) {
            Options options;
            options.seed = random_.next();
            engines.emplace_back(Epoch{100 + i}, options);
            members.push_back(i);
        }
        for (Engine& engine : engines) hosts.push_back({&engine});
        for (std::size_t i = 0; i < size; ++i) {
            pruners.emplace_back(hosts[i], i, surviving_slot, i);
            view(i);
            engines[i].start(now);
        }
    }

    void add(std::size_t member) {
        engines[member].update([&](Counter& counter) { return counter.add(member, 1); });
        ++added[member];
    }
    /// The others detect it within a second, each at its own time.
    void leave(std::size_t member) {
        std::erase(members, member);
        for (const std::size_t by : members)
            departures_.push_back({now + random_below(random_, second), by, member});
    }

    template <class Act>
    void run(Duration span, Act act) {
        for (const Time end = now + span; now < end; now += std::chrono::milliseconds{1}) {
            act();
            receive_departures();
            deliver();
            for (const std::size_t i : members) {
                for (auto& out : engines[i].on_tick(now))
                    post({Time{}, i, out.to, out.message, {}, true});
                for (auto& out : pruners[i].on_tick(now))
                    post({Time{}, i, out.to, {}, out.message, false});
                for (const std::size_t of : members_ever()) {
                    known[i][of] = std::max(known[i][of], engines[i].state().value(of));
                }
            }
        }
    }
    void run(Duration span) {
        run(span, [] {});
    }

    std::vector<std::size_t> members_ever() const {
        std::vector<std::size_t> all;
        for (std::size_t i = 0; i < engines.size(); ++i) all.push_back(i);
        return all;
    }

  private:
    void view(std::size_t by) {
        std::vector<std::size_t> others = members_ever();
        std::erase(others, by);
        for (const std::size_t of : gone_[by]) std::erase(others, of);
        engines[by].set_peers(others, now);
        pruners[by].set_members(others, now);
        pruners[by].retire(gone_[by], now);
    }
    void receive_departures() {
        for (const Departure& departure : departures_) {
            if (departure.received_at > now) continue;
            gone_[departure.by].push_back(departure.of);
            view(departure.by);
        }
        std::erase_if(departures_, [&](const Departure& each) { return each.received_at <= now; });
    }
    void post(Flight flight) {
        const int copies = random_.below(100) < 10 ? 2 : 1;
        for (int copy = 0; copy < copies; ++copy) {
            if (random_.below(100) < loss) continue;
            flight.arrival = now + random_below(random_, max_delay + Duration{1});
            flights_.push_back(flight);
        }
    }
    void deliver() {
        const auto due = std::stable_partition(
            flights_.begin(), flights_.end(), [&](const auto& each) { return each.arrival > now; });
        const std::vector<Flight> arrived(due, flights_.end());
        flights_.erase(due, flights_.end());
        for (const Flight& flight : arrived) {
            if (std::find(members.begin(), members.end(), flight.to) == members.end()) continue;
            if (flight.is_news) {
                engines[flight.to].on_message(flight.from, flight.message, now);
            } else {
                for (auto& out : pruners[flight.to].on_message(flight.from, flight.pruning, now))
                    post({Time{}, flight.to, out.to, {}, out.message, false});
            }
        }
    }
};

/// Five members on a lossy network add all the time; these leave, one soon after the other.
Group run_departures(std::uint64_t seed, const std::vector<std::size_t>& leavers) {
    Random random(seed);
    Group group(5, seed);
    group.loss = static_cast<unsigned>(random.below(30));
    group.max_delay = std::chrono::milliseconds{1 + random.below(400)};
    const auto add = [&] {
        if (random.below(50) == 0) group.add(group.members[random.below(group.members.size())]);
    };
    group.run(3 * second, add);
    for (const std::size_t leaver : leavers) {
        group.leave(leaver);
        group.run(random_below(random, 4 * second), add);
    }
    group.run(8 * second, add);
    group.loss = 0;
    group.run(20 * second);
    return group;
}

/// All agree; the slots of departed members are in the surviving slot; what members had is counted,
/// to the unit. A member that left amid the pruning may have reported more than the others had.
void check_pruned(const Group& group, const std::vector<std::size_t>& left) {
    std::int64_t expected = 0, least = 0, most = 0;
    for (const std::size_t i : group.members) expected += group.added[i];
    const auto known_by = [&](const std::vector<std::size_t>& members, std::size_t of) {
        std::int64_t known = 0;
        for (const std::size_t i : members)
            known = std::max(known, i == of ? 0 : group.known[i][of]);
        return known;
    };
    for (const std::size_t of : left) {
        least += known_by(group.members, of);
        most += known_by(group.members_ever(), of);
    }
    const std::int64_t inherited =
        group.engines[group.members.front()].state().value(surviving_slot);
    CHECK(least <= inherited);
    CHECK(inherited <= most);
    for (const std::size_t i : group.members) {
        const Counter& state = group.engines[i].state();
        CHECK(state == group.engines[group.members.front()].state());
        CHECK(state.value() == expected + inherited);
        CHECK(state.value(surviving_slot) == inherited);
        for (const std::size_t of : left) CHECK_FALSE(state.has_writes_of(of));
        CHECK(group.engines[i].log().size() == 0);
        CHECK_FALSE(group.engines[i].next_deadline());
        CHECK_FALSE(group.pruners[i].next_deadline());
    }
}

}  // namespace

TEST_CASE(
    "pruning: slots of departed members are folded into one, and nothing is lost or counted "
    "twice") {
    for (std::uint64_t seed = 1; seed <= support::seeds(60); ++seed) {
        CAPTURE(seed);
        const Group group = run_departures(seed, {4});
        check_pruned(group, {4});
        CHECK(prunings(group.engines[0].generation()) == 1);
    }
}

TEST_CASE("pruning: whoever proposes may leave at any moment") {
    for (std::uint64_t seed = 1; seed <= support::seeds(60); ++seed) {
        CAPTURE(seed);
        check_pruned(run_departures(seed, {4, 0}), {0, 4});
    }
}

TEST_CASE("pruning: an unreachable member delays it, and nothing else") {
    Group group(3, 1);
    group.run(second, [&] {
        if (group.now.time_since_epoch() % std::chrono::milliseconds{100} == Duration{})
            group.add(2);
    });
    group.run(3 * second);
    group.leave(2);
    // One more than the replicas: it never answers.
    std::vector<std::size_t> others{1, 7};
    group.run(2 * second);
    CHECK(prunings(group.engines[0].generation()) == 1);
    group.pruners[0].set_members(others, group.now);
    group.pruners[0].retire({surviving_slot + 1, 1}, group.now);
    group.add(1);
    group.run(4 * second);
    CHECK(prunings(group.engines[0].generation()) == 1);
    CHECK(group.engines[0].state() == group.engines[1].state());
}

TEST_CASE("pruning: messages of another generation are not taken") {
    Engine engine(Epoch{1});
    engine.set_peers({1}, Time{});
    Message<Counter> message;
    message.from_epoch = replication::Epoch{5};
    Counter counter;
    message.changes = {counter.add(1, 1), 0, 1, replication::TransferKind::difference};
    message.generation = 1;
    CHECK(engine.on_message(1, message, Time{}).is_bottom());
    CHECK(engine.metrics().other_generations == 1);
    CHECK(engine.state().is_bottom());
}

TEST_CASE("pruning: a total that does not fit a slot is not pruned") {
    Engine engine(Epoch{1});
    Host host{&engine};
    Prunes pruner(host, 0, surviving_slot, 1);
    pruner.set_members({}, Time{});
    const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    engine.update([&](Counter& counter) { return counter.add(1, most); });
    engine.update([&](Counter& counter) { return counter.add(2, most); });
    pruner.retire({1, 2}, Time{});
    const Counter before = engine.state();
    CHECK_THROWS_AS(pruner.on_tick(Time{second}), std::overflow_error);
    CHECK(engine.state() == before);
    CHECK(engine.generation() == 0);
}

TEST_CASE("pruning: messages travel in both forms") {
    Counter slots;
    slots.add(7, -3);
    const Prunes::Message message{PruningKind::commit,      3, 4, {7, 9}, slots,
                                  {{5, Max<Generation>(2)}}};
    CHECK(*binary::try_decode_value<Prunes::Message>(binary::encode_value(message)) == message);
    CHECK(*json::try_decode_value<Prunes::Message>(json::encode_value(message)) == message);
    CHECK(
        json::encode_value(message) ==
        R"({"generation":3,"history":[[5,2]],"kind":2,"round":4,"slots":[[7,[0,3]]],"writers":[7,9]})");
    auto wrong = json::to_nlohmann(message);
    wrong["kind"] = 4;
    CHECK(json::try_decode_value<Prunes::Message>(wrong).error().to_string() == "unknown kind");
    wrong = json::to_nlohmann(message);
    wrong["writers"] = {9, 7};
    CHECK_FALSE(json::try_decode_value<Prunes::Message>(wrong));
}

TEST_CASE("pruning: nobody reports for a writer that it may yet receive from, nor to two at once") {
    Engine engine(Epoch{1});
    Host host{&engine};
    Prunes pruner(host, 5, surviving_slot, 1);
    pruner.set_members({1, 2}, Time{});
    const Prunes::Message request{PruningKind::propose, 0, 1, {9}, {}, {}};
    CHECK(pruner.on_message(2, request, Time{}).empty());
    pruner.retire({9}, Time{});
    const auto answers = pruner.on_message(2, request, Time{});
    REQUIRE(answers.size() == 1);
    CHECK(answers.front().message.kind == PruningKind::report);
    CHECK(pruner.on_message(1, request, Time{}).size() == 1);  // the lower name goes first
    CHECK(pruner.on_message(2, request, Time{}).empty());
    pruner.set_members({2}, Time{});
    CHECK(pruner.on_message(2, request, Time{}).size() == 1);
    CHECK(pruner.on_message(7, request, Time{}).empty());  // an unknown sender
}

namespace {

/// A member without a network.
struct Member {
    Engine engine;
    Host host{&engine};
    Prunes pruner;

    Member(std::size_t id, std::vector<std::size_t> others)
        : engine(Epoch{id + 1}), pruner(host, id, surviving_slot, id) {
        pruner.set_members(others, Time{});
    }
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    const Counter& state() const { return engine.state(); }
    void add(std::size_t writer, int amount) {
        engine.update([&](Counter& counter) { return counter.add(writer, amount); });
    }
    /// Prunes alone.
    void prune(std::size_t writer, Time now) {
        pruner.retire({writer}, now);
        pruner.on_tick(now);
    }
};

/// Brings `behind` into the generation of `ahead`.
void inform(Member& ahead, std::size_t id, Member& behind, std::size_t its_id, Time now) {
    ahead.pruner.set_members({its_id}, now);
    behind.pruner.set_members({id}, now);
    for (const auto& commit : ahead.pruner.on_tick(now))
        for (const auto& done : behind.pruner.on_message(id, commit.message, now))
            ahead.pruner.on_message(its_id, done.message, now);
}

}  // namespace

TEST_CASE("pruning: a member that has missed several prunings applies the last commit") {
    Member a(0, {}), b(1, {});
    for (std::size_t writer = 10; writer < 13; ++writer) {
        for (Member* each : {&a, &b}) each->add(writer, static_cast<int>(writer));
        a.prune(writer, Time{second});
    }
    a.add(0, 1);
    b.add(1, 2);
    CHECK(prunings(a.engine.generation()) == 3);
    inform(a, 0, b, 1, Time{2 * second});
    CHECK(b.engine.generation() == a.engine.generation());
    CHECK(b.pruner.history() == a.pruner.history());
    CHECK(b.state().value() == 10 + 11 + 12 + 2);
    CHECK(b.state().value(surviving_slot) == 33);
    CHECK_FALSE(a.pruner.next_deadline());
    // A commit that its history contradicts is ignored.
    Prunes::Message invalid{PruningKind::commit, b.engine.generation() + 1, 0, {}, {}, {}};
    invalid.history = b.pruner.history();
    CHECK(b.pruner.on_message(0, invalid, Time{2 * second}).empty());
    CHECK(b.engine.generation() == a.engine.generation());
    // A message in the earlier generation shows that a member has lost its state.
    a.pruner.on_generation(1, 0, Time{3 * second});
    CHECK(a.pruner.next_deadline() == Time{3 * second});
}

TEST_CASE("pruning: a member that has missed more than the history starts over") {
    Member a(0, {}), b(1, {});
    b.add(10, 5);  // it was pruned long ago
    b.add(1, 2);
    b.host.fresh.add(1, 2);
    a.add(10, 5);
    a.prune(10, Time{second});
    const std::size_t count = Prunes::max_history;
    for (std::size_t writer = 2000; writer < 2000 + count; ++writer) {
        a.add(writer, 1);
        a.prune(writer, Time{second});
    }
    CHECK(a.pruner.history().size() == count);
    CHECK_FALSE(a.pruner.history().contains(10U));
    inform(a, 0, b, 1, Time{2 * second});
    CHECK(b.state().value(surviving_slot) == 5 + static_cast<std::int64_t>(count));
    CHECK(b.state().value() == 5 + static_cast<std::int64_t>(count) + 2);
}

TEST_CASE("pruning: of two parts that have pruned each other, the later generation wins") {
    Member a(0, {}), b(1, {});
    for (Member* each : {&a, &b}) {
        each->add(0, 1);
        each->add(1, 10);
    }
    a.prune(1, Time{second});
    b.prune(0, Time{second});
    REQUIRE(a.engine.generation() != b.engine.generation());
    const bool a_wins = a.engine.generation() > b.engine.generation();
    inform(a_wins ? a : b, a_wins ? 0 : 1, a_wins ? b : a, a_wins ? 1 : 0, Time{2 * second});
    CHECK(a.engine.generation() == b.engine.generation());
    Counter joined = a.state();
    joined.merge(b.state());
    CHECK(joined.value() == 11);
}

TEST_CASE("pruning: a proposal without all reports is withdrawn, and a promise ends") {
    Member a(0, {1}), b(1, {0});
    for (Member* each : {&a, &b}) each->add(9, 1);
    a.pruner.retire({9}, Time{});
    b.pruner.retire({9}, Time{});
    CHECK_FALSE(a.pruner.is_collecting(Time{}));
    const auto question = a.pruner.on_tick(Time{});
    REQUIRE(question.size() == 1);
    CHECK(a.pruner.is_collecting(Time{}));
    const auto report = b.pruner.on_message(0, question.front().message, Time{});
    REQUIRE(report.size() == 1);
    CHECK(b.pruner.is_collecting(Time{}));
    // The report arrives too late.
    const Time late{crdt::replication::PruningProposal<Counter, std::size_t>::limit};
    CHECK(a.pruner.on_tick(late).empty());
    CHECK_FALSE(a.pruner.is_collecting(late));
    CHECK(b.pruner.is_collecting(late));
    a.pruner.on_message(1, report.front().message, late);
    CHECK(a.engine.generation() == 0);
    const Time end{crdt::replication::PruningPromise<std::size_t>::limit};
    CHECK_FALSE(b.pruner.is_collecting(end));
    // The next proposal has another number, so that report does not count for it either.
    const auto again = a.pruner.on_tick(end);
    REQUIRE(again.size() == 1);
    a.pruner.on_message(1, report.front().message, end);
    CHECK(a.engine.generation() == 0);
    for (const auto& answer : b.pruner.on_message(0, again.front().message, end))
        a.pruner.on_message(1, answer.message, end);
    CHECK(prunings(a.engine.generation()) == 1);
    CHECK_FALSE(a.pruner.is_collecting(end));
}

TEST_CASE("pruning: a proposal is withdrawn if its writers return") {
    Member a(0, {1});
    a.add(9, 1);
    a.pruner.retire({9}, Time{});
    REQUIRE(a.pruner.on_tick(Time{}).size() == 1);
    REQUIRE(a.pruner.is_collecting(Time{}));
    a.pruner.retire({}, Time{second});
    CHECK_FALSE(a.pruner.is_collecting(Time{second}));
    CHECK_FALSE(a.pruner.next_deadline());
}

TEST_CASE("pruning: a member that is not the first one proposes if the first one does not") {
    Member a(0, {1}), b(1, {0});
    for (Member* each : {&a, &b}) each->add(9, 1);
    b.pruner.retire({9}, Time{});
    CHECK(b.pruner.on_tick(Time{second}).empty());
    const Time later{5 * second};
    const auto question = b.pruner.on_tick(later);
    REQUIRE(question.size() == 1);
    a.pruner.retire({9}, later);
    for (const auto& answer : a.pruner.on_message(1, question.front().message, later))
        b.pruner.on_message(0, answer.message, later);
    CHECK(prunings(b.engine.generation()) == 1);
}

}  // namespace pruning_tests

// SPDX-License-Identifier: MIT
//! Clusters of nodes with a KvStore on a simulated network: messages per operation, and what faults
//! must not break.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/json.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/maelstrom/gossip.hpp>
#include <crdt/maelstrom/kv_store.hpp>
#include <crdt/maelstrom/turn.hpp>
#include <crdt/maelstrom/turn_schedule.hpp>
#include <crdt/random.hpp>

#include "support/node.hpp"
#include "support/seeds.hpp"

namespace turns_tests {

namespace replication = crdt::replication;
using namespace crdt::maelstrom;
using std::chrono::milliseconds;
using support::Duration;
using support::json;
using support::TestNode;
using support::Time;

namespace {

using Counter = crdt::GCounter<>;

/// As seq-kv: a read of a node that has not written since may return any earlier value.
class Service {
    std::vector<std::map<std::string, json>> states_{{}};
    std::map<std::string, std::size_t> newest_seen_;
    crdt::Random random_;

  public:
    int failed_swaps = 0;

    explicit Service(std::uint64_t seed) : random_(seed) {}

    json answer(const std::string& client, const json& request) {
        std::size_t& seen = newest_seen_[client];
        const std::string type = request.at("type"), key = request.at("key");
        const auto error = [](int code) {
            return json{{"type", "error"}, {"code", code}, {"text", ""}};
        };
        if (type == "read") {
            seen += random_.below(states_.size() - seen);
            const auto found = states_[seen].find(key);
            if (found == states_[seen].end()) return error(20);
            return {{"type", "read_ok"}, {"value", found->second}};
        }
        auto state = states_.back();
        const auto found = state.find(key);
        if (type == "cas" && found != state.end() && found->second != request.at("from"))
            return ++failed_swaps, error(22);
        state[key] = request.at(type == "cas" ? "to" : "value");
        states_.push_back(std::move(state));
        seen = states_.size() - 1;
        return {{"type", type + "_ok"}};
    }
    /// The join of all documents.
    Counter content() const {
        Counter all;
        for (const auto& [key, value] : states_.back())
            if (value.is_string())
                all.merge(*crdt::json::try_decode<Counter>(value.get<std::string>()));
        return all;
    }
};

struct Member {
    TestNode node;
    Gossip<Counter> counter;
    KvStore<Counter> store{node, counter, "seq-kv", "final_result"};

    Member(const std::string& id, const json& ids, std::uint64_t epoch, Time now)
        : node(epoch << 20U), counter(node, replication::Epoch{epoch}, options()) {
        node.clock = now;
        node.message("c0", {{"type", "init"}, {"msg_id", 1}, {"node_id", id}, {"node_ids", ids}},
                     id);
        node.output().clear();
        node.message("c1", {{"type", "x"}}, id);
    }
    static replication::Options options() {
        replication::Options options;
        options.interval = options.retry_limit = milliseconds{3000};
        options.ack_delay = milliseconds{2000};
        return options;
    }
};

/// Nodes with one client each, which waits for the answer before it sends the next request.
struct Cluster {
    struct Packet {
        std::string src, dest;
        json body;
    };
    std::vector<std::string> ids;
    std::map<std::string, std::unique_ptr<Member>> members;
    /// The start of the add that the client of a node waits for.
    std::map<std::string, Time> waiting;
    Service service;
    std::multimap<Time, Packet> in_flight;
    std::set<std::pair<std::string, std::string>> cuts;
    Time now{milliseconds{1000}}, next_operation{};
    crdt::Random random;
    Duration latency = milliseconds{1}, longest_wait{};
    std::uint64_t epochs = 0, acknowledged = 0;
    int messages = 0, operations = 0;
    /// Messages by type.
    std::map<std::string, int> sent;
    unsigned lost_percent = 0;

    Cluster(std::size_t size, std::uint64_t seed) : service(seed), random(seed) {
        for (std::size_t i = 0; i < size; ++i) ids.push_back("n" + std::to_string(i));
        for (const auto& id : ids) start(id);
    }
    void start(const std::string& id) {
        waiting.erase(id);
        members[id] = std::make_unique<Member>(id, json(ids), ++epochs, now);
    }
    void cut(std::size_t from, std::size_t to) { cuts.insert({ids[from], ids[to]}); }
    void cut_both(std::size_t a, std::size_t b) {
        cut(a, b);
        cut(b, a);
    }

    /// 100 requests per second of free clients, of which two in five add something.
    void operate() {
        if (now < next_operation) return;
        std::vector<std::string> free;
        for (const auto& id : ids)
            if (!waiting.contains(id)) free.push_back(id);
        if (free.empty()) return;
        const std::string id = free[random.below(free.size())];
        ++operations;
        next_operation = now + milliseconds{random.below(21)};
        if (random.below(5) < 2) add(id, 1 + static_cast<unsigned>(random.below(4)));
    }
    void add(const std::string& id, unsigned amount) {
        Member& member = *members[id];
        waiting[id] = now;
        const Counter delta = member.counter.update(
            [&](Counter& state) { return state.add(member.counter.replica_id(), amount); });
        member.store.persist(delta, [this, id, amount, delta] {
            CHECK(delta.leq(service.content()));
            acknowledged += amount;
            longest_wait = (std::max)(longest_wait, now - waiting[id]);
            waiting.erase(id);
        });
    }
    void collect(const std::string& id) {
        std::istringstream lines(std::exchange(members[id]->node.output(), {}));
        for (std::string line; std::getline(lines, line);) {
            const json message = json::parse(line);
            send({id, message.at("dest"), message.at("body")});
        }
    }
    void send(Packet packet) {
        if (packet.dest.front() == 'c') return;
        ++messages;
        ++sent[packet.body.at("type")];
        if (random.below(100) < lost_percent) return;
        in_flight.emplace(now + latency, std::move(packet));
    }
    void deliver(const Packet& packet) {
        if (packet.dest == "seq-kv") {
            json answer = service.answer(packet.src, packet.body);
            answer["in_reply_to"] = packet.body.at("msg_id");
            return send({packet.dest, packet.src, answer});
        }
        if (cuts.contains({packet.src, packet.dest})) return;
        members[packet.dest]->node.message(packet.src, packet.body, packet.dest);
    }
    void run(Duration span, bool is_loaded) {
        for (const Time end = now + span; now < end; now += milliseconds{1}) {
            if (is_loaded) operate();
            while (!in_flight.empty() && in_flight.begin()->first <= now)
                deliver(in_flight.extract(in_flight.begin()).mapped());
            for (const auto& id : ids) {
                members[id]->node.clock = now;
                members[id]->node.tick(now);
                collect(id);
            }
        }
    }
    double messages_per_operation() const { return double(messages) / operations; }
    /// All nodes have the same state, and all of it is in the store.
    void check_equal() {
        for (const auto& id : ids) {
            CAPTURE(id);
            CHECK(members[id]->counter.state() == members[ids[0]]->counter.state());
            CHECK(members[id]->counter.state() == service.content());
        }
    }
    /// The load for twenty seconds, ten seconds of rest, and the state at the end.
    void run_all(Duration before, Duration with_cuts, const std::function<void()>& begin_cuts) {
        run(before, true);
        begin_cuts();
        run(with_cuts, true);
        cuts.clear();
        run(milliseconds{20000} - before - with_cuts, true);
        run(milliseconds{10000}, false);
        CHECK(waiting.empty());
        check_equal();
        CHECK(service.failed_swaps == 0);
        for (const auto& id : ids) CHECK(members[id]->counter.state().value() == acknowledged);
    }
};

}  // namespace

TEST_CASE("turns: three nodes with a client each take 0.6 messages per operation") {
    for (std::uint64_t seed = 1; seed <= (support::few_cases ? 1 : 3); ++seed) {
        Cluster cluster(3, seed);
        cluster.run_all(milliseconds{20000}, {}, [] {});
        CHECK(cluster.operations > 1800);
        CHECK(cluster.messages_per_operation() < 0.62);
        CHECK(cluster.longest_wait < milliseconds{500});
    }
}

TEST_CASE("turns: partitions cost little, and delay an add by two seconds at most") {
    for (std::uint64_t seed = 1; seed <= (support::few_cases ? 1 : 3); ++seed) {
        const auto check = [&](const std::string& what, double limit, auto&& cut) {
            CAPTURE(seed);
            CAPTURE(what);
            Cluster cluster(3, seed);
            cluster.run_all(milliseconds{3000}, milliseconds{10000}, [&] { cut(cluster); });
            CHECK(cluster.messages_per_operation() < limit);
            CHECK(cluster.longest_wait < milliseconds{2500});
        };
        check("one node apart", 0.72, [](Cluster& cluster) {
            cluster.cut_both(1, 0);
            cluster.cut_both(1, 2);
        });
        check("all apart", 0.9, [](Cluster& cluster) {
            cluster.cut_both(0, 1);
            cluster.cut_both(1, 2);
            cluster.cut_both(2, 0);
        });
        check("one way around", 0.75, [](Cluster& cluster) {
            cluster.cut(1, 0);
            cluster.cut(2, 1);
            cluster.cut(0, 2);
        });
        check("the other way around", 0.75, [](Cluster& cluster) {
            cluster.cut(0, 1);
            cluster.cut(1, 2);
            cluster.cut(2, 0);
        });
    }
}

TEST_CASE("turns: a single add takes one swap, and an idle cluster is silent") {
    Cluster cluster(3, 1);
    cluster.run(milliseconds{5000}, false);
    cluster.add("n1", 1);
    cluster.run(milliseconds{200}, false);
    CHECK(cluster.waiting.empty());
    CHECK(cluster.sent["cas"] == 1);
    CHECK(cluster.sent["turn"] == 1);  // a request, which is ignored
    cluster.run(milliseconds{10000}, false);
    cluster.check_equal();
    cluster.messages = 0;
    cluster.run(milliseconds{60000}, false);
    CHECK(cluster.messages == 0);
}

TEST_CASE("turns: no acknowledged add is lost by cuts, lost messages and restarts") {
    for (std::uint64_t seed = 1; seed <= (support::few_cases ? 4 : 12); ++seed) {
        CAPTURE(seed);
        Cluster cluster(2 + seed % 4, seed);
        cluster.latency = milliseconds{1 + seed * 7 % 40};
        crdt::Random faults(seed);
        const auto any = [&] { return faults.below(cluster.ids.size()); };
        for (int round = 0; round < 12; ++round) {
            cluster.cuts.clear();
            for (auto count = faults.below(6); count > 0; --count) cluster.cut(any(), any());
            cluster.lost_percent = faults.below(3) == 0 ? 20 : 0;
            if (faults.below(3) == 0) cluster.start(cluster.ids[any()]);
            cluster.run(milliseconds{200 + faults.below(2000)}, true);
        }
        cluster.cuts.clear();
        cluster.lost_percent = 0;
        cluster.run(milliseconds{15000}, false);
        // What was not acknowledged may be in the store or not, but only at the nodes that have it.
        const Counter content = cluster.service.content();
        CHECK(content.value() >= cluster.acknowledged);
        for (const auto& id : cluster.ids) {
            const Counter& state = cluster.members[id]->counter.state();
            CHECK(state == cluster.members["n0"]->counter.state());
            CHECK(content.leq(state));
        }
        // Restarted together, the nodes find everything in the store.
        cluster.in_flight.clear();
        for (const auto& id : cluster.ids) cluster.start(id);
        cluster.run(milliseconds{15000}, false);
        for (const auto& id : cluster.ids) CHECK(cluster.members[id]->counter.state() == content);
    }
}

TEST_CASE("turns: a node avoids a peer from which the turn did not come back") {
    using Next = std::optional<std::string>;
    const auto after_loss = [] {
        TurnSchedule turns;
        turns.set_members("n0", {"n1", "n2"});
        const Time start{milliseconds{1000}};
        turns.on_change(start);
        turns.on_turn("n2", {"n2"}, {"n1"}, true, start);
        CHECK(turns.next(true, start) == Next("n1"));
        turns.on_passed("n1", true, start);
        CHECK(turns.state() == TurnSchedule::State::expecting);
        turns.on_timeout(*turns.deadline(true));
        CHECK(turns.next(true, start) == Next());  // it writes alone
        return turns;
    };
    const Time later{milliseconds{9000}};
    {
        TurnSchedule turns = after_loss();  // n2 may reach n1
        turns.on_turn("n1", {}, {"n1"}, true, later);
        turns.become_resting();
        turns.on_change(later);
        turns.on_turn("n1", {}, {"n1"}, true, later);
        CHECK(turns.next(true, later) == Next("n2"));
        CHECK(turns.awaiting() == NodeIds{"n1"});
    }
    {
        TurnSchedule turns = after_loss();  // n2 has contributed already
        turns.on_turn("n2", {"n2"}, {"n1"}, true, later);
        CHECK(turns.next(true, later) == Next("n1"));
    }
    {
        TurnSchedule turns = after_loss();  // a node without changes makes no detour
        turns.on_turn("n2", {}, {"n1"}, true, later);
        CHECK(turns.next(false, later) == Next());
    }
    {
        TurnSchedule turns = after_loss();  // until one comes back
        turns.on_turn("n2", {"n2"}, {"n1"}, true, later);
        CHECK(turns.next(true, later) == Next("n1"));
        turns.on_passed("n1", true, later);
        turns.on_turn("n1", {}, {"n2", "n1"}, true, later);
        turns.on_turn("n2", {}, {"n1"}, true, later);
        CHECK(turns.next(true, later) == Next("n1"));
    }
}

TEST_CASE("turns: the message") {
    Counter stored, unstored;
    stored.add("n0.1", 3);
    unstored.add("n1.2", 4);
    const Turn<Counter> turn{stored, unstored, {"n1", "n0"}, {"n2"}};
    const std::string text = R"({"awaiting":["n2"],"contributors":["n0","n1"],)"
                             R"("stored":{"n0.1":3},"unstored":{"n1.2":4},"version":1})";
    CHECK(crdt::json::encode_value(turn) == text);
    CHECK(*crdt::json::try_decode_value<Turn<Counter>>(std::string_view(text)) == turn);
}

TEST_CASE("turns: a message that is not one is dropped, and so are ids of unknown senders") {
    Cluster cluster(3, 1);
    cluster.run(milliseconds{100}, false);
    TestNode& node = cluster.members["n0"]->node;
    const auto turn = [](const json& version, const json& contributors) {
        return json{{"type", "turn"},
                    {"version", version},
                    {"stored", json::object()},
                    {"unstored", {{"x", 5}}},
                    {"contributors", contributors},
                    {"awaiting", {"n9", "seq-kv"}}};
    };
    node.message("n1", turn(2, json::array()));
    node.message("n1", turn(1, 7));
    node.message("n1", {{"type", "turn"}});
    CHECK(cluster.members["n0"]->counter.state().value() == 0);
    node.message("n1", turn(1, {"n8"}));
    CHECK(cluster.members["n0"]->counter.state().value() == 5);
    cluster.run(milliseconds{10000}, false);
    cluster.check_equal();
}

}  // namespace turns_tests

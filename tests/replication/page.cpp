// SPDX-License-Identifier: MIT
//! A program with the calls that docs/explanation/replication.md lists, and no others.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/gset.hpp>
#include <crdt/replication/replicator.hpp>

namespace page_tests {

using namespace crdt::replication;

namespace {

using Numbers = crdt::GSet<int>;

struct Sent {
    std::string from, to;
    Message<Numbers> message;
};

/// One of two replicas.
struct Replica {
    std::string self;
    Replicator<Numbers, std::string> replicator;
    Numbers known{};  // of the other

    /// The epoch was never used before by a replica of this name.
    Replica(const std::string& name, Epoch epoch) : self(name), replicator(epoch) {}

    void begin(const std::vector<std::string>& others, Time now) {
        replicator.set_peers(others, now);  // the members, without oneself
        replicator.start(now);              // nothing is sent before
    }
    void insert(int number) {
        // Changes the state, and logs the delta for the peers.
        replicator.update([&](Numbers& numbers) { return numbers.insert(number); });
    }
    void receive(const Sent& sent, Time now) {
        // Joins a message; returns what was new.
        const Numbers growth = replicator.on_message(sent.from, sent.message, now);
        known.merge(growth);
    }
    void tick(std::vector<Sent>& network, Time now) {
        for (const auto& [to, message] : replicator.on_tick(now))  // all messages that are due
            network.push_back({self, to, message});
    }
    // When on_tick() has something to do next; none if there is nothing to send.
    std::optional<Time> due() const { return replicator.next_deadline(); }
};

/// Runs both until neither has anything to do.
void run(std::map<std::string, Replica>& replicas, Time now) {
    for (int turns = 0;; ++turns) {
        REQUIRE(turns < 1000);
        std::vector<Sent> network;
        std::optional<Time> next;
        for (auto& [name, replica] : replicas) {
            replica.tick(network, now);
            if (const auto due = replica.due(); due && (!next || *due < *next)) next = due;
        }
        for (const Sent& sent : network) replicas.at(sent.to).receive(sent, now);
        if (network.empty() && !next) return;
        if (network.empty() && *next > now) now = *next;
    }
}

}  // namespace

TEST_CASE("replication: what the page lists is enough for two replicas to agree") {
    for (const bool is_started : {false, true}) {
        std::map<std::string, Replica> replicas;
        replicas.try_emplace("a", "a", Epoch{1});
        replicas.try_emplace("b", "b", Epoch{2});
        Replica &a = replicas.at("a"), &b = replicas.at("b");
        if (is_started) {
            a.begin({"b"}, Time{});
            b.begin({"a"}, Time{});
        }
        a.insert(1);
        b.insert(2);
        run(replicas, Time{});
        const Numbers &mine = a.replicator.state(), &theirs = b.replicator.state();
        CHECK(mine.size() == (is_started ? 2 : 1));
        CHECK((mine == theirs) == is_started);
        CHECK(a.known.size() == (is_started ? 1 : 0));
        a.replicator.stop();
        CHECK_FALSE(a.due());
    }
}

}  // namespace page_tests

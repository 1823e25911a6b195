// SPDX-License-Identifier: MIT
//! Tests that an old copy of a node's file can be restored: no write that a peer has is lost, no
//! write is mistaken for another, and all replicas converge.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/lattice/product.hpp>
#include <crdt/maelstrom/durable.hpp>
#include <crdt/maelstrom/gossip.hpp>
#include <crdt/ormap.hpp>
#include <crdt/random.hpp>
#include <crdt/resettable_counter.hpp>

#include "support/folder.hpp"
#include "support/node.hpp"

namespace old_copy_tests {

namespace fs = std::filesystem;
using namespace crdt::maelstrom;
using crdt::AWSet;
using crdt::GCounter;
using crdt::ORMap;
using crdt::Random;
using crdt::ResettableCounter;
using support::json;

namespace {

crdt::replication::Options engine_options() {
    crdt::replication::Options options;
    options.interval = options.ack_delay = std::chrono::milliseconds{10};
    options.retry_limit = std::chrono::milliseconds{100};
    return options;
}

/// One run of a node.
template <class L>
struct NodeRun {
    Node node{Log(LogLevel::error)};
    Gossip<L> gossip;
    Durable<L> store;

    NodeRun(const fs::path& folder, std::uint64_t epoch)
        : gossip(node, crdt::replication::Epoch{epoch}, engine_options()),
          store(node, gossip, folder) {}
};

/// Nodes with files, which connect from time to time. Each change is one write with its own number.
template <class L>
class Cluster {
  public:
    using Write = std::function<L(L&, const std::string& id, int number)>;

  private:
    struct Place {
        std::unique_ptr<NodeRun<L>> run;
        /// The writes in its file, and in the copy of the file.
        std::set<int> writes, copied;
    };

    support::TemporaryFolder folder_{fs::is_directory("/dev/shm") ? "/dev/shm"
                                                                  : fs::temp_directory_path()};
    Write write_;
    std::vector<Place> places_;
    support::Time clock_{};
    std::uint64_t epoch_ = 100;
    int written_ = 0;

    static std::string name(std::size_t place) { return 'n' + std::to_string(place); }
    fs::path file(std::size_t place, const std::string& end) const {
        return folder_.path() / (name(place) + ".sqlite" + end);
    }
    NodeRun<L>& at(std::size_t place) { return *places_[place].run; }

    /// The writes that the node has acknowledged.
    std::vector<json> sent(std::size_t place) {
        at(place).node.tick(clock_);
        std::istringstream lines(std::exchange(at(place).node.output(), {}));
        std::vector<json> messages;
        for (std::string line; std::getline(lines, line);) messages.push_back(json::parse(line));
        return messages;
    }
    void deliver(std::size_t place, const json& message) {
        at(place).node.receive(message.dump(), clock_);
    }
    void for_each_place(auto&& action) {
        for (std::size_t place = 0; place < places_.size(); ++place) action(place);
    }

  public:
    Cluster(std::size_t size, Write write) : write_(std::move(write)), places_(size) {
        for_each_place([&](std::size_t place) { start(place); });
    }

    const L& state(std::size_t place) { return at(place).gossip.state(); }
    const Gossip<L>& gossip(std::size_t place) { return at(place).gossip; }

    void start(std::size_t place) {
        places_[place].run = std::make_unique<NodeRun<L>>(folder_.path(), ++epoch_);
        json ids = json::array();
        for_each_place([&](std::size_t other) { ids.push_back(name(other)); });
        deliver(place,
                {{"src", "c0"},
                 {"dest", name(place)},
                 {"body",
                  {{"type", "init"}, {"msg_id", 1}, {"node_id", name(place)}, {"node_ids", ids}}}});
        CHECK_FALSE(at(place).node.halted());
        sent(place);
        at(place).gossip.start();
    }
    void restart(std::size_t place) {
        places_[place].run.reset();
        start(place);
    }
    void copy(std::size_t place) {
        for (const std::string end : {"", "-wal"}) {
            fs::remove(file(place, end + ".copy"));
            if (fs::exists(file(place, end)))
                fs::copy_file(file(place, end), file(place, end + ".copy"));
        }
        places_[place].copied = places_[place].writes;
    }
    bool has_copy(std::size_t place) const { return fs::exists(file(place, ".copy")); }
    /// Restores the copy and starts a run with it.
    void put_back(std::size_t place) {
        places_[place].run.reset();
        for (const std::string end : {"", "-wal"}) {
            fs::remove(file(place, end));
            if (fs::exists(file(place, end + ".copy")))
                fs::copy_file(file(place, end + ".copy"), file(place, end));
        }
        places_[place].writes = places_[place].copied;
        start(place);
    }
    /// An acknowledged write.
    int write(std::size_t place) {
        Gossip<L>& gossip = at(place).gossip;
        const L delta =
            gossip.update([&](L& state) { return write_(state, gossip.replica_id(), ++written_); });
        at(place).store.persist(delta, [] {});
        sent(place);  // and lost: nobody is connected
        places_[place].writes.insert(written_);
        return written_;
    }
    /// Connects all nodes until the files contain everything that peers have sent. Calls
    /// `meanwhile` during this time.
    void connect(const std::function<void()>& meanwhile = [] {}) {
        for (int step = 0; step < 160; ++step) {
            clock_ += std::chrono::milliseconds{10};
            if (step < 50) meanwhile();
            for_each_place([&](std::size_t place) {
                for (const json& message : sent(place)) {
                    const std::string to = message.at("dest");
                    if (to[0] == 'n') deliver(std::stoul(to.substr(1)), message);
                }
            });
        }
        std::set<int> all;
        for_each_place([&](std::size_t place) { all.merge(std::set(places_[place].writes)); });
        for_each_place([&](std::size_t place) { places_[place].writes = all; });
    }
    /// The writes that any replica has.
    const std::set<int>& survivors() const { return places_.front().writes; }
};

/// The value of all replicas after the writes with these numbers.
template <class L>
using Check = std::function<void(const L&, const std::set<int>&)>;

/// A type, its writes, and the value that results from the writes.
template <class L>
struct Subject {
    typename Cluster<L>::Write write;
    Check<L> check;
};

int sum(const std::set<int>& writes) {
    int total = 0;
    for (const int number : writes) total += number;
    return total;
}

template <class L>
Subject<L> counter() {
    return {[](L& state, const std::string& id, int number) { return state.add(id, number); },
            [](const L& state, const std::set<int>& writes) {
                CHECK(static_cast<int>(state.value()) == sum(writes));
            }};
}

/// Each third write also removes the element of the previous one, if it exists.
Subject<AWSet<int>> set() {
    const auto removed = std::make_shared<std::set<int>>();
    return {[=](AWSet<int>& state, const std::string& id, int number) {
                if (number == 1) removed->clear();
                AWSet<int> delta = state.insert(id, number);
                if (number % 3 == 0 && state.contains(number - 1)) {
                    delta.merge(state.erase(number - 1));
                    removed->insert(number);
                }
                return delta;
            },
            [=](const AWSet<int>& state, const std::set<int>& writes) {
                std::set<int> expected = writes;
                for (const int number : writes)
                    if (removed->contains(number)) expected.erase(number - 1);
                CHECK(std::set<int>(state.begin(), state.end()) == expected);
            }};
}

Subject<ORMap<int, ResettableCounter<>>> map() {
    using Map = ORMap<int, ResettableCounter<>>;
    return {[](Map& state, const std::string& id, int number) {
                return state.update(number % 2,
                                    [&](auto& counter) { return counter.add(id, number); });
            },
            [](const Map& state, const std::set<int>& writes) {
                CHECK(state.view(0).value() + state.view(1).value() == sum(writes));
            }};
}

template <class L>
void check_agreement(Cluster<L>& cluster, std::size_t size, const Subject<L>& subject) {
    for (std::size_t place = 0; place < size; ++place) {
        CAPTURE(place);
        CHECK(cluster.state(place) == cluster.state(0));
        subject.check(cluster.state(place), cluster.survivors());
        CHECK(cluster.gossip(place).metrics().conflicts == 0);
    }
}

/// The old copy accepts `writes` before its first contact with a peer.
template <class L>
void write_on_an_old_copy(const Subject<L>& subject, int writes) {
    CAPTURE(writes);
    Cluster<L> cluster(2, subject.write);
    const std::string slot = cluster.gossip(0).replica_id();
    cluster.write(0);
    cluster.connect();
    cluster.copy(0);
    for (int i = 0; i < 2; ++i) cluster.write(0);
    cluster.connect();
    cluster.put_back(0);
    for (int i = 0; i < writes; ++i) cluster.write(0);
    cluster.connect();
    check_agreement(cluster, 2, subject);
    CHECK(cluster.survivors().size() == 3 + static_cast<std::size_t>(writes));
    CHECK(cluster.gossip(0).reincarnations() == 1);
    CHECK(cluster.gossip(0).replica_id() != slot);

    const std::string next = cluster.gossip(0).replica_id();
    cluster.write(0);
    cluster.write(1);
    cluster.restart(0);
    cluster.connect();
    check_agreement(cluster, 2, subject);
    CHECK(cluster.gossip(0).reincarnations() == 0);
    CHECK(cluster.gossip(0).replica_id() == next);
}

template <class L>
void write_on_old_copies(const Subject<L>& subject) {
    for (const int writes : {0, 1, 2, 3}) write_on_an_old_copy(subject, writes);
}

/// Random writes, restarts, copies, restored copies and connections.
template <class L>
void live_at_random(const Subject<L>& subject, std::size_t size, std::uint64_t seed) {
    CAPTURE(seed);
    Random random(seed);
    Cluster<L> cluster(size, subject.write);
    const auto anybody = [&] { return static_cast<std::size_t>(random.below(size)); };
    const auto act = [&] {
        const std::size_t place = anybody();
        switch (random.below(6)) {
            case 0: return cluster.restart(place);
            case 1: return cluster.copy(place);
            case 2: return cluster.has_copy(place) ? cluster.put_back(place) : void();
            default: cluster.write(place);
        }
    };
    for (int round = 0; round < 12; ++round) {
        for (auto actions = random.below(6); actions > 0; --actions) act();
        // With two nodes, writes continue while the nodes are connected. With more nodes, one peer
        // would not have all writes.
        cluster.connect([&] {
            if (size == 2 && random.below(10) == 0) cluster.write(anybody());
        });
        check_agreement(cluster, size, subject);
    }
}

template <class L>
void live_at_random(const Subject<L>& subject) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        live_at_random(subject, 2, seed);
        live_at_random(subject, 3, seed);
    }
}

}  // namespace

TEST_CASE("old copy: a counter is written before the first contact") {
    write_on_old_copies(counter<GCounter<>>());
}
TEST_CASE("old copy: a set is written before the first contact") { write_on_old_copies(set()); }
TEST_CASE("old copy: a resettable counter is written before the first contact") {
    write_on_old_copies(counter<ResettableCounter<>>());
}
TEST_CASE("old copy: a map of counters is written before the first contact") {
    write_on_old_copies(map());
}

TEST_CASE("old copy: counters are restored at random times") {
    live_at_random(counter<GCounter<>>());
    live_at_random(counter<ResettableCounter<>>());
}
TEST_CASE("old copy: sets and maps are restored at random times") {
    live_at_random(set());
    live_at_random(map());
}

TEST_CASE(
    "old copy: a restart adds no slot, and one with writes before the first contact adds one") {
    Cluster<GCounter<>> cluster(2, counter<GCounter<>>().write);
    const auto slots = [&] { return cluster.state(0).lattice().size(); };
    cluster.write(0);
    cluster.connect();
    const std::string slot = cluster.gossip(0).replica_id();
    for (int i = 0; i < 5; ++i) {
        cluster.restart(0);
        CHECK(cluster.gossip(0).replica_id() != slot);
        cluster.connect();
        CHECK(cluster.gossip(0).replica_id() == slot);
        cluster.write(0);
    }
    CHECK(slots() == 1);
    cluster.restart(0);
    for (int i = 0; i < 5; ++i) cluster.write(0);
    CHECK(slots() == 2);
    cluster.connect();
    CHECK(cluster.gossip(0).replica_id() == slot);
    cluster.write(0);
    CHECK(slots() == 2);
    CHECK(cluster.gossip(0).reincarnations() == 0);
}

namespace {

/// A type with ids of writers, but without has_writes_of().
class Silent : public crdt::Composed<Silent, GCounter<>> {
  public:
    static constexpr std::string_view type_name = "silent";
    Silent add(const std::string& id, int amount) {
        return mutate([&](auto& counter) { return counter.add(id, amount); });
    }
    std::uint64_t value() const { return lattice().value(); }
};

}  // namespace

TEST_CASE("old copy: a type without has_writes_of() uses a fresh slot for each run") {
    const auto subject = counter<Silent>();
    Cluster<Silent> cluster(2, subject.write);
    cluster.write(0);
    cluster.connect();
    cluster.copy(0);
    cluster.write(0);
    cluster.connect();
    cluster.put_back(0);
    cluster.connect([&, step = 0]() mutable {
        if (++step > 40) cluster.write(0);
    });
    check_agreement(cluster, 2, subject);
}

}  // namespace old_copy_tests

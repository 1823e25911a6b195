// SPDX-License-Identifier: MIT
//! Tests the engine and the journal in a user's own loop, which continues from a file
//! (docs/how-to/own-loop.md).
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/replication/endpoint.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/store/journal.hpp>

#include "support/folder.hpp"

namespace own_loop_tests {

namespace fs = std::filesystem;
using crdt::replication::Message;
using crdt::replication::Time;
using crdt::store::Journal;

namespace {

using Set = crdt::AWSet<int, std::uint64_t>;

/// Returns a fresh number. A program uses crdt::system::fresh_number().
std::uint64_t fresh() {
    static std::uint64_t last = 0;
    return ++last;
}

crdt::replication::Options engine_options() {
    crdt::replication::Options options;
    options.interval = options.ack_delay = std::chrono::milliseconds{10};
    return options;
}

class Node {
    /// What the endpoint requires of its host.
    struct Host {
        Node* node;

        static std::uint64_t replica_id(std::uint64_t incarnation) { return incarnation; }
        static std::uint64_t fresh_incarnation() { return fresh(); }
        void on_growth(const Set& growth) { node->journal_.note(growth, node->now_); }
        void on_reincarnation(std::uint64_t) {
            node->journal_.reincarnate(node->endpoint_.incarnation().current(), node->state());
        }
    };

    Time now_{};
    std::uint64_t fresh_ = fresh();
    Journal<Set> journal_;
    Host host_{this};
    crdt::replication::Endpoint<Set, std::string, Host> endpoint_;

  public:
    Node(const fs::path& folder, const std::string& name, const std::string& peer)
        : journal_(folder, "loop", name, fresh_),
          endpoint_(host_, crdt::replication::Epoch{fresh_}, engine_options()) {
        endpoint_.resume(journal_.incarnation(), journal_.release());
        endpoint_.set_peers({peer}, {peer}, now_);
        endpoint_.start(now_);
    }
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    const Set& state() const { return endpoint_.state(); }

    void add(int element) {
        const std::uint64_t id = endpoint_.incarnation().current();
        journal_.persist(endpoint_.update([&](Set& set) { return set.insert(id, element); }),
                         [] {});
    }

    void on_message(const std::string& from, const Message<Set>& message, Time now) {
        now_ = now;
        endpoint_.receive(from, message, now);
    }

    /// Calls send(message) for each message, after the file contains everything that they report.
    template <class Send>
    void on_tick(Time now, Send&& send) {
        journal_.commit(state());
        endpoint_.tick(now,
                       [&](const std::string&, const Message<Set>& message) { send(message); });
    }
};

struct Pair {
    support::TemporaryFolder folder;
    std::unique_ptr<Node> a, b;
    Time now{};

    Pair() {
        start_a();
        b = std::make_unique<Node>(folder.path(), "b", "a");
    }
    void start_a() { a = std::make_unique<Node>(folder.path(), "a", "b"); }
    void add_to_a(int element) {
        a->add(element);
        a->on_tick(now, [](const Message<Set>&) {});  // no peer is there
    }
    void connect() {
        for (int step = 0; step < 500; ++step) {
            now += std::chrono::milliseconds{10};
            a->on_tick(now, [&](const Message<Set>& sent) { b->on_message("a", sent, now); });
            b->on_tick(now, [&](const Message<Set>& sent) { a->on_message("b", sent, now); });
        }
    }
};

}  // namespace

TEST_CASE("own loop: a write on an old copy before the first contact is not mistaken for another") {
    Pair pair;
    const fs::path file = pair.folder.path() / "a.sqlite", copy = pair.folder.path() / "copy";
    pair.add_to_a(1);
    pair.connect();
    pair.a.reset();
    fs::copy_file(file, copy);
    pair.start_a();
    pair.connect();
    pair.add_to_a(2);
    pair.connect();
    REQUIRE(pair.b->state().contains(2));
    pair.a.reset();
    fs::copy_file(copy, file, fs::copy_options::overwrite_existing);
    pair.start_a();
    CHECK_FALSE(pair.a->state().contains(2));
    pair.add_to_a(3);
    pair.connect();
    pair.add_to_a(4);
    pair.connect();
    CHECK(pair.a->state() == pair.b->state());
    for (const int element : {1, 2, 3, 4}) CHECK(pair.b->state().contains(element));
}

}  // namespace own_loop_tests

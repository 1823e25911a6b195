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
#include <crdt/replication/duplicate_identity.hpp>
#include <crdt/replication/incarnation.hpp>
#include <crdt/replication/replicator.hpp>
#include <crdt/store/journal.hpp>

#include "support/folder.hpp"

namespace own_loop_tests {

namespace fs = std::filesystem;
using crdt::replication::DuplicateIdentityDetector;
using crdt::replication::Duration;
using crdt::replication::Incarnation;
using crdt::replication::Message;
using crdt::replication::Replicator;
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
    Replicator<Set> engine_;
    Incarnation incarnation_;
    Journal<Set> journal_;

  public:
    Node(const fs::path& folder, const std::string& name, const std::string& peer,
         std::uint64_t number = fresh())
        : engine_(crdt::replication::Epoch{number}, engine_options()),
          incarnation_(number),
          journal_(folder, "loop", name, number) {
        incarnation_.resume(journal_.incarnation());
        engine_.merge_local(journal_.release());
        engine_.set_peers({peer}, Time{});
        engine_.start(Time{});
    }

    const Set& state() const { return engine_.state(); }

    void add(int element) {
        const Set delta =
            engine_.update([&](Set& set) { return set.insert(incarnation_.current(), element); });
        journal_.persist(delta, [] {});
    }

    void on_message(const std::string& from, const Message<Set>& message, Time now) {
        const DuplicateIdentityDetector detector(engine_.state(), incarnation_.lasting());
        const Set growth = engine_.on_message(from, message, now);
        journal_.note(growth, now);
        if (detector.detects(engine_.state(), growth)) {
            incarnation_.renew(fresh());
            journal_.reincarnate(incarnation_.current(), engine_.state());
        } else if (detector.can_detect && engine_.is_answered()) {
            incarnation_.confirm();
        }
    }

    /// Returns the messages to send, after the file contains everything that they report.
    auto on_tick(Time now) {
        journal_.commit(engine_.state());
        return engine_.on_tick(now);
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
        a->on_tick(now);  // and nobody is there
    }
    void connect() {
        for (int step = 0; step < 500; ++step) {
            now += std::chrono::milliseconds{10};
            for (const auto& outgoing : a->on_tick(now)) b->on_message("a", outgoing.message, now);
            for (const auto& outgoing : b->on_tick(now)) a->on_message("b", outgoing.message, now);
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

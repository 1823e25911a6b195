// SPDX-License-Identifier: MIT
//! Checks by the order of system calls that no client and no peer receives a change before the
//! change is on disk.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "cluster.hpp"
#include "node.hpp"
#include "support/folder.hpp"

namespace commits_tests {

using namespace support;

namespace {

/// A durable node with its calls recorded, see record.cpp.
struct Recorded {
    TemporaryFolder data;
    Port port = free_ports(1).front();
    std::unique_ptr<Node> node;

    /// Each sync takes `sync_ms` milliseconds longer.
    explicit Recorded(const Server& server, int sync_ms = 0) {
        ::setenv("RECORD", record().c_str(), 1);
        ::setenv("SYNC_MS", std::to_string(sync_ms).c_str(), 1);
        ::setenv("FAIL_IF", failing().c_str(), 1);
        ::setenv("LD_PRELOAD", environment("RECORDER").c_str(), 1);
        node =
            std::make_unique<Node>(data.path(), "n2", std::vector{server.url()},
                                   std::vector<std::string>{"--data", data.path().string(),
                                                            "--client-port", std::to_string(port)});
        for (const char* name : {"LD_PRELOAD", "RECORD", "SYNC_MS", "FAIL_IF"}) ::unsetenv(name);
    }

    std::string record() const { return (data.path() / "record").string(); }
    /// While this file exists, syncs fail.
    std::string failing() const { return (data.path() / "fail").string(); }
    std::vector<std::string> calls() const {
        std::vector<std::string> all;
        std::ifstream file(record());
        for (std::string line; std::getline(file, line);) all.push_back(line);
        return all;
    }
};

bool is_reply(const std::string& call) { return call.starts_with("sent _INBOX."); }
bool is_to_peer(const std::string& call) {
    return call.starts_with("sent crdt.shop.peer.") && call.find(" change") != call.npos;
}

/// A name that record.cpp finds.
std::string name_of(int number) {
    const std::string digits = std::to_string(number);
    return "change" + std::string(4 - digits.size(), '0') + digits + 'x';
}

/// Returns whether a sync precedes the first call for which the predicate holds. There must be such
/// a call.
template <class Predicate>
bool is_synced_before(const std::vector<std::string>& calls, Predicate is_such) {
    const auto first = std::find_if(calls.begin(), calls.end(), is_such);
    return first != calls.end() && std::find(calls.begin(), first, "synced") != first;
}

/// What a node has recorded of requests with the names of name_of().
struct Order {
    /// The names in received bytes, and the first line of each name that was written or sent.
    std::set<std::string> received{};
    std::map<std::string, std::size_t> written{}, sent{};
    std::vector<std::size_t> syncing{}, synced{};
    /// How often something was received during a sync.
    std::size_t received_meanwhile = 0;

    explicit Order(const std::vector<std::string>& calls) {
        for (std::size_t i = 0; i < calls.size(); ++i) {
            std::istringstream words(calls[i]);
            std::string call;
            words >> call;
            if (call == "syncing") syncing.push_back(i);
            if (call == "synced") synced.push_back(i);
            if (call == "received" && syncing.size() > synced.size()) ++received_meanwhile;
            for (std::string word; words >> word;) {
                if (!word.starts_with("change")) continue;
                if (call == "received") received.insert(word);
                if (call == "wrote") written.try_emplace(word, i);
                if (call == "sent") sent.try_emplace(word, i);
            }
        }
    }

    /// Returns the names that were sent before they were on disk: before the end of a sync that
    /// began after their first write. Leaves out the few names that were at the border of two
    /// pages, so that no write contains them.
    std::vector<std::string> early() const {
        std::vector<std::string> names;
        for (const auto& [name, at] : sent) {
            const auto write = written.find(name);
            if (write == written.end()) continue;
            const auto begin = std::upper_bound(syncing.begin(), syncing.end(), write->second);
            const auto end = begin == syncing.end()
                                 ? synced.end()
                                 : std::upper_bound(synced.begin(), synced.end(), *begin);
            if (end == synced.end() || *end > at) names.push_back(name);
        }
        return names;
    }
};

/// A node with slow syncs, and its clients.
struct Slow {
    Cluster cluster{1};
    Recorded recorded{cluster.server, 3};
    Client direct = connected();

    Client connected() {
        cluster.client.expect_members({"n1", "n2"}, 1);
        REQUIRE(eventually([&] { return listens(recorded.port); }));
        return Client({"nats://127.0.0.1:" + std::to_string(recorded.port)});
    }
    /// Sends requests to n2 in bursts, by turns to the server and to the port of n2. Calls
    /// after(number of the burst) after each burst.
    template <class After>
    void send_bursts(int bursts, After&& after) {
        for (int i = 0; i < bursts; ++i) {
            crdt::nats::Connection& to = (i % 2 == 0 ? cluster.client : direct).connection();
            for (int j = burst * i; j < burst * (i + 1); ++j)
                to.request("crdt.shop.node.n2.add", "_INBOX." + name_of(j),
                           json{{"name", name_of(j)}, {"delta", 1}}.dump());
            to.flush(1000);
            after(i);
        }
    }
    Order order() const { return Order(recorded.calls()); }

    /// The number of requests in a burst.
    static constexpr int burst = 40;
};

const std::vector<std::string> none;

}  // namespace

TEST_CASE("commits: neither clients nor peers are sent a change before it is on disk") {
    Cluster cluster(1);
    const Recorded recorded(cluster.server);
    Client& client = cluster.client;
    client.expect_members({"n1", "n2"}, 1);
    REQUIRE(eventually([&] { return listens(recorded.port); }));
    Client direct({"nats://127.0.0.1:" + std::to_string(recorded.port)});
    const auto expect_order = [&](Client& asking, const std::string& verb, json request,
                                  int value) {
        // The next change is sent at once.
        std::this_thread::sleep_for(500ms);
        const std::size_t before = recorded.calls().size();
        const std::string name = request.at("name");
        CAPTURE(name);
        REQUIRE(code_of(asking.ask("node.n2", verb, request)) == 0);
        REQUIRE(cluster.reports("n1", name, value));
        auto calls = recorded.calls();
        calls.erase(calls.begin(), calls.begin() + static_cast<std::ptrdiff_t>(before));
        std::string text;
        for (const std::string& call : calls) text += call + '\n';
        CAPTURE(text);
        CHECK(is_synced_before(calls, is_reply));
        CHECK(is_synced_before(calls, is_to_peer));
    };
    int number = 0;
    for (Client* asking : {&client, &direct}) {
        for (int i = 0; i < 3; ++i)
            expect_order(*asking, "add", {{"name", name_of(++number)}, {"delta", 7}}, 7);
        expect_order(*asking, "add",
                     {{"name", name_of(++number)}, {"delta", 5}, {"kind", "bounded"}}, 5);
    }
}

TEST_CASE("commits: under load, requests are read while a commit is written, and nothing is sent") {
    Slow slow;
    constexpr int bursts = 20, count = bursts * Slow::burst;
    slow.send_bursts(bursts, [](int) { std::this_thread::sleep_for(1ms); });
    REQUIRE(slow.cluster.reports("n1", name_of(count - 1), 1));
    REQUIRE(code_of(slow.direct.ask("node.n2", "add", {{"name", "last"}, {"delta", 1}})) == 0);
    const Order order = slow.order();
    CHECK(order.syncing.size() == order.synced.size());
    CHECK(order.received_meanwhile > 5);
    CHECK(order.sent.size() == count);
    CHECK(order.written.size() > count * 9 / 10);
    CHECK(order.early() == none);
}

TEST_CASE("commits: if a sync fails under load, the node ends, and sends nothing of that commit") {
    Slow slow;
    constexpr int bursts = 20, count = bursts * Slow::burst;
    slow.send_bursts(bursts, [&](int burst) {
        if (burst != 10) return;
        REQUIRE(slow.cluster.reports("n1", name_of(5 * Slow::burst - 1), 1));
        write_file(slow.recorded.failing(), "");
    });
    CHECK(slow.recorded.node->end() == "exited with code 74");
    const Order order = slow.order();
    CHECK(order.syncing.size() > order.synced.size());
    CHECK(order.sent.size() > 100);
    CHECK(order.sent.size() < count);
    CHECK(order.early() == none);
}

TEST_CASE("commits: a node that leaves under load has answered all requests that it has read") {
    Slow slow;
    slow.send_bursts(10, [&](int burst) {
        if (burst == 8) slow.recorded.node->signal(SIGTERM);
    });
    CHECK(slow.recorded.node->end() == "exited with code 0");
    const Order order = slow.order();
    CHECK(order.received.size() > 100);
    // What clients at the port sent after the signal is read, too, but only to be dropped.
    std::vector<std::string> unanswered;
    for (int i = 0; i < 10 * Slow::burst; ++i)
        if (i / Slow::burst % 2 == 0 && order.received.contains(name_of(i)) &&
            !order.sent.contains(name_of(i)))
            unanswered.push_back(name_of(i));
    CHECK(unanswered == none);
    CHECK(order.early() == none);
}

}  // namespace commits_tests

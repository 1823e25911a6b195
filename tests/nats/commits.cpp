// SPDX-License-Identifier: MIT
//! Checks by the order of system calls that no client and no peer receives a change before the
//! change is on disk.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
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
    int sync_ms = 0;
    std::unique_ptr<Node> node;

    /// Each sync takes `longer` milliseconds longer.
    explicit Recorded(const Server& server, int longer = 0) : sync_ms(longer) {
        recording([&] {
            node = std::make_unique<Node>(
                data.path(), "n2", std::vector{server.url()},
                std::vector<std::string>{"--data", data.path().string(), "--client-port",
                                         std::to_string(port)});
        });
    }
    void start() {
        recording([&] { node->start(); });
    }
    /// Ends the node, so that file() is complete.
    void stop() {
        node->signal(SIGTERM);
        REQUIRE(node->end() == "exited with code 0");
    }

    fs::path file() const { return data.path() / "n2.sqlite"; }
    std::string record() const { return (data.path() / "record").string(); }
    /// While this file exists, syncs fail.
    std::string failing() const { return (data.path() / "fail").string(); }
    std::vector<std::string> calls() const {
        std::vector<std::string> all;
        std::ifstream file(record());
        for (std::string line; std::getline(file, line);) all.push_back(line);
        return all;
    }

  private:
    /// Runs an action that starts the node.
    template <class Action>
    void recording(Action&& action) const {
        ::setenv("RECORD", record().c_str(), 1);
        ::setenv("SYNC_MS", std::to_string(sync_ms).c_str(), 1);
        ::setenv("FAIL_IF", failing().c_str(), 1);
        ::setenv("LD_PRELOAD", environment("RECORDER").c_str(), 1);
        action();
        for (const char* name : {"LD_PRELOAD", "RECORD", "SYNC_MS", "FAIL_IF"}) ::unsetenv(name);
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
    /// began after their first write. A name at the border of two pages is in no write, so names
    /// that were sent before any write are returned only if they are more than one in 50.
    std::vector<std::string> early() const {
        std::vector<std::string> names, unseen;
        for (const auto& [name, at] : sent) {
            const auto write = written.find(name);
            if (write == written.end() || write->second > at) {
                unseen.push_back(name);
                continue;
            }
            const auto begin = std::upper_bound(syncing.begin(), syncing.end(), write->second);
            const auto end = begin == syncing.end()
                                 ? synced.end()
                                 : std::upper_bound(synced.begin(), synced.end(), *begin);
            if (end == synced.end() || *end > at) names.push_back(name);
        }
        if (unseen.size() > sent.size() / 50)
            names.insert(names.end(), unseen.begin(), unseen.end());
        return names;
    }
};

const std::vector<std::string> none;

/// A node with slow syncs, and its clients.
struct Slow {
    Cluster cluster{1};
    Recorded recorded;
    Client direct = connected();
    /// The number of names that were sent.
    int count = 0;

    explicit Slow(int sync_ms = 3) : recorded(cluster.server, sync_ms) {}

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
            send_burst((i % 2 == 0 ? cluster.client : direct).connection());
            after(i);
        }
    }
    void send_burst(crdt::nats::Connection& to) {
        for (const int end = count + burst; count < end; ++count)
            to.request("crdt.shop.node.n2.add", "_INBOX." + name_of(count),
                       json{{"name", name_of(count)}, {"delta", 1}}.dump());
        to.flush(1000);
    }
    /// Sends bursts to the server until a condition holds. Few requests wait for a reply, so that
    /// none is refused.
    template <class Condition>
    void send_until(Condition&& holds) {
        do {
            REQUIRE(count < 9000);
            REQUIRE(eventually([&] { return count < int(order().sent.size()) + 5 * burst; }));
            send_burst(cluster.client.connection());
            std::this_thread::sleep_for(5ms);
        } while (!holds());
    }
    void send_for(std::chrono::milliseconds time) {
        const auto end = std::chrono::steady_clock::now() + time;
        send_until([&] { return std::chrono::steady_clock::now() > end; });
    }
    /// Checks that all requests that were sent are applied and have a reply.
    void expect_all() {
        CHECK(cluster.reports("n1", name_of(count - 1), 1));
        CHECK(eventually([&] { return order().sent.size() == std::size_t(count); }));
        CHECK(has("overloaded_total", 0));
        CHECK(order().early() == none);
    }
    /// Returns the status of n2, or null if n2 does not answer now.
    json status() {
        const auto answer = cluster.client.try_ask("node.n2", "status", "{}", 500ms);
        return answer.value_or(json());
    }
    bool has(const std::string& metric, std::uint64_t value) {
        const json now = status();
        return !now.is_null() && code_of(now) == 0 && now.at("metrics").at(metric) == value;
    }
    Order order() const { return Order(recorded.calls()); }

    /// The number of requests in a burst.
    static constexpr int burst = 40;
};

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

TEST_CASE("commits: if syncs take long, the node waits for them, and answers all requests") {
    Slow slow(600);
    slow.send_bursts(20, [](int) { std::this_thread::sleep_for(50ms); });
    slow.expect_all();
    CHECK(slow.order().received_meanwhile > 5);
}

TEST_CASE("commits: a pruning waits for the commit that is being written") {
    Slow slow(50);
    Client& client = slow.cluster.client;
    {
        const Node n3(slow.cluster.folder.path(), "n3", {slow.cluster.server.url()});
        client.expect_members({"n1", "n2", "n3"}, 2);
        add_replicated(client, "n3", "x", "counter");
        REQUIRE(slow.cluster.reports("n2", "x", 1));
    }
    for (const std::string node : {"node.n1", "node.n2"})
        REQUIRE(eventually([&] {
            const json status = client.ask(node, "status", json::object());
            for (const json& member : status.at("members"))
                if (member.at("node") == "n3") return member.at("down").get<bool>();
            return true;
        }));
    slow.send_until([&] { return code_of(client.ask("node.n1", "prune", {{"node", "n3"}})) == 0; });
    slow.send_until([&] { return slow.cluster.metric("n1", "prunings_total") == 1; });
    slow.send_for(500ms);
    CHECK(eventually([&] { return slow.has("prunings_total", 1); }));
    for (const std::string node : {"n1", "n2"}) CHECK(slow.cluster.reports(node, "x", 1));
    slow.expect_all();
}

TEST_CASE("commits: a node that finds its file old waits for the commit that is being written") {
    Slow slow(50);
    const fs::path copy = slow.recorded.data.path() / "copy";
    add_replicated(slow.cluster.client, "n2", "x", "counter");
    const json incarnation =
        slow.cluster.client.ask("node.n2", "status", json::object()).at("incarnation");
    slow.recorded.stop();
    fs::copy(slow.recorded.file(), copy);
    slow.recorded.start();
    REQUIRE(eventually([&] { return slow.status()["incarnation"] == incarnation; }));
    add_replicated(slow.cluster.client, "n2", "x", "counter");
    slow.recorded.stop();
    fs::copy(copy, slow.recorded.file(), fs::copy_options::overwrite_existing);
    // The first contact happens under load.
    slow.cluster.nodes[0]->signal(SIGSTOP);
    slow.recorded.start();
    REQUIRE(eventually([&] { return !slow.status().is_null(); }));
    slow.send_for(200ms);
    slow.cluster.nodes[0]->signal(SIGCONT);
    slow.send_for(700ms);
    CHECK(eventually([&] { return slow.has("reincarnations_total", 1); }));
    CHECK(slow.cluster.reports("n2", "x", 2));
    slow.expect_all();
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

// SPDX-License-Identifier: MIT
//! The counter service while servers, nodes and links fail.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/random.hpp>

#include "node.hpp"
#include "proxy.hpp"
#include "server.hpp"
#include "support/folder.hpp"

namespace service_tests {

using namespace support;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t server_count = 3, node_count = 5, client_count = 6, name_count = 20;
/// The last node has no file.
constexpr std::size_t diskless = node_count - 1;

std::string node_name(std::size_t i) { return "n" + std::to_string(i); }
std::string counter_name(std::size_t i) { return "c" + std::to_string(i); }

/// Three servers and five nodes. The other servers reach the first one through a proxy.
struct Cluster {
    TemporaryFolder folder;
    std::vector<Port> ports = free_ports(2 * server_count + 1);
    Proxy route{ports[6], ports[3]};
    std::vector<std::unique_ptr<Server>> servers;
    std::vector<std::unique_ptr<Node>> nodes;

    Cluster() {
        for (std::size_t i = 0; i < server_count; ++i)
            servers.push_back(std::make_unique<Server>(
                folder.path(), "s" + std::to_string(i), ports[i],
                // Servers and clients use only the routes given here.
                "cluster { name: t, listen: \"127.0.0.1:" + std::to_string(ports[3 + i]) +
                    "\", advertise: \"127.0.0.1:1\", no_advertise: true, routes: [" + routes(i) +
                    "] }"));
        for (std::size_t i = 0; i < node_count; ++i) {
            std::vector<std::string> more;
            if (i != diskless) more = {"--data", folder.path().string()};
            nodes.push_back(std::make_unique<Node>(folder.path(), node_name(i), urls(i), more));
        }
        Client client(urls(1));
        for (std::size_t i = 0; i < node_count; ++i)
            client.expect_members({node_name(i)}, node_count - 1);
    }

    std::string routes(std::size_t i) const {
        std::string all;
        for (std::size_t j = 0; j < i; ++j)
            all += "\"nats-route://127.0.0.1:" + std::to_string(j == 0 ? ports[6] : ports[3 + j]) +
                   "\", ";
        return all;
    }
    /// Returns the node's own server, followed by the others. Clients of the first server have no
    /// others, so that they stay there during a partition.
    std::vector<std::string> urls(std::size_t i) const {
        const auto url = [&](std::size_t server) { return servers[server]->url(); };
        if (i % server_count == 0) return {url(0)};
        return {url(1), url(2)};
    }
};

/// The adds that the clients have sent, and their outcomes.
class Tally {
    struct Entry {
        std::uint64_t acknowledged = 0, maybe = 0;
    };
    std::mutex mutex_;
    std::map<std::string, Entry> entries_;
    std::uint64_t adds_ = 0;

  public:
    void note(const std::string& name, std::uint64_t amount, const std::optional<json>& answer) {
        const std::lock_guard lock(mutex_);
        const bool acknowledged = answer && answer->value("ok", false);
        (acknowledged ? entries_[name].acknowledged : entries_[name].maybe) += amount;
        adds_ += acknowledged;
    }
    std::uint64_t adds() {
        const std::lock_guard lock(mutex_);
        return adds_;
    }
    /// No acknowledged add is lost, and none counts twice.
    void hold_against(const std::string& name, std::uint64_t value) {
        INFO(name, ": ", value, " of ", entries_[name].acknowledged, " and perhaps ",
             entries_[name].maybe);
        CHECK(value >= entries_[name].acknowledged);
        CHECK(value <= entries_[name].acknowledged + entries_[name].maybe);
    }
};

/// Clients that add to random counters at random nodes until the end.
class Load {
    std::atomic<bool> ends_{false};
    std::vector<std::thread> threads_;

    void work(const std::vector<std::string>& urls, std::uint64_t seed, Tally& tally) {
        Client client(urls);
        crdt::Random random(seed);
        while (!ends_) {
            const std::string name = counter_name(random.below(name_count));
            const std::uint64_t amount = 1 + random.below(9), node = random.below(node_count);
            // An add in the memory of one node only may be lost with it.
            const int ack = node == diskless ? 1 : 0;
            tally.note(name, amount,
                       client.try_ask("node." + node_name(node), "add",
                                      json{{"name", name}, {"delta", amount}, {"ack", ack}}.dump(),
                                      500ms));
        }
    }

  public:
    Load(const Cluster& cluster, Tally& tally) {
        for (std::size_t i = 0; i < client_count; ++i)
            threads_.emplace_back(
                [this, i, urls = cluster.urls(i), &tally] { work(urls, i + 1, tally); });
    }
    ~Load() {
        ends_ = true;
        for (auto& thread : threads_) thread.join();
    }
};

/// A client for each node, on the node's own server, so that it reaches the node during a
/// partition.
class Eyes {
    std::vector<std::unique_ptr<Client>> clients_;
    std::uint64_t marks_ = 0;

  public:
    explicit Eyes(const Cluster& cluster) {
        for (std::size_t i = 0; i < node_count; ++i)
            clients_.push_back(std::make_unique<Client>(cluster.urls(i)));
    }
    Client& of(std::size_t node) { return *clients_[node]; }

    /// Adds 1 at each node, to a new counter.
    std::string mark() {
        const std::string name = "mark" + std::to_string(++marks_);
        for (std::size_t i = 0; i < node_count; ++i)
            CHECK_MESSAGE(eventually([&] {
                              const auto answer =
                                  of(i).try_ask("node." + node_name(i), "add",
                                                json{{"name", name}, {"delta", 1}}.dump(), 1000ms);
                              return answer && answer->value("ok", false);
                          }),
                          i);
        return name;
    }
    std::uint64_t value(std::size_t node, const std::string& name) {
        return of(node).value(node_name(node), name).value_or(0).get<std::uint64_t>();
    }
    /// The time until all nodes have all adds of a mark.
    std::chrono::milliseconds time_to_see(const std::string& mark) {
        const auto begin = Clock::now();
        for (std::size_t i = 0; i < node_count; ++i)
            CHECK_MESSAGE(eventually([&] { return value(i, mark) >= node_count; }), i);
        return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
    }
};

/// Servers reconnect within about a second. The timeout is longer for a busy machine.
constexpr auto timeout = 5000ms;

void expect_convergence(Eyes& eyes, const std::string& mark, const std::string& after) {
    const auto took = eyes.time_to_see(mark);
    MESSAGE("all nodes have all adds ", took.count(), " ms after ", after);
    CHECK(took < timeout);
}

}  // namespace

TEST_CASE("service: no acknowledged add is lost or counted twice, whatever fails") {
    Cluster cluster;
    Tally tally;
    Eyes eyes(cluster);
    const auto begin = Clock::now();
    {
        const Load load(cluster, tally);
        expect_convergence(eyes, eyes.mark(), "no fault");

        cluster.servers[1]->kill();
        std::this_thread::sleep_for(1500ms);
        const std::string orphaned = eyes.mark();
        expect_convergence(eyes, orphaned, "the end of a server");
        cluster.servers[1]->start();

        cluster.nodes[0]->kill();
        std::this_thread::sleep_for(1000ms);
        cluster.nodes[0]->start();
        expect_convergence(eyes, eyes.mark(), "the restart of a node with its file");

        const auto reached = [&](std::size_t from, std::size_t to) {
            return eyes.of(from).value(node_name(to), "c0").has_value();
        };
        cluster.route.cut(true);
        REQUIRE(eventually([&] { return !reached(0, 1) && !reached(1, 0); }));
        const std::string divided = eyes.mark();
        std::this_thread::sleep_for(2000ms);
        CHECK(eyes.value(0, divided) == 2);  // n0 and n3
        CHECK(eyes.value(1, divided) == 3);
        cluster.route.cut(false);
        expect_convergence(eyes, divided, "the end of a partition");

        cluster.nodes[diskless]->kill();
        std::this_thread::sleep_for(1000ms);
        cluster.nodes[diskless]->start();
        expect_convergence(eyes, eyes.mark(), "the restart of a node without its state");

        cluster.servers[2]->signal(SIGSTOP);
        std::this_thread::sleep_for(6000ms);  // until its clients reconnect to another one
        expect_convergence(eyes, eyes.mark(), "a server was paused");
        cluster.servers[2]->signal(SIGCONT);

        cluster.nodes[1]->signal(SIGTERM);
        CHECK(cluster.nodes[1]->end() == "exited with code 0");
        fs::remove(cluster.folder.path() / "n1.sqlite");
        cluster.nodes[1]->start();
        expect_convergence(eyes, eyes.mark(), "the restart of a node without its file");
    }
    const std::chrono::duration<double> time = Clock::now() - begin;
    MESSAGE(tally.adds(), " adds were acknowledged, ",
            static_cast<double>(tally.adds()) / time.count(), " a second");
    CHECK(tally.adds() > 300);

    expect_convergence(eyes, eyes.mark(), "the end of the load");
    for (std::size_t i = 0; i < name_count; ++i) {
        const std::string name = counter_name(i);
        const std::uint64_t value = eyes.value(0, name);
        tally.hold_against(name, value);
        for (std::size_t node = 1; node < node_count; ++node)
            CHECK_MESSAGE(eyes.value(node, name) == value, name, " at ", node_name(node));
    }
    for (const auto& node : cluster.nodes) {
        node->signal(SIGTERM);
        CHECK_MESSAGE(node->end() == "exited with code 0", node->log());
    }
}

}  // namespace service_tests

// SPDX-License-Identifier: MIT
//! Checks by the order of system calls that no client and no peer receives a change before the
//! change is on disk.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
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
        ::setenv("LD_PRELOAD", environment("RECORDER").c_str(), 1);
        node =
            std::make_unique<Node>(data.path(), "n2", std::vector{server.url()},
                                   std::vector<std::string>{"--data", data.path().string(),
                                                            "--client-port", std::to_string(port)});
        for (const char* name : {"LD_PRELOAD", "RECORD", "SYNC_MS"}) ::unsetenv(name);
    }

    std::string record() const { return (data.path() / "record").string(); }
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
    Cluster cluster(1);
    const Recorded recorded(cluster.server, 3);
    cluster.client.expect_members({"n1", "n2"}, 1);
    REQUIRE(eventually([&] { return listens(recorded.port); }));
    Client direct({"nats://127.0.0.1:" + std::to_string(recorded.port)});
    constexpr int count = 1200, burst = 40;
    for (int i = 0; i < count; ++i) {
        Client& asking = i / burst % 2 == 0 ? cluster.client : direct;
        asking.connection().request("crdt.shop.node.n2.add", "_INBOX." + name_of(i),
                                    json{{"name", name_of(i)}, {"delta", 1}}.dump());
        if (i % burst != burst - 1) continue;
        asking.connection().flush(1000);
        std::this_thread::sleep_for(1ms);
    }
    REQUIRE(cluster.reports("n1", name_of(count - 1), 1));
    REQUIRE(code_of(direct.ask("node.n2", "add", {{"name", "last"}, {"delta", 1}})) == 0);
    // The first write and the first message of each name. The first is missing if the name was at
    // the border of two pages.
    std::map<std::string, std::size_t> written, sent;
    std::vector<std::size_t> syncing, synced;
    std::size_t read_meanwhile = 0;
    const auto calls = recorded.calls();
    for (std::size_t i = 0; i < calls.size(); ++i) {
        std::istringstream words(calls[i]);
        std::string call;
        words >> call;
        if (call == "syncing") syncing.push_back(i);
        if (call == "synced") synced.push_back(i);
        if (call == "received" && syncing.size() > synced.size()) ++read_meanwhile;
        if (call != "wrote" && call != "sent") continue;
        for (std::string word; words >> word;)
            if (word.starts_with("change")) (call == "wrote" ? written : sent).try_emplace(word, i);
    }
    CHECK(syncing.size() == synced.size());
    CHECK(read_meanwhile > 10);
    std::size_t checked = 0, early = 0;
    for (int i = 0; i < count; ++i) {
        const auto write = written.find(name_of(i)), send = sent.find(name_of(i));
        REQUIRE(send != sent.end());
        if (write == written.end()) continue;
        ++checked;
        // A sync that began after the write has ended before the message.
        const auto begin = std::upper_bound(syncing.begin(), syncing.end(), write->second);
        const auto end = begin == syncing.end()
                             ? synced.end()
                             : std::upper_bound(synced.begin(), synced.end(), *begin);
        early += end == synced.end() || *end > send->second;
    }
    CHECK(early == 0);
    CHECK(checked > count * 9 / 10);
}

}  // namespace commits_tests

// SPDX-License-Identifier: MIT
//! Checks by the order of system calls that no client and no peer receives a change before the
//! change is on disk.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <memory>
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

    explicit Recorded(const Server& server) {
        ::setenv("RECORD", record().c_str(), 1);
        ::setenv("LD_PRELOAD", environment("RECORDER").c_str(), 1);
        node =
            std::make_unique<Node>(data.path(), "n2", std::vector{server.url()},
                                   std::vector<std::string>{"--data", data.path().string(),
                                                            "--client-port", std::to_string(port)});
        ::unsetenv("LD_PRELOAD");
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
    return call.starts_with("sent crdt.shop.peer.") && call.ends_with(" change");
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
            expect_order(*asking, "add",
                         {{"name", "change" + std::to_string(++number)}, {"delta", 7}}, 7);
        expect_order(*asking, "add",
                     {{"name", "bounded change" + std::to_string(++number)},
                      {"delta", 5},
                      {"kind", "bounded"}},
                     5);
    }
}

}  // namespace commits_tests

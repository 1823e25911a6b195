// SPDX-License-Identifier: MIT
//! Compares the counts of nodes with the logs of `load`. Checks that no acknowledged add is lost
//! or counted twice, also if it was sent several times.
#include <cstdint>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

#include <CLI/CLI.hpp>

#include "../../examples/counterctl/client.hpp"
#include "../../examples/server_flags.hpp"

namespace {

struct Count {
    std::int64_t sure = 0, unsure = 0;
};
/// The adds of all clients by name.
using Tally = std::map<std::string, Count>;

struct Add {
    std::string name{};
    std::uint64_t sent = 0, refused = 0;
    bool is_added = false;
};

/// Adds the events of a file. An add counts once, however often it was sent. It may count if it
/// was not acknowledged, unless each message was certainly received by no node.
void add_log(Tally& tally, const std::string& path) {
    std::unordered_map<std::string, Add> adds;
    std::ifstream file(path);
    if (!file) throw Failure(1, path + ": cannot read");
    std::string line, event, id;
    for (std::size_t number = 1; std::getline(file, line); ++number) {
        std::istringstream words(line);
        words >> event >> id;
        Add& add = adds[id];
        const bool is_pending = add.sent > add.refused;
        if (event == "sent" && words >> add.name) {
            ++add.sent;
        } else if (event == "refused" && is_pending) {
            ++add.refused;
        } else if (event == "added" && is_pending) {
            add.is_added = true;
        } else {
            throw Failure(1, path + ", line " + std::to_string(number) +
                                 ": expected an event of an add, found '" + line + "'");
        }
    }
    for (const auto& [key, add] : adds) {
        Count& count = tally[add.name];
        if (add.is_added)
            ++count.sure;
        else if (add.sent > add.refused)
            ++count.unsure;
    }
}

std::map<std::string, std::int64_t> values_at(const Client& client, const std::string& node) {
    std::map<std::string, std::int64_t> values;
    Json request{{"limit", 1000}};
    for (bool is_more = true; is_more;) {
        const Json reply = client.request("list", request, node);
        for (const Json& counter : reply.at("counters"))
            values[counter.at("name")] = counter.at("value");
        is_more = reply.at("more");
        if (is_more)
            for (const char* member : {"after", "after_kind"}) request[member] = reply.at(member);
    }
    return values;
}

/// Returns how much `node` counts too little and too much. Adds without a reply may or may not
/// count.
Json verdict(const Tally& tally, const Client& client, const std::string& node) {
    const auto values = values_at(client, node);
    std::int64_t total = 0, lost = 0, doubled = 0;
    for (const auto& [name, count] : tally) {
        const auto found = values.find(name);
        const std::int64_t value = found == values.end() ? 0 : found->second;
        total += value;
        lost += std::max<std::int64_t>(0, count.sure - value);
        doubled += std::max<std::int64_t>(0, value - count.sure - count.unsure);
    }
    return {{"node", node}, {"total", total}, {"lost", lost}, {"doubled", doubled}};
}

int run(const crdt::nats::ConnectionOptions& server, const std::string& cluster,
        const std::vector<std::string>& logs, const std::vector<std::string>& nodes) {
    Tally tally;
    for (const std::string& path : logs) add_log(tally, path);
    crdt::nats::Connection connection(server, crdt::system::Log());
    const Client client(connection, cluster, 5000);
    bool is_right = true;
    for (const std::string& node : nodes) {
        const Json found = verdict(tally, client, node);
        std::cout << found << "\n";
        is_right = is_right && found["lost"] == 0 && found["doubled"] == 0;
    }
    return is_right ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    crdt::nats::ConnectionOptions server;
    std::string cluster = "bench";
    std::vector<std::string> logs, nodes;
    CLI::App app{
        "Compares the counts of nodes with the logs of load. Exit code: 0 if they agree, 1 if "
        "not."};
    add_server_flags(app, server);
    app.add_option("--cluster", cluster, "The service's cluster")->capture_default_str();
    app.add_option("--node", nodes, "The nodes to check")->required();
    app.add_option("logs", logs, "Files written by load --log; their adds are summed")->required();
    CLI11_PARSE(app, argc, argv);
    try {
        return run(server, cluster, logs, nodes);
    } catch (const std::runtime_error& error) {
        std::cerr << "check: " << error.what() << "\n";
        return unreachable;
    }
}

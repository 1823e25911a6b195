// SPDX-License-Identifier: MIT
//! Tests the set node as a process, alone and in clusters.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "support/program.hpp"

using nlohmann::json;

namespace {

std::string line(const json& body, const std::string& src = "c1") {
    return json{{"src", src}, {"dest", "n0"}, {"body", body}}.dump() + "\n";
}
const std::string init = line(
    {{"type", "init"}, {"msg_id", 0}, {"node_id", "n0"}, {"node_ids", {"n0", "n1", "n2"}}}, "c0");

/// Returns the node's replies to clients, without the reply to init.
std::vector<json> replies_to(const std::string& input, const std::string& arguments = "") {
    const auto outcome = support::run_program(std::string(NODE) + " " + arguments, init + input);
    CHECK(outcome.exit_code == 0);
    std::vector<json> bodies;
    for (const std::string& text : outcome.lines) {
        const json message = json::parse(text);
        if (message.at("dest") == "c1") bodies.push_back(message.at("body"));
    }
    return bodies;
}

struct Run {
    int status;
    std::string output;
    json results;
};

/// Runs a cluster of set nodes.
Run run_cluster(const std::string& options, const std::string& node_options) {
    namespace fs = std::filesystem;
    std::string pattern = (fs::temp_directory_path() / "crdt-gset-XXXXXX").string();
    ::mkdtemp(pattern.data());
    const fs::path folder(pattern);
    const std::string command = std::string(CLUSTER) + " test --bin " + NODE +
                                " --quiet --seed 3 --rate 100 " + options + " --out " +
                                (folder / "out").string() + " -- " + node_options + " > " +
                                (folder / "output").string() + " 2>&1";
    Run run{std::system(command.c_str()), {}, {}};
    std::ifstream output(folder / "output");
    run.output.assign(std::istreambuf_iterator<char>(output), {});
    std::ifstream file(folder / "out" / "results.json");
    run.results = json::parse(file, nullptr, false);
    fs::remove_all(folder);
    return run;
}

}  // namespace

TEST_CASE("gset_node: options that have no effect together are refused") {
    for (const std::string other : {"--overlay tree", "--degree 3"})
        CHECK(
            support::run_program(std::string(NODE) + " --follow-topology " + other, "").exit_code !=
            0);
}

TEST_CASE("gset_node: it serves the workload g-set") {
    const auto replies = replies_to(line({{"type", "add"}, {"msg_id", 1}, {"element", 7}}) +
                                    line({{"type", "add"}, {"msg_id", 2}, {"element", -3}}) +
                                    line({{"type", "add"}, {"msg_id", 3}, {"element", 7}}) +
                                    line({{"type", "read"}, {"msg_id", 4}}));
    REQUIRE(replies.size() == 4);
    CHECK(replies[0] == json{{"type", "add_ok"}, {"in_reply_to", 1}});
    CHECK(replies[3] == json{{"type", "read_ok"}, {"in_reply_to", 4}, {"value", {-3, 7}}});
}

TEST_CASE("gset_node: it serves the workload broadcast") {
    const json topology{{"n0", {"n1"}}, {"n1", {"n0", "n2"}}, {"n2", {"n1"}}};
    for (const std::string arguments : {"", "--follow-topology", "--overlay tree --degree 2"}) {
        const auto replies =
            replies_to(line({{"type", "topology"}, {"msg_id", 1}, {"topology", topology}}) +
                           line({{"type", "broadcast"}, {"msg_id", 2}, {"message", 1000}}) +
                           line({{"type", "read"}, {"msg_id", 3}}),
                       arguments);
        REQUIRE(replies.size() == 3);
        CHECK(replies[0].at("type") == "topology_ok");
        CHECK(replies[1] == json{{"type", "broadcast_ok"}, {"in_reply_to", 2}});
        CHECK(replies[2] == json{{"type", "read_ok"}, {"in_reply_to", 3}, {"messages", {1000}}});
    }
}

TEST_CASE("gset_node: a malformed request is answered with an error and changes nothing") {
    const auto replies = replies_to(
        line({{"type", "add"}, {"msg_id", 1}}) +
            line({{"type", "add"}, {"msg_id", 2}, {"element", "x"}}) +
            line({{"type", "broadcast"}, {"msg_id", 3}, {"message", 1.5}}) +
            line({{"type", "topology"}, {"msg_id", 4}, {"topology", 3}}) +
            line({{"type", "topology"}, {"msg_id", 5}, {"topology", {{"n0", 3}, {"n9", {{}}}}}}) +
            line({{"type", "read"}, {"msg_id", 6}}),
        "--follow-topology");
    REQUIRE(replies.size() == 6);
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(replies[i].at("type") == "error");
        CHECK(replies[i].at("code") == 12);
    }
    CHECK(replies[5].at("value") == json::array());
}

TEST_CASE("gset_node: a cluster spreads all elements in few messages, under partitions too") {
    struct Job {
        std::string options, node_options;
        double most_messages;
    };
    const std::string cuts =
        " --time-limit 5 --quiesce 4 --nemesis partition --nemesis-interval 1 --availability total";
    const std::string far = " --node-count 25 --latency 100 --time-limit 8 --quiesce 3";
    // Counts do not depend on the machine's speed; the times are in the documentation.
    const std::vector<Job> jobs{{"-w g-set --node-count 5" + cuts, "", 5},
                                {"-w broadcast --node-count 9" + cuts, "--follow-topology", 10},
                                {"-w broadcast" + far, "", 4},
                                {"-w broadcast" + far, "--interval 500 --ack-delay 600", 1.3}};
    std::vector<std::future<Run>> runs;
    for (const Job& job : jobs)
        runs.push_back(std::async(std::launch::async, run_cluster, job.options, job.node_options));
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        const Run run = runs[i].get();
        CAPTURE(jobs[i].options);
        CAPTURE(run.output);
        REQUIRE(run.status == 0);
        const json& servers = run.results.at("network").at("servers");
        CHECK(servers.at("messages_per_op").get<double>() <= jobs[i].most_messages);
    }
}

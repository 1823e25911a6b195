// SPDX-License-Identifier: MIT
//! The counter node with a file, killed repeatedly: no acknowledged add is lost, and none counts
//! twice. A careless node proves that these tests detect both.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <poll.h>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <crdt/random.hpp>

#include "process.hpp"
#include "support/folder.hpp"
#include "support/program.hpp"

namespace fs = std::filesystem;
using crdt::Random;
using nlohmann::json;
using support::TemporaryFolder;

namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    REQUIRE_MESSAGE(value != nullptr, name);
    return value;
}

std::string line(json body) {
    return json{{"id", 1}, {"src", "c1"}, {"dest", "n0"}, {"body", std::move(body)}}.dump() + "\n";
}
std::string init(const std::string& id = "n0") {
    return line({{"type", "init"}, {"msg_id", 1}, {"node_id", id}, {"node_ids", {id}}});
}
std::string add(std::uint64_t delta, std::uint64_t msg_id) {
    return line({{"type", "add"}, {"msg_id", msg_id}, {"delta", delta}});
}
std::string read(std::uint64_t msg_id) { return line({{"type", "read"}, {"msg_id", msg_id}}); }

/// A counter node with its file in `data`.
cluster::Command file_node(const std::string& binary, const fs::path& data) {
    return {binary, {"--store", "file", "--data", data.string()}, data, data / "log"};
}

/// Runs the command on a disk with room for files of about 20 kB.
cluster::Command confined(cluster::Command command) {
    std::vector<std::string> words{"-c", "trap '' XFSZ; ulimit -f 40; exec \"$0\" \"$@\"",
                                   command.binary.string()};
    words.insert(words.end(), command.arguments.begin(), command.arguments.end());
    command.binary = "/bin/sh";
    command.arguments = words;
    return command;
}

/// One replica over many runs, and the replies that its clients have received.
class Replica {
    using Clock = std::chrono::steady_clock;

    cluster::Command command_;
    std::uint64_t msg_id_ = 1;
    std::map<std::uint64_t, std::uint64_t> unanswered_;
    std::uint64_t acknowledged_ = 0;
    std::uint64_t maybe_ = 0;
    std::optional<std::uint64_t> value_;

    void receive(std::string_view text) {
        const json body = json::parse(text).at("body");
        if (body.at("type") == "read_ok") value_ = body.at("value").get<std::uint64_t>();
        if (body.at("type") != "add_ok") return;
        const auto answered = unanswered_.find(body.at("in_reply_to").get<std::uint64_t>());
        REQUIRE(answered != unanswered_.end());
        acknowledged_ += answered->second;
        unanswered_.erase(answered);
    }
    void read_output(cluster::Process& process, int timeout_ms) {
        pollfd readable{process.output(), POLLIN, 0};
        if (::poll(&readable, 1, timeout_ms) > 0)
            process.read_lines([this](std::string_view text) { receive(text); });
    }

    void send_adds(cluster::Process& process, Random& random) {
        for (std::uint64_t count = random.below(30); count > 0; --count) {
            unanswered_[++msg_id_] = random.below(5);
            process.send(add(unanswered_[msg_id_], msg_id_));
        }
    }

    /// Called when no more replies arrive. Each of the remaining adds may count or not.
    void bury() {
        for (const auto& [msg_id, delta] : std::exchange(unanswered_, {})) maybe_ += delta;
    }

  public:
    explicit Replica(cluster::Command command) : command_(std::move(command)) {}

    std::uint64_t acknowledged() const { return acknowledged_; }
    /// The largest possible value.
    std::uint64_t limit() const { return acknowledged_ + maybe_; }

    /// A run of many adds, killed after some milliseconds.
    void run_until_killed(Random& random) {
        cluster::Process process(command_);
        process.send(init());
        const auto end = Clock::now() + std::chrono::microseconds(random.below(50'000));
        while (Clock::now() < end && process.output() >= 0) {
            send_adds(process, random);
            read_output(process, static_cast<int>(random.below(3)));
        }
        process.signal(SIGKILL);
        while (process.output() >= 0) read_output(process, -1);
        bury();
    }

    /// A run of many adds, under `command`, until it ends by itself.
    void live_on(const cluster::Command& command) {
        cluster::Process process(command);
        process.send(init());
        Random random(1);
        while (process.output() >= 0) {
            send_adds(process, random);
            read_output(process, 10);
        }
        bury();
    }

    /// The value that an undisturbed run reads.
    std::uint64_t value() {
        cluster::Process process(command_);
        process.send(init() + read(2));
        value_.reset();
        while (!value_ && process.output() >= 0) read_output(process, -1);
        REQUIRE(value_);
        return *value_;
    }
};

/// The result of `cluster` for nodes with files that are killed or paused.
json cluster_results(const std::string& binary, int nodes, const std::string& fault) {
    const TemporaryFolder folder;
    const fs::path data = folder.path() / "data", out = folder.path() / "out";
    fs::create_directory(data);
    support::run_program(environment("CLUSTER") + " test -w g-counter --bin " + binary +
                             " --rate 100 --time-limit 4 --quiesce 3 --timeout 1 --node-count " +
                             std::to_string(nodes) +
                             " --seed 11 --quiet --nemesis-interval 0.4 --nemesis " + fault +
                             " --out " + out.string() + " -- --store file --data " + data.string(),
                         "");
    std::ifstream results(out / "results.json");
    return json::parse(results);
}

}  // namespace

TEST_CASE("file store: a node killed at any time loses no acknowledged add") {
    for (const unsigned seed : {1U, 2U, 3U}) {
        Random random(seed);
        const TemporaryFolder folder;
        Replica replica(file_node(environment("NODE"), folder.path()));
        for (int run = 0; run < 30; ++run) {
            replica.run_until_killed(random);
            if (run % 10 != 9) continue;
            const std::uint64_t value = replica.value();
            INFO("seed ", seed, ", run ", run);
            CHECK(replica.acknowledged() <= value);
            CHECK(value <= replica.limit());
        }
        CHECK(replica.acknowledged() > 1000);
    }
}

TEST_CASE("file store: a node that acknowledges before it writes is detected") {
    Random random(1);
    const TemporaryFolder folder;
    Replica replica(file_node(environment("CARELESS"), folder.path()));
    for (int run = 0; run < 10; ++run) replica.run_until_killed(random);
    CHECK(replica.value() < replica.acknowledged());
}

TEST_CASE("file store: a cluster with killed or paused nodes ends with the right count") {
    for (const std::string fault : {"kill", "pause"}) {
        const json results = cluster_results(environment("NODE"), 3, fault);
        INFO(results.dump(2));
        CHECK(results.at("valid") == true);
        CHECK(results.at("faults").size() >= 3);
    }
}

TEST_CASE("file store: a cluster of a node that acknowledges before it writes is detected") {
    // With several nodes, the others would often have the adds that one node has lost.
    const json results = cluster_results(environment("CARELESS"), 1, "kill");
    INFO(results.dump(2));
    CHECK(results.at("valid") == false);
    CHECK(results.at("reasons").dump().find("the final read at n") != std::string::npos);
}

TEST_CASE("file store: a node with an unusable file logs the reason and sends nothing") {
    const TemporaryFolder folder;
    const std::string node = environment("NODE") + " --store file --data " + folder.path().string();
    const auto check_silent = [](const support::Outcome& outcome, const std::string& words) {
        CHECK(outcome.exit_code == 1);
        CHECK(outcome.lines.empty());
        CHECK(outcome.errors.find(words) != std::string::npos);
    };
    SUBCASE("the file is none of ours") {
        std::ofstream(folder.path() / "n0.sqlite") << std::string(5000, 'x');
        check_silent(support::run_program(node, init() + add(1, 2)), "not a database");
    }
    SUBCASE("there is a folder in its place") {
        fs::create_directory(folder.path() / "n0.sqlite");
        check_silent(support::run_program(node, init()), "unable to open");
    }
    SUBCASE("another process has it") {
        cluster::Process first(file_node(environment("NODE"), folder.path()));
        first.send(init());
        pollfd readable{first.output(), POLLIN, 0};
        CHECK(::poll(&readable, 1, -1) == 1);
        check_silent(support::run_program(node, init()), "in use by another process");
    }
    SUBCASE("the node's id is no name for a file") {
        check_silent(support::run_program(node, init("../n0")), "invalid name of a file");
    }
    SUBCASE("there is no folder") {
        fs::remove_all(folder.path());
        CHECK(support::run_program(node, init()).exit_code != 0);
    }
    SUBCASE("no folder is named") {
        CHECK(support::run_program(environment("NODE") + " --store file", "").exit_code != 0);
    }
    SUBCASE("a folder is named, but the store is memory") {
        const std::string command = environment("NODE") + " --data " + folder.path().string();
        CHECK(support::run_program(command, "").exit_code != 0);
    }
}

TEST_CASE("file store: a full disk ends the node before it acknowledges what is not written") {
    const TemporaryFolder folder;
    const cluster::Command node = file_node(environment("NODE"), folder.path());
    Replica replica(node);
    replica.live_on(confined(node));
    CHECK(replica.acknowledged() > 0);
    std::ifstream log(node.log);
    const std::string errors(std::istreambuf_iterator<char>(log), {});
    CHECK(errors.find("n0.sqlite: ") != std::string::npos);
    const std::uint64_t value = replica.value();
    CHECK(replica.acknowledged() <= value);
    CHECK(value <= replica.limit());
}

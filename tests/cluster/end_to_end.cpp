// SPDX-License-Identifier: MIT
//! Runs the cluster on correct and broken nodes, a few runs at a time, and checks its verdicts.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <sys/wait.h>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "../support/folder.hpp"

namespace {

using json = nlohmann::json;

struct Case {
    std::string workload;
    std::string flaw;
    std::string reason;  ///< words that the reason must contain; empty for a valid run
    std::string options = "";
};

/// If more runs ran at once, replies would be late for lack of processors.
constexpr std::size_t at_once = 4;

const std::string cuts = "--node-count 5 --nemesis partition --nemesis-interval 1 ";

const std::vector<Case> cases{
    {"g-counter", "none", "", cuts + "--availability total --time-limit 5"},
    {"pn-counter", "none", "", "--latency 20 --latency-dist exponential"},
    {"g-set", "none", "", cuts},
    {"broadcast", "none", "", "--topology tree2"},
    {"unique-ids", "none", ""},
    {"unique-ids", "use-lin-tso", "", cuts},
    {"echo", "none", "", "--nemesis kill,pause --nemesis-interval 0.4"},
    {"g-counter", "error", ""},
    {"g-counter", "error", "of all operations were ok", "--availability total"},
    {"g-counter", "no-gossip", "the final read at n"},
    {"g-counter", "double", "the final read at n"},
    {"g-counter", "reset", "the final read at n", cuts + "--time-limit 6"},
    {"g-counter", "garbage", "wrote a line that is not JSON: hello there"},
    {"g-counter", "garbage", "the final read of worker 0 failed: timeout"},
    {"g-counter", "extra-key", "unknown top-level key \"colour\""},
    {"g-counter", "extra-body-key", "extra key \"colour\""},
    {"g-counter", "unknown-dest", "a message to \"nobody\""},
    {"g-counter", "wrong-src", "src is not a string"},
    {"g-counter", "mute", "the final read of worker 0 failed: timeout"},
    {"g-counter", "exit", "exited with code 3"},
    {"g-counter", "float", "\"value\" of the wrong type"},
    {"g-counter", "late", "a client that has left"},
    {"unique-ids", "duplicate", "ids were given out more than once"},
    {"g-set", "lose", "lacked acknowledged elements"},
    {"g-set", "invent", "never added"},
    {"broadcast", "repeat", "more than once"},
    {"echo", "exit-early", "exited with code 4"},
    {"echo", "wrong-echo", "the echo at n"},
};

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    REQUIRE_MESSAGE(value != nullptr, name);
    return value;
}

/// A running command.
class Running {
    FILE* pipe_;

  public:
    explicit Running(const std::string& command)
        : pipe_(::popen((command + " 2>&1").c_str(), "r")) {}

    /// Its exit code and its output.
    std::pair<int, std::string> finish() {
        std::string output;
        std::array<char, 4096> chunk;
        while (const auto got = std::fread(chunk.data(), 1, chunk.size(), pipe_))
            output.append(chunk.data(), got);
        const int status = ::pclose(pipe_);
        return {WEXITSTATUS(status), output};
    }
};

std::string command(const Case& c, const std::filesystem::path& out) {
    auto words = environment("CLUSTER") + " test -w " + c.workload + " --bin " +
                 environment("NODE") + " --rate 100 --quiesce 1 --seed 7 --quiet --out " +
                 out.string() + " " + c.options;
    // A correct node may be slow on a busy machine. For a broken node a short timeout is enough.
    words += c.reason.empty() ? " --timeout 5" : " --timeout 1";
    for (const std::string option : {"--node-count 3", "--time-limit 2"})
        if (c.options.find(option.substr(0, option.find(' '))) == std::string::npos)
            words += " " + option;
    return words + " -- " + c.workload + " " + c.flaw;
}

bool has_reason(const json& results, const std::string& words) {
    const auto& reasons = results["reasons"];
    return std::any_of(reasons.begin(), reasons.end(), [&](const json& reason) {
        return reason.get<std::string>().find(words) != std::string::npos;
    });
}

json parse_file(const std::filesystem::path& file) {
    std::ifstream in(file);
    return json::parse(in);
}

std::ptrdiff_t count_lines(const std::filesystem::path& file) {
    std::ifstream in(file);
    using Bytes = std::istreambuf_iterator<char>;
    return std::count(Bytes(in), Bytes(), '\n');
}

void check_case(const Case& c, int code, const std::string& output,
                const std::filesystem::path& out) {
    INFO(c.workload, " ", c.flaw, " ", c.options, "\n", output);
    REQUIRE(std::filesystem::exists(out / "results.json"));
    const json results = parse_file(out / "results.json");
    CHECK(results["valid"] == c.reason.empty());
    CHECK(code == (c.reason.empty() ? 0 : 1));
    if (!c.reason.empty()) CHECK(has_reason(results, c.reason));
    CHECK(std::filesystem::exists(out / "index.html"));
    CHECK(std::filesystem::exists(out / "node-logs" / "n0.log"));
    CHECK(count_lines(out / "history.jsonl") == results["operations"]["total"]);
    if (c.flaw != "exit-early") CHECK(results["operations"]["total"] > 15);
}

}  // namespace

TEST_CASE("correct nodes are valid, and broken ones are invalid, for the right reason") {
    const support::TemporaryFolder results;
    const auto out = [&](std::size_t i) { return results.path() / std::to_string(i); };
    std::vector<Running> running;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        while (running.size() < std::min(i + at_once, cases.size()))
            running.emplace_back(command(cases[running.size()], out(running.size())));
        const auto finished = running[i].finish();
        check_case(cases[i], finished.first, finished.second, out(i));
    }
}

TEST_CASE("wrong usage is neither valid nor invalid") {
    const auto code = [](const std::string& arguments) {
        return Running(environment("CLUSTER") + " " + arguments).finish().first;
    };
    CHECK(code("") == 2);
    CHECK(code("test -w echo --bin /nowhere") == 2);
    CHECK(code("test -w no-such-thing --bin " + environment("NODE")) == 2);
    CHECK(code("test -w echo --concurrency x --bin " + environment("NODE")) == 2);
    CHECK(code("test --help") == 0);
}

TEST_CASE("a node that cannot be executed gets no verdict") {
    const support::TemporaryFolder results;
    std::ofstream(results.path() / "node") << "no program";
    const auto finished =
        Running(environment("CLUSTER") + " test -w echo --quiet --bin " +
                (results.path() / "node").string() + " --out " + (results.path() / "out").string())
            .finish();
    CHECK(finished.first == 2);
    CHECK(finished.second.find("cannot run") != std::string::npos);
}

// SPDX-License-Identifier: MIT
//! The command line.
#include "options.hpp"

#include <algorithm>
#include <string_view>

#include <CLI/CLI.hpp>

#include <crdt/system/decimal.hpp>
#include <crdt/system/fresh.hpp>

#include "../../examples/numbers.hpp"
#include "topology.hpp"

namespace cluster {
namespace {

constexpr int bad_usage = 2;

/// Options that are processed after parsing.
struct Words {
    std::string workload;
    std::string concurrency = "1n";
    std::string latency_dist = "constant";
    std::vector<std::string> nemesis;
    std::string availability;
    std::optional<std::uint64_t> seed;
};

std::vector<std::string> workload_names() {
    std::vector<std::string> names;
    for (const auto& workload : workloads()) names.emplace_back(workload.name);
    return names;
}

/// "4" means four workers, "2n" means two workers per node.
std::size_t workers(std::string_view text, std::size_t node_count) {
    const bool per_node = text.ends_with('n');
    if (per_node) text.remove_suffix(1);
    const auto count = crdt::system::decimal<std::size_t>(text);
    if (!count || *count == 0 || *count > 10'000)
        throw CLI::ValidationError("--concurrency", "expected a number, or one per node as in 2n");
    return per_node ? *count * node_count : *count;
}

std::vector<Fault> faults(const std::vector<std::string>& words) {
    std::vector<Fault> found;
    for (const Fault fault : {Fault::partition, Fault::kill, Fault::pause})
        if (std::find(words.begin(), words.end(), name_of(fault)) != words.end())
            found.push_back(fault);
    return found;
}

std::optional<double> availability(const std::string& text) {
    if (text.empty()) return std::nullopt;
    if (text == "total") return 1.0;
    const auto fraction = crdt::system::decimal<double>(text);
    if (!fraction || *fraction < 0 || *fraction > 1)
        throw CLI::ValidationError("--availability", "expected total or a fraction from 0 to 1");
    return fraction;
}

Spread spread(const std::string& text) {
    if (text == "uniform") return Spread::uniform;
    return text == "exponential" ? Spread::exponential : Spread::constant;
}

void finish(RunOptions& options, const Words& words) {
    options.workload = find_workload(words.workload);
    options.workers = workers(words.concurrency, options.node_count);
    options.latency.spread = spread(words.latency_dist);
    options.faults = faults(words.nemesis);
    options.availability = availability(words.availability);
    options.seed = words.seed ? *words.seed : crdt::system::fresh_number();
    // Nodes run in a directory of their own. A relative path would be wrong there.
    options.binary = std::filesystem::absolute(options.binary);
    options.out = std::filesystem::absolute(options.out);
}

void declare_cluster(CLI::App& test, RunOptions& options, Words& words) {
    test.add_option("-w,--workload", words.workload, "The operations of the clients")
        ->required()
        ->check(CLI::IsMember(workload_names()));
    test.add_option("--bin", options.binary, "The node's executable")
        ->required()
        ->check(CLI::ExistingFile);
    test.add_option("--node-count", options.node_count, "Number of nodes: n0, n1, ...")
        ->capture_default_str()
        ->check(numbers(1, 1000));
    test.add_option("--concurrency", words.concurrency,
                    "Number of concurrent clients: 4, or 2n for two per node")
        ->capture_default_str();
    test.add_option("--rate", options.rate, "Requests per second of all clients together")
        ->capture_default_str()
        ->check(numbers(0.001, 1e6));
    test.add_option("--time-limit", options.time_limit, "Duration of the load in seconds")
        ->capture_default_str()
        ->check(numbers(0.001, 1e6));
    test.add_option("--quiesce", options.quiesce, "Seconds without requests before the final reads")
        ->capture_default_str()
        ->check(numbers(0.0, 1e6));
    test.add_option("--timeout", options.timeout, "Timeout of a request in seconds")
        ->capture_default_str()
        ->check(numbers(0.001, 1e6));
    test.add_option("--topology", options.topology, "Topology that broadcast sends to the nodes")
        ->capture_default_str()
        ->check(CLI::IsMember(topologies()));
    test.add_option("node-arguments", options.node_arguments, "Arguments of the node, after --");
}

void declare_faults(CLI::App& test, RunOptions& options, Words& words) {
    test.add_option("--latency", options.latency.mean_ms,
                    "Mean latency of messages in milliseconds")
        ->capture_default_str()
        ->check(numbers(0.0, 1e6));
    test.add_option("--latency-dist", words.latency_dist, "Distribution of the latency")
        ->capture_default_str()
        ->check(CLI::IsMember({"constant", "uniform", "exponential"}));
    test.add_option("--nemesis", words.nemesis, "Faults, separated by commas: partition,kill,pause")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::IsMember({"none", "partition", "kill", "pause"}));
    test.add_option("--nemesis-interval", options.nemesis_interval,
                    "Mean seconds between the steps of a fault")
        ->capture_default_str()
        ->check(numbers(0.001, 1e6));
    test.add_option("--seed", words.seed, "Seed of all randomness; random by default")
        ->check(numbers<std::uint64_t>());
    test.add_option("--availability", words.availability,
                    "Check availability: total, or the least fraction of ok operations");
}

void declare_output(CLI::App& test, RunOptions& options) {
    test.add_option("--out", options.out, "Folder of the results, replaced by each run")
        ->capture_default_str();
    test.add_flag("--quiet", options.quiet, "Print no progress on stderr");
    test.add_flag("--log-stderr", options.log_stderr,
                  "Copy the nodes' stderr to stderr (OUT/node-logs always contains it)");
}

}  // namespace

json to_json(const RunOptions& options) {
    json faults = json::array();
    for (const Fault fault : options.faults) faults.push_back(name_of(fault));
    const char* spreads[] = {"constant", "uniform", "exponential"};
    return {{"workload", options.workload->name},
            {"bin", options.binary.string()},
            {"node_arguments", options.node_arguments},
            {"node_count", options.node_count},
            {"concurrency", options.workers},
            {"rate", options.rate},
            {"time_limit", options.time_limit},
            {"quiesce", options.quiesce},
            {"timeout", options.timeout},
            {"latency", options.latency.mean_ms},
            {"latency_dist", spreads[static_cast<int>(options.latency.spread)]},
            {"nemesis", faults},
            {"nemesis_interval", options.nemesis_interval},
            {"topology", options.topology},
            {"availability", options.availability ? json(*options.availability) : json()}};
}

Parsed parse_options(int argc, const char* const* argv) {
    RunOptions options;
    Words words;
    CLI::App app{"Runs a cluster of Maelstrom nodes with faults, and checks the results."};
    app.require_subcommand(1);
    CLI::App& test = *app.add_subcommand("test", "Run one test");
    test.footer(
        "Example:\n"
        "  cluster test -w g-counter --bin ./node --node-count 3 --rate 100 --time-limit 20 \\\n"
        "      --nemesis partition -- --some-node-option\n\n"
        "Exit code: 0 if the run was valid, 1 if it was invalid, 2 if it could not be completed.");
    declare_cluster(test, options, words);
    declare_faults(test, options, words);
    declare_output(test, options);
    try {
        app.parse(argc, argv);
        finish(options, words);
    } catch (const CLI::ParseError& error) {
        return {std::nullopt, app.exit(error) == 0 ? 0 : bad_usage};
    }
    return {std::move(options), 0};
}

}  // namespace cluster

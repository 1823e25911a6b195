// SPDX-License-Identifier: MIT
//! The results of a run as JSON, as text, and as files.
#include "report.hpp"

#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>
#include <vector>

#include "lag.hpp"
#include "stats.hpp"

namespace cluster {
namespace {

struct Counts {
    std::size_t ok = 0, fail = 0, info = 0;

    void add(Outcome outcome) {
        ++(outcome == Outcome::ok ? ok : outcome == Outcome::fail ? fail : info);
    }
    json to_json() const {
        return {{"total", ok + fail + info}, {"ok", ok}, {"fail", fail}, {"info", info}};
    }
};

json counts_json(const History& history) {
    Counts all;
    std::map<std::string, Counts> by_type;
    for (const auto& operation : history.operations) {
        all.add(operation.outcome);
        by_type[operation.type].add(operation.outcome);
    }
    json result = all.to_json();
    for (const auto& [type, counts] : by_type) result["by_type"][type] = counts.to_json();
    return result;
}

json latency_json(const History& history) {
    std::vector<double> all;
    std::map<std::string, std::vector<double>> by_type;
    for (const auto& operation : history.operations) {
        if (operation.outcome != Outcome::ok) continue;
        const double ms = static_cast<double>(operation.completed - operation.invoked) / 1000;
        all.push_back(ms);
        by_type[operation.type].push_back(ms);
    }
    json result{{"all", summary(std::move(all))}};
    for (auto& [type, sample] : by_type) result[type] = summary(std::move(sample));
    return result;
}

json flow_json(const Flow& flow, std::size_t operations) {
    const auto per_op = [&](std::uint64_t amount) {
        return operations == 0
                   ? json()
                   : json(static_cast<double>(amount) / static_cast<double>(operations));
    };
    return {{"messages", flow.messages},
            {"bytes", flow.bytes},
            {"messages_per_op", per_op(flow.messages)},
            {"bytes_per_op", per_op(flow.bytes)}};
}

json network_json(const History& history) {
    const Traffic& traffic = history.traffic;
    const auto operations = history.operations.size();
    return {
        {"all", flow_json(traffic.all, operations)},
        {"clients", flow_json(traffic.clients, operations)},
        {"servers", flow_json(traffic.servers, operations)},
        {"dropped", traffic.dropped},
        {"quiet_servers",
         {{"messages", history.quiet_servers.messages}, {"bytes", history.quiet_servers.bytes}}}};
}

json faults_json(const History& history) {
    json list = json::array();
    for (const auto& fault : history.faults)
        list.push_back({{"fault", name_of(fault.fault)},
                        {"what", fault.what},
                        {"start_s", seconds(fault.start)},
                        {"stop_s", seconds(fault.stop)}});
    return list;
}

json protocol_errors_json(const History& history) {
    json list = json::array();
    for (const auto& error : history.protocol_errors)
        list.push_back({{"time_s", seconds(error.time)},
                        {"node", error.node},
                        {"reason", error.reason},
                        {"line", error.line}});
    return list;
}

json exits_json(const History& history) {
    json list = json::array();
    for (const auto& ended : history.exits)
        list.push_back({{"time_s", seconds(ended.time)}, {"node", ended.node}, {"how", ended.how}});
    return list;
}

json operation_json(const Operation& operation, const History& history) {
    json line{{"worker", operation.worker},
              {"client", operation.client},
              {"node", history.nodes[operation.node]},
              {"type", operation.type},
              {"outcome", name_of(operation.outcome)},
              {"invoked_us", operation.invoked},
              {"completed_us", operation.completed}};
    if (!operation.argument.is_null()) line["argument"] = operation.argument;
    if (!operation.result.is_null()) line["result"] = operation.result;
    if (!operation.error.empty()) line["error"] = operation.error;
    if (operation.final_read) line["final"] = true;
    return line;
}

std::string number(const json& value, const char* format) {
    if (value.is_null()) return "-";
    char text[32];
    std::snprintf(text, sizeof text, format, value.get<double>());
    return text;
}

/// Returns the 0.5, 0.95, 0.99 and 1 quantiles of a summary.
std::string quantiles(const json& summary) {
    if (summary.is_null()) return "-";
    std::string text;
    for (const char* q : {"0.5", "0.95", "0.99", "1"})
        text += (text.empty() ? "" : " / ") + number(summary[q], "%.1f");
    return text;
}

void print_operations(std::ostream& out, const json& results) {
    const json& all = results["operations"];
    out << "operations   " << all["total"] << ": " << all["ok"] << " ok, " << all["fail"]
        << " failed, " << all["info"] << " unknown\n";
    out << "latency      " << quantiles(results["latency_ms"]["all"])
        << " ms (median, 95 %, 99 %, max)\n";
}

void print_network(std::ostream& out, const json& results) {
    for (const char* side : {"all", "clients", "servers"}) {
        const json& flow = results["network"][side];
        out << (side == std::string("all") ? "messages     " : "             ") << flow["messages"]
            << " " << side << ", " << number(flow["messages_per_op"], "%.2f") << " per op, "
            << number(flow["bytes_per_op"], "%.0f") << " bytes per op\n";
    }
    out << "dropped      " << results["network"]["dropped"] << " by partitions\n";
}

void print_convergence(std::ostream& out, const json& results) {
    const json& convergence = results["convergence"];
    if (convergence.is_null()) return;
    if (convergence.contains("stable_latency_ms"))
        out << "stable after " << quantiles(convergence["stable_latency_ms"]) << " ms\n";
    if (convergence.contains("lag_connected_ms"))
        out << "lag          " << quantiles(convergence["lag_connected_ms"])
            << " ms while connected\n";
    if (const json& longest = convergence["after_heal"]["max_s"]; !longest.is_null())
        out << "after heal   " << number(longest, "%.2f") << " s at most to converge\n";
}

}  // namespace

std::string dump(const json& value, int indent) {
    return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

json results(const RunOptions& options, const History& history, const Verdict& verdict) {
    return {{"valid", verdict.valid()},
            {"reasons", verdict.reasons},
            {"seed", options.seed},
            {"options", to_json(options)},
            {"operations", counts_json(history)},
            {"availability", available_fraction(history)},
            {"latency_ms", latency_json(history)},
            {"network", network_json(history)},
            {"convergence", convergence(history, *options.workload)},
            {"workload", verdict.details},
            {"faults", faults_json(history)},
            {"protocol_errors", protocol_errors_json(history)},
            {"exits", exits_json(history)},
            {"seconds", seconds(history.ended)}};
}

std::string verdict_text(const json& results) {
    std::ostringstream out;
    const json& options = results["options"];
    out << options["workload"].get<std::string>() << " on " << options["node_count"]
        << " nodes for " << number(results["seconds"], "%.1f") << " s, seed " << results["seed"]
        << "\n";
    print_operations(out, results);
    print_network(out, results);
    print_convergence(out, results);
    out << "faults       " << results["faults"].size() << "\n";
    for (const json& reason : results["reasons"])
        out << "  - " << reason.get<std::string>() << "\n";
    if (results["valid"] == true)
        out << "Valid: every check passed.\n";
    else
        out << "INVALID: " << results["reasons"].size() << " reason(s) above.\n";
    return out.str();
}

void write_history(const History& history, const std::filesystem::path& file) {
    std::ofstream out(file);
    for (const auto& operation : history.operations)
        out << dump(operation_json(operation, history)) << '\n';
}

}  // namespace cluster

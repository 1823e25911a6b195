// SPDX-License-Identifier: MIT
//! The results of a run as an HTML page.
#include "page.hpp"

#include <cstdio>
#include <fstream>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "report.hpp"

namespace cluster {
namespace {

constexpr const char* stylesheet = R"(
:root { color-scheme: light dark; --ink: #1d1f23; --dim: #666c75; --paper: #fcfcfd; --line: #dfe2e6;
        --good: #17703a; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e6ea; --dim: #9aa1ab; --paper: #16181c; --line: #33373e;
          --good: #6fce92; --bad: #ff8a80; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
       max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.2rem; font-size: 1.1rem; }
.valid { color: var(--good); } .invalid { color: var(--bad); } .about { color: var(--dim); margin-top: 0; }
.tables { display: flex; flex-wrap: wrap; gap: 0 3rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .8rem; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
th { font-weight: 600; color: var(--dim); }
.words th, .words td { text-align: left; overflow-wrap: anywhere; }
li { overflow-wrap: anywhere; }
img { display: block; width: 100%; height: auto; margin: 1rem 0; background: white; border-radius: 6px; }
)";

std::string escaped(const std::string& text) {
    std::string safe;
    for (const char c : text) {
        switch (c) {
            case '&': safe += "&amp;"; break;
            case '<': safe += "&lt;"; break;
            case '>': safe += "&gt;"; break;
            case '"': safe += "&quot;"; break;
            default: safe += c;
        }
    }
    return safe;
}

/// A value as a table cell.
std::string cell_text(const json& value) {
    if (value.is_null()) return "&ndash;";
    if (value.is_string()) return escaped(value.get<std::string>());
    if (!value.is_number_float()) return escaped(dump(value));
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", value.get<double>());
    return text;
}

using Row = std::vector<json>;

void write_row(std::ostream& out, const char* cell, const Row& row) {
    out << "<tr>";
    for (const json& value : row)
        out << '<' << cell << '>' << cell_text(value) << "</" << cell << '>';
    out << "</tr>\n";
}

void write_table(std::ostream& out, const Row& head, const std::vector<Row>& rows,
                 const char* holds = "numbers") {
    if (rows.empty()) return;
    out << "<table class=\"" << holds << "\">\n";
    write_row(out, "th", head);
    for (const Row& row : rows) write_row(out, "td", row);
    out << "</table>\n";
}

Row counts_row(const std::string& name, const json& counts) {
    return {name, counts["total"], counts["ok"], counts["fail"], counts["info"]};
}

Row quantiles_row(const std::string& name, const json& summary) {
    if (summary.is_null()) return {name, nullptr, nullptr, nullptr, nullptr};
    return {name, summary["0.5"], summary["0.95"], summary["0.99"], summary["1"]};
}

void write_verdict(std::ostream& out, const json& results) {
    const bool valid = results["valid"] == true;
    const json& options = results["options"];
    out << "<h1 class=\"" << (valid ? "valid\">Valid" : "invalid\">Invalid") << "</h1>\n"
        << "<p class=\"about\">" << cell_text(options["workload"]) << " on "
        << options["node_count"] << " nodes, " << cell_text(results["seconds"]) << " s, seed "
        << results["seed"] << "</p>\n";
    if (valid) return;
    out << "<ul>\n";
    for (const json& reason : results["reasons"]) out << "<li>" << cell_text(reason) << "</li>\n";
    out << "</ul>\n";
}

void write_operations(std::ostream& out, const json& results) {
    std::vector<Row> rows{counts_row("all", results["operations"])};
    if (const auto types = results["operations"].find("by_type");
        types != results["operations"].end())
        for (const auto& type : types->items())
            rows.push_back(counts_row(type.key(), type.value()));
    out << "<div><h2>Operations</h2>\n";
    write_table(out, {"", "total", "ok", "failed", "unknown"}, rows);
    out << "</div>\n";
}

void write_latency(std::ostream& out, const json& results) {
    std::vector<Row> rows;
    for (const auto& type : results["latency_ms"].items())
        rows.push_back(quantiles_row(type.key(), type.value()));
    out << "<div><h2>Latency (ms)</h2>\n";
    write_table(out, {"", "median", "95 %", "99 %", "max"}, rows);
    out << "</div>\n";
}

void write_network(std::ostream& out, const json& results) {
    const json& network = results["network"];
    std::vector<Row> rows;
    for (const char* side : {"all", "clients", "servers"}) {
        const json& flow = network[side];
        rows.push_back(
            {side, flow["messages"], flow["bytes"], flow["messages_per_op"], flow["bytes_per_op"]});
    }
    out << "<div><h2>Messages</h2>\n";
    write_table(out, {"", "messages", "bytes", "messages/op", "bytes/op"}, rows);
    out << "<p class=\"about\">" << network["dropped"] << " dropped by partitions</p></div>\n";
}

void write_convergence(std::ostream& out, const json& results) {
    const json& convergence = results["convergence"];
    if (convergence.is_null()) return;
    std::vector<Row> rows;
    const std::vector<std::pair<const char*, const char*>> measures{
        {"stable_latency_ms", "stable after"},
        {"lag_connected_ms", "lag while connected"},
        {"lag_ms", "lag at all times"}};
    for (const auto& measure : measures)
        if (convergence.contains(measure.first))
            rows.push_back(quantiles_row(measure.second, convergence[measure.first]));
    out << "<div><h2>Convergence (ms)</h2>\n";
    write_table(out, {"", "median", "95 %", "99 %", "max"}, rows);
    out << "</div>\n";
    rows.clear();
    for (const json& heal : convergence["after_heal"]["each"])
        rows.push_back({heal["healed_s"], heal["took_s"]});
    if (rows.empty()) return;
    out << "<div><h2>After each heal (s)</h2>\n";
    write_table(out, {"healed at", "converged after"}, rows);
    out << "</div>\n";
}

void write_final_reads(std::ostream& out, const json& results) {
    std::vector<Row> rows;
    for (const json& read : results["workload"].value("final_reads", json::array()))
        rows.push_back({read["node"], read["worker"], read["value"]});
    if (rows.empty()) return;
    out << "<div><h2>Final reads</h2>\n";
    write_table(out, {"node", "worker", "value"}, rows);
    out << "</div>\n";
}

void write_faults(std::ostream& out, const json& results) {
    std::vector<Row> rows;
    for (const json& fault : results["faults"])
        rows.push_back({fault["fault"], fault["what"], fault["start_s"], fault["stop_s"]});
    if (rows.empty()) return;
    out << "<div><h2>Faults</h2>\n";
    write_table(out, {"fault", "nodes", "from (s)", "to (s)"}, rows, "words");
    out << "</div>\n";
}

void write_pictures(std::ostream& out, const std::filesystem::path& directory) {
    for (const char* name : {"latency", "rate", "values"}) {
        const auto file = std::string(name) + ".svg";
        if (std::filesystem::exists(directory / file))
            out << "<img src=\"" << file << "\" alt=\"" << name << " over time\">\n";
    }
}

void write_options(std::ostream& out, const json& results) {
    std::vector<Row> rows;
    for (const auto& option : results["options"].items())
        rows.push_back({option.key(), option.value()});
    out << "<div><h2>Options</h2>\n";
    write_table(out, {"option", "value"}, rows, "words");
    out << "</div>\n";
}

}  // namespace

void write_page(const json& results, const std::filesystem::path& directory) {
    std::ofstream out(directory / "index.html");
    out << "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        << "<meta name=\"viewport\" content=\"width=device-width\"><title>Cluster "
           "run</title>\n<style>"
        << stylesheet << "</style></head><body>\n";
    write_verdict(out, results);
    out << "<div class=\"tables\">\n";
    write_operations(out, results);
    write_latency(out, results);
    write_network(out, results);
    write_convergence(out, results);
    out << "</div>\n";
    write_pictures(out, directory);
    out << "<div class=\"tables\">\n";
    write_final_reads(out, results);
    write_faults(out, results);
    write_options(out, results);
    out << "</div>\n</body></html>\n";
}

}  // namespace cluster

// SPDX-License-Identifier: MIT
//! Runs the races. Writes the results into a folder, as a table and as data for plots:
//! merge FOLDER [Google Benchmark's flags]
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <initializer_list>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "page.hpp"

namespace {

using namespace bench;

struct Row {
    std::string name;
    long size;
    std::map<std::string, double> figures;
};

/// Prints results as Google Benchmark does, and keeps the figures.
class Collector : public benchmark::ConsoleReporter {
    std::vector<Row> rows_;

  public:
    const std::vector<Row>& rows() const { return rows_; }

    void ReportRuns(const std::vector<Run>& runs) override {
        ConsoleReporter::ReportRuns(runs);
        for (const Run& run : runs) {
            Row row{run.run_name.function_name, std::stol("0" + run.run_name.args), {}};
            for (const auto& [name, counter] : run.counters) row.figures[name] = counter.value;
            rows_.push_back(row);
        }
    }
};

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, value < 100 ? "%.3g" : "%.0f", value);
    return text;
}
std::string time(double nanoseconds) {
    if (nanoseconds < 1e3) return number(nanoseconds) + " ns";
    if (nanoseconds < 1e6) return number(nanoseconds / 1e3) + " µs";
    return number(nanoseconds / 1e6) + " ms";
}
/// Returns the prefix of a name, which determines the table of the row.
std::string kind(const std::string& name) {
    for (const char* const prefix : {"ids_", "bytes_", "allocations_"})
        if (name.starts_with(prefix)) return prefix;
    return "";
}
std::string words(std::string name) {
    for (char& letter : name) {
        if (letter == '_') letter = ' ';
    }
    return name;
}

/// A cell, or an empty one.
std::string cell(const Row& row, const char* figure, std::string (*show)(double)) {
    const auto found = row.figures.find(figure);
    return found == row.figures.end() ? " |" : ' ' + show(found->second) + " |";
}
/// The cell with the ratio of two figures, or an empty one.
std::string ratio(const Row& row, const char* figure, const char* to) {
    return row.figures.contains(to)
               ? ' ' + number(row.figures.at(figure) / row.figures.at(to)) + " |"
               : " |";
}
bool is_one_of(const std::string& name, std::initializer_list<const char*> names) {
    return std::any_of(names.begin(), names.end(), [&](const char* each) { return name == each; });
}

/// Writes a row per case: ours, the limit, their ratio, and the baseline with std containers.
void write_races(std::ostream& out, const std::vector<Row>& rows, const char* prefix,
                 std::string (*show)(double)) {
    out << "| case | N | ours | limit | ours / limit | std | further figures |\n"
           "|---|--:|--:|--:|--:|--:|---|\n";
    for (const Row& row : rows) {
        if (kind(row.name) != prefix) continue;
        out << "| " << words(row.name) << " | " << row.size << " |" << cell(row, "ours", show)
            << cell(row, "limit", show) << ratio(row, "ours", "limit")
            << cell(row, "baseline", show);
        for (const auto& [name, value] : row.figures) {
            if (!is_one_of(name, {"ours", "limit", "baseline"}))
                out << ' ' << name << ' ' << number(value) << ';';
        }
        out << " |\n";
    }
}
void write_ids(std::ostream& out, const std::vector<Row>& rows) {
    out << "| case | N | string ids | number ids | string / number |\n"
           "|---|--:|--:|--:|--:|\n";
    for (const Row& row : rows) {
        if (kind(row.name) != "ids_") continue;
        out << "| " << words(row.name.substr(4)) << " | " << row.size << " |"
            << cell(row, "string ids", time) << cell(row, "number ids", time)
            << ratio(row, "string ids", "number ids") << '\n';
    }
}
void write_allocations(std::ostream& out, const std::vector<Row>& rows) {
    const auto operations = {"change with delta",
                             "merge of a delta",
                             "absorb of a delta",
                             "merge of a state",
                             "absorb of a state",
                             "difference",
                             "read"};
    out << "| case | N |";
    for (const char* const operation : operations) out << ' ' << operation << " |";
    out << "\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n";
    for (const Row& row : rows) {
        if (kind(row.name) != "allocations_") continue;
        out << "| " << words(row.name.substr(12)) << " | " << row.size << " |";
        for (const char* const operation : operations) out << cell(row, operation, number);
        out << '\n';
    }
}

/// Writes a file for each case. Its columns are size, ours, limit and baseline.
void write_data(const std::string& folder, const std::vector<Row>& rows) {
    std::map<std::string, std::ofstream> files;
    for (const Row& row : rows) {
        if (!row.figures.contains("ours")) continue;
        const auto shown = [&](const char* figure) {
            const auto found = row.figures.find(figure);
            return found == row.figures.end() ? "-" : std::to_string(found->second);
        };
        auto& file = files[row.name];
        if (!file.is_open()) file.open(folder + '/' + row.name + ".dat");
        file << row.size << ' ' << shown("ours") << ' ' << shown("limit") << ' '
             << shown("baseline") << '\n';
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::cerr << "merge FOLDER [flags]\n";
        return 2;
    }
    const std::string folder = argv[1];
    argv[1] = argv[0];
    --argc;
    ++argv;
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    Collector collector;
    benchmark::RunSpecifiedBenchmarks(&collector);
    std::ofstream table(folder + "/merge.md");
    table << about_races;
    write_races(table, collector.rows(), "", time);
    table << about_ids;
    write_ids(table, collector.rows());
    table << about_bytes;
    write_races(table, collector.rows(), "bytes_", number);
    table << about_allocations;
    write_allocations(table, collector.rows());
    write_data(folder, collector.rows());
    return table ? 0 : 1;
}

// SPDX-License-Identifier: MIT
//! Runs the races. Writes the results into a folder, as a table and as data for plots:
//! merge FOLDER [Google Benchmark's flags]
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

namespace {

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
bool begins(const std::string& text, const char* with) { return text.rfind(with, 0) == 0; }
std::string words(std::string name) {
    for (char& letter : name) {
        if (letter == '_') letter = ' ';
    }
    return name;
}

/// Writes a row per case: ours, the limit, their ratio, and the baseline with std containers.
void write_races(std::ostream& out, const std::vector<Row>& rows, bool bytes) {
    out << "| case | N | ours | limit | ours / limit | std | further figures |\n"
           "|---|--:|--:|--:|--:|--:|---|\n";
    for (const Row& row : rows) {
        if (begins(row.name, "bytes_") != bytes || begins(row.name, "allocations_")) continue;
        const auto show = [&](const char* figure) {
            const auto found = row.figures.find(figure);
            if (found == row.figures.end()) return std::string();
            return bytes ? number(found->second) : time(found->second);
        };
        out << "| " << words(row.name) << " | " << row.size << " | " << show("ours") << " | "
            << show("limit") << " | ";
        if (row.figures.contains("limit"))
            out << number(row.figures.at("ours") / row.figures.at("limit"));
        out << " | " << show("baseline") << " |";
        for (const auto& [name, value] : row.figures) {
            if (name != "ours" && name != "limit" && name != "baseline")
                out << ' ' << name << ' ' << number(value) << ';';
        }
        out << " |\n";
    }
}
void write_allocations(std::ostream& out, const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        if (!begins(row.name, "allocations_")) continue;
        out << "- " << words(row.name) << " of " << row.size << " entries:";
        for (const auto& [name, value] : row.figures)
            out << ' ' << name << ' ' << number(value) << ';';
        out << '\n';
    }
}

/// Writes a file for each case. Its columns are size, ours, limit and baseline.
void write_data(const std::string& folder, const std::vector<Row>& rows) {
    std::map<std::string, std::ofstream> files;
    for (const Row& row : rows) {
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
    table << "# Merge speed\n\n"
             "Each row compares three contenders: this library (ours), a hand-written kernel for "
             "this "
             "one case (limit), and a simple\nversion with the standard containers (std). The "
             "contenders take turns. N is the number of entries. The figures are times\nper "
             "operation, the medians of all turns:\n\n";
    write_races(table, collector.rows(), false);
    table << "\nBytes per entry that malloc has allocated, after the entries were added in random "
             "order:\n\n";
    write_races(table, collector.rows(), true);
    table << "\nAllocations per operation:\n\n";
    write_allocations(table, collector.rows());
    write_data(folder, collector.rows());
    return table ? 0 : 1;
}

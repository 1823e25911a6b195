// SPDX-License-Identifier: MIT
//! cluster: runs a test and reports on it.
#include <csignal>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "checker.hpp"
#include "options.hpp"
#include "page.hpp"
#include "plots.hpp"
#include "report.hpp"
#include "runner.hpp"

namespace {

constexpr int valid = 0;
constexpr int invalid = 1;
constexpr int undone = 2;

volatile std::sig_atomic_t interrupted = 0;

void interrupt(int) { interrupted = 1; }

void clear(const std::filesystem::path& out) {
    // Only results of an earlier run are replaced.
    if (std::filesystem::exists(out) && !std::filesystem::is_empty(out) &&
        !std::filesystem::exists(out / "node-logs"))
        throw std::runtime_error(out.string() + " exists and does not contain results");
    std::filesystem::remove_all(out);
    std::filesystem::create_directories(out / "node-logs");
}

int run(const cluster::RunOptions& options) {
    clear(options.out);
    const auto history = cluster::Runner(options, interrupted).run();
    const auto verdict = cluster::judge(history, *options.workload, options.availability);
    const auto results = cluster::results(options, history, verdict);

    std::ofstream(options.out / "results.json") << cluster::dump(results, 2) << '\n';
    cluster::write_history(history, options.out / "history.jsonl");
    if (!cluster::draw_plots(history, *options.workload, options.out))
        std::cerr << "No plots: cannot run gnuplot.\n";
    cluster::write_page(results, options.out);

    std::cout << cluster::verdict_text(results);
    return verdict.valid() ? valid : invalid;
}

}  // namespace

int main(int argc, char** argv) {
    const auto parsed = cluster::parse_options(argc, argv);
    if (!parsed.options) return parsed.exit_code;
    std::signal(SIGINT, interrupt);
    std::signal(SIGTERM, interrupt);
    try {
        return run(*parsed.options);
    } catch (const std::exception& error) {
        std::cerr << "cluster: " << error.what() << '\n';
        return undone;
    }
}

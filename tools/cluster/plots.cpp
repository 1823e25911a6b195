// SPDX-License-Identifier: MIT
//! Plots of a run, by gnuplot.
#include "plots.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cluster {
namespace {

constexpr std::array outcomes{Outcome::ok, Outcome::fail, Outcome::info};

const char* colour(Outcome outcome) {
    switch (outcome) {
        case Outcome::ok: return "#0072b2";
        case Outcome::fail: return "#e69f00";
        case Outcome::info: return "#cc3311";
    }
    return "black";
}

const char* colour(Fault fault) {
    switch (fault) {
        case Fault::partition: return "#dddddd";
        case Fault::kill: return "#f6c8c8";
        case Fault::pause: return "#f6edc0";
    }
    return "black";
}

/// Nodes beyond the palette reuse its colours.
const char* node_colour(std::size_t node) {
    static const std::array palette{"#4477aa", "#ee6677", "#228833", "#ccbb44",
                                    "#66ccee", "#aa3377", "#888888", "#ee7733"};
    return palette[node % palette.size()];
}

/// The parts of a plot command, each with a block of data.
class Curves {
    std::ostringstream data_, plot_;
    int count_ = 0;

    void separate() {
        if (count_ > 0) plot_ << ", ";
        ++count_;
    }

  public:
    void add(const std::string& rows, const std::string& style, const std::string& title) {
        if (rows.empty()) return;
        separate();
        data_ << "$d" << count_ << " << EOD\n" << rows << "EOD\n";
        plot_ << "$d" << count_ << " using 1:2 " << style << " title '" << title << "'";
    }

    void add_key(const std::string& style, const std::string& title) {
        separate();
        plot_ << "keyentry " << style << " title '" << title << "'";
    }

    bool empty() const { return count_ == 0; }
    std::string data() const { return data_.str(); }
    std::string plot() const { return plot_.str(); }
};

void shade(const FaultPeriod& fault, std::ostream& script) {
    script << "set object rectangle from " << seconds(fault.start) << ", graph 0 to "
           << seconds(fault.stop) << ", graph 1 behind fillcolor rgb '" << colour(fault.fault)
           << "' fillstyle transparent solid 0.7 noborder\n";
    if (fault.fault == Fault::partition) return;
    for (const Micros edge : {fault.start, fault.stop})
        script << "set arrow from " << seconds(edge) << ", graph 0 to " << seconds(edge)
               << ", graph 1 nohead back dashtype 2 linecolor rgb '#999999'\n";
}

void name_faults(const History& history, Curves& curves) {
    for (const Fault fault : {Fault::partition, Fault::kill, Fault::pause}) {
        const bool struck = std::any_of(history.faults.begin(), history.faults.end(),
                                        [&](const auto& f) { return f.fault == fault; });
        if (struck)
            curves.add_key(
                "with boxes fillstyle solid linecolor rgb '" + std::string(colour(fault)) + "'",
                name_of(fault));
    }
}

void write_plot(const std::string& name, const std::string& settings, const Curves& curves,
                const History& history, std::ostream& script) {
    if (curves.empty()) return;
    script << "reset\n"
           << "set grid linecolor rgb '#e8e8e8'\nset border 3\nset tics nomirror out\n"
           << "set key outside right top samplen 1.5 spacing 1.1\n"
           << "set xlabel 'time (s)'\nset xrange [0:" << seconds(history.ended) << "]\n"
           << settings;
    for (const auto& fault : history.faults) shade(fault, script);
    script << curves.data();
    for (const char* format : {"png", "svg"}) {
        const bool png = format[0] == 'p';
        script << "set terminal "
               << (png ? "pngcairo size 1000,400 font 'DejaVu Sans,10'"
                       : "svg size 1000,400 dynamic font 'DejaVu Sans,sans-serif,12'")
               << " background 'white'\nset output '" << name << '.' << format << "'\nplot "
               << curves.plot() << "\nset output\n";
    }
}

std::string row(double x, double y) { return std::to_string(x) + ' ' + std::to_string(y) + '\n'; }

void plot_latency(const History& history, std::ostream& script) {
    Curves curves;
    for (const Outcome outcome : outcomes) {
        std::string rows;
        for (const auto& o : history.operations)
            if (o.outcome == outcome)
                rows += row(seconds(o.invoked), static_cast<double>(o.completed - o.invoked) / 1e3);
        curves.add(rows,
                   "with points pointtype 7 pointsize 0.35 linecolor rgb '" +
                       std::string(colour(outcome)) + "'",
                   name_of(outcome));
    }
    name_faults(history, curves);
    write_plot("latency",
               "set title 'Latency of operations'\nset ylabel 'latency (ms)'\nset logscale y\n",
               curves, history, script);
}

std::string rows_per_second(const History& history, Outcome outcome) {
    std::vector<double> counts(static_cast<std::size_t>(std::ceil(seconds(history.ended))) + 1);
    bool any = false;
    for (const auto& operation : history.operations) {
        if (operation.outcome != outcome) continue;
        counts[static_cast<std::size_t>(seconds(operation.completed))] += 1;
        any = true;
    }
    std::string rows;
    for (std::size_t i = 0; any && i < counts.size(); ++i)
        rows += row(static_cast<double>(i), counts[i]);
    return rows;
}

void plot_rate(const History& history, std::ostream& script) {
    Curves curves;
    for (const Outcome outcome : outcomes)
        curves.add(rows_per_second(history, outcome),
                   "with steps linewidth 1.6 linecolor rgb '" + std::string(colour(outcome)) + "'",
                   name_of(outcome));
    name_faults(history, curves);
    write_plot(
        "rate",
        "set title 'Operations completed'\nset ylabel 'operations per second'\nset yrange [0:*]\n",
        curves, history, script);
}

std::string values_at(const History& history, std::size_t node) {
    std::string rows;
    for (const auto& read : history.operations) {
        if (read.node != node || read.type != "read" || read.outcome != Outcome::ok) continue;
        const double value =
            read.seen ? static_cast<double>(read.seen->count) : read.result.get<double>();
        rows += row(seconds(read.completed), value);
    }
    return rows;
}

void plot_values(const History& history, Kind kind, std::ostream& script) {
    Curves curves;
    for (std::size_t node = 0; node < history.nodes.size(); ++node)
        curves.add(
            values_at(history, node),
            "with steps linewidth 1.4 linecolor rgb '" + std::string(node_colour(node)) + "'",
            history.nodes[node]);
    name_faults(history, curves);
    const bool many = history.nodes.size() > 14;
    write_plot("values",
               std::string("set title 'Values read at each node'\nset ylabel '") +
                   (kind == Kind::set ? "elements" : "value") + "'\n" +
                   (many ? "set key font ',7' spacing 0.8\n" : ""),
               curves, history, script);
}

/// Runs gnuplot on a script, in the script's directory.
bool run_gnuplot(const std::filesystem::path& directory, const char* script) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "gnuplot.log",
                                     O_WRONLY | O_CREAT | O_TRUNC, 0644);
    std::string program = "gnuplot";
    std::string argument = script;
    std::array<char*, 3> argv{program.data(), argument.data(), nullptr};
    pid_t pid = -1;
    const int failed = posix_spawnp(&pid, "gnuplot", &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    return failed == 0 && ::waitpid(pid, &status, 0) == pid && status == 0;
}

}  // namespace

bool draw_plots(const History& history, const Workload& workload,
                const std::filesystem::path& out) {
    {
        std::ofstream script(out / "plots.gp");
        plot_latency(history, script);
        plot_rate(history, script);
        if (workload.has_final_read()) plot_values(history, workload.kind, script);
    }
    return run_gnuplot(out, "plots.gp");
}

}  // namespace cluster

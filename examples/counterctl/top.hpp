// SPDX-License-Identifier: MIT
//! Tables of nodes and counters, which are printed again each second. On a terminal, they replace
//! the previous ones.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <csignal>
#include <iomanip>
#include <iostream>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "client.hpp"
#include "watch.hpp"

/// The watched counters and their rates of change.
class Table {
    struct Row {
        Json value;
        double before;
        double rate = 0;
    };
    /// The rows by name and kind.
    std::map<std::pair<std::string, std::string>, Row> rows_;

    static double number(const Json& value) { return value.is_number() ? value.get<double>() : 0; }
    /// Returns the name of a counter. If both kinds of this name exist, adds the kind.
    std::string title(const std::pair<std::string, std::string>& key) const {
        const auto& [name, kind] = key;
        const bool is_twofold = rows_.contains({name, kind == "bounded" ? "counter" : "bounded"});
        return is_twofold ? name + " (" + kind + ")" : name;
    }

  public:
    void apply(const Json& changes) {
        for (const Json& change : changes.value("changes", Json::array())) {
            const Json& value = change.at("value");
            const auto [row, is_new] = rows_.try_emplace({change.at("name"), change.at("kind")},
                                                         Row{value, number(value)});
            if (!is_new) row->second.value = value;
        }
    }

    void pass(double seconds) {
        for (auto& [key, row] : rows_) {
            row.rate = (number(row.value) - row.before) / seconds;
            row.before = number(row.value);
        }
    }

    /// Draws the table. The counters that change most come first.
    void draw(std::ostream& out, std::size_t lines, const char* line_end) const {
        std::vector<const std::pair<const std::pair<std::string, std::string>, Row>*> order;
        for (const auto& row : rows_) order.push_back(&row);
        const auto shown = order.begin() + std::ptrdiff_t(std::min(lines, order.size()));
        std::partial_sort(order.begin(), shown, order.end(), [](auto* a, auto* b) {
            return std::pair{-std::abs(a->second.rate), a->first} <
                   std::pair{-std::abs(b->second.rate), b->first};
        });
        for (auto row = order.begin(); row != shown; ++row)
            out << std::left << std::setw(40) << title((*row)->first) << std::right << std::setw(22)
                << (*row)->second.value.dump() << std::setw(14) << std::fixed
                << std::setprecision(1) << (*row)->second.rate << line_end;
    }
};

/// Shows the alternate screen of the terminal, and switches off the echo of keys. The destructor
/// restores the terminal.
class Screen {
    termios before_{};
    bool has_keys_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    bool is_terminal_ = ::isatty(STDOUT_FILENO) == 1;

    inline static volatile std::sig_atomic_t is_interrupted = 0;

  public:
    Screen() {
        for (const int number : {SIGINT, SIGTERM, SIGHUP})
            std::signal(number, [](int) { is_interrupted = 1; });
        if (has_keys_) {
            termios keys = before_;
            keys.c_lflag &= ~tcflag_t(ICANON | ECHO);
            ::tcsetattr(STDIN_FILENO, TCSANOW, &keys);
        }
        if (is_terminal_) std::cout << "\033[?1049h\033[?25l";
    }
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;
    ~Screen() {
        if (is_terminal_) std::cout << "\033[?25h\033[?1049l" << std::flush;
        if (has_keys_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    }

    /// Waits for `time`. Returns false if the user presses q or interrupts the program.
    bool wait(std::chrono::milliseconds time) const {
        const auto end = std::chrono::steady_clock::now() + time;
        while (!is_interrupted) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(
                end - std::chrono::steady_clock::now());
            if (left.count() <= 0) return true;
            pollfd keys{has_keys_ ? STDIN_FILENO : -1, POLLIN, 0};
            if (::poll(&keys, 1, int(left.count())) <= 0) continue;
            char key = 'q';  // also for a closed terminal
            if (::read(STDIN_FILENO, &key, 1) <= 0 || key == 'q') return false;
        }
        return false;
    }

    const char* begin() const { return is_terminal_ ? "\033[H" : ""; }
    const char* line_end() const { return is_terminal_ ? "\033[K\n" : "\n"; }
    const char* end() const { return is_terminal_ ? "\033[J" : "\n"; }
    std::size_t lines() const {
        winsize size{};
        if (!is_terminal_ || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0)
            return std::numeric_limits<std::size_t>::max();
        return size.ws_row;
    }
};

/// The nodes of the cluster, and what each does per second.
class Nodes {
    struct Row {
        bool is_down = false;
        /// The totals at the last refresh and at the one before, by metric.
        std::map<std::string, double> now{}, before{};
    };
    static constexpr std::array columns{"requests", "adds", "errors", "peer messages"};

    const Client& client_;
    std::map<std::string, Row> rows_;
    std::string problem_;
    double seconds_ = 1;

    static double total(const Json& metrics, std::string_view column) {
        if (column == "adds") return metrics.value("requests_add_total", 0.0);
        if (column == "errors") return metrics.value("errors_total", 0.0);
        if (column == "peer messages") return metrics.value("peer_messages_sent_total", 0.0);
        double sum = 0;
        for (const auto& [name, value] : metrics.items())
            if (name.starts_with("requests_") && name != "requests_lost_total")
                sum += value.get<double>();
        return sum;
    }
    void read(const std::string& node) {
        const Json metrics = client_.request("status", Json::object(), node).at("metrics");
        Row& row = rows_[node];
        const bool is_new = row.now.empty();
        row.before = std::move(row.now);
        for (const char* column : columns) row.now[column] = total(metrics, column);
        if (is_new) row.before = row.now;
    }

  public:
    explicit Nodes(const Client& client) : client_(client) { refresh(1); }

    /// Requests the metrics of each node that is not down. `seconds` is the time since the last
    /// call.
    void refresh(double seconds) {
        seconds_ = seconds;
        problem_.clear();
        try {
            const Json status = client_.request("status", Json::object());
            std::map<std::string, bool> down{{status.at("node"), false}};
            for (const Json& member : status.at("members"))
                down[member.at("node")] = member.at("down").get<bool>();
            std::erase_if(rows_, [&](const auto& row) { return !down.contains(row.first); });
            for (const auto& [node, is_down] : down) {
                rows_[node].is_down = is_down;
                if (!is_down) read(node);
            }
        } catch (const Failure& failure) {
            problem_ = failure.what();
        }
    }
    /// Returns the number of lines that draw() prints.
    std::size_t lines() const { return rows_.size() + 1 + (problem_.empty() ? 0 : 1); }
    void draw(std::ostream& out, const char* line_end) const {
        out << std::left << std::setw(34) << "node"
            << "state" << std::right;
        for (const char* column : columns) out << std::setw(15) << column + std::string("/s");
        out << line_end;
        for (const auto& [node, row] : rows_) {
            out << std::left << std::setw(34) << node << (row.is_down ? "down " : "up   ")
                << std::right << std::fixed << std::setprecision(1);
            for (const char* column : columns) {
                if (row.is_down || row.now.empty()) continue;
                out << std::setw(15) << (row.now.at(column) - row.before.at(column)) / seconds_;
            }
            out << line_end;
        }
        if (!problem_.empty()) out << problem_ << line_end;
    }
};

inline void top(const Client& client, const Json& request, bool only_once) {
    using Clock = std::chrono::steady_clock;
    Watch watch(client, request);
    Table table;
    Nodes nodes(client);
    const Screen screen;
    for (auto before = Clock::now(); screen.wait(std::chrono::seconds(1));) {
        while (const auto changes = watch.next(std::chrono::milliseconds(1))) table.apply(*changes);
        const auto now = Clock::now();
        const double seconds = std::chrono::duration<double>(now - before).count();
        table.pass(seconds);
        nodes.refresh(seconds);
        before = now;

        std::cout << screen.begin();
        nodes.draw(std::cout, screen.line_end());
        std::cout << screen.line_end() << std::left << std::setw(40) << "name" << std::right
                  << std::setw(22) << "value" << std::setw(14) << "per second" << screen.line_end();
        const std::size_t used = nodes.lines() + 3;
        table.draw(std::cout, screen.lines() - std::min(used, screen.lines()), screen.line_end());
        std::cout << screen.end() << std::flush;
        if (only_once) break;
    }
}

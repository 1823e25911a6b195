// SPDX-License-Identifier: MIT
//! A table of counters that is refreshed each second: in place on a terminal, otherwise as text.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <iomanip>
#include <iostream>
#include <limits>
#include <map>
#include <string>
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
    /// Returns the name, with its kind if both kinds exist.
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

/// The alternate screen of the terminal, with keys unechoed. The destructor restores the terminal.
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

    /// Waits. Returns false if the user presses q or interrupts.
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

/// Returns a line with the nodes that are up and down, according to one node.
inline std::string nodes_line(const Client& client) {
    try {
        const Json status = client.request("status", Json::object());
        std::string up = status.value("node", "?"), down;
        for (const Json& member : status.value("members", Json::array())) {
            const std::string node = member.at("node");
            if (node != status.value("node", ""))
                (member.value("down", false) ? down : up) += " " + node;
        }
        return "up: " + up + (down.empty() ? "" : "   down:" + down);
    } catch (const Failure& failure) {
        return failure.what();
    }
}

inline void top(const Client& client, const Json& request, bool only_once) {
    using Clock = std::chrono::steady_clock;
    Watch watch(client, request);
    Table table;
    const Screen screen;
    for (auto before = Clock::now(); screen.wait(std::chrono::seconds(1));) {
        while (const auto changes = watch.next(std::chrono::milliseconds(1))) table.apply(*changes);
        const auto now = Clock::now();
        table.pass(std::chrono::duration<double>(now - before).count());
        before = now;

        std::cout << screen.begin() << nodes_line(client) << screen.line_end() << std::left
                  << std::setw(40) << "name" << std::right << std::setw(22) << "value"
                  << std::setw(14) << "per second" << screen.line_end();
        table.draw(std::cout, screen.lines() - 3, screen.line_end());
        std::cout << screen.end() << std::flush;
        if (only_once) break;
    }
}

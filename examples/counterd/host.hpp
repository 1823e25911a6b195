// SPDX-License-Identifier: MIT
//! Host: the signals of a process, and its pages of metrics and health.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <poll.h>

#include <crdt/replication/options.hpp>
#include <crdt/system/clock.hpp>

#include "flags.hpp"
#include "health.hpp"
#include "metrics_server.hpp"
#include "signals.hpp"
#include "wakeup.hpp"

namespace counterd {

/// Receives the signals of the process and serves its pages, within the event loop of the node.
/// Construct it before any thread starts.
class Host {
    using Time = crdt::replication::Time;

    Signals signals_;
    Wakeup wakeup_;
    std::unique_ptr<MetricsServer> server_;

  public:
    Health health;

    /// Begins to serve pages, but not if the port is 0. Throws std::system_error if the port is in
    /// use.
    explicit Host(const Flags& flags) {
        if (flags.metrics_port == 0) return;
        server_ = std::make_unique<MetricsServer>(flags.metrics_address, flags.metrics_port);
        set_pages(
            [] {
                return Page{503, "no metrics: the node has not started\n"};
            },
            [] { return false; });
    }

    void set_pages(std::function<Page()> metrics, std::function<bool()> is_connected) {
        if (!server_) return;
        server_->pages = {{"/live", [this] { return health.live(crdt::system::monotonic_now()); }},
                          {"/metrics", std::move(metrics)},
                          {"/ready", [this, is_connected = std::move(is_connected)] {
                               return health.ready(is_connected());
                           }}};
    }

    /// Serves requested pages. Call it at the beginning of each turn of the event loop.
    void begin_turn() {
        health.begin_turn(crdt::system::monotonic_now());
        if (server_) server_->serve();
    }
    void end_turn() { health.end_turn(crdt::system::monotonic_now()); }

    /// Ends the current or the next wait(). Any thread may call this function.
    void wake() const { wakeup_.wake(); }
    /// Blocks until `until`, until one of the files is readable, until wake() is called, or until
    /// pages are requested. A file of -1 is ignored. Returns true if a signal requests the end.
    bool wait(Time until, int file = -1, int other_file = -1) const {
        const Time now = crdt::system::monotonic_now();
        if (server_) until = std::min(until, server_->next_deadline(now).value_or(until));
        const auto wait = std::chrono::ceil<std::chrono::microseconds>(
            std::max(until - now, Time::duration::zero()));
        const timespec timeout{static_cast<time_t>(wait.count() / 1'000'000),
                               static_cast<long>(wait.count() % 1'000'000 * 1000)};
        std::array<pollfd, 5> files{pollfd{signals_.file(), POLLIN, 0},
                                    pollfd{wakeup_.file(), POLLIN, 0},
                                    pollfd{server_ ? server_->file() : -1, POLLIN, 0},
                                    pollfd{file, POLLIN, 0}, pollfd{other_file, POLLIN, 0}};
        ::ppoll(files.data(), files.size(), &timeout, nullptr);
        if (files[1].revents != 0) wakeup_.acknowledge();
        const bool is_signalled = files.front().revents != 0;
        if (is_signalled) signals_.consume();
        return is_signalled;
    }
};

}  // namespace counterd

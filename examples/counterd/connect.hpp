// SPDX-License-Identifier: MIT
//! connect: connects a node to NATS, and waits for a server if none can be reached.
#pragma once

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <string>

#include <crdt/nats/connection.hpp>
#include <crdt/system/clock.hpp>
#include <crdt/system/log_level.hpp>

#include "exit_code.hpp"
#include "flags.hpp"
#include "host.hpp"
#include "json_log.hpp"

namespace counterd {

/// Connects a node to NATS. While no server can be reached, tries again for flags.wait_s seconds,
/// with pauses that double up to five seconds, and logs each attempt. Serves the pages of `host` at
/// the same time.
///
/// Returns  nothing if a signal requests the end
/// Errors   throws NatsError if the time is over, or at once if a server refuses this node
inline std::unique_ptr<crdt::nats::Connection> connect(const Flags& flags, const JsonLog& log,
                                                       Host& host) {
    using namespace std::chrono;
    using crdt::system::monotonic_now;
    constexpr milliseconds first_pause{100}, longest_pause{5000}, poll{20};
    crdt::nats::ConnectionOptions options = flags.connection;
    options.name = flags.cluster + '.' + flags.node;
    options.owner_polls = true;
    const auto end = monotonic_now() + seconds{flags.wait_s};
    const auto ends_before = [&](auto until, milliseconds step, auto&& is_done) {
        while (!is_done() && monotonic_now() < until) {
            if (host.wait(std::min(until, monotonic_now() + step))) return true;
            host.begin_turn();
            host.end_turn();
        }
        return false;
    };
    host.health.set_obstacle("connecting to NATS");
    for (milliseconds pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
        // An attempt can block for seconds, so each attempt runs in its own thread.
        auto attempt = std::async(std::launch::async, [&] {
            return std::make_unique<crdt::nats::Connection>(options, log);
        });
        if (ends_before(decltype(end)::max(), poll,
                        [&] { return attempt.wait_for(0s) == std::future_status::ready; }))
            return nullptr;
        try {
            return attempt.get();
        } catch (const crdt::nats::NatsError& error) {
            const auto left = duration_cast<milliseconds>(end - monotonic_now());
            if (!is_unreachable(error) || left <= 0ms) throw;
            pause = std::min(pause, left);
            log(crdt::system::LogLevel::warning,
                error.what() + ("; next attempt in " + std::to_string(pause.count())) +
                    " ms, for at most " + std::to_string(left.count() / 1000) + " s more");
            host.health.set_obstacle(error.what());
        }
        if (ends_before(monotonic_now() + pause, pause, [] { return false; })) return nullptr;
    }
}

}  // namespace counterd

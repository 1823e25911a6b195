// SPDX-License-Identifier: MIT
//! Health: whether a node makes progress, and whether it serves requests.
#pragma once

#include <chrono>
#include <string>

#include <crdt/replication/time.hpp>

#include "metrics_server.hpp"

namespace counterd {

/// The state of a node that the pages /live and /ready show. Each page has status 200 or 503, and
/// one line of text.
class Health {
    using Time = crdt::replication::Time;
    using Duration = crdt::replication::Duration;

    std::string obstacle_ = "starting";
    Time began_{};
    /// The duration of the last turn that took too long, and the time when it ended.
    Duration long_turn_{};
    Time long_turn_end_{};

    static double seconds(Duration duration) {
        return std::chrono::duration<double>(duration).count();
    }

  public:
    /// If a turn of the event loop takes longer, this is a fault, for example of the disk.
    static constexpr Duration longest_turn = std::chrono::seconds{5};
    /// The page /live reports a fault for this time.
    static constexpr Duration memory = std::chrono::seconds{10};

    /// Sets the reason why the node does not serve requests. An empty text means that the node
    /// serves requests.
    void set_obstacle(std::string obstacle) { obstacle_ = std::move(obstacle); }
    void begin_turn(Time now) { began_ = now; }
    void end_turn(Time now) {
        if (now - began_ <= longest_turn) return;
        long_turn_ = now - began_;
        long_turn_end_ = now;
    }

    bool is_ready(bool connected) const { return obstacle_.empty() && connected; }
    Page ready(bool connected) const {
        if (is_ready(connected)) return {200, "ready\n"};
        return {503,
                "not ready: " + (obstacle_.empty() ? "no connection to NATS" : obstacle_) + '\n'};
    }
    Page live(Time now) const {
        if (long_turn_ == Duration::zero() || now - long_turn_end_ > memory) return {200, "live\n"};
        return {503, "not live: a turn of the event loop took " +
                         std::to_string(static_cast<int>(seconds(long_turn_))) +
                         " s, expected at most " +
                         std::to_string(static_cast<int>(seconds(longest_turn))) + " s\n"};
    }
};

}  // namespace counterd

// SPDX-License-Identifier: MIT
//! The simulated network: it delays messages. When a message arrives on a cut link, the network
//! drops it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "history.hpp"
#include "message.hpp"
#include "random.hpp"

namespace cluster {

enum class Spread { constant, uniform, exponential };

struct Latency {
    double mean_ms = 0;
    Spread spread = Spread::constant;

    Micros draw(Random& random) const;
};

/// Links that deliver nothing. Each link is one-way, from one node to another.
using Cuts = std::set<std::pair<std::string, std::string>>;

class Network {
    struct Pending {
        Micros due;
        std::uint64_t id;
        Envelope message;

        bool operator>(const Pending& other) const {
            return due != other.due ? due > other.due : id > other.id;
        }
    };

    Latency latency_;
    Random random_;
    std::priority_queue<Pending, std::vector<Pending>, std::greater<>> pending_;
    std::uint64_t sent_ = 0;
    Cuts cuts_;
    Traffic traffic_;

  public:
    Network(Latency latency, Random random) : latency_(latency), random_(random) {}

    /// Accepts and counts a message of `bytes` on the wire.
    void send(Envelope message, std::size_t bytes, Micros now);

    /// Returns the next message that arrives by `now`, with its id. Drops messages on cut links.
    std::optional<std::pair<std::uint64_t, Envelope>> receive(Micros now);

    /// Returns the time when the next message arrives.
    std::optional<Micros> next_due() const;

    void cut(Cuts cuts) { cuts_ = std::move(cuts); }
    void heal() { cuts_.clear(); }

    const Traffic& traffic() const { return traffic_; }
};

}  // namespace cluster

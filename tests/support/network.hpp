// SPDX-License-Identifier: MIT
//! A lossy network of replicators with one seed and a clock of its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <crdt/random.hpp>
#include <crdt/replication/overlay.hpp>
#include <crdt/replication/replicator.hpp>

namespace support {

using crdt::replication::Duration;
using crdt::replication::Time;

/// The faults of the network. Chances are in percent.
struct NetworkOptions {
    unsigned loss = 0;
    unsigned duplication = 0;
    Duration max_delay{};
};

template <class L, class Policy = crdt::replication::Policy>
class Network {
  public:
    using Replicator = crdt::replication::Replicator<L, std::string, Policy>;
    using Message = crdt::replication::Message<L>;

    struct Sent {
        Time at;
        std::size_t from, to;
        Message message;
    };

    Network(std::size_t size, std::uint64_t seed,
            crdt::replication::Options options = crdt::replication::Options{},
            crdt::replication::OverlayOptions overlay = {})
        : options_(options),
          overlay_(overlay),
          random_(seed),
          connected_([](std::size_t, std::size_t) { return true; }) {
        for (std::size_t i = 0; i < size; ++i) replicas.push_back(make(i));
        for (std::size_t i = 0; i < size; ++i) join(i);
    }

    static std::string name(std::size_t index) { return "n" + std::to_string(index); }

    /// Restarts a replica without its state, as a new incarnation.
    void restart(std::size_t index) {
        replicas[index] = make(index);
        join(index);
    }
    /// From now on, messages are delivered only if `connected(from, to)` is true.
    void cut(std::function<bool(std::size_t, std::size_t)> connected) {
        connected_ = std::move(connected);
    }
    void heal() {
        connected_ = [](std::size_t, std::size_t) { return true; };
    }

    /// Advances the clock by `span`, in steps of a millisecond. Runs `act` before each step.
    template <class Act>
    void run(Duration span, Act&& act) {
        for (const Time end = now + span; now < end; now += std::chrono::milliseconds{1}) {
            act();
            deliver();
            for (std::size_t i = 0; i < replicas.size(); ++i) {
                for (auto& outgoing : replicas[i].on_tick(now)) {
                    const std::size_t to = std::stoul(outgoing.to.substr(1));
                    log.push_back({now, i, to, outgoing.message});
                    post(i, to, outgoing.message);
                }
            }
        }
    }
    void run(Duration span) {
        run(span, [] {});
    }

    bool converged() const {
        for (const auto& replica : replicas) {
            if (!(replica.state() == replicas.front().state())) return false;
        }
        return true;
    }
    bool silent() const {
        for (const auto& replica : replicas) {
            if (replica.next_deadline()) return false;
        }
        return in_flight_.empty();
    }

    std::vector<Replicator> replicas;
    std::vector<Sent> log;
    NetworkOptions conditions;
    Time now{std::chrono::milliseconds{1000}};

  private:
    struct Flight {
        Time arrival;
        std::size_t from, to;
        Message message;
    };

    crdt::replication::Options options_;
    crdt::replication::OverlayOptions overlay_;
    crdt::Random random_;
    std::function<bool(std::size_t, std::size_t)> connected_;
    std::vector<Flight> in_flight_;
    std::uint64_t last_epoch_ = 0;

    Replicator make(std::size_t index) {
        auto options = options_;
        options.seed = random_.next();
        return Replicator(crdt::replication::Epoch{++last_epoch_ * 1000 + index}, options);
    }
    void join(std::size_t index) {
        std::vector<std::string> peers;
        for (std::size_t i = 0; i < replicas.size(); ++i) {
            if (i != index) peers.push_back(name(i));
        }
        replicas[index].set_peers(peers,
                                  crdt::replication::neighbours(peers, name(index), overlay_), now);
        replicas[index].start(now);
    }
    void post(std::size_t from, std::size_t to, const Message& message) {
        const unsigned copies = random_.below(100) < conditions.duplication ? 2 : 1;
        for (unsigned copy = 0; copy < copies; ++copy) {
            if (random_.below(100) < conditions.loss) continue;
            in_flight_.push_back(
                {now + crdt::replication::random_below(random_, conditions.max_delay + Duration{1}),
                 from, to, message});
        }
    }
    void deliver() {
        for (std::size_t i = 0; i < in_flight_.size();) {
            if (in_flight_[i].arrival > now) {
                ++i;
                continue;
            }
            const Flight flight = std::move(in_flight_[i]);
            in_flight_.erase(in_flight_.begin() + static_cast<std::ptrdiff_t>(i));
            if (connected_(flight.from, flight.to))
                replicas[flight.to].on_message(name(flight.from), flight.message, now);
        }
    }
};

}  // namespace support

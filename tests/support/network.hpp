// SPDX-License-Identifier: MIT
//! Replicators on a simulated network, in steps of a millisecond.
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
#include <crdt/sim/network.hpp>

namespace support {

using crdt::replication::Duration;
using crdt::replication::Time;

/// What the network does to messages; probabilities in percent. Delays are uniform.
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
          network_(~seed, {0, 0, 0, 0, crdt::sim::Delay::uniform, {}}) {
        for (std::size_t i = 0; i < size; ++i) replicas.push_back(make(i));
        for (std::size_t i = 0; i < size; ++i) join(i);
    }

    static std::string name(std::size_t index) { return "n" + std::to_string(index); }

    /// A new incarnation of a replica, without its state.
    void restart(std::size_t index) {
        replicas[index] = make(index);
        join(index);
    }
    /// Only where `connected(from, to)` are messages delivered.
    void cut(std::function<bool(std::size_t, std::size_t)> connected) {
        network_.partition(std::move(connected));
    }
    void heal() { network_.heal(); }

    /// Lets `span` pass in steps of a millisecond; `act` runs before each.
    template <class Act>
    void run(Duration span, Act&& act) {
        for (const Time end = now + span; now < end; now += std::chrono::milliseconds{1}) {
            act();
            network_.options.loss = conditions.loss;
            network_.options.duplication = conditions.duplication;
            network_.options.mean_delay = conditions.max_delay / 2;
            deliver();
            for (std::size_t i = 0; i < replicas.size(); ++i) {
                for (auto& outgoing : replicas[i].on_tick(now)) {
                    const std::size_t to = std::stoul(outgoing.to.substr(1));
                    log.push_back({now, i, to, outgoing.message});
                    network_.send(i, to, outgoing.message, now);
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
        return network_.empty();
    }

    std::vector<Replicator> replicas;
    std::vector<Sent> log;
    NetworkOptions conditions;
    Time now{std::chrono::milliseconds{1000}};

  private:
    crdt::replication::Options options_;
    crdt::replication::OverlayOptions overlay_;
    crdt::Random random_;
    crdt::sim::Network<Message> network_;
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
    void deliver() {
        while (const auto packet = network_.receive(now)) {
            if (!packet->is_lost)
                replicas[packet->to].on_message(name(packet->from), packet->payload, now);
        }
    }
};

}  // namespace support

// SPDX-License-Identifier: MIT
//! Network: what happens to messages between their senders and their receivers.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <crdt/random.hpp>
#include <crdt/replication/time.hpp>
#include <crdt/sim/event_queue.hpp>

namespace crdt::sim {

using replication::Duration;
using replication::random_below;

/// How delays are distributed about their mean.
enum class Delay { constant, uniform, exponential };

/// The delays and the faults of a network. Probabilities are in percent of the messages.
struct NetworkOptions {
    /// The percentage of messages that do not arrive.
    unsigned loss = 0;
    /// The percentage of messages that arrive twice.
    unsigned duplication = 0;
    /// The percentage of messages of which a second copy arrives, up to 5 s after the sending.
    unsigned replay = 0;
    /// The percentage of messages that arrive corrupted, if their type has a function corrupt().
    unsigned corruption = 0;
    /// The distribution of the delays.
    Delay delay = Delay::constant;
    /// The mean of the delays.
    Duration mean_delay{};

    /// Returns the delay of one message.
    Duration draw_delay(crdt::Random& random) const {
        if (delay == Delay::constant) return mean_delay;
        if (delay == Delay::uniform) return random_below(random, 2 * mean_delay + Duration{1});
        // The sum of uniform delays. Each further delay is added with half the probability of the
        // delay before.
        Duration result = random_below(random, mean_delay + Duration{1});
        for (unsigned halving = 0; halving < 8 && random.below(2) == 0; ++halving)
            result += random_below(random, 2 * mean_delay + Duration{1});
        return result;
    }
};

/// Flips some bits of `bytes`, or removes its end. Precondition: `bytes` is not empty.
inline void corrupt(std::string& bytes, crdt::Random& random) {
    if (random.below(3) == 0) return bytes.resize(random.below(bytes.size()));
    const std::size_t first = random.below(8 * bytes.size());
    for (std::size_t bit = first; bit < 8 * bytes.size() && bit < first + 32; ++bit) {
        if (bit == first || random.below(4) == 0)
            bytes[bit / 8] ^= static_cast<char>(1U << (bit % 8));
    }
}

/// A partition into two sides. Messages between the sides are lost, in both directions or in one.
struct TwoSides {
    /// The side of each address, as a bit.
    std::uint64_t sides = 0;
    /// Whether messages from side 0 to side 1 arrive. Messages from side 1 to side 0 never arrive.
    bool is_one_way = false;

    /// Whether messages from `from` arrive at `to`.
    bool operator()(std::size_t from, std::size_t to) const {
        const auto side = [&](std::size_t address) { return (sides >> (address % 64)) & 1U; };
        return side(from) == side(to) || (is_one_way && side(from) == 0);
    }
};

/// A message between its sender and its receiver.
template <class Payload>
struct Packet {
    std::size_t from = 0;       ///< the address of the sender
    std::size_t to = 0;         ///< the address of the receiver
    Time sent_at{};             ///< when it was sent
    Payload payload = {};       ///< the message, perhaps corrupted
    bool is_corrupted = false;  ///< whether corrupt() has changed the message
    bool is_lost = false;       ///< whether a partition keeps it from its receiver
};

/// A network of addresses. It loses, repeats, delays, reorders and corrupts messages, and it can be
/// partitioned. The seed and the calls determine everything that happens. Payloads can be of any
/// type, such as frames or values.
template <class Payload>
class Network {
    crdt::Random random_;
    EventQueue<Packet<Payload>> in_flight_ = {};
    std::function<bool(std::size_t, std::size_t)> connected_ = {};

    bool chance(unsigned percent) { return percent != 0 && random_.below(100) < percent; }

  public:
    /// Makes a network without a partition.
    explicit Network(std::uint64_t seed, NetworkOptions initial = {})
        : random_(seed), options(initial) {}

    /// The options of the messages that are sent from now on.
    NetworkOptions options;

    /// Sends a message. Returns false if the message is lost. O(log n) for n messages on their way.
    bool send(std::size_t from, std::size_t to, Payload payload, Time now) {
        if (chance(options.loss)) return false;
        Packet<Payload> packet{from, to, now, std::move(payload)};
        if constexpr (requires { corrupt(packet.payload, random_); }) {
            packet.is_corrupted = chance(options.corruption);
            if (packet.is_corrupted) corrupt(packet.payload, random_);
        }
        if (chance(options.duplication)) in_flight_.push(now + options.draw_delay(random_), packet);
        if (chance(options.replay))
            in_flight_.push(now + random_below(random_, std::chrono::seconds{5}), packet);
        in_flight_.push(now + options.draw_delay(random_), std::move(packet));
        return true;
    }

    /// Whether no message is on its way.
    bool empty() const { return in_flight_.empty(); }
    /// Returns when the next message arrives, or nothing if no message is on its way.
    std::optional<Time> next_arrival() const { return in_flight_.next_time(); }
    /// Removes the next message that has arrived at `now`, and returns it. Returns nothing if no
    /// message has arrived. If a partition now separates sender and receiver, is_lost of the
    /// message is true. O(log n).
    std::optional<Packet<Payload>> receive(Time now) {
        const auto arrival = in_flight_.next_time();
        if (!arrival || *arrival > now) return std::nullopt;
        Packet<Payload> packet = in_flight_.pop().event;
        packet.is_lost = connected_ && !connected_(packet.from, packet.to);
        return packet;
    }
    /// Delivers a received message again at `at`, for example because its receiver is paused.
    void postpone(Packet<Payload> packet, Time at) { in_flight_.push(at, std::move(packet)); }

    /// Begins a partition. From now on a message is lost on arrival if connected(from, to) is
    /// false.
    void partition(std::function<bool(std::size_t from, std::size_t to)> connected) {
        connected_ = std::move(connected);
    }
    /// Ends the partition.
    void heal() { connected_ = nullptr; }
    /// Whether there is a partition.
    bool is_partitioned() const { return connected_ != nullptr; }
};

}  // namespace crdt::sim

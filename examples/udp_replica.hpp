// SPDX-License-Identifier: MIT
//! UdpReplica: a replica that exchanges datagrams with its peers.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/frame.hpp>
#include <crdt/replication/endpoint.hpp>
#include <crdt/replication/message_serializer.hpp>
#include <crdt/replication/size_in_bytes.hpp>
#include <crdt/system/clock.hpp>
#include <crdt/system/fresh.hpp>

#include "udp.hpp"

/// A replica of an L that exchanges datagrams over a UDP port. The replica has no file, so after a
/// restart it receives the state from its peers. Lost, repeated and reordered datagrams do no harm.
/// Datagrams that are not from a peer are rejected and counted.
template <class L>
class UdpReplica {
    using Message = crdt::replication::Message<L>;
    using Duration = crdt::replication::Duration;

    /// The functions that the endpoint calls. The state is not stored, so each process needs a new
    /// replica id.
    struct Host {
        static std::uint64_t replica_id(std::uint64_t incarnation) { return incarnation; }
        static std::uint64_t fresh_incarnation() { return crdt::system::fresh_number(); }
        void on_growth(const L&) { has_grown = true; }
        void on_reincarnation(std::uint64_t) {}

        bool has_grown = false;
    };

    UdpSocket socket_;
    std::uint64_t cluster_;
    Host host_{};
    crdt::replication::Endpoint<L, Port, Host, crdt::SizeInBytes> endpoint_{
        host_, crdt::replication::Epoch{Host::fresh_incarnation()}, options()};
    std::uint64_t malformed_ = 0;

    static crdt::replication::Options options() {
        // A message contains a digest of at most `limit` bytes, and changes of at most twice as
        // many. So a message fits into a datagram. If a single range is larger, its message is lost
        // and not acknowledged. Then the peer is resynchronised, and the range is sent in parts.
        constexpr std::size_t limit = 16384;
        static_assert(3 * limit + 1024 < UdpSocket::max_size);
        crdt::replication::Options options;
        options.interval = options.ack_delay = std::chrono::milliseconds{50};
        options.digest_limit = options.message_limit = limit;
        return options;
    }

    /// Passes the message in a datagram to the endpoint. Returns false if the datagram does not
    /// contain a message.
    bool deliver(Port from, const std::string& datagram) {
        const auto payload = crdt::frame::decode(datagram, cluster_);
        if (!payload) return false;
        const auto message = crdt::binary::try_decode_value<Message>(*payload);
        if (message) endpoint_.receive(from, *message, crdt::system::monotonic_now());
        return message.has_value();
    }

  public:
    /// Starts the replica. `cluster` is a number that all peers share. Datagrams with another
    /// number are rejected.
    UdpReplica(const Ports& ports, std::uint64_t cluster) : socket_(ports.own), cluster_(cluster) {
        endpoint_.set_peers(ports.peers, ports.peers, crdt::system::monotonic_now());
        endpoint_.start(crdt::system::monotonic_now());
    }

    /// The file descriptor of the socket, for poll().
    int file() const { return socket_.file(); }
    /// The endpoint, for its links and metrics.
    const auto& endpoint() const { return endpoint_; }
    const L& state() const { return endpoint_.state(); }
    /// Returns how many received datagrams did not contain a message of a peer.
    std::uint64_t rejected() const {
        return malformed_ + endpoint_.replicator().metrics().rejected;
    }

    /// Changes the state by calling mutate(state, id), which must return the delta.
    template <class Mutate>
    void update(Mutate&& mutate) {
        const std::uint64_t id = endpoint_.incarnation().current();
        endpoint_.update([&](L& state) { return mutate(state, id); });
    }
    /// Joins the messages that have arrived. Returns true if the state has grown.
    bool receive() {
        // The number of datagrams per call is limited, so that the program can do its other work
        // even if datagrams arrive without a pause.
        for (int count = 0; count < 64; ++count) {
            const auto datagram = socket_.receive();
            if (!datagram) break;
            malformed_ += !deliver(datagram->first, datagram->second);
        }
        return std::exchange(host_.has_grown, false);
    }
    /// Sends all messages that are due.
    void send_due() {
        endpoint_.tick(crdt::system::monotonic_now(), [this](Port to, const Message& message) {
            socket_.send(to, crdt::frame::encode(crdt::binary::encode_value(message), cluster_));
        });
    }
    /// Returns the milliseconds until a message is due, but at most `most`. Use them as the timeout
    /// of poll().
    int time_left(Duration most) const {
        using std::chrono::milliseconds;
        const auto now = crdt::system::monotonic_now();
        const auto next = std::min(endpoint_.next_deadline().value_or(now + most), now + most);
        return static_cast<int>(
            std::chrono::ceil<milliseconds>(std::max(next - now, Duration{})).count());
    }
};

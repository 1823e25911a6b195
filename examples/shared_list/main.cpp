// SPDX-License-Identifier: MIT
//! A list that processes on one machine share over UDP: shared_list PORT PEER_PORT...
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <crdt/awset.hpp>
#include <crdt/codec/frame.hpp>
#include <crdt/replication/endpoint.hpp>
#include <crdt/replication/message_serializer.hpp>
#include <crdt/replication/size_in_bytes.hpp>
#include <crdt/system/clock.hpp>
#include <crdt/system/decimal.hpp>
#include <crdt/system/fresh.hpp>

#include <arpa/inet.h>

using List = crdt::AWSet<std::string, std::uint64_t>;
using Port = std::uint16_t;
using Message = crdt::replication::Message<List>;
using crdt::replication::Duration;
using crdt::replication::Time;
using crdt::system::monotonic_now;

/// The cluster id. Datagrams of another cluster are rejected.
constexpr std::uint64_t cluster = 0x115;

/// Datagrams to and from ports of this machine.
class Socket {
    int file_ = ::socket(AF_INET, SOCK_DGRAM, 0);

    static sockaddr_in address(Port port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
    }

  public:
    explicit Socket(Port port) {
        const sockaddr_in here = address(port);
        if (::bind(file_, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0)
            throw std::system_error(errno, std::generic_category(), "port " + std::to_string(port));
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() { ::close(file_); }

    int file() const { return file_; }

    /// Sends a datagram. It may be lost, because the replicator tolerates lost messages.
    void send(Port to, const std::string& bytes) const {
        const sockaddr_in there = address(to);
        ::sendto(file_, bytes.data(), bytes.size(), MSG_DONTWAIT,
                 reinterpret_cast<const sockaddr*>(&there), sizeof there);
    }
    std::optional<std::pair<Port, std::string>> receive() const {
        std::string bytes(65536, '\0');
        sockaddr_in from{};
        socklen_t size = sizeof from;
        const auto length = ::recvfrom(file_, bytes.data(), bytes.size(), MSG_DONTWAIT,
                                       reinterpret_cast<sockaddr*>(&from), &size);
        if (length < 0) return std::nullopt;
        bytes.resize(static_cast<std::size_t>(length));
        return std::pair(ntohs(from.sin_port), std::move(bytes));
    }
};

void show(const List& list) {
    std::cout << "[";
    for (const std::string& item : list) std::cout << " " << item;
    std::cout << " ]" << std::endl;
}

crdt::replication::Options options() {
    crdt::replication::Options options;
    options.interval = std::chrono::milliseconds{50};
    options.ack_delay = std::chrono::milliseconds{50};
    options.digest_limit = 32768;
    options.message_limit = 32768;  // bytes; a datagram holds 65,507
    return options;
}

/// What the endpoint asks of its host. A replica is one process. It stores nothing, so a new
/// process needs a new id.
struct Host {
    static std::uint64_t replica_id(std::uint64_t incarnation) { return incarnation; }
    static std::uint64_t fresh_incarnation() { return crdt::system::fresh_number(); }
    void on_growth(const List&) { has_grown = true; }
    void on_reincarnation(std::uint64_t) {}

    bool has_grown = false;
};

/// A replica of the list on a UDP port.
class Replica {
    Socket socket_;
    Host host_;
    crdt::replication::Endpoint<List, Port, Host, crdt::SizeInBytes> endpoint_{
        host_, crdt::replication::Epoch{Host::fresh_incarnation()}, options()};

  public:
    Replica(Port port, const std::vector<Port>& peers) : socket_(port) {
        endpoint_.set_peers(peers, peers, monotonic_now());
        endpoint_.start(monotonic_now());
    }

    int file() const { return socket_.file(); }

    void run_command(const std::string& line) {
        const std::string item = line.substr(std::min(line.find(' '), line.size() - 1) + 1);
        const std::uint64_t id = endpoint_.incarnation().current();
        endpoint_.update([&](List& list) {
            if (line.starts_with("add ")) return list.insert(id, item);
            if (line.starts_with("remove ")) return list.erase(item);
            std::cout << "add ITEM or remove ITEM" << std::endl;
            return List{};
        });
        show(endpoint_.state());
    }
    void receive() {
        while (const auto datagram = socket_.receive()) {
            const auto payload = crdt::frame::decode(datagram->second, cluster);
            if (!payload) continue;
            const auto message = crdt::binary::try_decode_value<Message>(*payload);
            if (message) endpoint_.receive(datagram->first, *message, monotonic_now());
        }
        if (std::exchange(host_.has_grown, false)) show(endpoint_.state());
    }
    void send_due() {
        endpoint_.tick(monotonic_now(), [this](Port to, const Message& message) {
            socket_.send(to, crdt::frame::encode(crdt::binary::encode_value(message), cluster));
        });
    }

    /// The peer that writes wait for: it has not acknowledged changes for 0.7 seconds. A peer that
    /// is away for ten seconds is not waited for any longer.
    std::optional<Port> stalled_peer() const {
        for (const auto& link : endpoint_.replicator().links()) {
            if (!link.unacknowledged_since) continue;
            const Duration age = monotonic_now() - *link.unacknowledged_since;
            if (age >= std::chrono::milliseconds{700} && age < std::chrono::seconds{10})
                return link.peer;
        }
        return std::nullopt;
    }
    /// The milliseconds until something is due, at most 100: a peer may have stalled by then.
    int time_left() const {
        const Time now = monotonic_now();
        const Time next = std::min(endpoint_.next_deadline().value_or(Time::max()),
                                   now + std::chrono::milliseconds{100});
        if (next <= now) return 0;
        return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(next - now).count());
    }
};

/// Runs until standard input ends.
void run(Port port, const std::vector<Port>& peers) {
    Replica replica(port, peers);
    std::optional<Port> stalled;
    std::setvbuf(stdin, nullptr, _IONBF, 0);  // so that poll() reports unread input
    while (true) {
        const auto before = std::exchange(stalled, replica.stalled_peer());
        if (stalled && stalled != before) std::cout << "waiting for " << *stalled << std::endl;
        // While a peer is stalled, no command is read, so nothing is written.
        pollfd files[] = {{stalled ? -1 : STDIN_FILENO, POLLIN, 0}, {replica.file(), POLLIN, 0}};
        ::poll(files, 2, replica.time_left());
        if (files[0].revents != 0) {
            std::string line;
            if (!std::getline(std::cin, line)) return;
            replica.run_command(line);
        }
        replica.receive();
        replica.send_due();
    }
}

Port port_of(const std::string& word) {
    const auto port = crdt::system::decimal<Port>(word);
    if (!port || *port == 0) throw std::invalid_argument("not a port: '" + word + "'");
    return *port;
}

int main(int argc, char** argv) {
    try {
        std::vector<Port> ports;
        for (int i = 1; i < argc; ++i) ports.push_back(port_of(argv[i]));
        if (ports.size() < 2) throw std::invalid_argument("shared_list PORT PEER_PORT...");
        run(ports.front(), {ports.begin() + 1, ports.end()});
        return 0;
    } catch (const std::exception& error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
}

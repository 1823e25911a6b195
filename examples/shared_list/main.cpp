// SPDX-License-Identifier: MIT
//! A list that processes on one machine share over UDP: shared_list PORT PEER_PORT...
#include <algorithm>
#include <cerrno>
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
#include <crdt/replication/message_serializer.hpp>
#include <crdt/replication/replicator.hpp>
#include <crdt/replication/size_in_bytes.hpp>
#include <crdt/system/clock.hpp>
#include <crdt/system/decimal.hpp>
#include <crdt/system/fresh.hpp>

#include <arpa/inet.h>

using List = crdt::AWSet<std::string, std::uint64_t>;
using Port = std::uint16_t;
using Replicator = crdt::replication::Replicator<List, Port, crdt::SizeInBytes>;
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

void run_command(const std::string& line, std::uint64_t id, Replicator& replicator) {
    const std::string item = line.substr(std::min(line.find(' '), line.size() - 1) + 1);
    replicator.update([&](List& list) {
        if (line.starts_with("add ")) return list.insert(id, item);
        if (line.starts_with("remove ")) return list.erase(item);
        std::cout << "add ITEM or remove ITEM" << std::endl;
        return List{};
    });
    show(replicator.state());
}

void receive(const Socket& socket, Replicator& replicator) {
    while (const auto datagram = socket.receive()) {
        const auto payload = crdt::frame::decode(datagram->second, cluster);
        if (!payload) continue;
        const auto message = crdt::binary::try_decode_value<Message>(*payload);
        if (!message) continue;
        const List growth = replicator.on_message(datagram->first, *message, monotonic_now());
        if (!growth.is_bottom()) show(replicator.state());
    }
}

void send_due(const Socket& socket, Replicator& replicator) {
    for (const auto& [to, message] : replicator.on_tick(monotonic_now()))
        socket.send(to, crdt::frame::encode(crdt::binary::encode_value(message), cluster));
}

/// Returns the milliseconds until the replicator is due; -1 means no limit.
int time_left(const Replicator& replicator) {
    const auto deadline = replicator.next_deadline();
    if (!deadline) return -1;
    const Time current = monotonic_now();
    if (*deadline <= current) return 0;
    return static_cast<int>(
        std::chrono::ceil<std::chrono::milliseconds>(*deadline - current).count());
}

/// Runs until standard input ends.
void run(Port port, const std::vector<Port>& peers) {
    const Socket socket(port);
    // A replica is one process. It stores nothing, so a new process needs a new id.
    const std::uint64_t id = crdt::system::fresh_number();

    crdt::replication::Options options;
    options.interval = std::chrono::milliseconds{50};
    options.ack_delay = std::chrono::milliseconds{50};
    options.digest_limit = 32768;
    options.message_limit = 32768;  // bytes; a datagram holds 65,507
    Replicator replicator(crdt::replication::Epoch{id}, options);
    replicator.set_peers(peers, monotonic_now());
    replicator.start(monotonic_now());

    std::setvbuf(stdin, nullptr, _IONBF, 0);  // so that poll() reports unread input
    pollfd files[] = {{STDIN_FILENO, POLLIN, 0}, {socket.file(), POLLIN, 0}};
    while (true) {
        ::poll(files, 2, time_left(replicator));
        if (files[0].revents != 0) {
            std::string line;
            if (!std::getline(std::cin, line)) return;
            run_command(line, id, replicator);
        }
        receive(socket, replicator);
        send_due(socket, replicator);
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

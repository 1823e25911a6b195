// SPDX-License-Identifier: MIT
//! UdpSocket: datagrams between processes on one machine. A port names a process.
#pragma once

#include <cerrno>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

#include <crdt/system/decimal.hpp>

#include "local_port.hpp"

/// The ports of this process and of its peers.
struct Ports {
    Port own;
    std::vector<Port> peers;
};

/// Reads the command line `PROGRAM PORT PEER_PORT...`. Throws std::invalid_argument if the command
/// line has another form.
inline Ports ports_of(int argc, const char* const* argv) {
    if (argc < 3)
        throw std::invalid_argument("expected PORT PEER_PORT..., found " +
                                    std::to_string(argc - 1) + " words");
    const crdt::system::DecimalRange<Port> range{1, 65535};
    std::vector<Port> ports;
    for (const std::string& word : std::vector<std::string>(argv + 1, argv + argc)) {
        if (const std::string error = range(word); !error.empty())
            throw std::invalid_argument("port: " + error);
        ports.push_back(*crdt::system::decimal<Port>(word));
    }
    return {ports.front(), {ports.begin() + 1, ports.end()}};
}

/// A socket that sends datagrams to ports of this machine and receives datagrams from them.
class UdpSocket {
    int file_ = ::socket(AF_INET, SOCK_DGRAM, 0);

  public:
    /// The largest size of a datagram in bytes.
    static constexpr std::size_t max_size = 65507;

    explicit UdpSocket(Port port) {
        const sockaddr_in here = address_of(port);
        if (::bind(file_, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0)
            throw std::system_error(errno, std::generic_category(), "port " + std::to_string(port));
    }
    UdpSocket(const UdpSocket&) = delete;
    UdpSocket& operator=(const UdpSocket&) = delete;
    ~UdpSocket() { ::close(file_); }

    /// The file descriptor, for poll().
    int file() const { return file_; }

    /// Sends a datagram, which may be lost. A datagram that is larger than max_size is always lost.
    void send(Port to, const std::string& bytes) const {
        const sockaddr_in there = address_of(to);
        ::sendto(file_, bytes.data(), bytes.size(), MSG_DONTWAIT,
                 reinterpret_cast<const sockaddr*>(&there), sizeof there);
    }
    /// Returns the next datagram and its sender, or nothing if none has arrived.
    std::optional<std::pair<Port, std::string>> receive() const {
        std::string bytes(max_size, '\0');
        sockaddr_in from{};
        socklen_t size = sizeof from;
        const auto length = ::recvfrom(file_, bytes.data(), bytes.size(), MSG_DONTWAIT,
                                       reinterpret_cast<sockaddr*>(&from), &size);
        if (length < 0) return std::nullopt;
        bytes.resize(static_cast<std::size_t>(length));
        return std::pair(ntohs(from.sin_port), std::move(bytes));
    }
};

// SPDX-License-Identifier: MIT
//! relay PORT TARGET: forwards connections to PORT of this machine to its port TARGET. If it is
//! killed, all connections are reset. While it is stopped, they are silent.
#include <array>
#include <iostream>
#include <optional>
#include <string>
#include <thread>

#include <sys/socket.h>
#include <unistd.h>

#include <crdt/system/decimal.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}
const sockaddr* generic(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

/// Forwards one direction until its end, then ends both.
void forward(int from, int to) {
    std::array<char, 1 << 16> bytes;
    for (ssize_t count; (count = ::recv(from, bytes.data(), bytes.size(), 0)) > 0;) {
        for (ssize_t sent = 0; sent < count;) {
            const ssize_t more = ::send(to, bytes.data() + sent,
                                        static_cast<std::size_t>(count - sent), MSG_NOSIGNAL);
            if (more <= 0) {
                sent = count;
                ::shutdown(from, SHUT_RDWR);
            } else {
                sent += more;
            }
        }
    }
    ::shutdown(from, SHUT_RDWR);
    ::shutdown(to, SHUT_RDWR);
}

void serve(int client, std::uint16_t target) {
    const int server = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = loopback(target);
    if (::connect(server, generic(address), sizeof address) == 0) {
        std::thread back(forward, server, client);
        forward(client, server);
        back.join();
    }
    ::close(server);
    ::close(client);
}

}  // namespace

int main(int argc, char** argv) {
    std::array<std::optional<std::uint16_t>, 2> ports;
    for (std::size_t i = 0; i < ports.size() && argc == 3; ++i)
        ports[i] = crdt::system::decimal<std::uint16_t>(argv[i + 1]);
    if (!ports[0] || !ports[1]) {
        std::cerr << "usage: relay PORT TARGET, two ports of this machine\n";
        return 2;
    }
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    const sockaddr_in address = loopback(*ports[0]);
    if (::bind(listener, generic(address), sizeof address) != 0 || ::listen(listener, 64) != 0) {
        std::cerr << "relay: port " << *ports[0] << " of 127.0.0.1 is in use\n";
        return 1;
    }
    for (int client; (client = ::accept(listener, nullptr, nullptr)) >= 0;)
        std::thread(serve, client, *ports[1]).detach();
    return 1;
}
